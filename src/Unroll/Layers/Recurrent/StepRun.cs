using Unroll.Core;

namespace Unroll.Layers.Recurrent;

//  forward, step t > 0:      all sequences go on from step t − 1
//  forward, step 0:          all begin
//  reverse, step t:          the first n(t + 1) go on from step t + 1, the others begin with their last step

/// <summary>Rows of one step that follow each other, and whose previous states follow each other too.</summary>
/// <param name="Row">The first of them among the batch's rows.</param>
/// <param name="Rows">How many.</param>
/// <param name="Before">Where the previous state of the first lies among the states: the B initial states, then those of the batch's rows.</param>
/// <param name="Position">The packed position of the first sequence.</param>
internal readonly record struct StepRun(int Row, int Rows, int Before, int Position)
{
    /// <summary>The sequences that go on from the step that was done before.</summary>
    public static StepRun GoingOn(SequenceLayout layout, int t, bool reverse, in Share share)
    {
        if (!reverse && t == 0) return default;
        int before = reverse ? t + 1 : t - 1;
        int to = Math.Min(reverse ? layout.Active(before) : layout.Active(t), share.ToRow);
        return Between(layout, t, share.FromRow, to, to <= share.FromRow ? 0 : layout.Sequences + layout.Offset(before) + share.FromRow);
    }

    /// <summary>The sequences that begin at this step.</summary>
    public static StepRun Beginning(SequenceLayout layout, int t, bool reverse, in Share share)
    {
        if (!reverse && t > 0) return default;
        int from = Math.Max(share.FromRow, reverse ? layout.Active(t + 1) : 0);
        return Between(layout, t, from, Math.Min(layout.Active(t), share.ToRow), from);
    }

    /// <summary>The share's rows of a step: how many.</summary>
    public static int RowsOf(SequenceLayout layout, int t, in Share share) =>
        Math.Clamp(layout.Active(t) - share.FromRow, 0, share.ToRow - share.FromRow);

    private static StepRun Between(SequenceLayout layout, int t, int from, int to, int before) =>
        to <= from ? default : new StepRun(layout.Offset(t) + from, to - from, before, from);
}
