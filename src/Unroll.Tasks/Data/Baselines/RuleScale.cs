namespace Unroll.Tasks.Data.Baselines;

/// <summary>What a simple forecast is fitted to.</summary>
internal enum RuleScaleKind
{
    /// <summary>The values.</summary>
    Plain,

    /// <summary>√(y + c).</summary>
    SquareRoot,

    /// <summary>ln y.</summary>
    Logarithm,
}

//  z = y, √(y + c) or ln y        density of y = density of z · |dz/dy|, so that     ln L(y) = ln L(z) + Σ ln |dz/dy|
//  Box and Cox 1964, "An analysis of transformations": likelihoods of y under several scales may be compared, those of z may not

/// <summary>A scale of values: what is linear on it is fitted there, and turned back.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Shift">c, of the square root: a sixteenth of the mean where values come near 0, else 0.</param>
internal readonly record struct RuleScale(RuleScaleKind Kind, double Shift = 0)
{
    /// <summary>The scales that values allow: roots of values not below 0, logarithms of values above 0; both only of values that vary.</summary>
    internal static IReadOnlyList<RuleScale> For(ReadOnlySpan<double> values)
    {
        double least = double.PositiveInfinity, sum = 0;
        foreach (double value in values) (least, sum) = (Math.Min(least, value), sum + value);
        double mean = sum / values.Length;
        List<RuleScale> all = [new(RuleScaleKind.Plain)];
        if (least >= 0 && mean > 0) all.Add(new RuleScale(RuleScaleKind.SquareRoot, least < mean / 16 ? mean / 16 : 0));
        if (least > 0) all.Add(new RuleScale(RuleScaleKind.Logarithm));
        return all;
    }

    //  blocks b of a season (8 rows without one): mean m_b, deviation s_b;  s_b / m_b varies less than three quarters of what s_b does
    //  Guerrero 1993, "Time-series analysis supported by power transformations", for these two powers
    /// <summary>The scale on which swings are alike: the logarithm where all values are above 0 and swings grow with the level.</summary>
    internal static RuleScale Steady(ReadOnlySpan<double> values, int season)
    {
        int block = season > 1 ? season : 8;
        List<double> plain = [], relative = [];
        for (int from = 0; from + block <= values.Length; from += block)
        {
            double sum = 0, squares = 0;
            foreach (double value in values.Slice(from, block))
            {
                if (!(value > 0)) return default;
                sum += value;
            }
            foreach (double value in values.Slice(from, block)) squares += Math.Pow(value - sum / block, 2);
            plain.Add(Math.Sqrt(squares / block));
            relative.Add(Math.Sqrt(squares / block) / (sum / block));
        }
        return plain.Count >= 4 && Variation(relative) < 0.75 * Variation(plain) ? new RuleScale(RuleScaleKind.Logarithm) : default;
    }

    private static double Variation(List<double> values)
    {
        double mean = values.Average();
        return mean > 0 ? Math.Sqrt(values.Average(v => (v - mean) * (v - mean))) / mean : 0;
    }

    /// <summary>For names: empty, <c>sqrt</c> or <c>log</c>.</summary>
    internal string Word => Kind switch { RuleScaleKind.SquareRoot => "sqrt", RuleScaleKind.Logarithm => "log", _ => "" };

    internal double To(double value) => Kind switch
    {
        RuleScaleKind.SquareRoot => Math.Sqrt(Math.Max(0, value + Shift)),
        RuleScaleKind.Logarithm => Math.Log(Math.Max(value, double.Epsilon)),
        _ => value,
    };

    internal double Back(double z) => Kind switch
    {
        RuleScaleKind.SquareRoot => Math.Pow(Math.Max(0, z), 2) - Shift,
        RuleScaleKind.Logarithm => Math.Exp(z),
        _ => z,
    };

    internal double[] To(ReadOnlySpan<double> values)
    {
        double[] all = new double[values.Length];
        for (int i = 0; i < all.Length; i++) all[i] = To(values[i]);
        return all;
    }

    /// <summary>ln |dz/dy|.</summary>
    internal double LogDerivative(double value) => Kind switch
    {
        RuleScaleKind.SquareRoot => -Math.Log(2 * Math.Sqrt(value + Shift)),
        RuleScaleKind.Logarithm => -Math.Log(value),
        _ => 0,
    };
}
