namespace Unroll.Inspection.Flow;

/// <summary>
/// The gradient of one state (h, or the c beside it) over the steps of a sequence, whole and term by term (study notes, S03, S29, S41).
/// </summary>
public sealed class StateFlow
{
    // Below this a float has lost digits by underflow; a difference relative to it would say nothing about the terms.
    private const double Smallest = 1e-30;

    internal StateFlow(string state, FlowTerm total, IReadOnlyList<FlowTerm> terms) =>
        (State, Total, Terms, LargestDifference) = (state, total.Finished(), [.. terms.Select(term => term.Finished())], Difference(total, terms));

    /// <summary><c>"h"</c> or <c>"c"</c>.</summary>
    public string State { get; }

    /// <summary>∂L/∂(state) as the engine's backward pass has it.</summary>
    public FlowTerm Total { get; }

    /// <summary>
    /// What it consists of: <c>"output"</c> first, then <c>"direct"</c>, then the ways through the gates. They add up to <see cref="Total"/>.
    /// </summary>
    public IReadOnlyList<FlowTerm> Terms { get; }

    /// <summary>The term of that name, or null.</summary>
    public FlowTerm? Find(string name) => Terms.FirstOrDefault(term => term.Name == name);

    //  max over steps t of   max_u |Σ terms − total|  ÷  max over terms and u of |term|
    /// <summary>
    /// How far the sum of the terms is from the engine's gradient: the largest error of a step, relative to the largest entry of any term of the same
    /// step. Steps whose largest entry is below 10⁻³⁰ are left out.
    /// </summary>
    public double LargestDifference { get; }

    private static double Difference(FlowTerm total, IReadOnlyList<FlowTerm> terms)
    {
        double worst = 0;
        for (int t = 0; t < total.Norms.Count; t++)
        {
            double error = 0, scale = 0;
            ReadOnlySpan<double> whole = total.Row(t);
            for (int u = 0; u < whole.Length; u++)
            {
                double sum = 0;
                foreach (FlowTerm term in terms)
                {
                    double part = term.Row(t)[u];
                    sum += part;
                    scale = Math.Max(scale, Math.Abs(part));
                }
                scale = Math.Max(scale, Math.Abs(whole[u]));
                error = Math.Max(error, Math.Abs(sum - whole[u]));
            }
            if (scale >= Smallest) worst = Math.Max(worst, error / scale);
        }
        return worst;
    }
}
