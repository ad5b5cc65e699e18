using System.Globalization;
using System.Text;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Networks;

//  network of features     .npy [steps, features] or [sequences, steps, features]    text: a row on each line, a blank line between sequences
//  network with embedding  .npy [steps], [sequences, steps], [steps, 1] or […, 1]    text: the indices of a sequence on each line
//  … that knows symbols    .txt: the text itself, a symbol each character

/// <summary>The sequences that a network is given, read from arrays or texts.</summary>
/// <param name="Sequences">Each [steps, inputs], row-major.</param>
/// <param name="Uniform">Whether they came as one array, in which all have the same number of steps.</param>
public sealed record NetworkRows(IReadOnlyList<float[]> Sequences, bool Uniform)
{
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];
    private static readonly char[] s_between = [',', ';', '\t', ' '];

    /// <summary>Reads rows of numbers, or the indices of an embedding.</summary>
    /// <param name="model">The network that they are for.</param>
    /// <param name="name">The name of data: an <c>.npy</c> array, a text of numbers, or a <c>.txt</c> of the network's symbols.</param>
    /// <param name="files">What names refer to.</param>
    /// <exception cref="UserErrorException">They are not such rows; names the file, the line or the shape.</exception>
    public static NetworkRows Read(NetworkModel model, string name, DataFiles files)
    {
        byte[] bytes = files.Bytes(name, "rows of numbers, an .npy array or a text");
        string called = DataFiles.Called(name);
        if (bytes.AsSpan().StartsWith(Magic))
            return OfArray(model, Npy.Read(new MemoryStream(bytes), called), called);
        string text = Encoding.UTF8.GetString(bytes);
        if (model.Description.Symbols.Count > 0 && name.EndsWith(".txt", StringComparison.OrdinalIgnoreCase))
            return new NetworkRows([OfText(model, PlainText.Unify(text), called)], Uniform: false);
        return new NetworkRows(OfLines(model, text, called), Uniform: false);
    }

    /// <summary>The sequences of an array.</summary>
    /// <param name="model">The network that they are for.</param>
    /// <param name="array">Numbers; of an embedding whole ones.</param>
    /// <param name="called">What errors call it.</param>
    /// <exception cref="UserErrorException">Its shape is not one of those above.</exception>
    public static NetworkRows OfArray(NetworkModel model, Tensor array, string called)
    {
        int features = model.Network.InputSize;
        int[] shape = array.Shape.ToArray();
        (int sequences, int steps) = shape switch
        {
            [var t] when model.TakesIndices => (1, t),
            [var n, var t] when model.TakesIndices => (n, t),
            [var t, var one] when one == features => (1, t),
            [var n, var t, var one] when one == features => (n, t),
            _ => throw new UserErrorException($"'{called}': an array of shape {array.ShapeText}, expected " + (model.TakesIndices
                ? "indices of shape [steps] or [sequences, steps]." : $"rows of shape [steps, {features}] or [sequences, steps, {features}].")),
        };
        if (array.Count == 0) throw new UserErrorException($"'{called}': an array of shape {array.ShapeText} has no steps; expected at least one.");
        float[] all = Floats(array, called);
        int length = steps * features;
        float[][] rows = [.. Enumerable.Range(0, sequences).Select(n => all[(n * length)..((n + 1) * length)])];
        for (int n = 0; n < rows.Length; n++) Require(model, rows[n], $"'{called}', sequence {n}");
        return new NetworkRows(rows, Uniform: true);
    }

    /// <summary>Sequences to try a network on where no data are named: drawn with a fixed seed, normal numbers or uniform indices.</summary>
    /// <param name="model">The network.</param>
    /// <param name="sequences">How many.</param>
    /// <param name="steps">Steps of each.</param>
    public static NetworkRows Probe(NetworkModel model, int sequences, int steps)
    {
        Rng rng = new Rng(1).For("probe");
        int length = steps * model.Network.InputSize;
        int? vocabulary = model.Network.Spec.Layers.OfType<Unroll.Networks.EmbeddingSpec>().FirstOrDefault()?.Vocabulary;
        return new NetworkRows([.. Enumerable.Range(0, sequences).Select(n => Enumerable.Range(0, length).Select(i =>
        {
            ulong at = (ulong)(n * length + i);
            return vocabulary is { } symbols ? rng.Below(symbols, at) : (float)rng.Normal(at);
        }).ToArray())], Uniform: true);
    }

    /// <summary>The indices of a text's characters.</summary>
    internal static float[] OfText(NetworkModel model, string text, string called)
    {
        Dictionary<string, int> places = model.Description.Symbols.Select((symbol, place) => (symbol, place)).ToDictionary(p => p.symbol, p =>
            p.place);
        List<float> indices = new(text.Length);
        TextSymbols symbols = new(text, TextUnit.Char);
        while (symbols.Next())
        {
            string symbol = symbols.Current.ToString();
            if (!places.TryGetValue(symbol, out int place) && !places.TryGetValue(Vocabulary.UnknownSymbol, out place))
                throw new UserErrorException($"'{called}': its character {indices.Count + 1:N0}, U+{char.ConvertToUtf32(symbol, 0):X4}, is none of " +
                    $"the " +
                    $"network's {places.Count:N0} symbols, which have no {Vocabulary.UnknownSymbol} for others; leave it out of the text.");
            indices.Add(place);
        }
        return indices.Count > 0 ? [.. indices] : throw new UserErrorException($"'{called}' is empty; expected at least one character.");
    }

    private static List<float[]> OfLines(NetworkModel model, string text, string called)
    {
        List<float[]> sequences = [];
        List<float> rows = [];
        int features = model.Network.InputSize, number = 0;
        foreach (string line in text.Split('\n').Append(""))
        {
            number++;
            string[] cells = line.Trim().Split(s_between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (cells.Length > 0)
            {
                if (!model.TakesIndices && cells.Length != features)
                    throw new UserErrorException($"'{called}', line {number}: expected {features} numbers, one for each input of the network, " +
                        $"found {cells.Length}.");
                foreach (string cell in cells) rows.Add(NumberOf(model, cell, $"'{called}', line {number}"));
            }
            if (rows.Count == 0 || (cells.Length > 0 && !model.TakesIndices)) continue;
            Require(model, [.. rows], $"'{called}', {(model.TakesIndices ? $"line {number}" : $"the sequence that ends in line {number}")}");
            sequences.Add([.. rows]);
            rows.Clear();
        }
        return sequences.Count > 0 ? sequences : throw new UserErrorException($"'{called}' has no rows; expected at least one.");
    }

    private static float NumberOf(NetworkModel model, string cell, string where) =>
        float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value
            : throw new UserErrorException($"{where}: expected a number, found '{cell}'" + (model.Description.Symbols.Count > 0
                ? "; a text of the network's symbols is a file that ends in .txt." : "."));

    private static float[] Floats(Tensor array, string called) => array.Type switch
    {
        TensorType.F32 => array.Float32.ToArray(),
        TensorType.F64 => Array.ConvertAll(array.Float64.ToArray(), value => (float)value),
        TensorType.I64 => Array.ConvertAll(array.Int64.ToArray(), value => (float)value),
        TensorType.I32 => Array.ConvertAll(array.Int32.ToArray(), value => (float)value),
        TensorType.U8 => Array.ConvertAll(array.Bytes.ToArray(), value => (float)value),
        TensorType.I8 => Array.ConvertAll(array.Int8.ToArray(), value => (float)value),
        _ => throw new UserErrorException($"'{called}' holds {array.TypeName}; expected numbers."),
    };

    // The engine's own refusal of an index would name neither the file nor the line.
    private static void Require(NetworkModel model, ReadOnlySpan<float> rows, string where)
    {
        int? vocabulary = model.Network.Spec.Layers is [Unroll.Networks.EmbeddingSpec table, ..] ? table.Vocabulary : null;
        foreach (float value in rows)
            if (!float.IsFinite(value)) throw new UserErrorException($"{where}: expected finite numbers, found {value}.");
            else if (vocabulary is { } symbols && (value < 0 || value >= symbols || value != MathF.Floor(value)))
                throw new UserErrorException($"{where}: expected an index from 0 to {symbols - 1}, because the embedding has {symbols} rows, " +
                    FormattableString.Invariant($"found {value}."));
    }
}
