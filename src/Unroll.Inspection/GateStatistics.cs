using Unroll.Cells;

namespace Unroll.Inspection;

/// <summary>
/// Statistics of the values of one gate over all steps of a sequence, for each unit and for all units. What is near a bound is saturated there: a
/// logistic gate below 0.05 or above 0.95, a tanh below −0.95 or above 0.95; an unbounded trace never.
/// </summary>
public sealed class GateStatistics
{
    /// <summary>What counts as near a bound: within 0.05.</summary>
    public const float Near = 0.05f;

    private readonly float _lower, _upper;

    internal GateStatistics(GateTrace trace)
    {
        (_lower, _upper) = trace.Range switch
        {
            GateRange.Logistic => (Near, 1 - Near),
            GateRange.Tanh => (Near - 1, 1 - Near),
            _ => (float.NegativeInfinity, float.PositiveInfinity),
        };
        Units = [.. Enumerable.Range(0, trace.Units).Select(u => OfUnit(trace.Values, u))];
    }

    /// <summary>Each unit.</summary>
    public IReadOnlyList<UnitStatistics> Units { get; }

    /// <summary>The mean over steps and units.</summary>
    public double Mean => Average(unit => unit.Mean);

    /// <summary>The smallest value.</summary>
    public double Smallest => Units.Count == 0 ? double.NaN : Units.Min(unit => unit.Smallest);

    /// <summary>The largest value.</summary>
    public double Largest => Units.Count == 0 ? double.NaN : Units.Max(unit => unit.Largest);

    /// <summary>The share of values near the lower bound, 0 … 1.</summary>
    public double NearLower => Average(unit => unit.NearLower);

    /// <summary>The share of values near the upper bound, 0 … 1.</summary>
    public double NearUpper => Average(unit => unit.NearUpper);

    /// <summary>The share of values near either bound, 0 … 1.</summary>
    public double Saturated => NearLower + NearUpper;

    /// <summary>Units that are near one and the same bound at every step.</summary>
    public int StuckUnits => Units.Count(unit => unit.IsStuck);

    private double Average(Func<UnitStatistics, double> figure) => Units.Count == 0 ? double.NaN : Units.Average(figure);

    private UnitStatistics OfUnit(IReadOnlyList<float[]> values, int unit)
    {
        double sum = 0;
        float smallest = float.PositiveInfinity, largest = float.NegativeInfinity;
        int low = 0, high = 0;
        foreach (float[] step in values)
        {
            float value = step[unit];
            sum += value;
            (smallest, largest) = (MathF.Min(smallest, value), MathF.Max(largest, value));   // NaN stays
            if (value < _lower) low++;
            else if (value > _upper) high++;
        }
        double steps = values.Count;
        return new UnitStatistics(sum / steps, smallest, largest, low / steps, high / steps);
    }
}

/// <summary>One unit of one gate over the steps of a sequence.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Smallest">The smallest value; NaN where there is one.</param>
/// <param name="Largest">The largest value; NaN where there is one.</param>
/// <param name="NearLower">The share of steps near the lower bound, 0 … 1.</param>
/// <param name="NearUpper">The share of steps near the upper bound, 0 … 1.</param>
public readonly record struct UnitStatistics(double Mean, float Smallest, float Largest, double NearLower, double NearUpper)
{
    /// <summary>The share of steps near either bound, 0 … 1.</summary>
    public double Saturated => NearLower + NearUpper;

    /// <summary>Whether it is near one and the same bound at every step.</summary>
    public bool IsStuck => NearLower == 1 || NearUpper == 1;
}
