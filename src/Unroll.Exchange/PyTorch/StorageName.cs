using Unroll.Core;

namespace Unroll.Exchange.PyTorch;

//  ('storage', torch.FloatStorage, '0', 'cpu', 12)                      torch 1.6 and later; counts are of elements
//  ('storage', torch.storage.UntypedStorage, '0', 'cuda:0', 48)         bytes: for types that have no storage class
//  ('storage', torch.FloatStorage, '94057', 'cpu', 12, None)            the legacy form; last, a part of it: (its own key, first element, elements)
//  ('module', torch.nn.modules.rnn.LSTM, 'rnn.py', '…source…')          the legacy form of whole modules: the class, with its source

/// <summary>What a pickle says of something that lies outside it.</summary>
internal static class StorageName
{
    /// <summary>The storage, or the class.</summary>
    /// <param name="id">What the pickle says.</param>
    /// <param name="input">For errors.</param>
    internal static object? Of(PyTuple id, PickleInput input)
    {
        if (id.Items is ["module", PyGlobal of, ..]) return of;
        if (id.Items is not ["storage", PyGlobal kind, var key, string, long and >= 0 and var count, ..])
            throw input.Bad("something outside it that is no storage");
        string name = key switch { string text => text, long number => $"{number}", _ => throw input.Bad("a storage without a name") };
        TorchType? type = TorchType.OfStorage(kind.Name);
        if (kind.Module is not ("torch" or "torch.storage" or "torch.cuda") || (type is null && kind.Name is not "UntypedStorage"))
            throw input.Bad($"a storage of the type {kind.Full}, which is not known");
        if (count > long.MaxValue / 64) throw input.Bad($"a storage of {count} elements");
        PyStorage whole = new(name, type, count);
        return id.Items.Length > 5 && id.Items[5] is PyTuple { Items: [_, long and >= 0 and var first, long and >= 0 and var some] }
            ? first <= count && some <= count - first ? whole with { Offset = first, Count = some }
                : throw input.Bad("a part of a storage that lies outside it")
            : whole;
    }
}
