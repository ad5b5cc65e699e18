using System.Collections.Concurrent;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>The network of a forecasting model: recurrent layers over the window, and a dense head on the last state.</summary>
internal sealed class ForecastNetwork
{
    private const int RowsAtOnce = 256;
    private readonly ConcurrentDictionary<(int Sequences, int Steps), SequenceLayout> _layouts = [];     // of predictions on several threads

    internal ForecastNetwork(NetworkSpec spec, CellCatalog? cells) => Network = Network.Build(spec, cells);

    internal Network Network { get; }

    /// <summary>Features of a step without those that say which series it is of.</summary>
    internal int Kept => Network.Spec.Layers is [TailProjectionSpec tail, ..] ? tail.Kept : Network.InputSize;

    /// <summary>The network that the options ask for.</summary>
    internal static NetworkSpec SpecOf(ForecastDescription description, ForecastHead head)
    {
        ForecastOptions options = description.Options;
        RecurrentSpec recurrent = new()
        {
            Name = "encoder",
            Cell = CellChoice.Of(options.Cell),
            Hidden = options.Hidden,
            Layers = options.Layers,
            Direction = options.Direction == ReadingDirection.Both ? Direction.Bidirectional : Direction.Forward,
            Dropout = (float)options.Dropout,
            LockedDropout = options.LockedDropout,
            InitialState = options.InitialState,
        };
        DenseSpec dense = new() { Name = "head", Outputs = head.Loss.OutputsFor(description.Targets) };
        LayerSpec[] front = description.Embedding == 0 ? []
            : [new TailProjectionSpec { Name = "series", Kept = description.Features * description.Segment, Size = description.Embedding }];
        return new NetworkSpec(description.StepFeatures,
            options.Bptt.Count > 0 ? [recurrent, dense] : [.. front, recurrent, PoolingOf(options), dense]);
    }

    // Read from both ends, the last row has only the beginning of what the reverse direction says; models of earlier versions were trained so.
    private static PoolingSpec PoolingOf(ForecastOptions options) => options.Pooling switch
    {
        PoolingKind.Mean => new MeanPoolSpec { Name = "pooling" },
        PoolingKind.Max => new MaxPoolSpec { Name = "pooling" },
        PoolingKind.Attention => new AttentionPoolSpec { Name = "pooling", Size = options.Hidden },
        PoolingKind.Center => new CenterStepSpec { Name = "pooling" },
        PoolingKind.Flatten => new FlattenSpec { Name = "pooling", Steps = options.Window!.Value / (options.Segment ?? 1) },
        _ => new LastStepSpec { Name = "last" },
    };

    /// <summary>Weights and bias of the head become 0, so that the network says nothing yet, and the forecast is the anchor.</summary>
    internal void ClearHead()
    {
        using Edit edit = Network.Parameters.Edit();
        foreach (Parameter parameter in Network.Parameters.All)
            if (parameter.Name.StartsWith("head.", StringComparison.Ordinal)) edit.Of(parameter).Clear();
    }

    /// <summary>A layout of sequences of one length; made once.</summary>
    internal SequenceLayout Layout(int sequences, int steps)
    {
        return _layouts.TryGetValue((sequences, steps), out SequenceLayout? layout)
            ? layout : _layouts.GetOrAdd((sequences, steps), SequenceLayout.Uniform(sequences, steps));
    }

    /// <summary>The network's outputs for the last step of each of many windows.</summary>
    /// <param name="windows">How many windows.</param>
    /// <param name="steps">Steps of each.</param>
    /// <param name="fill">Writes the features of a window.</param>
    /// <param name="threads">The threads.</param>
    /// <param name="workspace">Reset before each batch.</param>
    /// <returns>[windows, outputs], a new array.</returns>
    internal float[] Run(int windows, int steps, FillWindow fill, ThreadTeam threads, Workspace workspace)
    {
        int outputs = Network.OutputSize;
        float[] result = new float[windows * outputs], features = new float[steps * Kept];
        for (int from = 0; from < windows; from += RowsAtOnce)
        {
            int count = Math.Min(RowsAtOnce, windows - from);
            workspace.Reset();
            SequenceBatch x = workspace.Rent(Layout(count, steps), Network.InputSize);
            for (int s = 0; s < count; s++)
            {
                int group = fill(from + s, features);
                Spread(features, group, x, s, steps);
            }
            SequenceBatch y = Network.Forward(x, null, new Pass(workspace, threads, new Rng(0), Training: false) { InferenceOnly = true }).Output;
            for (int s = 0; s < count; s++) y.Row(y.Layout.Lengths[s] - 1, s).CopyTo(result.AsSpan((from + s) * outputs, outputs));
        }
        return result;
    }

    /// <summary>Puts the features of a window into the steps of a sequence.</summary>
    /// <param name="features">[steps, features of a segment]: its rows lie one after the other.</param>
    /// <param name="group">Which of the known series it is of; −1: none.</param>
    /// <param name="x">The batch.</param>
    /// <param name="sequence">Which of its sequences.</param>
    /// <param name="steps">Its steps.</param>
    internal static void Spread(ReadOnlySpan<float> features, int group, in SequenceBatch x, int sequence, int steps)
    {
        int kept = features.Length / steps;
        for (int t = 0; t < steps; t++)
        {
            Span<float> row = x.Row(t, sequence);
            features.Slice(t * kept, kept).CopyTo(row);
            row[kept..].Clear();
            if (group >= 0) row[kept + group] = 1;
        }
    }
}

/// <summary>Writes the features of window <paramref name="window"/>, row by row, and says which of the known series it is of; −1: none.</summary>
internal delegate int FillWindow(int window, Span<float> features);
