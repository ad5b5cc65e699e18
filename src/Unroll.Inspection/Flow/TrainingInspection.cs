using Unroll.Core;
using Unroll.Files;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Inspection.Flow;

/// <summary>
/// Inspects a network during training, at regular intervals, and appends a <see cref="TrainingSnapshot"/> to a file: it shows vanishing gradients as
/// they happen. It always inspects the same sequence, so that all changes from line to line are due to the weights; the loss is that of the
/// sequence's last output (where outputs depend on later steps too, also of the first), so that a gradient at an early step is one that has come all
/// the way.
/// </summary>
/// <remarks>
/// It changes no bit of the training: it reads weights, has its own workspace, makes no random draws and restores gradients.
/// </remarks>
public sealed class TrainingInspection
{
    private const int MaxSteps = 48;
    private readonly InspectionSubject _probe;
    private readonly int _every;
    private readonly string _path;
    private readonly Pass _pass;
    private readonly GradientTrace _trace = new();
    private long _written = -1;

    /// <summary>Prepares it.</summary>
    /// <param name="probe">The sequence to look at, through the network that is trained.</param>
    /// <param name="every">After how many updates, at least 1.</param>
    /// <param name="path">The file of lines; see <see cref="RunDirectory.Inspection"/>.</param>
    /// <param name="threads">The team of the training; used between its steps.</param>
    /// <exception cref="UserErrorException"><paramref name="every"/> is below 1.</exception>
    /// <exception cref="ShapeException">The probe does not fit its network.</exception>
    public TrainingInspection(InspectionSubject probe, int every, string path, ThreadTeam threads)
    {
        if (every < 1) throw new UserErrorException($"inspection: expected at least 1 update between two inspections, got {every}.");
        probe.Check();
        (_probe, _every, _path) = (probe, every, path);
        _pass = new Pass(new Workspace(), threads, default, Training: false) { Trace = _trace };
    }

    /// <summary>After how many updates an earlier part of the run looked, from its file; null where it did not.</summary>
    /// <param name="path">The file of lines.</param>
    public static int? EveryOf(string path) => TextFile.ReadLines(path).Select(TrainingSnapshot.FromJson).LastOrDefault(line =>
        line is not null)?.Every;

    /// <summary>
    /// Passes on every step of a run and inspects those that are due, and once before the first one; where the run trains several networks, the
    /// first one's.
    /// </summary>
    /// <param name="run">The run, enumerated as it goes: <see cref="ITrainingLoop.Run"/>.</param>
    /// <param name="done">Updates made before it begins; lines of the file beyond them, from a part of the run that was lost, are removed.</param>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    public IEnumerable<TrainingProgress> Watch(IEnumerable<TrainingProgress> run, long done)
    {
        Cut(done);
        Look(done);
        foreach (TrainingProgress progress in run)
        {
            if (progress is { Step: TrainingStep step, Member: 1 })
            {
                if (step.Index < _written) Cut(step.Index);                  // the run has gone back to a checkpoint
                Look(step.Index + 1);
            }
            yield return progress;
        }
    }

    /// <summary>The network as it is now.</summary>
    /// <param name="update">How many updates it has seen.</param>
    public TrainingSnapshot Snapshot(long update)
    {
        _pass.Workspace.Reset();
        _trace.Reset();
        ILayer layers = _probe.Network.Layers;
        Cache cache = layers.Forward(_probe.Input, _pass);
        SequenceBatch dy = _pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
        using KeptGradients kept = new(_probe.Network.Parameters);
        LossSum loss = _probe.Loss.Compute(cache.Output, _probe.Targets, dy, _pass);
        (int first, int last) = KeepEnds(dy);
        layers.Backward(dy, cache, _pass);
        bool single = dy.Layout.Rows < _probe.Input.Layout.Steps;
        return new TrainingSnapshot(update, _every, loss.Mean, [.. RecurrentParts.Of(layers, cache).Select(part =>
            SnapshotOf(part.Layer, part.Cache, _trace.Find(part.Layer)!, single ? (0, part.Cache.Layout.Steps - 1) : (first, last)))]);
    }

    private void Look(long update)
    {
        if (update % _every != 0 || update == _written) return;
        TextFile.AppendLine(_path, Snapshot(update).ToJson(), toDisk: false);
        _written = update;
    }

    private void Cut(long done)
    {
        TrainingSnapshot?[] lines = [.. TextFile.ReadLines(_path).Select(TrainingSnapshot.FromJson)];
        int keep = lines.TakeWhile(line => line is not null && line.Update <= done).Count();
        TextFile.KeepLines(_path, keep);
        _written = keep == 0 ? -1 : lines[keep - 1]!.Update;
    }

    // The rows of the last loss and, where a network looks ahead, of the first; 0 and the last row where there is no loss at all.
    private (int First, int Last) KeepEnds(in SequenceBatch dy)
    {
        int rows = dy.Layout.Rows, width = dy.Features, first = 0, last = rows - 1;
        Span<float> all = dy.All;
        while (last > 0 && !all.Slice(last * width, width).ContainsAnyExcept(0f)) last--;
        while (first < last && !all.Slice(first * width, width).ContainsAnyExcept(0f)) first++;
        for (int row = 0; row < rows; row++)
            if (row != last && (row != first || _probe.Network.Causal)) all.Slice(row * width, width).Clear();
        return (first, last);
    }

    private static LayerSnapshot SnapshotOf(RecurrentLayer layer, RecurrentCache cache, LayerTrace trace, (int First, int Last) loss)
    {
        LayerGates gates = new(layer, cache, sequence: 0, BiasGradients(layer, trace));
        int steps = cache.Layout.Steps;
        double[] norms = [.. Enumerable.Range(0, steps).Select(t => Norm(trace.DH.Row(t)))];
        int[] shown = [.. Enumerable.Range(0, Math.Min(steps, MaxSteps)).Select(i =>
            steps <= MaxSteps ? i : (int)((long)i * (steps - 1) / (MaxSteps - 1)))];
        return new LayerSnapshot(gates.Name, layer.HiddenSize)
        {
            Gates = [.. gates.Watched
                .Select(gate => new GateSnapshot(gate.Name, gate.Statistics.NearLower, gate.Statistics.NearUpper))],
            DeadUnits = gates.DeadUnits.Count,
            MeanAbsH = gates.Find(layer.Plan.States[0].Name)!.Values.Average(step => step.Average(h => Math.Abs((double)h))),
            Growth = layer.Reverse ? Growth(norms, loss.First, steps - 2) : Growth(norms, loss.Last, 1),
            Steps = shown,
            Norms = [.. shown.Select(t => norms[t])],
        };
    }

    // To the last step but one: of a network that looks ahead the outermost step has a loss of its own.
    private static double Growth(double[] norms, int from, int to)
    {
        int distance = Math.Abs(from - to);
        return distance == 0 || to < 0 || to >= norms.Length || norms[from] == 0 ? double.NaN : Math.Pow(norms[to] / norms[from], 1.0 / distance);
    }

    private static float[] BiasGradients(RecurrentLayer layer, LayerTrace trace)
    {
        float[] largest = new float[layer.HiddenSize], sum = new float[layer.HiddenSize];
        string[] arguments = layer.Cell.Gates.Length > 0 ? [.. layer.Cell.Gates.Select(gate => gate.ToString())]
            : [.. layer.Plan.Arguments.Where(one => one.Delta >= 0).Select(one => layer.Plan.DeltaNames[one.Delta])];
        foreach (string argument in arguments)
        {
            Array.Clear(sum);
            MatrixView da = trace.DArgument(argument);
            for (int row = 0; row < da.Rows; row++)
            {
                ReadOnlySpan<float> values = da.Row(row);
                for (int u = 0; u < sum.Length; u++) sum[u] += values[u];
            }
            for (int u = 0; u < sum.Length; u++) largest[u] = MathF.Max(largest[u], MathF.Abs(sum[u]));
        }
        return largest;
    }

    private static double Norm(ReadOnlySpan<float> v)
    {
        double sum = 0;
        foreach (float x in v) sum += (double)x * x;
        return Math.Sqrt(sum);
    }
}
