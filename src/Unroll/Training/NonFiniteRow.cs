using System.Globalization;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>Finds the place of a bad number in a batch, for <see cref="IObjective{TBatch}.LocateNonFinite"/>.</summary>
public static class NonFiniteRow
{
    /// <summary>
    /// The earliest step that holds a NaN or an infinity, and the sequence in the caller's order, both from 0: <c>"sequence 3, step 17"</c>.
    /// </summary>
    /// <param name="rows">[rows, features]: inputs, outputs or their gradients.</param>
    /// <param name="fromEnd">The latest such step instead: where a backward pass reached it first.</param>
    /// <returns>Null if every number is finite.</returns>
    public static string? First(in SequenceBatch rows, bool fromEnd = false)
    {
        for (int i = 0; i < rows.Layout.Steps; i++)
        {
            int t = fromEnd ? rows.Layout.Steps - 1 - i : i;
            int at = Reduce.IndexOfNonFinite(rows.Step(t));
            if (at >= 0) return string.Create(CultureInfo.InvariantCulture, $"sequence {rows.Layout.Order[at / rows.Features]}, step {t}");
        }
        return null;
    }
}
