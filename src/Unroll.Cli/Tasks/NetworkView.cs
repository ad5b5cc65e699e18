using System.Globalization;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tasks.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>Networks by themselves, as the program shows them.</summary>
internal sealed class NetworkView : ITaskView
{
    public ITask Task => NetworkTask.Instance;

    public string Origin(ITaskModel model) => $"imported from {((NetworkModel)model).Description.Source}";

    public IEnumerable<string> Lines(ITaskModel model)
    {
        NetworkModel own = (NetworkModel)model;
        int symbols = own.Description.Symbols.Count;
        yield return (own.TakesIndices ? "in: an index a step" + (symbols > 0 ? $", of {symbols:N0} symbols" : ", whose symbols are not known")
            : $"in: rows of {own.Network.InputSize:N0}") +
            $"; out: rows of {own.Network.OutputSize:N0}" +
            (own.Network.Spec.Layers.Any(layer => layer is PoolingSpec) ? ", one for each sequence" : "");
        yield return $"network: {string.Join(", ", own.Network.Spec.Layers.Select(Word))}, {own.Network.Parameters.Length:N0} weights";
        foreach (string note in own.Description.Notes) yield return $"note: {note}";
    }

    public IEnumerable<string> Lines(TaskAnswer answer) => answer switch
    {
        NetworkAnswer outputs => Rows(outputs),
        NetworkEvaluation evaluation => Measures(evaluation),
        _ => [],
    };

    public string? Summary(TaskAnswer answer) => answer is NetworkAnswer outputs
        ? Invariant($"{outputs.Outputs.Count:N0} sequences, {outputs.Outputs.Sum(one => (long)one.Length / outputs.Size):N0} rows of {outputs.Size}")
        : null;

    public bool IsTable(TaskAnswer answer) => answer is NetworkAnswer;

    public byte[]? FileOf(TaskAnswer answer, string path)
    {
        if (answer is not NetworkAnswer outputs || !path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)) return null;
        using MemoryStream bytes = new();
        Npy.Write(bytes, ArrayOf(outputs));
        return bytes.ToArray();
    }

    public RunPage Page(ITaskRun run, TaskEvaluation evaluation) => throw new NotSupportedException("a network by itself is not trained");

    /// <summary>The outputs as one array: [sequences, rows, outputs].</summary>
    /// <exception cref="UserErrorException">The sequences have different numbers of rows.</exception>
    internal static Tensor ArrayOf(NetworkAnswer answer)
    {
        int rows = answer.Outputs[0].Length / answer.Size;
        return answer.Outputs.All(one => one.Length == rows * answer.Size)
            ? Tensor.Of("outputs", [answer.Outputs.Count, rows, answer.Size], [.. answer.Outputs.SelectMany(one => one)])
            : throw new UserErrorException("the sequences have different numbers of rows, which one array cannot have; write a .csv file instead.");
    }

    // As they were given: a line a row, a blank line between sequences.
    private static IEnumerable<string> Rows(NetworkAnswer answer)
    {
        for (int n = 0; n < answer.Outputs.Count; n++)
        {
            if (n > 0) yield return "";
            foreach (float[] row in answer.Outputs[n].Chunk(answer.Size))
                yield return string.Join(',', row.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
        }
    }

    private static IEnumerable<string> Measures(NetworkEvaluation e)
    {
        yield return Invariant($"{e.Part}: {e.Outputs:N0} outputs, mean {e.Mean:G4}, standard deviation {e.Deviation:G4}, ") +
            Invariant($"from {e.Least:G4} to {e.Largest:G4}");
        if (e.LargestDifference is { } largest)
            yield return Invariant($"difference from the targets: largest |Δ| {largest:G3}, mean |Δ| {e.MeanDifference:G3}");
    }

    private static string Word(LayerSpec layer) => layer switch
    {
        EmbeddingSpec table => $"{layer.Name}: embedding of {table.Vocabulary} × {table.Size}",
        RecurrentSpec r => $"{layer.Name}: {r.Layers} × {r.Cell.Kind} of {r.Hidden}{(r.Cell.Activation is { } word ? $" ({word})" : "")}"
            + $"{(r.Cell.Projection is { } rows ? $" projected to {rows}" : "")}"
            + (r.Direction switch { Direction.Bidirectional => ", both directions", Direction.Reverse => ", from the end", _ => "" }),
        DenseSpec dense => $"{layer.Name}: linear to {dense.Outputs}",
        ConvolutionSpec { Width: 1 } one => $"{layer.Name}: linear to {one.Filters} and relu",
        ConvolutionSpec filters => $"{layer.Name}: {filters.Filters} filters of {filters.Width} steps",
        LayerNormSpec => $"{layer.Name}: layer normalization",
        TiedSpec tied => $"{layer.Name}: linear, tied to {tied.Embedding}",
        LastStepSpec => "last step",
        LastStatesSpec => "what each direction ends with",
        MeanPoolSpec => "mean of the steps",
        MaxPoolSpec => "largest of the steps",
        _ => layer.Name,
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
