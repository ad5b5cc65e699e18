using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Networks;

namespace Unroll.Inspection;

/// <summary>
/// Checks gradients in two columns: the textbook's, in double, against central differences, for every parameter, every input and every named term;
/// and the float engine's against the textbook's.
/// </summary>
public static class GradientCheck
{
    //  (L(v + ε) − L(v − ε)) ÷ 2ε, in double: ε = 10⁻⁵ leaves a truncation of about ε² = 10⁻¹⁰ and a rounding of 10⁻¹⁶ |L| ÷ ε = 10⁻¹⁰ for |L| = 10
    private const double Epsilon = 1e-5;

    /// <summary>Checks one cell, layer or loss.</summary>
    /// <param name="subject">What.</param>
    public static IReadOnlyList<GradientCheckResult> Run(GradientCheckCase subject)
    {
        GradientCheckData data = GradientCheckData.Of(subject);
        IReadOnlyList<TextbookGradient> gradients = [.. data.Examples.Select(data.Objective.AddGradient)];
        List<GradientCheckResult> results = [.. Parameters(subject, data)];
        if (!TakesIndices(subject)) results.Add(Inputs(subject, data, gradients));      // an index has no gradient
        results.AddRange(FirstStates(subject, data, gradients));
        if (subject.Kind == "loss") results.Add(Mean(subject, data, gradients));
        return [.. WithEngine(subject, results, GradientCheckEngine.Errors(subject, data, gradients)), .. Terms(subject, data, gradients)];
    }

    /// <summary>Every built-in cell, layer and loss.</summary>
    public static IEnumerable<GradientCheckResult> RunAll() => GradientCheckCases.All.SelectMany(Run)
        .Concat(GradientCheckOfCtc.Run()).Concat(GradientCheckOfCrf.Run())
        .Concat(GradientCheckOfAttention.Run()).Concat(GradientCheckOfEncoderDecoder.Run());

    //  what the engine alone computes (outputs, a loss's value) comes first, without a first column
    private static List<GradientCheckResult> WithEngine(
        GradientCheckCase subject, List<GradientCheckResult> results, IReadOnlyDictionary<string, double> errors) =>
        [
            .. errors.Where(error => results.All(result => result.What != error.Key))
                .Where(error => !(error.Key == "x" && TakesIndices(subject)))
                .Select(error => new GradientCheckResult(subject.Kind, subject.Subject, error.Key, null, error.Value)),
            .. results.Select(result => result with { EngineError = errors[result.What] }),
        ];

    internal static bool TakesIndices(GradientCheckCase subject) => subject.Spec.Layers is [EmbeddingSpec or CharacterSpec, ..];

    /// <summary>|a − n| ÷ max(1, |a|, |n|).</summary>
    /// <param name="analytic">a.</param>
    /// <param name="numeric">n.</param>
    internal static double Error(double analytic, double numeric) =>
        Math.Abs(analytic - numeric) / Math.Max(1, Math.Max(Math.Abs(analytic), Math.Abs(numeric)));

    /// <summary>The central difference of a loss by one number, which is put back.</summary>
    internal static double Difference(Vector values, int k, Func<double> loss)
    {
        double kept = values[k];
        values[k] = kept + Epsilon;
        double up = loss();
        values[k] = kept - Epsilon;
        double down = loss();
        values[k] = kept;
        return (up - down) / (2 * Epsilon);
    }

    private static IEnumerable<GradientCheckResult> Parameters(GradientCheckCase subject, GradientCheckData data)
    {
        foreach ((string name, double[] values) in data.Parameters.Values)
        {
            double error = 0;
            for (int k = 0; k < values.Length; k++)
                error = Largest(error, Error(data.Parameters.Gradients[name][k], Difference(new Vector(values), k, () => Total(data).Sum)));
            yield return new GradientCheckResult(subject.Kind, subject.Subject, name, error, null);
        }
    }

    private static GradientCheckResult Inputs(GradientCheckCase subject, GradientCheckData data, IReadOnlyList<TextbookGradient> gradients)
    {
        double error = 0;
        for (int s = 0; s < gradients.Count; s++)
            for (int t = 0; t < gradients[s].Dx.Count; t++)
                for (int k = 0; k < gradients[s].Dx[t].Count; k++)
                {
                    double numeric = Difference(data.Examples[s].X[t], k, () => data.Objective.Loss(data.Examples[s]).Sum);
                    error = Largest(error, Error(gradients[s].Dx[t][k], numeric));
                }
        return new GradientCheckResult(subject.Kind, subject.Subject, subject.Kind == "loss" ? "outputs, sum" : "x", error, null);
    }

    //  ∂L/∂h₀, ∂L/∂c₀ of each sequence alone                                           S12, S51
    private static IEnumerable<GradientCheckResult> FirstStates(
        GradientCheckCase subject, GradientCheckData data, IReadOnlyList<TextbookGradient> gradients)
    {
        Dictionary<string, double> errors = [];
        for (int s = 0; s < gradients.Count; s++)
            foreach (DirectionRun direction in gradients[s].Run.Directions)
                foreach ((string state, CarriedState first) in direction.Run.First)
                    Check(data.Examples[s], direction.Name(state + "0"), $"first {state}", first, direction.Gradient!.First[state]);
        return errors.Select(error => new GradientCheckResult(subject.Kind, subject.Subject, error.Key, error.Value, null));

        void Check(TextbookExample example, string name, string what, CarriedState first, NamedVectors terms)
        {
            Vector own = new([.. first.Value]), analytic = terms.Sum(own.Count);
            TextbookExample given = example with { Given = example.Given with { FirstStates = new Dictionary<string, Vector> { [name] = own } } };
            for (int k = 0; k < own.Count; k++)
                errors[what] = Largest(errors.GetValueOrDefault(what), Error(analytic[k], Difference(own, k, () => data.Objective.Loss(given).Sum)));
        }
    }

    //  the gradient of the mean is the gradient of the sum ÷ count
    private static GradientCheckResult Mean(GradientCheckCase subject, GradientCheckData data, IReadOnlyList<TextbookGradient> gradients)
    {
        long count = Total(data).Count;
        double error = 0;
        for (int s = 0; s < gradients.Count; s++)
            for (int t = 0; t < gradients[s].Dx.Count; t++)
                for (int k = 0; k < gradients[s].Dx[t].Count; k++)
                    error = Largest(error, Error(gradients[s].Dx[t][k] / count, Difference(data.Examples[s].X[t], k, () => Total(data).Mean)));
        return new GradientCheckResult(subject.Kind, subject.Subject, "outputs, mean", error, null);
    }

    //  a term is the derivative by the state along one path alone: only what reads the state at the end of that path is given the nudged value
    private static IEnumerable<GradientCheckResult> Terms(
        GradientCheckCase subject, GradientCheckData data, IReadOnlyList<TextbookGradient> gradients)
    {
        OrderedDictionary<string, double> errors = [];
        for (int s = 0; s < gradients.Count; s++)
            foreach (DirectionRun direction in gradients[s].Run.Directions)
                for (int t = -1; t < direction.Gradient!.Steps.Count; t++)
                    foreach ((string of, NamedVectors terms) in t < 0 ? direction.Gradient.First : direction.Gradient.Steps[t].Terms)
                        Check(data.Examples[s], direction.Place, t, of, terms);
        return errors.Select(error => new GradientCheckResult(subject.Kind, subject.Subject, error.Key, error.Value, null));

        void Check(TextbookExample example, string place, int t, string state, NamedVectors terms)
        {
            foreach ((string path, Vector term) in terms)
                for (int k = 0; k < term.Count; k++)
                {
                    double Loss(double amount) => data.Objective.Loss(example, new Nudge(place, t, state, path, k, amount)).Sum;
                    double error = Error(term[k], (Loss(Epsilon) - Loss(-Epsilon)) / (2 * Epsilon));
                    string name = $"term of {state}: {path}";
                    errors[name] = Largest(errors.GetValueOrDefault(name), error);
                }
        }
    }

    private static LossSum Total(GradientCheckData data) =>
        data.Examples.Aggregate(new LossSum(0, 0), (sum, example) => sum + data.Objective.Loss(example));

    //  a NaN is the largest error of all
    internal static double Largest(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : Math.Max(a, b);
}
