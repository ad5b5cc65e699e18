using Unroll.Inspection.Textbook;

namespace Unroll.Inspection.Worked;

/// <summary>Every gradient of one small example against central differences.</summary>
internal static class WorkedCheck
{
    private const double Epsilon = 1e-5;

    internal static double LargestError(TextbookObjective objective, TextbookParameters parameters, TextbookExample example)
    {
        TextbookGradient gradient = objective.AddGradient(example);
        double largest = 0;
        void Compare(double analytic, double numeric) => largest = GradientCheck.Largest(largest, GradientCheck.Error(analytic, numeric));
        double Loss() => objective.Loss(example).Sum;

        foreach ((string name, double[] values) in parameters.Values)
            for (int k = 0; k < values.Length; k++)
                Compare(parameters.Gradients[name][k], GradientCheck.Difference(new Vector(values), k, Loss));
        for (int t = 0; t < example.X.Count; t++)
            for (int k = 0; k < example.X[t].Count; k++)
                Compare(gradient.Dx[t][k], GradientCheck.Difference(example.X[t], k, Loss));
        foreach (DirectionRun direction in gradient.Run.Directions)
            foreach ((int step, string state, string path, Vector term) in Terms(direction.Gradient!))
                for (int k = 0; k < term.Count; k++)
                {
                    double Nudged(double by) => objective.Loss(example, new Nudge(direction.Place, step, state, path, k, by)).Sum;
                    Compare(term[k], (Nudged(Epsilon) - Nudged(-Epsilon)) / (2 * Epsilon));
                }
        return largest;
    }

    private static IEnumerable<(int Step, string State, string Path, Vector Term)> Terms(RecurrentGradient gradient)
    {
        for (int t = -1; t < gradient.Steps.Count; t++)
            foreach ((string state, NamedVectors terms) in t < 0 ? gradient.First : gradient.Steps[t].Terms)
                foreach ((string path, Vector term) in terms) yield return (t, state, path, term);
    }
}
