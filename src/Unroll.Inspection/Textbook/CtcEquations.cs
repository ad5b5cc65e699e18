using Unroll.Layers.Losses;

namespace Unroll.Inspection.Textbook;

//  every quantity is a logarithm, ⊕ is ln(eᵃ + eᵇ), −∞ is the logarithm of 0

/// <summary>
/// Connectionist temporal classification of one sequence (Graves et al. 2006), in logarithms and double: the oracle of <see cref="CtcLoss"/>.
/// </summary>
public sealed class CtcEquations
{
    private readonly int[] _states;
    private readonly Vector[] _logY;

    /// <summary>Computes everything.</summary>
    /// <param name="logits">Scores before the softmax, a vector for every step; class 0 is the blank.</param>
    /// <param name="labels">1 … classes − 1.</param>
    public CtcEquations(IReadOnlyList<Vector> logits, IReadOnlyList<int> labels)
    {
        //  blank l₁ blank l₂ … l_L blank
        _states = new int[2 * labels.Count + 1];
        for (int i = 0; i < labels.Count; i++) _states[2 * i + 1] = labels[i];

        //  ln y = z − ln Σ eᶻ
        _logY = [.. logits.Select(z => z.Map(zk => zk - z.Aggregate(double.NegativeInfinity, Plus)))];
        Alpha = [.. logits.Select(_ => Nothing())];
        Beta = [.. logits.Select(_ => Nothing())];
        Forward();
        Backward();
    }

    /// <summary>ln αₜ(s): all paths over the first t steps that end in state s, step t included.</summary>
    public IReadOnlyList<Vector> Alpha { get; }

    /// <summary>ln βₜ(s): all ways on from state s at step t to the end, step t not included.</summary>
    public IReadOnlyList<Vector> Beta { get; }

    /// <summary>−ln p(labels | x).</summary>
    public double Loss { get; private set; }

    /// <summary>γₜ(s): the share of all paths that are in state s at step t; states are blank, first label, blank, second …</summary>
    public IReadOnlyList<Vector> Shares => [.. Alpha.Zip(Beta, (a, b) => (a + b).Map(sum => Math.Exp(sum + Loss)))];

    //  ∂L/∂z_t,k = y_t,k − Σ_{s: label of s = k} γₜ(s)
    /// <summary>∂L/∂z for every step.</summary>
    public IReadOnlyList<Vector> Gradient() =>
        [.. _logY.Zip(Shares, (logY, share) =>
        {
            Vector dz = logY.Map(Math.Exp);
            for (int s = 0; s < _states.Length; s++) dz[_states[s]] -= share[s];
            return dz;
        })];

    //  αₜ(s) = yₜ(s) (αₜ₋₁(s) + αₜ₋₁(s − 1) + [s may be entered from s − 2] αₜ₋₁(s − 2))
    private void Forward()
    {
        for (int t = 0; t < _logY.Length; t++)
            for (int s = 0; s < _states.Length; s++)
            {
                double sum = t == 0 ? (s < 2 ? 0 : double.NegativeInfinity)
                    : Sources(s).Aggregate(double.NegativeInfinity, (a, from) => Plus(a, Alpha[t - 1][from]));
                Alpha[t][s] = sum + _logY[t][_states[s]];
            }
        if (_logY.Length == 0) Loss = _states.Length == 1 ? 0 : double.PositiveInfinity;
        else Loss = -Alpha[^1].Skip(_states.Length - 2).Aggregate(double.NegativeInfinity, Plus);
    }

    //  βₜ(s) = Σ_{s′ entered from s} yₜ₊₁(s′) βₜ₊₁(s′)
    private void Backward()
    {
        for (int t = _logY.Length - 1; t >= 0; t--)
            for (int s = 0; s < _states.Length; s++)
            {
                if (t == _logY.Length - 1) Beta[t][s] = s >= _states.Length - 2 ? 0 : double.NegativeInfinity;
                else
                    for (int next = s; next < Math.Min(s + 3, _states.Length); next++)
                        if (Sources(next).Contains(s)) Beta[t][s] = Plus(Beta[t][s], _logY[t + 1][_states[next]] + Beta[t + 1][next]);
            }
    }

    private IEnumerable<int> Sources(int s)
    {
        yield return s;
        if (s > 0) yield return s - 1;
        if (s > 1 && _states[s] != CtcLoss.Blank && _states[s] != _states[s - 2]) yield return s - 2;
    }

    private Vector Nothing() => Vector.Zeros(_states.Length).Map(_ => double.NegativeInfinity);

    private static double Plus(double a, double b)
    {
        double largest = Math.Max(a, b);
        return double.IsInfinity(largest) ? largest : largest + Math.Log(Math.Exp(a - largest) + Math.Exp(b - largest));
    }
}
