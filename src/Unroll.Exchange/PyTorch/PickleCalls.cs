namespace Unroll.Exchange.PyTorch;

/// <summary>What becomes of a call in a pickle: tensors and dictionaries by the few names that make them, boxes by all others.</summary>
/// <remarks>Arguments: https://github.com/pytorch/pytorch/blob/main/torch/_utils.py, the functions of those names.</remarks>
internal static class PickleCalls
{
    private const int MostDimensions = 64;

    /// <summary>The result of a call.</summary>
    /// <param name="of">What is called.</param>
    /// <param name="given">Its arguments.</param>
    /// <param name="input">For errors.</param>
    internal static object Call(PyGlobal of, PyTuple given, PickleInput input)
    {
        object?[] a = given.Items;
        return of.Full switch
        {
            "collections.OrderedDict" or "builtins.dict" or "__builtin__.dict" => Dictionary(a, input),
            "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor" => View(a, null, input),
            "torch._utils._rebuild_tensor_v3" => View(a, Dtype(a, input), input),
            "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" when a is [PyTensor or PyUnread, ..] => a[0]!,
            "torch._tensor._rebuild_from_type_v2" when a is [PyGlobal function, _, PyTuple own, ..] => Call(function, own, input),
            "torch._utils._rebuild_qtensor" => new PyUnread("a quantized tensor"),
            "torch._utils._rebuild_sparse_tensor" or "torch._utils._rebuild_sparse_csr_tensor" => new PyUnread("a sparse tensor"),
            "torch._utils._rebuild_nested_tensor" => new PyUnread("a nested tensor"),
            "torch._utils._rebuild_meta_tensor_no_storage" => new PyUnread("a meta tensor, which has no numbers"),
            "torch._utils._rebuild_wrapper_subclass" or "torch._utils._rebuild_device_tensor_from_numpy" => new PyUnread($"a tensor of {of.Name}"),
            _ => new PyBox(of, given),
        };
    }

    private static PyDict Dictionary(object?[] a, PickleInput input)
    {
        PyDict made = new();
        if (a.Length == 0) return made;
        object?[] pairs = a switch
        {
            [PyList list] => [.. list.Items],
            [PyDict other] => [.. other.Pairs.Select(pair => new PyTuple([pair.Key, pair.Value]))],
            _ => throw input.Bad("a dictionary made of what are no pairs"),
        };
        foreach (object? pair in pairs)
        {
            object?[] two = pair switch { PyTuple tuple => tuple.Items, PyList list => [.. list.Items], _ => [] };
            if (two.Length != 2) throw input.Bad("a dictionary made of what are no pairs");
            made.Set(two[0], two[1]);
        }
        return made;
    }

    // [storage, offset, sizes, strides, …, dtype at 6]
    private static TorchType Dtype(object?[] a, PickleInput input) =>
        a.Length > 6 && a[6] is PyGlobal { Module: "torch" } word && TorchType.OfWord(word.Name) is { } type
            ? type : throw input.Bad("a tensor of a type that is not known");

    private static object View(object?[] a, TorchType? type, PickleInput input)
    {
        if (a is not [PyStorage storage, long offset, PyTuple sizes, PyTuple strides, ..]) throw input.Bad("a tensor without storage, sizes and " +
            "strides");
        if (a.Skip(6).OfType<PyDict>().Any(said => said["neg"] is true || said["conj"] is true))
            return new PyUnread("a view whose sign is turned when it is read (tensor.resolve_neg() makes a plain one)");
        type ??= storage.Type ?? throw input.Bad("a tensor whose type is missing");
        int rank = sizes.Items.Length;
        if (rank > MostDimensions || strides.Items.Length != rank) throw input.Bad($"a tensor of {rank} sizes and {strides.Items.Length} strides");
        if (offset < 0) throw input.Bad($"a tensor that begins at element {offset}");
        int[] shape = new int[rank];
        long[] steps = new long[rank];
        long last = offset, count = 1;
        for (int d = 0; d < rank; d++)
        {
            if (sizes.Items[d] is not (long and >= 0 and <= int.MaxValue and var size) || strides.Items[d]
                is not (long and >= 0 and <= long.MaxValue / 4 and var step))
                throw input.Bad("a tensor with a size or a stride that is no whole number from 0");
            (shape[d], steps[d]) = ((int)size, step);
            count = size == 0 ? 0 : count > long.MaxValue / size / 4 ? throw input.Bad("a tensor of more elements than can be counted")
                : count * size;
            if (size > 1 && step > (long.MaxValue / 4 - last) / (size - 1)) throw input.Bad("a tensor that ends behind all storages");
            last += size > 1 ? (size - 1) * step : 0;
        }
        long there = storage.Bytes / type.Bytes;
        if (count > 0 && last >= there)
            throw input.Bad($"a tensor whose last element is number {last} of a storage of {there}");
        return type.InMemory is null ? new PyUnread($"a tensor of {type.Word}") : new PyTensor(storage, type, offset, shape, steps);
    }
}
