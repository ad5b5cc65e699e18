using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Inspection;

/// <summary>What the values of a cell's gates can be: known for the built-in cells, guessed from the values for any other.</summary>
internal static class GateRanges
{
    /// <summary>The range of a saved thing, and whether it is a guess.</summary>
    public static (GateRange Range, bool Guessed) Of(ICell cell, string saved, float[][] values) => cell switch
    {
        LstmCell or LayerNormLstmCell => (saved is "i" or "f" or "o" ? GateRange.Logistic : saved is "g" or "m" ? GateRange.Tanh : GateRange.Unbounded, false),
        GruCell or GruAfterCell or LayerNormGruCell => (saved is "r" or "z" ? GateRange.Logistic : saved is "n" ? GateRange.Tanh : GateRange.Unbounded, false),
        RnnCell rnn => (OfSquash(rnn.Activation), false),
        ResidualCell residual => (OfSquash(residual.Activation), false),
        _ => (Guess(values), true),
    };

    private static GateRange OfSquash(Squash squash) =>
        squash switch { Squash.Logistic => GateRange.Logistic, Squash.Tanh => GateRange.Tanh, _ => GateRange.Unbounded };

    private static GateRange Guess(float[][] values)
    {
        float smallest = float.PositiveInfinity, largest = float.NegativeInfinity;
        foreach (float[] step in values)
            foreach (float value in step) (smallest, largest) = (MathF.Min(smallest, value), MathF.Max(largest, value));
        return smallest >= 0 && largest <= 1 ? GateRange.Logistic : smallest >= -1 && largest <= 1 ? GateRange.Tanh : GateRange.Unbounded;
    }
}
