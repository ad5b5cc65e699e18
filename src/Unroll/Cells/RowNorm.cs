using Unroll.Numerics;

namespace Unroll.Cells;

//  μ = mean p      ρ = 1 / √(mean (p − μ)² + ε)      p̂ = ρ (p − μ)      over the units of one row, of one slot or of several together

/// <summary>
/// Layer normalization of what lies in some slots of a row, without gain and bias (Ba, Kiros, Hinton 2016, arXiv:1607.06450, equation 4); ε = 10⁻⁵ as
/// PyTorch's. Each slot's sum is the one of <see cref="Reduce"/>; slots follow each other in double.
/// </summary>
internal static class RowNorm
{
    private const double Epsilon = 1e-5;

    /// <summary>Standardizes slots in place.</summary>
    /// <param name="s">The tile, with all units.</param>
    /// <param name="first">The first slot.</param>
    /// <param name="slots">How many share a mean and a variance.</param>
    /// <param name="scale">The slot that receives ρ, the same for every unit.</param>
    public static void Forward(in Tile s, int first, int slots, int scale)
    {
        int units = s.Hidden, count = slots * units;
        for (int row = 0; row < s.Rows; row++)
        {
            double sum = 0, squares = 0;
            for (int k = 0; k < slots; k++) sum += Reduce.Sum(s.Saved(first + k).Row(row)[..units]);
            float mean = (float)(sum / count);
            for (int k = 0; k < slots; k++)
            {
                Span<float> p = s.Saved(first + k).Row(row)[..units];
                Elementwise.Shift(p, -mean);
                squares += Reduce.SumSquares(p);
            }
            float rho = (float)(1 / Math.Sqrt(squares / count + Epsilon));
            for (int k = 0; k < slots; k++) Elementwise.Scale(s.Saved(first + k).Row(row)[..units], rho);
            s.Saved(scale).Row(row).Fill(rho);
        }
    }

    //  δp = ρ (δp̂ − mean δp̂ − p̂ mean(δp̂ ⊙ p̂))
    /// <summary>Turns δp̂ into δp, in place.</summary>
    /// <param name="s">The tile, with all units.</param>
    /// <param name="delta">The first slot of δ.</param>
    /// <param name="slots">How many share a mean and a variance.</param>
    /// <param name="first">The first slot of p̂.</param>
    /// <param name="scale">The slot of ρ.</param>
    public static void Backward(in TileBack s, int delta, int slots, int first, int scale)
    {
        int units = s.Hidden, count = slots * units;
        for (int row = 0; row < s.Rows; row++)
        {
            double sum = 0, along = 0;
            for (int k = 0; k < slots; k++)
            {
                ReadOnlySpan<float> d = s.DA(delta + k).Row(row)[..units];
                sum += Reduce.Sum(d);
                along += Reduce.Dot(d, s.Saved(first + k).Row(row)[..units]);
            }
            float mean = (float)(sum / count), share = (float)(along / count), rho = s.Saved(scale).Row(row)[0];
            for (int k = 0; k < slots; k++)
            {
                Span<float> d = s.DA(delta + k).Row(row)[..units];
                Elementwise.Shift(d, -mean);
                Elementwise.AddScaled(s.Saved(first + k).Row(row)[..units], -share, d);
                Elementwise.Scale(d, rho);
            }
        }
    }

    /// <summary>What the slots of W x and U h₋ are called, gate by gate.</summary>
    public static IEnumerable<SlotDescription> Slots(string gates) =>
    [
        .. gates.Select(gate => new SlotDescription($"x{gate}", $"W_{gate} x, standardized")),
        .. gates.Select(gate => new SlotDescription($"u{gate}", $"U_{gate} h₋, standardized")),
    ];
}
