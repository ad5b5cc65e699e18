using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Tasks.Speech;

/// <summary>The network of a speech model: recurrent layers over the steps; for one label a pooling layer; a dense head.</summary>
internal static class SpeechNetwork
{
    private const int RecordingsAtOnce = 64;

    /// <summary>The network that the options ask for.</summary>
    internal static NetworkSpec SpecOf(SpeechDescription description)
    {
        SpeechOptions options = description.Options;
        List<LayerSpec> layers =
        [
            new RecurrentSpec
            {
                Name = "encoder",
                Cell = new CellOptions { Kind = options.Cell },
                Hidden = options.Hidden,
                Layers = options.Layers,
                Direction = options.Forward ? Direction.Forward : Direction.Bidirectional,
                Dropout = (float)options.Dropout,
            },
        ];
        if (!description.IsCtc) layers.Add(PoolOf(options));
        if (options.Dropout > 0) layers.Add(new DropoutSpec { Name = "drop", Rate = (float)options.Dropout });
        layers.Add(new DenseSpec { Name = "head", Outputs = description.Outputs });
        return new NetworkSpec(description.Features.Features, layers);
    }

    /// <summary>Packs recordings.</summary>
    internal static SequenceBatch Pack(IReadOnlyList<float[]> rows, int features, Workspace workspace)
    {
        SequenceLayout layout = SequenceLayout.FromLengths([.. rows.Select(r => r.Length / features)]);
        SequenceBatch x = workspace.Rent(layout, features);
        for (int s = 0; s < rows.Count; s++)
            for (int t = 0; t < layout.Lengths[s]; t++) rows[s].AsSpan(t * features, features).CopyTo(x.Row(t, s));
        return x;
    }

    /// <summary>Runs the network over many recordings, some at a time; the outputs of each call live until the next.</summary>
    /// <param name="network">The network.</param>
    /// <param name="rows">[steps, features] of each.</param>
    /// <param name="threads">Who does the work.</param>
    /// <param name="workspace">Reset before each batch.</param>
    /// <returns>Outputs, and which recordings they are of.</returns>
    internal static IEnumerable<(SequenceBatch Outputs, int From, int Count)> Run(
        Network network, IReadOnlyList<float[]> rows, ThreadTeam threads, Workspace workspace)
    {
        for (int from = 0; from < rows.Count; from += RecordingsAtOnce)
        {
            int count = Math.Min(RecordingsAtOnce, rows.Count - from);
            workspace.Reset();
            SequenceBatch x = Pack([.. rows.Skip(from).Take(count)], network.InputSize, workspace);
            yield return (network.Forward(x, null, new Pass(workspace, threads, new Rng(0), Training: false) { InferenceOnly = true }).Output, from, count);
        }
    }

    private static LayerSpec PoolOf(SpeechOptions options) => options.Pool switch
    {
        "max" => new MaxPoolSpec { Name = "pool" },
        "attention" => new AttentionPoolSpec { Name = "pool", Size = options.Hidden },
        "last" => options.Forward ? new LastStepSpec { Name = "pool" } : new LastStatesSpec { Name = "pool" },
        _ => new MeanPoolSpec { Name = "pool" },
    };
}
