using Unroll.Cells;

namespace Unroll.Inspection;

/// <summary>One gate, state or output of a recurrent layer over time.</summary>
public sealed class GateTrace
{
    internal GateTrace(string name, GateRange range, bool rangeIsGuessed, float[][] values)
    {
        (Name, Range, RangeIsGuessed, Values) = (name, range, rangeIsGuessed, values);
        Statistics = new GateStatistics(this);
    }

    /// <summary>As the cell calls it: <c>f</c>; <c>h</c> and <c>c</c> are the states.</summary>
    public string Name { get; }

    /// <summary>What its values can be.</summary>
    public GateRange Range { get; }

    /// <summary>Whether <see cref="Range"/> is not known from the cell but guessed from the values: all within 0 … 1, or within −1 … 1.</summary>
    public bool RangeIsGuessed { get; }

    /// <summary>[steps][units], in the order of time, for a reverse layer too.</summary>
    public IReadOnlyList<float[]> Values { get; }

    /// <summary>How many units: H, or the rows of the projection.</summary>
    public int Units => Values.Count == 0 ? 0 : Values[0].Length;

    /// <summary>Statistics of the values.</summary>
    public GateStatistics Statistics { get; }

    /// <summary>One unit over time, [steps].</summary>
    /// <param name="unit">0 … units − 1.</param>
    public float[] Unit(int unit) => [.. Values.Select(step => step[unit])];
}
