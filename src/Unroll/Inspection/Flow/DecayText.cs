using System.Globalization;

namespace Unroll.Inspection.Flow;

/// <summary>Says in one sentence what a <see cref="Decay"/> found.</summary>
internal static class DecayText
{
    private const double Tenfold = 2.302585092994046;                    // ln 10

    public static string Verdict(Decay decay)
    {
        string over = $"over {decay.Steps} {(decay.Steps == 1 ? "step" : "steps")}";
        string size = $"norm {Short(decay.LogNorm)}, × {Number(decay.Growth)} a step";
        if (double.IsNaN(decay.LogNorm) || double.IsPositiveInfinity(decay.LogNorm)) return $"{over}, the Jacobian is not finite: look at the weights.";
        if (decay.LogNorm < -Tenfold) return $"{over}, the gradient vanishes ({size}): {WhyVanishing(decay)}.";
        return decay.LogNorm > Tenfold
            ? $"{over}, the gradient explodes ({size}): {WhyExploding(decay)}."
            : $"{over}, the gradient neither vanishes nor explodes ({size}): {WhyKept(decay)}.";
    }

    private static string WhyVanishing(Decay d)
    {
        string direct = d.DirectGrowth > 0 ? $"; the direct path keeps × {Number(d.DirectGrowth)} a step at best" : "";
        if (d.UnsaturatedGrowth is not double matrix || d.SaturationFactor is not double slopes)
            return d.DirectGrowth > 0 ? $"its direct path keeps × {Number(d.DirectGrowth)} a step at best" : "the cell has no direct path";
        string parts = $"{Matrix(d)} × {Number(matrix)} a step, the activations' slopes × {Number(slopes)}";
        string cause = matrix >= 1 ? "saturation does it"
            : slopes >= 1 ? $"{Matrix(d)} does it"
            : Math.Log(slopes) < Math.Log(matrix) ? "mostly saturation does it"
            : $"mostly {Matrix(d)} does it";
        return $"{cause} ({parts}){direct}";
    }

    private static string WhyExploding(Decay d) => d is { UnsaturatedGrowth: double matrix, SaturationFactor: double slopes }
        ? $"{Matrix(d)} does it (× {Number(matrix)} a step), the activations' slopes damp it by × {Number(slopes)}"
        : "a cell of one's own: its matrices and activations are not told apart";

    private static string WhyKept(Decay d)
    {
        if (d.DirectGrowth > 0 && d.Curve[^1].LogDirect > -Tenfold) return $"the direct path keeps it, × {Number(d.DirectGrowth)} a step at best";
        return d is { UnsaturatedGrowth: double matrix, SaturationFactor: double slopes }
            ? $"{Matrix(d)} (× {Number(matrix)} a step) and the activations' slopes (× {Number(slopes)}) balance"
            : "by the ways through the gates, not by the direct path";
    }

    // The unsaturated product has the values of the gates in it, where there are any.
    private static string Matrix(Decay d) => d.Cell is "rnn" or "residual" ? "the recurrent matrix" : "the recurrent matrices with the gates";

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    // Beyond the range of a double too.
    private static string Short(double log)
    {
        if (double.IsNegativeInfinity(log)) return "0";
        double tens = log / Tenfold;
        return Math.Abs(tens) < 4 ? Number(Math.Exp(log)) : $"10^{tens.ToString("F1", CultureInfo.InvariantCulture)}";
    }
}
