namespace Unroll.Numerics;

//  μ = mean a      ρ = 1 / √(mean (a − μ)² + ε)      p̂ = ρ (a − μ)      δa = ρ (δp̂ − mean δp̂ − p̂ mean(δp̂ ⊙ p̂))

/// <summary>Layer normalization of one row, without gain and bias. The sums are those of <see cref="Reduce"/>.</summary>
internal static class RowStandard
{
    /// <summary>Standardizes a row.</summary>
    /// <param name="a">The row.</param>
    /// <param name="normal">[units], receives p̂; may be the same memory.</param>
    /// <param name="scale">Filled with ρ.</param>
    /// <param name="epsilon">ε.</param>
    public static void Forward(ReadOnlySpan<float> a, Span<float> normal, Span<float> scale, double epsilon)
    {
        float mean = (float)(Reduce.Sum(a) / a.Length);
        a.CopyTo(normal);
        Elementwise.Shift(normal, -mean);
        float rho = (float)(1 / Math.Sqrt(Reduce.SumSquares(normal) / a.Length + epsilon));
        Elementwise.Scale(normal, rho);
        scale.Fill(rho);
    }

    /// <summary>The gradient of the row.</summary>
    /// <param name="delta">δp̂.</param>
    /// <param name="normal">p̂.</param>
    /// <param name="rho">ρ.</param>
    /// <param name="da">[units], receives δa; may be the memory of <paramref name="delta"/>.</param>
    public static void Backward(ReadOnlySpan<float> delta, ReadOnlySpan<float> normal, float rho, Span<float> da)
    {
        float mean = (float)(Reduce.Sum(delta) / delta.Length), share = (float)(Reduce.Dot(delta, normal) / delta.Length);
        delta.CopyTo(da);
        Elementwise.Shift(da, -mean);
        Elementwise.AddScaled(normal, -share, da);
        Elementwise.Scale(da, rho);
    }
}
