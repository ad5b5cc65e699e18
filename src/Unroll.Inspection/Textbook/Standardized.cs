namespace Unroll.Inspection.Textbook;

/// <summary>Layer normalization without gain and bias: p̂ = ρ (p − μ), ρ = 1 ÷ √(σ² + ε), over all elements of several vectors together.</summary>
/// <param name="Normal">p̂, part by part.</param>
/// <param name="Rho">ρ.</param>
internal sealed record Standardized(IReadOnlyList<Vector> Normal, double Rho)
{
    /// <summary>Of the vectors p, with ε = 10⁻⁵.</summary>
    public static Standardized Of(params IReadOnlyList<Vector> p) => Of(1e-5, p);

    /// <summary>Of the vectors p.</summary>
    public static Standardized Of(double epsilon, params IReadOnlyList<Vector> p)
    {
        //  μ = mean p      σ² = mean (p − μ)²
        int count = p.Sum(part => part.Count);
        double mu = p.Sum(part => part.Sum()) / count;
        Vector[] centered = [.. p.Select(part => part.Map(pk => pk - mu))];
        double rho = 1 / Math.Sqrt(centered.Sum(part => (part * part).Sum()) / count + epsilon);
        return new Standardized([.. centered.Select(part => rho * part)], rho);
    }

    /// <summary>
    /// A deviation as the distance from a kink: below 0.1 the derivatives, which grow as 1/σ, 1/σ², 1/σ³, are too large for central differences.
    /// </summary>
    public double KinkDistance => 0.01 / Rho;

    /// <summary>ρ, the same for every unit.</summary>
    public Vector Scale(int units) => Vector.Zeros(units).Map(_ => Rho);

    //  δp = ρ (δp̂ − mean δp̂ − p̂ mean(δp̂ ⊙ p̂)):  μ and σ² are functions of every p
    /// <summary>δp of every part from δp̂.</summary>
    public IReadOnlyList<Vector> Back(params IReadOnlyList<Vector> d)
    {
        int count = d.Sum(part => part.Count);
        double mean = d.Sum(part => part.Sum()) / count, along = d.Zip(Normal, (part, normal) => (part * normal).Sum()).Sum() / count;
        return [.. d.Zip(Normal, (part, normal) => Rho * (part.Map(dk => dk - mean) - along * normal))];
    }
}
