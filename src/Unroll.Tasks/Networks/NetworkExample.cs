using System.Globalization;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Tasks.Data;

namespace Unroll.Tasks.Networks;

/// <summary>A sequence of a network to inspect, with a loss for its outputs.</summary>
internal static class NetworkExample
{
    private const int Probes = 3, ProbeSteps = 40, MostSteps = 512;

    internal static InspectionSubject Of(NetworkModel model, string? data, int sequence, DataFiles files)
    {
        string[] names = data?.Split(',') ?? [];
        if (names.Length > 2)
            throw new UserErrorException($"data: expected rows, and perhaps targets after a comma, got {names.Length} names in '{data}'.");
        NetworkRows rows = data is null ? NetworkRows.Probe(model, Probes, ProbeSteps) : NetworkRows.Read(model, names[0], files);
        if (sequence < 0 || sequence >= rows.Sequences.Count)
            throw new UserErrorException($"sequence: expected 0 … {rows.Sequences.Count - 1} because the data have {rows.Sequences.Count} " +
                $"sequences, " +
                $"got {sequence}.");
        float[] own = rows.Sequences[sequence];
        int inputs = model.Network.InputSize, steps = Math.Min(MostSteps, own.Length / inputs);
        SequenceBatch x = SequenceBatch.FromSequences(inputs, own[..(steps * inputs)]);
        string title = $"{(data is null ? "drawn numbers" : DataFiles.Called(names[0]))}, sequence {sequence}" +
            (steps * inputs < own.Length ? $", its first {MostSteps} steps" : "");
        string[] labels = [.. Enumerable.Range(0, steps).Select(t => Label(model, own, t))];
        if (names.Length == 2) return WithTargets(model, title, x, labels, names[1], rows.Sequences.Count, sequence, files);
        if (model.ScoresSymbols && steps > 1) return NextSymbol(model, title, x, labels, own);
        int outputs = model.Network.OutputSize, count = RowsOf(model, steps);
        return new InspectionSubject($"{title}; the loss is the square of the outputs, as there are no targets", model.Network, x, labels,
            new SquaredError(), Targets.Of(SequenceBatch.Zeros(SequenceLayout.Uniform(1, count), outputs)));
    }

    private static int RowsOf(NetworkModel model, int steps) => model.Network.Spec.Layers.Any(layer => layer is PoolingSpec) ? 1 : steps;

    private static string Label(NetworkModel model, float[] rows, int step) =>
        model.TakesIndices && (int)rows[step] is var index && index < model.Description.Symbols.Count
            ? model.Description.Symbols[index] : step.ToString(CultureInfo.InvariantCulture);

    // The last symbol has none after it, and its row does not count.
    private static InspectionSubject NextSymbol(NetworkModel model, string title, SequenceBatch x, string[] labels, float[] own)
    {
        int[] next = [.. Enumerable.Range(1, labels.Length - 1).Select(t => (int)own[t]), Targets.Ignored];
        return new InspectionSubject($"{title}; the target is the next symbol", model.Network, x, labels, new SoftmaxCrossEntropy(),
            Targets.OfSequences(x.Layout, next))
        {
            TargetLabels = [.. labels[1..], "none"], OutputNames = model.Description.Symbols,
        };
    }

    private static InspectionSubject WithTargets(
        NetworkModel model, string title, SequenceBatch x, string[] labels, string name, int sequences, int sequence, DataFiles files)
    {
        IReadOnlyList<float[]> targets = NetworkTargets.Read(model, name, sequences, files);
        int outputs = model.Network.OutputSize, rows = RowsOf(model, labels.Length);
        if (targets[sequence].Length < rows * outputs)
            throw new UserErrorException($"'{DataFiles.Called(name)}', sequence {sequence}: expected {rows} rows of {outputs} targets, one for " +
                $"each " +
                $"output, found {targets[sequence].Length / outputs}.");
        return new InspectionSubject(title, model.Network, x, labels, new SquaredError(),
            Targets.Of(SequenceBatch.FromSequences(outputs, targets[sequence][..(rows * outputs)])));
    }
}
