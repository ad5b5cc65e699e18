using Unroll.Core;

namespace Unroll.Layers.Losses;

/// <summary>A loss over numbers, one row at a time.</summary>
internal interface IRowLoss : ILoss
{
    /// <summary>How many losses a row of that many targets is the sum of.</summary>
    int Items(int targets);

    /// <summary>Whether a number can be a target; NaN and infinities never come here.</summary>
    bool Accepts(float target);

    /// <summary>The loss of one row; <paramref name="dy"/> is overwritten with its gradient.</summary>
    double Row(ReadOnlySpan<float> y, ReadOnlySpan<float> target, Span<float> dy);
}

//  sum = Σ over rows in packed order, in double, of wᵣ · loss(yᵣ, tᵣ)        δyᵣ = wᵣ · ∂loss/∂yᵣ

/// <summary>The loop over rows that the losses over numbers share.</summary>
internal static class RowLosses
{
    public static LossSum Sum(IRowLoss loss, in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs)
    {
        Check(loss, outputs, targets, dOutputs);
        SequenceLayout layout = outputs.Layout;
        int n = outputs.Features, m = targets.Values.Features;
        ReadOnlySpan<float> y = outputs.All, target = targets.Values.All, weights = targets.RowWeights.Span;
        Span<float> dOutput = dOutputs.All;
        double sum = 0;
        long counted = 0;
        for (int row = 0; row < layout.Rows; row++)
        {
            Span<float> dy = dOutput.Slice(row * n, n);
            float weight = Targets.Weight(weights, row, layout);
            if (weight == 0)
            {
                dy.Clear();
                continue;
            }
            ReadOnlySpan<float> t = target.Slice(row * m, m);
            for (int k = 0; k < m; k++)
                if (!float.IsFinite(t[k]) || !loss.Accepts(t[k])) ThrowTarget(loss, layout, row, k, t[k]);
            sum += weight * loss.Row(y.Slice(row * n, n), t, dy);
            if (weight != 1) Numerics.Elementwise.Scale(dy, weight);
            counted++;
        }
        return new LossSum(sum, counted * loss.Items(m));
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
        throw new ShapeException($"loss {what} [{layout.Rows}, {features}]: expected the sequence lengths of the outputs [{outputs.Layout.Rows}, {outputs.Features}], got others.");
    }

    private static void ThrowTarget(IRowLoss loss, SequenceLayout layout, int row, int k, float found) =>
        throw new UserErrorException(
            $"target {k} of {RowName.Of(layout, row)}: expected {(float.IsFinite(found) ? "0 … 1" : "a finite number")} because of loss '{loss.Name}', "
            + $"got {found}; give the row the weight 0 to leave it out.");
}
