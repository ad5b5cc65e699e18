using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tasks.Labels.Rules;

//  E = −(1/n) Σᵢ ln pᵢ(yᵢ) + (λ/2) Σ w²      p = softmax(b + Σ w(f))      ∂E/∂wₖ(f) = (1/n) Σᵢ∋f (pᵢₖ − [yᵢ = k]) + λ wₖ(f)

/// <summary>
/// Multinomial logistic regression over features that are there or not, with L2 on the weights, whose strength five folds of the training part choose
/// by their loss. Minimized by L-BFGS.
/// </summary>
internal static class LogisticRegression
{
    /// <summary>Features of all sequences times labels beyond which it takes too long to be measured beside a model.</summary>
    public const long MostWork = 20_000_000;

    private const double Fine = 1e-5, Rough = 1e-3;                      // of the gradient's largest element
    private const int MostSteps = 300;

    // From strong to weak: each begins where the last one ended.
    private static ReadOnlySpan<double> Strengths => [0.1, 0.03, 0.01, 0.003, 0.001];

    /// <summary>Chooses λ and fits.</summary>
    public static LinearRule Fit(RuleExamples examples) => Fit(examples, StrengthOf(examples));

    /// <summary>Fits with a given λ.</summary>
    public static LinearRule Fit(RuleExamples examples, double strength)
    {
        double[] x = new double[(examples.Places.Count + 1) * examples.Classes];
        Minimize(examples, strength, x, Fine);
        return RuleOf(examples, x);
    }

    /// <summary>How much work a fit is: features of all sequences times labels.</summary>
    public static long Work(RuleExamples examples) => examples.Rows.Sum(row => (long)row.Length) * examples.Classes;

    private static LinearRule RuleOf(RuleExamples examples, double[] x) =>
        new(examples.Kind, examples.Places, x[^examples.Classes..], x[..^examples.Classes]);

    private static double StrengthOf(RuleExamples examples)
    {
        int folds = RuleExamples.FoldsOf(examples.Rows.Count);
        if (folds < 2) return Strengths[0];
        int[] fold = RuleExamples.Folds(examples.Labels);
        double[] losses = new double[Strengths.Length];
        for (int k = 0; k < folds; k++)
        {
            RuleExamples rest = examples.Only(Enumerable.Range(0, fold.Length).Where(i => fold[i] != k)),
                held = examples.Only(Enumerable.Range(0, fold.Length).Where(i => fold[i] == k));
            double[] x = new double[(examples.Places.Count + 1) * examples.Classes];
            for (int i = 0; i < losses.Length; i++)
            {
                Minimize(rest, Strengths[i], x, Rough);
                losses[i] += Loss(held, x, []);
            }
        }
        return Strengths[Array.IndexOf(losses, losses.Min())];
    }

    private static void Minimize(RuleExamples examples, double strength, double[] x, double tolerance)
    {
        int n = examples.Rows.Count, weights = x.Length - examples.Classes;
        Lbfgs.Minimize(x, (at, gradient) =>
        {
            Array.Clear(gradient);
            double loss = Loss(examples, at, gradient) / n;
            for (int i = 0; i < gradient.Length; i++) gradient[i] /= n;
            double squares = 0;
            for (int i = 0; i < weights; i++)
            {
                squares += at[i] * at[i];
                gradient[i] += strength * at[i];
            }
            return loss + 0.5 * strength * squares;
        }, tolerance, MostSteps);
    }

    // The sum over the examples; adds to the gradient unless there is none.
    private static double Loss(RuleExamples examples, double[] x, double[] gradient)
    {
        int classes = examples.Classes, bias = x.Length - classes;
        double[] p = new double[classes];
        double loss = 0;
        for (int i = 0; i < examples.Rows.Count; i++)
        {
            int[] row = examples.Rows[i];
            Array.Copy(x, bias, p, 0, classes);
            foreach (int place in row)
                for (int k = 0; k < classes; k++) p[k] += x[place * classes + k];
            loss -= LogSoftmax(p, examples.Labels[i]);
            if (gradient.Length == 0) continue;
            p[examples.Labels[i]] -= 1;
            for (int k = 0; k < classes; k++) gradient[bias + k] += p[k];
            foreach (int place in row)
                for (int k = 0; k < classes; k++) gradient[place * classes + k] += p[k];
        }
        return loss;
    }

    // Scores → probabilities; returns the logarithm of one of them.
    private static double LogSoftmax(double[] z, int label)
    {
        double max = z.Max(), sum = 0, own = z[label] - max;
        for (int k = 0; k < z.Length; k++) sum += z[k] = Math.Exp(z[k] - max);
        for (int k = 0; k < z.Length; k++) z[k] /= sum;
        return own - Math.Log(sum);
    }
}
