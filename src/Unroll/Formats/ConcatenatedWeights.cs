namespace Unroll.Formats;

/// <summary>
/// The notes' layout (S26, S36): one matrix W = [W_h | W_x] of shape [rows, hidden + inputs] that acts on [h; x], the state first,
/// while this library has the pair W_hh [rows, hidden] and W_ih [rows, inputs].
/// </summary>
public static class ConcatenatedWeights
{
    /// <summary>Splits W. Exact.</summary>
    /// <param name="both">[rows, hidden + inputs], row-major, state columns first.</param>
    /// <param name="hidden">The number of state columns.</param>
    /// <param name="inputs">The number of input columns.</param>
    /// <param name="weightIh">Receives [rows, inputs]. Overwritten.</param>
    /// <param name="weightHh">Receives [rows, hidden]. Overwritten.</param>
    /// <exception cref="ArgumentException">The lengths do not belong to one number of rows.</exception>
    public static void Split(ReadOnlySpan<float> both, int hidden, int inputs, Span<float> weightIh, Span<float> weightHh)
    {
        int rows = RowsOf(both.Length, hidden, inputs, weightIh.Length, weightHh.Length);
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> line = both.Slice(row * (hidden + inputs), hidden + inputs);
            line[..hidden].CopyTo(weightHh.Slice(row * hidden, hidden));
            line[hidden..].CopyTo(weightIh.Slice(row * inputs, inputs));
        }
    }

    /// <summary>Joins W. Exact.</summary>
    /// <param name="weightIh">[rows, inputs], row-major.</param>
    /// <param name="weightHh">[rows, hidden], row-major.</param>
    /// <param name="hidden">The number of state columns.</param>
    /// <param name="inputs">The number of input columns.</param>
    /// <param name="both">Receives [rows, hidden + inputs], state columns first. Overwritten.</param>
    /// <exception cref="ArgumentException">The lengths do not belong to one number of rows.</exception>
    public static void Join(ReadOnlySpan<float> weightIh, ReadOnlySpan<float> weightHh, int hidden, int inputs, Span<float> both)
    {
        int rows = RowsOf(both.Length, hidden, inputs, weightIh.Length, weightHh.Length);
        for (int row = 0; row < rows; row++)
        {
            Span<float> line = both.Slice(row * (hidden + inputs), hidden + inputs);
            weightHh.Slice(row * hidden, hidden).CopyTo(line);
            weightIh.Slice(row * inputs, inputs).CopyTo(line[hidden..]);
        }
    }

    private static int RowsOf(int both, int hidden, int inputs, int weightIh, int weightHh)
    {
        int rows = both / (hidden + inputs);
        return rows * (hidden + inputs) == both && rows * inputs == weightIh && rows * hidden == weightHh
            ? rows
            : throw new ArgumentException(
                $"{both}, {weightIh} and {weightHh} values are not [rows, {hidden} + {inputs}], [rows, {inputs}] and [rows, {hidden}].");
    }
}
