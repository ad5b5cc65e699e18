using Unroll.Core;
using Unroll.Inspection.Textbook;

namespace Unroll.Cli.Lab.Vanish;

/// <summary>The conditions of a gradient's backward pass.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Orthogonal">Whether W_s is a multiple of an orthogonal matrix, else drawn normal.</param>
/// <param name="Inputs">Deviation of the inputs; null: no activation, δ⟨t−1⟩ = W_sᵀ δ⟨t⟩.</param>
internal sealed record DecayCase(string Name, bool Orthogonal, double? Inputs)
{
    internal static DecayCase LinearOrthogonal { get; } = new("linear, orthogonal", true, null);
    internal static DecayCase LinearDrawn { get; } = new("linear, drawn", false, null);
    internal static DecayCase Tanh { get; } = new("tanh, inputs 0.001", false, 1e-3);
    internal static DecayCase Saturated { get; } = new("tanh, inputs 3", false, 3);

    internal static IReadOnlyList<DecayCase> All { get; } = [LinearOrthogonal, LinearDrawn, Tanh, Saturated];
}

/// <summary>‖∂L/∂h⟨t⟩‖ during backpropagation through one network (study notes, S08, S09).</summary>
/// <param name="Norms">From the last step, where it is 1, to the first.</param>
/// <param name="Slope">The mean of tanh′ over units and steps; 1 without an activation.</param>
internal sealed record DecayRate(IReadOnlyList<double> Norms, double Slope)
{
    internal static IReadOnlyList<double> Radii { get; } = [0.5, 0.8, 0.9, 1, 1.1, 1.25, 1.5];

    /// <summary>By how much the norm is multiplied at a step, on average: exp of the slope of its logarithm, by least squares.</summary>
    internal double PerStep => Math.Exp(SlopeOf(Norms));

    internal static DecayRate Of(DecayCase one, double radius, int hidden, int steps, Rng random)
    {
        Matrix w = one.Orthogonal ? Draw.Orthogonal(random.For("orthogonal"), hidden, radius) : Draw.OfRadius(random.For("drawn"), hidden, radius);
        Vector v = Draw.Normal(random.For("loss"), hidden, 1);
        v = 1 / Draw.Length(v) * v;
        if (one.Inputs is double deviation)
        {
            PairedCell cell = new(new() { Kind = "rnn" }, hidden, hidden);
            cell.Gate('a', Draw.Identity(hidden), w);
            RecurrentRun run = cell.Textbook(Draw.Inputs(random.For("inputs"), steps, hidden, deviation));
            RecurrentGradient gradient = run.Backward([.. Enumerable.Repeat(Vector.Zeros(hidden), steps)], cell.Gradients(),
                new Dictionary<string, Vector> { ["h"] = v });
            return new DecayRate([.. gradient.Steps.Reverse().Select(step => Draw.Length(step.Deltas["h"]))],
                run.Steps.Average(step => step["h"].Average(a => 1 - a * a)));
        }
        Matrix back = w.T;
        List<double> norms = [];
        for (int t = 0; t < steps; t++, v = back * v) norms.Add(Draw.Length(v));
        return new DecayRate(norms, 1);
    }

    // A norm that has become zero is at the end of what doubles hold: the line is fitted to those before it.
    private static double SlopeOf(IReadOnlyList<double> norms)
    {
        double[] y = [.. norms.TakeWhile(norm => norm > 1e-290).Select(norm => Math.Log(norm))];
        if (y.Length < 2) return double.NegativeInfinity;
        double meanX = (y.Length - 1) / 2.0, meanY = y.Average();
        double both = 0, squares = 0;
        for (int x = 0; x < y.Length; x++)
        {
            both += (x - meanX) * (y[x] - meanY);
            squares += (x - meanX) * (x - meanX);
        }
        return both / squares;
    }
}
