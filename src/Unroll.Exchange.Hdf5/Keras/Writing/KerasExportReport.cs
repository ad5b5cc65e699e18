using Unroll.Core;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Hdf5.Keras.Writing;

/// <summary>What was written, and how it was checked.</summary>
/// <param name="Files">The weights, the code, the configuration.</param>
/// <param name="Difference">The largest difference of an output of the network and one of what was read back, on a few drawn sequences.</param>
/// <param name="Largest">The largest of those outputs.</param>
/// <param name="Count">How many outputs were compared.</param>
public sealed record KerasExportReport(IReadOnlyList<string> Files, double Difference, double Largest, int Count);

/// <summary>Compares what was written with what was meant.</summary>
internal static class KerasProbe
{
    // Two biases of Keras's one are summed: a rounding, which a long chain of layers may double some times. A wrong order is far from it.
    private const double Allowed = 1e-3;
    private static readonly int[] s_lengths = [5, 1, 3];

    /// <summary>Runs both on the same sequences.</summary>
    /// <exception cref="InvalidOperationException">They differ by more than rounding: a fault of this library.</exception>
    public static KerasExportReport Compare(Network network, KerasModel written, IReadOnlyList<string> files)
    {
        Network back = Network.Build(written.Spec);
        using (Edit edit = back.Parameters.Edit())
        {
            Dictionary<string, Tensor> tensors = written.Tensors.ToDictionary(tensor => tensor.Name);
            foreach (Parameter parameter in back.Parameters.All) tensors[parameter.Name].Float32.CopyTo(edit.Of(parameter));
        }
        (float[] expected, float[] found) = (Run(network), Run(back));
        double difference = 0, largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs(expected[i] - found[i]));
            largest = Math.Max(largest, Math.Abs(expected[i]));
        }
        return expected.Length == found.Length && difference <= Allowed * Math.Max(1, largest)
            ? new KerasExportReport(files, difference, largest, expected.Length)
            : throw new InvalidOperationException($"what was written for Keras differs from the network by {difference}: a fault of this program.");
    }

    private static float[] Run(Network network)
    {
        int? indices = network.Spec.Layers is [EmbeddingSpec embedding, ..] ? embedding.Vocabulary : null;
        Rng random = new(0x4B);
        ulong next = 0;
        float[][] sequences = [.. s_lengths.Select(length => Enumerable.Range(0, length * network.InputSize)
            .Select(_ => indices is { } rows ? random.Below(rows, next++) : (float)random.Normal(next++)).ToArray())];
        using ThreadTeam threads = new(1);
        SequenceBatch y = network.Forward(SequenceBatch.FromSequences(network.InputSize, sequences), null,
            new Pass(new Workspace(), threads, new Rng(0), Training: false)).Output;
        return [.. Enumerable.Range(0, sequences.Length).SelectMany(s =>
            Enumerable.Range(0, y.Layout.Lengths[s]).SelectMany(t => y.Row(t, s).ToArray()))];
    }
}
