namespace Unroll.Tasks.Data.Audio;

//  N half the rate, B where the formants end, a the factor, b = B · min(a, 1):
//
//  f′ = a f                                    f ≤ b / a
//     = N − (N − b) / (N − b / a) · (N − f)    above: a line that ends at N, so that nothing is moved beyond the spectrum

/// <summary>
/// The frequencies of a speaker whose vocal tract is shorter or longer: all below the highest formants times one factor (Jaitly and Hinton 2013,
/// "Vocal tract length perturbation (VTLP) improves speech recognition").
/// </summary>
internal static class VocalTract
{
    private const double Formants = 4800, Share = 0.8;       // Hz, as there; at low rates a share of half the rate

    /// <summary>Where a frequency moves to.</summary>
    /// <param name="f">In Hz, from 0 to half the rate.</param>
    /// <param name="factor">0.5 … 1.5; 1: stays.</param>
    /// <param name="rate">Samples a second.</param>
    internal static double Warp(double f, double factor, int rate)
    {
        double half = rate / 2.0, end = Math.Min(Formants, Share * half) * Math.Min(factor, 1);
        return f * factor <= end ? f * factor : half - (half - end) / (half - end / factor) * (half - f);
    }
}
