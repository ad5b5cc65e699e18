using Unroll.Layers.LinearChain;

namespace Unroll.Inspection.Textbook;

//  score(y) = start[y₁] + Σₜ zₜ[yₜ] + Σₜ transitions[yₜ₋₁, yₜ] + end[y_T]        every other quantity is a logarithm, ⊕ is ln(eᵃ + eᵇ)

/// <summary>The linear-chain field over one sequence (Lafferty et al. 2001), in logarithms and double: the oracle of <see cref="CrfLoss"/>.</summary>
public sealed class CrfEquations
{
    private readonly IReadOnlyList<Vector> _z;
    private readonly Vector _transitions, _start, _end;
    private readonly Vector[] _alpha, _beta;
    private readonly int _classes;

    /// <summary>Computes forward and backward scores.</summary>
    /// <param name="z">Scores, a vector for every step.</param>
    /// <param name="transitions">[classes · classes], from row to column.</param>
    /// <param name="start">[classes].</param>
    /// <param name="end">[classes].</param>
    public CrfEquations(IReadOnlyList<Vector> z, Vector transitions, Vector start, Vector end)
    {
        (_z, _transitions, _start, _end, _classes) = (z, transitions, start, end, start.Count);
        (_alpha, _beta) = (new Vector[z.Count], new Vector[z.Count]);

        //  α₁(j) = start(j) + z₁(j)        αₜ(j) = zₜ(j) + ⊕ᵢ (αₜ₋₁(i) + transitions(i, j))
        for (int t = 0; t < z.Count; t++)
            _alpha[t] = z[t] + (t == 0 ? start : Each(j => Sum(i => _alpha[t - 1][i] + Transition(i, j))));

        //  β_T(j) = end(j)        βₜ(i) = ⊕ⱼ (transitions(i, j) + zₜ₊₁(j) + βₜ₊₁(j))
        for (int t = z.Count - 1; t >= 0; t--)
            _beta[t] = t == z.Count - 1 ? end : Each(i => Sum(j => Transition(i, j) + z[t + 1][j] + _beta[t + 1][j]));

        //  ln Z = ⊕ⱼ (α_T(j) + end(j))
        LogSum = z.Count == 0 ? 0 : Sum(j => _alpha[^1][j] + end[j]);
    }

    /// <summary>ln Z: of all paths together.</summary>
    public double LogSum { get; }

    /// <summary>The score of one path; 0 for no steps.</summary>
    public double Score(IReadOnlyList<int> path) => path.Count == 0 ? 0 : _start[path[0]] + _end[path[^1]]
        + path.Select((label, t) => _z[t][label] + (t == 0 ? 0 : Transition(path[t - 1], label))).Sum();

    /// <summary>−ln p(path).</summary>
    public double Loss(IReadOnlyList<int> path) => LogSum - Score(path);

    /// <summary>p(yₜ = j) for every step.</summary>
    public IReadOnlyList<Vector> Marginals => [.. _alpha.Zip(_beta, (a, b) => Each(j => Math.Exp(a[j] + b[j] - LogSum)))];

    //  ∂L/∂zₜ(j) = p(yₜ = j) − [yₜ = j]        ∂L/∂transitions(i, j) = Σₜ p(yₜ₋₁ = i, yₜ = j) − [yₜ₋₁ = i, yₜ = j]
    //  ∂L/∂start(j) = p(y₁ = j) − [y₁ = j]      ∂L/∂end(j) = p(y_T = j) − [y_T = j]
    /// <summary>Adds the gradients of the loss of a path to those of the weights.</summary>
    /// <returns>∂L/∂z for every step.</returns>
    public IReadOnlyList<Vector> AddGradient(IReadOnlyList<int> path, Vector dTransitions, Vector dStart, Vector dEnd)
    {
        IReadOnlyList<Vector> dz = Marginals;
        for (int t = 0; t < path.Count; t++) dz[t][path[t]]--;
        if (path.Count == 0) return dz;
        dStart.Add(dz[0]);
        dEnd.Add(dz[^1]);
        for (int t = 1; t < path.Count; t++)
        {
            for (int i = 0; i < _classes; i++)
                for (int j = 0; j < _classes; j++)
                    dTransitions[i * _classes + j] += Math.Exp(_alpha[t - 1][i] + Transition(i, j) + _z[t][j] + _beta[t][j] - LogSum);
            dTransitions[path[t - 1] * _classes + path[t]]--;
        }
        return dz;
    }

    private double Transition(int i, int j) => _transitions[i * _classes + j];

    private Vector Each(Func<int, double> of) => new([.. Enumerable.Range(0, _classes).Select(of)]);

    private double Sum(Func<int, double> of)
    {
        double[] terms = [.. Enumerable.Range(0, _classes).Select(of)];
        double largest = terms.Max();
        return largest + Math.Log(terms.Sum(term => Math.Exp(term - largest)));
    }
}
