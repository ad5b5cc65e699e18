using System.Globalization;

namespace Unroll.Inspection.Flow;

/// <summary>Says in one sentence what a <see cref="Decay"/> found.</summary>
internal static class DecayText
{
    private const double Tenfold = 2.302585092994046;                    // ln 10
    private const double AlmostOne = 0.9995;                             // what is printed as 1

    public static string Verdict(Decay decay)
    {
        string over = $"over {decay.Steps} {(decay.Steps == 1 ? "step" : "steps")}";
        string size = $"norm {Short(decay.LogNorm)}, × {Number(decay.Growth)} a step";
        if (double.IsNaN(decay.LogNorm) || double.IsPositiveInfinity(decay.LogNorm)) return $"{over}, the Jacobian is not finite: look at the "
            + $"weights.";
        if (decay.LogNorm < -Tenfold) return $"{over}, the gradient vanishes ({size}){WhyVanishing(decay)}.";
        return decay.LogNorm > Tenfold
            ? $"{over}, the gradient explodes ({size}){WhyExploding(decay)}."
            : $"{over}, the gradient neither vanishes nor explodes ({size}){WhyKept(decay)}.";
    }

    private static string WhyVanishing(Decay d)
    {
        string direct = d.DirectGrowth > 0 ? $"; the direct path keeps × {Number(d.DirectGrowth)} a step at best" : "";
        if (d is not { UnsaturatedGrowth: double matrix, SaturationFactor: double slopes }) return direct;
        string cause = matrix >= AlmostOne ? "by saturation alone"
            : slopes >= AlmostOne ? $"by {Matrix(d)} alone"
            : Math.Log(slopes) < Math.Log(matrix) ? "mostly by saturation"
            : $"mostly by {Matrix(d)}";
        return $", {cause}: {Parts(matrix, slopes)}{direct}";
    }

    private static string WhyExploding(Decay d) =>
        d is { UnsaturatedGrowth: double matrix, SaturationFactor: double slopes } ? $", by {Matrix(d)}: {Parts(matrix, slopes)}" : "";

    private static string WhyKept(Decay d)
    {
        if (d.Curve[^1].LogDirect > -Tenfold) return $", kept by the direct path: × {Number(d.DirectGrowth)} a step at best";
        return d is { UnsaturatedGrowth: double matrix, SaturationFactor: double slopes } ? $", in balance: {Parts(matrix, slopes)}" : "";
    }

    private static string Parts(double matrix, double slopes) =>
        $"× {Number(matrix)} a step if nothing were saturated, × {Number(slopes)} by the activations' slopes";

    // The unsaturated product has the values of the gates in it, where there are any.
    private static string Matrix(Decay d) => d.Cell switch
    {
        "rnn" => "the recurrent matrix",
        "residual" => "the recurrent matrix in addition to the direct path",
        _ => "the recurrent matrices and gates",
    };

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    // Beyond the range of a double too.
    private static string Short(double log)
    {
        if (double.IsNegativeInfinity(log)) return "0";
        double tens = log / Tenfold;
        return Math.Abs(tens) < 4 ? Number(Math.Exp(log)) : $"10^{tens.ToString("F1", CultureInfo.InvariantCulture)}";
    }
}
