using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Exchange.Hdf5.Storage;
using Unroll.Formats;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>Variables of Keras as tensors of ours: Keras multiplies from the other side, so that its matrices are transposed to ours.</summary>
/// <param name="weights">Where they are found.</param>
/// <param name="file">The file.</param>
internal sealed class KerasTensors(KerasWeights weights, H5File file)
{
    private readonly List<Tensor> _all = [];
    private readonly SortedSet<string> _types = [];

    /// <summary>Every tensor.</summary>
    public IReadOnlyList<Tensor> All => _all;

    /// <summary>Features that the first recurrent layer reads.</summary>
    public int FirstInputs { get; private set; }

    /// <summary>What happened to numbers of other types.</summary>
    public IEnumerable<string> Notes => _types.Select(type => type switch
    {
        "float64" => "its float64 weights are rounded to float32.",
        _ => $"its {type} weights are widened to float32, and so is all arithmetic.",
    });

    //  Keras: x K + h R + b,  K [inputs, gates · H], R [H, gates · H], b [gates · H], or [2, gates · H] where a GRU resets after the product
    //  ours:  W_ih x + b_ih + W_hh h + b_hh
    /// <summary>The weights of one direction of a recurrent layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="index">Its place among all.</param>
    /// <param name="part">Where its variables lie below it.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="name">What the layer is called here.</param>
    /// <param name="reverse">Whether it is the direction from the end.</param>
    /// <param name="features">What it reads; 0: not known, the kernel says it.</param>
    /// <returns>The cell; where the configuration did not say where a GRU resets, the bias did.</returns>
    public KerasCell Recurrent(KerasLayer layer, int index, string part, KerasCell cell, string name, bool reverse, int features)
    {
        IReadOnlyList<H5DataSet> sets = weights.Of(index, part, cell.Variables);
        if (cell.ResetUnknown && !cell.HasBias)
            throw layer.Refused("neither its configuration nor a bias says where the GRU resets", "write reset_after into the configuration");
        if (cell.ResetUnknown && cell.HasBias && sets[2].Shape.Count == 2)
            cell = cell with { Options = cell.Options with { Kind = "gru-after" } };
        int gates = cell.Gates.Length, units = cell.Units;
        int inputs = features > 0 ? features : (int)(sets[0].Shape.Count == 2 ? sets[0].Shape[0] : 0);
        string ours = gates == 3 ? "rzn" : cell.Gates, end = reverse ? "_l0_reverse" : "_l0";
        if (FirstInputs == 0) FirstInputs = inputs;
        Span<float> bias = New($"{name}.bias_ih{end}", [gates * units]), second = New($"{name}.bias_hh{end}", [gates * units]);
        if (cell is { HasBias: true, ResetsAfter: true })
        {
            ReadOnlySpan<float> both = Read(layer, sets[2], 2, gates * units);
            GateOrder.Permute(both[..bias.Length], cell.Gates, bias, ours);
            GateOrder.Permute(both[bias.Length..], cell.Gates, second, ours);
        }
        else if (cell.HasBias) GateOrder.Permute(Read(layer, sets[2], gates * units), cell.Gates, bias, ours);
        ReadOnlySpan<float> kernel = Read(layer, sets[0], inputs, gates * units);
        Transpose(kernel, inputs, cell.Gates, New($"{name}.weight_ih{end}", [gates * units, inputs]), ours, units);
        ReadOnlySpan<float> recurrent = Read(layer, sets[1], units, gates * units);
        Transpose(recurrent, units, cell.Gates, New($"{name}.weight_hh{end}", [gates * units, units]), ours, units);
        return cell;
    }

    /// <summary>The table of an embedding.</summary>
    public (int Vocabulary, int Size) Embedding(KerasLayer layer, int index)
    {
        (int rows, int size) = (layer.Size("input_dim"), layer.Size("output_dim"));
        ReadOnlySpan<float> table = Read(layer, weights.Of(index, "", "embeddings")[0], rows, size);
        table.CopyTo(New($"{layer.Name}.weight", [rows, size]));
        return (rows, size);
    }

    /// <summary>A dense layer: y = x K + b.</summary>
    public (int Inputs, int Outputs) Dense(KerasLayer layer, int index, string part, int units, bool hasBias, int features)
    {
        IReadOnlyList<H5DataSet> sets = weights.Of(index, part, hasBias ? ["kernel", "bias"] : ["kernel"]);
        int inputs = features > 0 ? features : (int)(sets[0].Shape.Count == 2 ? sets[0].Shape[0] : 0);
        ReadOnlySpan<float> kernel = Read(layer, sets[0], inputs, units);
        Transpose(kernel, inputs, "a", New($"{layer.Name}.weight", [units, inputs]), "a", units);
        Span<float> bias = New($"{layer.Name}.bias", [units]);
        if (hasBias) Read(layer, sets[1], units).CopyTo(bias);
        return (inputs, units);
    }

    /// <summary>A layer normalization; what it lacks is 1 and 0.</summary>
    public int Norm(KerasLayer layer, int index, bool scale, bool center, int features)
    {
        IReadOnlyList<H5DataSet> sets = weights.Of(index, "", [.. scale ? ["gamma"] : (string[])[], .. center ? ["beta"] : (string[])[]]);
        int size = features > 0 ? features : (int)(sets.Count > 0 && sets[0].Shape.Count == 1 ? sets[0].Shape[0] : 0);
        if (size == 0) throw layer.Refused("how many features it has is not known", "give the model an Input with a shape");
        Span<float> gain = New($"{layer.Name}.weight", [size]), shift = New($"{layer.Name}.bias", [size]);
        gain.Fill(1);
        if (scale) Read(layer, sets[0], size).CopyTo(gain);
        if (center) Read(layer, sets[^1], size).CopyTo(shift);
        return size;
    }

    // A tensor of zeros, and its numbers to be written.
    private Span<float> New(string name, ReadOnlySpan<int> shape)
    {
        long count = 1;
        foreach (int size in shape) count *= size;
        byte[] bytes = new byte[checked((int)(4 * count))];
        _all.Add(Tensor.Over(name, "F32", shape, bytes));
        return MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
    }

    // Its shape is looked at before there is room for what comes of it.
    private ReadOnlySpan<float> Read(KerasLayer layer, H5DataSet set, params ReadOnlySpan<int> shape)
    {
        bool fits = set.Shape.Count == shape.Length;
        for (int i = 0; fits && i < shape.Length; i++) fits = set.Shape[i] == shape[i];
        if (!fits)
            throw new UserErrorException($"{layer.Place}: data set '{set.Name}' of '{file.Bytes.Name}': expected the shape "
                + $"[{string.Join(", ", shape.ToArray())}], found {set.ShapeText}; the weights are not this model's.");
        ReadOnlySpan<float> values = set.Floats();
        if (set.Type.Size != 4) _types.Add(set.Type.Kind == H5Kind.Opaque ? "bfloat16" : set.Type.ToString());
        int bad = FirstNonFinite(values);
        return bad < 0 ? values : throw new UserErrorException($"{layer.Place}: data set '{set.Name}' of '{file.Bytes.Name}': element {bad} is "
            + $"{values[bad]}, and weights are finite; the training broke down, or the file is damaged.");
    }

    private static int FirstNonFinite(ReadOnlySpan<float> values)
    {
        const uint Exponent = 0x7F80_0000;
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        for (int i = 0; i < bits.Length; i++)
            if ((bits[i] & Exponent) == Exponent) return i;
        return -1;
    }

    //  [columns, gates · units] in the order `from` → [gates · units, columns] in the order `to`, in squares that the cache holds
    private static void Transpose(ReadOnlySpan<float> values, int columns, string from, Span<float> turned, string to, int units)
    {
        const int Tile = 32;
        int rows = from.Length * units;
        for (int g = 0; g < to.Length; g++)
            for (int firstUnit = 0, source = from.IndexOf(to[g]) * units; firstUnit < units; firstUnit += Tile)
                for (int firstColumn = 0; firstColumn < columns; firstColumn += Tile)
                    for (int u = firstUnit; u < Math.Min(units, firstUnit + Tile); u++)
                        for (int c = firstColumn; c < Math.Min(columns, firstColumn + Tile); c++)
                            turned[(g * units + u) * columns + c] = values[c * rows + source + u];
    }
}
