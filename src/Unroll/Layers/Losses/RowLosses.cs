using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

/// <summary>A loss over numbers, one row at a time.</summary>
internal interface IRowLoss : ILoss
{
    /// <summary>How many losses a row of that many targets is the sum of.</summary>
    int Items(int targets);

    /// <summary>Whether a target must be 0 … 1; else any finite number is one.</summary>
    bool TargetsAreProbabilities => false;

    /// <summary>Whether a target must be 0 or more; else any finite number is one.</summary>
    bool TargetsAreCounts => false;

    /// <summary>The loss of one row; <paramref name="dy"/> is overwritten with its gradient.</summary>
    double Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy);
}

//  sum = Σ over rows in packed order, in double, of wᵣ · loss(yᵣ, tᵣ)        δyᵣ = wᵣ · ∂loss/∂yᵣ

/// <summary>The loop over rows that the losses over numbers share.</summary>
internal static class RowLosses
{
    public static LossSum Sum(IRowLoss loss, in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        Check(loss, outputs, targets, dOutputs);
        CheckTargets(loss, targets, outputs.Layout);
        return pass.Workspace.Cache<RowLossWork>().Run(loss, outputs, targets, dOutputs, pass);
    }

    // Before anything is computed, and in order: which target an error names does not depend on the threads.
    private static void CheckTargets(IRowLoss loss, in Targets targets, SequenceLayout layout)
    {
        int m = targets.Values.Features;
        ReadOnlySpan<float> target = targets.Values.All, weights = targets.RowWeights.Span;
        bool bounded = loss.TargetsAreProbabilities || loss.TargetsAreCounts;
        double most = loss.TargetsAreProbabilities ? 1 : double.PositiveInfinity;
        if (weights.IsEmpty && !bounded && Reduce.IndexOfNonFinite(target) < 0) return;
        for (int row = 0, i = 0; row < layout.Rows; row++)
        {
            bool counts = Targets.Weight(weights, row, layout) != 0;
            for (int k = 0; k < m; k++, i++)
                if (counts && !(float.IsFinite(target[i]) && (!bounded || (target[i] >= 0 && target[i] <= most))))
                    ThrowTarget(loss, layout, row, k, target[i]);
        }
    }

    private static void Check(IRowLoss loss, in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs)
    {
        if (targets.Values.Layout is not { } layout)
            throw new ShapeException($"loss '{loss.Name}': expected targets that are numbers because it does not classify, got none.");
        int expected = loss.OutputsFor(targets.Values.Features);
        if (outputs.Features != expected)
            ShapeException.Throw(outputs.Features, expected, $"loss '{loss.Name}' outputs", $"there are {targets.Values.Features} targets a step");
        CheckLayout(outputs, layout, "targets", targets.Values.Features);
        CheckGradient(outputs, dOutputs);
        targets.CheckWeights(outputs.Layout);
    }

    public static void CheckGradient(in SequenceBatch outputs, in SequenceBatch dOutputs)
    {
        if (dOutputs.Features != outputs.Features)
            ShapeException.Throw(dOutputs.Features, outputs.Features, "features of the outputs' gradient", "the outputs have that many");
        CheckLayout(outputs, dOutputs.Layout, "gradient", dOutputs.Features);
    }

    private static void CheckLayout(in SequenceBatch outputs, SequenceLayout layout, string what, int features)
    {
        if (outputs.Layout.IsLike(layout)) return;
        throw new ShapeException($"loss {what} [{layout.Rows}, {features}]: expected the sequence lengths of the outputs [{outputs.Layout.Rows}, "
            + $"{outputs.Features}], got others.");
    }

    private static void ThrowTarget(IRowLoss loss, SequenceLayout layout, int row, int k, float found) =>
        throw new UserErrorException(
            $"target {k} of {RowName.Of(layout, row)}: expected " +
            $"{(!float.IsFinite(found) ? "a finite number" : loss.TargetsAreCounts ? "0 or more" : "0 … 1")} because of loss "
            + $"'{loss.Name}', got {found}; give the row the weight 0 to leave it out.");
}

/// <summary>Shares the rows of a batch among threads; each row's loss is stored separately, and the losses are added in order.</summary>
internal sealed class RowLossWork : IWork
{
    private const int WorthSharing = 1 << 13;                            // outputs; below this one thread is as fast
    private const int Cost = 64;                                         // of an output, in multiply-adds
    private IRowLoss _loss = null!;
    private SequenceBatch _outputs, _dOutputs;
    private Targets _targets;
    private double[] _losses = [];
    private LossSum[] _sums = [];
    private int _workers;

    public LossSum Run(IRowLoss loss, in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        (_loss, _outputs, _targets, _dOutputs) = (loss, outputs, targets, dOutputs);
        int rows = outputs.Layout.Rows;
        if (_losses.Length < rows) _losses = new double[rows];
        _workers = outputs.All.Length < WorthSharing ? 1 : pass.Threads.WorkersFor((long)Cost * outputs.All.Length);
        if (_workers == 1) Run(0);
        else pass.Threads.Run(this, _workers);

        ReadOnlySpan<float> weights = targets.RowWeights.Span;
        LossSums sums = new(pass, outputs.Layout, ref _sums);
        int items = loss.Items(targets.Values.Features);
        for (int row = 0; row < rows; row++)
            if (weights.IsEmpty || weights[row] != 0) sums.AddRow(row, _losses[row], items);
        return sums.Total();
    }

    public void Run(int worker)
    {
        int rows = _outputs.Layout.Rows, n = _outputs.Features, m = _targets.Values.Features;
        ReadOnlySpan<float> y = _outputs.All, target = _targets.Values.All, weights = _targets.RowWeights.Span;
        Span<float> dOutputs = _dOutputs.All;
        for (int row = Share.Split(rows, worker, _workers), end = Share.Split(rows, worker + 1, _workers); row < end; row++)
        {
            Span<float> dy = dOutputs.Slice(row * n, n);
            float weight = weights.IsEmpty ? 1 : weights[row];
            if (weight == 0)
            {
                dy.Clear();
                continue;
            }
            _losses[row] = weight * _loss.Row(y.Slice(row * n, n), target.Slice(row * m, m), dy);
            if (weight != 1) Elementwise.Scale(dy, weight);
        }
    }
}
