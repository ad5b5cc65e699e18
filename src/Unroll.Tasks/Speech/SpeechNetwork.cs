using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

/// <summary>The network of a speech model: recurrent layers over the steps; for one label a pooling layer; a dense head.</summary>
internal static class SpeechNetwork
{
    /// <summary>Recordings of a call of the network.</summary>
    internal const int RecordingsAtOnce = 64;

    /// <summary>The network that the options ask for.</summary>
    internal static NetworkSpec SpecOf(SpeechDescription description)
    {
        SpeechOptions options = description.Options;
        List<LayerSpec> layers =
        [
            new RecurrentSpec
            {
                Name = "encoder",
                Cell = CellChoice.Of(options.Cell),
                Hidden = options.Hidden,
                Layers = options.Layers,
                Direction = description.IsForward ? Direction.Forward : Direction.Bidirectional,
                Dropout = (float)options.Dropout,
                LockedDropout = options.LockedDropout,
                InitialState = options.InitialState,
                InitialStateSeed = options.InitialState == InitialState.Random ? options.LearningSeed : 0,
            },
        ];
        if (!description.IsCtc) layers.Add(PoolingOf(options));
        if (options.Dropout > 0) layers.Add(new DropoutSpec { Name = "drop", Rate = (float)options.Dropout, Locked = options.LockedDropout });
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
    /// <param name="threads">The threads.</param>
    /// <param name="workspace">Reset before each batch.</param>
    /// <param name="first">The first batch.</param>
    /// <param name="end">The batch after the last.</param>
    /// <returns>Outputs, and which recordings they are of.</returns>
    internal static IEnumerable<(SequenceBatch Outputs, int From, int Count)> Run(
        Network network, IReadOnlyList<float[]> rows, ThreadTeam threads, Workspace workspace, int first = 0, int end = int.MaxValue)
    {
        for (int batch = first; batch < Math.Min(end, Batches(rows)); batch++)
        {
            int from = batch * RecordingsAtOnce;
            int count = Math.Min(RecordingsAtOnce, rows.Count - from);
            workspace.Reset();
            SequenceBatch x = Pack([.. rows.Skip(from).Take(count)], network.InputSize, workspace);
            yield return (network.Forward(x, null, new Pass(workspace, threads, new Rng(0), Training: false) { InferenceOnly = true }).Output, from,
                count);
        }
    }

    /// <summary>In how many batches recordings are run.</summary>
    internal static int Batches(IReadOnlyList<float[]> rows) => (rows.Count + RecordingsAtOnce - 1) / RecordingsAtOnce;

    private static LayerSpec PoolingOf(SpeechOptions options) => options.Pooling switch
    {
        PoolingKind.Max => new MaxPoolSpec { Name = "pool" },
        PoolingKind.Mean => new MeanPoolSpec { Name = "pool" },
        PoolingKind.Center => new CenterStepSpec { Name = "pool" },
        PoolingKind.Last => options.Direction == ReadingDirection.Forward ? new LastStepSpec { Name = "pool" } : new LastStatesSpec { Name = "pool" },
        _ => new AttentionPoolSpec { Name = "pool", Size = options.Hidden },
    };
}
