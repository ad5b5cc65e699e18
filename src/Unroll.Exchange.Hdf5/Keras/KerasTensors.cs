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
    /// <returns>The cell; where the configuration did not say where a GRU resets, the bias did.</returns>
    public KerasCell Recurrent(KerasLayer layer, int index, string part, KerasCell cell, string name, bool reverse)
    {
        IReadOnlyList<H5DataSet> sets = weights.Of(index, part, cell.Variables);
        if (cell.ResetUnknown && cell.HasBias && sets[2].Shape.Count == 2)
            cell = cell with { Options = cell.Options with { Kind = "gru-after" } };
        int gates = cell.Gates.Length, units = cell.Units, inputs = (int)(sets[0].Shape.Count == 2 ? sets[0].Shape[0] : 0);
        string ours = gates == 3 ? "rzn" : cell.Gates, end = reverse ? "_l0_reverse" : "_l0";
        if (FirstInputs == 0) FirstInputs = inputs;
        float[] kernel = Read(layer, sets[0], inputs, gates * units), recurrent = Read(layer, sets[1], units, gates * units);
        float[] bias = new float[gates * units], second = new float[gates * units];
        if (cell is { HasBias: true, ResetsAfter: true })
        {
            float[] both = Read(layer, sets[2], 2, gates * units);
            Reorder(both.AsSpan(0, bias.Length), cell.Gates, bias, ours);
            Reorder(both.AsSpan(bias.Length), cell.Gates, second, ours);
        }
        else if (cell.HasBias) Reorder(Read(layer, sets[2], gates * units), cell.Gates, bias, ours);
        Add($"{name}.weight_ih{end}", [gates * units, inputs], Transposed(kernel, inputs, cell.Gates, ours, units));
        Add($"{name}.weight_hh{end}", [gates * units, units], Transposed(recurrent, units, cell.Gates, ours, units));
        Add($"{name}.bias_ih{end}", [gates * units], bias);
        Add($"{name}.bias_hh{end}", [gates * units], second);
        return cell;
    }

    /// <summary>The table of an embedding.</summary>
    public (int Vocabulary, int Size) Embedding(KerasLayer layer, int index)
    {
        (int rows, int size) = (layer.Size("input_dim"), layer.Size("output_dim"));
        Add($"{layer.Name}.weight", [rows, size], Read(layer, weights.Of(index, "", "embeddings")[0], rows, size));
        return (rows, size);
    }

    /// <summary>A dense layer: y = x K + b.</summary>
    public (int Inputs, int Outputs) Dense(KerasLayer layer, int index, string part, int units, bool hasBias, int features)
    {
        IReadOnlyList<H5DataSet> sets = weights.Of(index, part, hasBias ? ["kernel", "bias"] : ["kernel"]);
        int inputs = features > 0 ? features : (int)(sets[0].Shape.Count == 2 ? sets[0].Shape[0] : 0);
        float[] kernel = Read(layer, sets[0], inputs, units);
        Add($"{layer.Name}.weight", [units, inputs], Transposed(kernel, inputs, "a", "a", units));
        Add($"{layer.Name}.bias", [units], hasBias ? Read(layer, sets[1], units) : new float[units]);
        return (inputs, units);
    }

    /// <summary>A layer normalization; what it lacks is 1 and 0.</summary>
    public int Norm(KerasLayer layer, int index, bool scale, bool center, int features)
    {
        IReadOnlyList<H5DataSet> sets = weights.Of(index, "", [.. scale ? ["gamma"] : (string[])[], .. center ? ["beta"] : (string[])[]]);
        int size = features > 0 ? features : (int)(sets.Count > 0 && sets[0].Shape.Count == 1 ? sets[0].Shape[0] : 0);
        if (size == 0) throw layer.Refused("how many features it has is not known", "give the model an Input with a shape");
        float[] gain = scale ? Read(layer, sets[0], size) : new float[size];
        if (!scale) gain.AsSpan().Fill(1);
        Add($"{layer.Name}.weight", [size], gain);
        Add($"{layer.Name}.bias", [size], center ? Read(layer, sets[^1], size) : new float[size]);
        return size;
    }

    private void Add(string name, ReadOnlySpan<int> shape, float[] values) => _all.Add(Tensor.Of(name, shape, values));

    private float[] Read(KerasLayer layer, H5DataSet set, params ReadOnlySpan<int> shape)
    {
        bool fits = set.Shape.Count == shape.Length;
        for (int i = 0; fits && i < shape.Length; i++) fits = set.Shape[i] == shape[i];
        if (!fits)
            throw new UserErrorException($"{layer.Place}: data set '{set.Name}' of '{file.Bytes.Name}': expected the shape "
                + $"[{string.Join(", ", shape.ToArray())}], found {set.ShapeText}; the weights are not this model's.");
        float[] values = set.Floats();
        if (set.Type.Size != 4) _types.Add(set.Type.Kind == H5Kind.Opaque ? "bfloat16" : set.Type.ToString());
        int bad = Array.FindIndex(values, value => !float.IsFinite(value));
        return bad < 0 ? values : throw new UserErrorException($"{layer.Place}: data set '{set.Name}' of '{file.Bytes.Name}': element {bad} is "
            + $"{values[bad]}, and weights are finite; the training broke down, or the file is damaged.");
    }

    //  [columns, gates · units] in the order `from` → [gates · units, columns] in the order `to`
    private static float[] Transposed(float[] values, int columns, string from, string to, int units)
    {
        const int Tile = 32;
        int rows = from.Length * units;
        float[] turned = new float[values.Length];
        for (int g = 0; g < to.Length; g++)
            for (int firstUnit = 0, source = from.IndexOf(to[g]) * units; firstUnit < units; firstUnit += Tile)
                for (int firstColumn = 0; firstColumn < columns; firstColumn += Tile)
                    for (int u = firstUnit; u < Math.Min(units, firstUnit + Tile); u++)
                        for (int c = firstColumn; c < Math.Min(columns, firstColumn + Tile); c++)
                            turned[(long)(g * units + u) * columns + c] = values[(long)c * rows + source + u];
        return turned;
    }

    private static void Reorder(ReadOnlySpan<float> from, string order, Span<float> into, string to) =>
        GateOrder.Permute(from, order, into, to);
}
