using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Characters;
using Unroll.Layers.Pooling;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

/// <summary>
/// Which inputs an output depended on: the norm of ∂L⟨t⟩/∂x⟨k⟩, or of ∂y⟨t⟩/∂x⟨k⟩, for output rows t and input steps k of one sequence (study notes,
/// S44). A causal network gives a lower triangle, one with a reverse layer a full square, one that ends in a single row that row: a saliency.
/// </summary>
/// <remarks>
/// An index has no derivative: behind an embedding x⟨k⟩ is the row of the table that the embedding gives, see <see cref="With"/>. Derivatives are
/// exact at the sequence as it is; they say what a small change of an input would do, not what the output would be without it.
/// </remarks>
public sealed class DependencyMap
{
    internal DependencyMap(string of, string with, bool causal, IReadOnlyList<int> rows, IReadOnlyList<IReadOnlyList<double>> values) =>
        (Of, With, Causal, Rows, Values) = (of, with, causal, rows, values);

    /// <summary>What is differentiated: <c>"loss"</c>, <c>"outputs"</c> (the Frobenius norm over all of them), or <c>"output 3"</c>.</summary>
    public string Of { get; }

    /// <summary>What it is differentiated by: <c>"input"</c>, or the name of the embedding whose output it is.</summary>
    public string With { get; }

    /// <summary>Whether outputs depend on earlier inputs alone, so that all values with k &gt; t are 0.</summary>
    public bool Causal { get; }

    /// <summary>The output rows that were taken, ascending, the last one always among them.</summary>
    public IReadOnlyList<int> Rows { get; }

    /// <summary>[<see cref="Rows"/>][input steps]: the norms.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Values { get; }

    /// <summary>‖∂L⟨t⟩/∂x⟨k⟩‖, L⟨t⟩ the loss of output row t.</summary>
    /// <param name="subject">The network, the sequence, the loss.</param>
    /// <param name="threads">The threads; their number changes no bit.</param>
    /// <param name="maxRows">How many output rows at most; of more, every second, third … is taken. At least 1.</param>
    /// <exception cref="ShapeException">The subject's shapes do not fit.</exception>
    /// <exception cref="UserErrorException">The network has quantized weights, or a target is not allowed.</exception>
    public static DependencyMap OfLoss(InspectionSubject subject, ThreadTeam threads, int maxRows = 100) =>
        new DependencyPasses(subject, threads).Run("loss", maxRows, output: null, loss: true);

    /// <summary>‖∂y⟨t⟩/∂x⟨k⟩‖, of all outputs of a row or of one.</summary>
    /// <param name="subject">The network and the sequence.</param>
    /// <param name="threads">The threads; their number changes no bit.</param>
    /// <param name="output">Which output; null: all, the Frobenius norm, for which every output takes a backward pass of its own.</param>
    /// <param name="maxRows">
    /// How many output rows at most; for all outputs together also no more than 400 backward passes (one row at least).
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output.</exception>
    /// <exception cref="ShapeException">The subject's shapes do not fit.</exception>
    /// <exception cref="UserErrorException">The network has quantized weights.</exception>
    public static DependencyMap OfOutputs(InspectionSubject subject, ThreadTeam threads, int? output = null, int maxRows = 100) =>
        new DependencyPasses(subject, threads).Run(output is int one ? $"output {one}" : "outputs", maxRows, output, loss: false);
}

//  a batch: the sequence many times over, each copy with δy in one row alone; of a causal network the copy ends with that row

/// <summary>The backward passes of a map, as many side by side as fit a bounded amount of memory.</summary>
internal sealed class DependencyPasses
{
    private const int MaxPasses = 400, FloatsAtOnce = 1 << 23;
    private readonly InspectionSubject _subject;
    private readonly Pass _pass;
    private readonly Stack _layers;
    private readonly SequenceBatch _x;
    private readonly bool _causal, _single;
    private readonly string _with;

    public DependencyPasses(InspectionSubject subject, ThreadTeam threads)
    {
        subject.Check();
        Network network = subject.Network;
        _subject = subject;
        _pass = new Pass(new Workspace(), threads, default, Training: false);
        ILayer? table = network.All[0] is Embedding or CharacterEmbedding ? network.All[0] : null;
        _layers = new Stack("inspected", [.. network.All.Skip(table is null ? 0 : 1)]);
        _x = table is null ? subject.Input : Copy(table.Forward(subject.Input, new Pass(new Workspace(), threads, default, Training: false)).Output);
        _with = table?.Name ?? "input";
        _causal = network.Causal;
        _single = network.All.Any(layer => layer is IPooling);
    }

    public DependencyMap Run(string of, int maxRows, int? output, bool loss)
    {
        int steps = _x.Layout.Steps, outputs = _layers.OutputSize;
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        if (output is int only) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)only, (uint)outputs, nameof(output));
        bool all = !loss && output is null;
        int[] rows = RowsOf(_single ? 1 : steps, all ? Math.Min(maxRows, Math.Max(1, MaxPasses / outputs)) : maxRows);
        SequenceBatch dLoss = loss ? DLoss() : default;
        double[][] squares = [.. rows.Select(_ => new double[steps])];
        List<Job> jobs = [];
        for (int i = 0; i < rows.Length; i++)
            for (int j = all ? 0 : output ?? 0; j < (all ? outputs : (output ?? 0) + 1); j++) jobs.Add(new Job(i, rows[i], j));

        using (new KeptGradients(_subject.Network.Parameters))
            for (int done = 0; done < jobs.Count;)
            {
                int end = done, floats = 0;
                while (end < jobs.Count && (end == done || floats + Floats(jobs[end]) <= FloatsAtOnce)) floats += Floats(jobs[end++]);
                Batch(jobs.GetRange(done, end - done), dLoss, loss, squares);
                done = end;
            }
        return new DependencyMap(of, _with, _causal, rows, [.. squares.Select(row => (IReadOnlyList<double>)Array.ConvertAll(row, Math.Sqrt))]);
    }

    private void Batch(List<Job> jobs, in SequenceBatch dLoss, bool loss, double[][] squares)
    {
        _pass.Workspace.Reset();
        SequenceLayout layout = SequenceLayout.FromLengths([.. jobs.Select(Length)]);
        SequenceBatch x = _pass.Workspace.Rent(layout, _x.Features);
        for (int s = 0; s < jobs.Count; s++)
            for (int t = 0; t < layout.Lengths[s]; t++) _x.Row(t, 0).CopyTo(x.Row(t, s));
        Cache cache = _layers.Forward(x, _pass);
        SequenceBatch dy = _pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
        dy.All.Clear();
        for (int s = 0; s < jobs.Count; s++)
            if (loss) dLoss.Row(jobs[s].Row, 0).CopyTo(dy.Row(jobs[s].Row, s));
            else dy.Row(jobs[s].Row, s)[jobs[s].Output] = 1;
        SequenceBatch dx = _layers.Backward(dy, cache, _pass);
        for (int s = 0; s < jobs.Count; s++)
            for (int k = 0; k < layout.Lengths[s]; k++)
                foreach (float value in dx.Row(k, s)) squares[jobs[s].Index][k] += (double)value * value;
    }

    private SequenceBatch DLoss()
    {
        Cache cache = _layers.Forward(_x, _pass);
        SequenceBatch dy = SequenceBatch.Zeros(cache.Output.Layout, cache.Output.Features);
        using KeptGradients kept = new(_subject.Network.Parameters);
        _subject.Loss.Compute(cache.Output, _subject.Targets, dy, _pass);
        return dy;
    }

    private int Length(Job job) => _causal && !_single ? job.Row + 1 : _x.Layout.Steps;

    // Gates, states and their gradients of a step; a rough figure is enough.
    private int Floats(Job job)
    {
        int perStep = 0;
        foreach (ILayer layer in _layers.Layers)
            perStep += layer.InputSize + layer.OutputSize + (layer switch
            {
                RecurrentLayer one => Kept(one),
                Bidirectional both => 2 * Kept(both.ForwardLayer),
                _ => 0,
            });
        return (int)Math.Min((long)Length(job) * perStep, FloatsAtOnce);
    }

    private static int Kept(RecurrentLayer layer) => (layer.Cell.Saved.Count + 4) * layer.HiddenSize;

    // Of many rows every second, third …, counted from the last.
    private static int[] RowsOf(int count, int most)
    {
        int stride = (count + most - 1) / most, rows = (count + stride - 1) / stride;
        return [.. Enumerable.Range(0, rows).Select(i => count - 1 - (rows - 1 - i) * stride)];
    }

    private static SequenceBatch Copy(in SequenceBatch batch) => new(batch.Layout, batch.Features, batch.All.ToArray());

    /// <summary>
    /// One backward pass: output row <paramref name="Row"/>, number <paramref name="Index"/> of the map, with δy in one output or that of the loss.
    /// </summary>
    private readonly record struct Job(int Index, int Row, int Output);
}
