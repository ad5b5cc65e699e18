using Unroll.Core;

namespace Unroll.Layers.Recurrent;

/// <summary>What a packed row is called in a message: <c>sequence 3, step 5</c>, the sequence in the caller's order, both from 0.</summary>
internal static class RowName
{
    public static string Of(SequenceLayout layout, int row)
    {
        int t = 0;
        while (layout.Offset(t + 1) <= row) t++;
        return $"sequence {layout.Order[row - layout.Offset(t)]}, step {t}";
    }
}
