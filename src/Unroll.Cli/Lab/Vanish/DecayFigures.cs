using Unroll.Core;
using Unroll.Inspection.Report;
using static Unroll.Cli.Lab.LabCell;

namespace Unroll.Cli.Lab.Vanish;

/// <summary>Gradient norms by spectral radius and activation (S08, S09).</summary>
/// <param name="Sizes">How much was measured.</param>
/// <param name="Rates">[radius][case]: by how much the norm is multiplied at a step; geometric mean of the draws.</param>
/// <param name="Slopes">[radius][case]: mean tanh′.</param>
/// <param name="Norms">[radius][case][steps back], of the first draw.</param>
internal sealed record DecayFigures(VanishSizes Sizes, double[][] Rates, double[][] Slopes, IReadOnlyList<double>[][] Norms)
{
    internal static DecayFigures Measure(VanishSizes sizes, LabRun run)
    {
        (double Radius, DecayCase Case, int Draw)[] work = [.. from radius in DecayRate.Radii from one in DecayCase.All
            from draw in Enumerable.Range(0, sizes.Draws)
                                                               select (radius, one, draw)];
        DecayRate[] rates = run.Each(work, (item, _) =>
            DecayRate.Of(item.Case, item.Radius, sizes.Hidden, sizes.Steps, run.Random.For("decay").At((ulong)item.Draw)));
        DecayRate[][][] grouped = [.. rates.Chunk(sizes.Draws).Chunk(DecayCase.All.Count)];
        return new DecayFigures(sizes,
            [.. grouped.Select(row => row.Select(draws => Math.Exp(draws.Average(d => Math.Log(d.PerStep)))).ToArray())],
            [.. grouped.Select(row => row.Select(draws => draws.Average(d => d.Slope)).ToArray())],
            [.. grouped.Select(row => row.Select(draws => draws[0].Norms).ToArray())]);
    }

    internal IEnumerable<LabVerdict> Verdicts()
    {
        double largest = DecayRate.Radii.Select((radius, r) => Math.Abs(Rates[r][0] / radius - 1)).Max();
        yield return new LabVerdict("S08", "vanishing and exploding come from repeated multiplication by the recurrent matrix",
            $"without an activation and with a W_s that scales every direction equally, the norm is multiplied at every step by its spectral "
                + $"radius, to {Short(largest)}; "
            + $"with a random W_s of radius {Short(DecayRate.Radii[0])} by {Short(Rates[0][1])}, of {Short(DecayRate.Radii[^1])} by "
                + $"{Short(Rates[^1][1])}.",
            largest < 1e-6 && Rates[0][1] < 1 && Rates[^1][1] > 1);

        int[] small = [.. Where(radius => radius < 1)], large = [.. Where(radius => radius > 1)];
        yield return new LabVerdict("S09", "a small W_s makes gradients vanish",
            $"for every radius below 1 the factor per step is below 1 with tanh: {List(small, 2)} with small inputs, {List(small, 3)} with large "
                + $"ones, for {Names(small)}.",
            small.All(r => Rates[r][2] < 1 && Rates[r][3] < 1));
        bool explodes = large.All(r => Rates[r][2] > 1), saturated = large.Any(r => Rates[r][3] <= 1);
        yield return new LabVerdict("S09", "a large W_s makes gradients explode",
            $"for {Names(large)} the factor per step is {List(large, 2)} with small inputs and {List(large, 3)} with inputs of 3, where tanh has "
                + $"a mean slope of "
            + $"{Span(large.Select(r => Slopes[r][3]))}" + (explodes && saturated ? ": explosion needs a large W_s, and saturation alone can "
                + "prevent it."
                : "."),
            explodes && !saturated);
    }

    internal LabSection Section()
    {
        LabTable table = new("factor of ‖∂L/∂h⟨t⟩‖ per step back", ["spectral radius", .. DecayCase.All.Select(one => one.Name),
            "tanh′, inputs 0.001", "tanh′, inputs 3"]);
        for (int r = 0; r < DecayRate.Radii.Count; r++)
            table.Add([DecayRate.Radii[r], .. Rates[r].Select(rate => (LabCell)rate), Slopes[r][2], Slopes[r][3]]);
        string[] back = [.. Enumerable.Range(0, Sizes.Steps).Select(t => $"{t}")];
        return new LabSection("Norms on the way back",
            $"‖∂L/∂h⟨t⟩‖ of a loss at the last of {Sizes.Steps} steps, {Sizes.Hidden} units, W_s scaled to a spectral radius; the factor is the "
                + $"slope of the norm's logarithm, "
            + $"the geometric mean of {Sizes.Draws} draws. Where tanh saturates, its slope tanh′ is the other part of every factor.")
        {
            Tables = [table],
            Charts = [.. DecayCase.All.Select((one, c) => new LineChart(back,
                [.. DecayRate.Radii.Select((radius, r) => new Line($"radius {Short(radius)}", [.. Norms[r][c]], radius > 1 ? Stroke.Dashed
                    : Stroke.Solid))])
                { Title = one.Name, XName = "steps back", YName = "‖∂L/∂h⟨t⟩‖", Logarithmic = true })],
        };
    }

    private static IEnumerable<int> Where(Func<double, bool> which) =>
        Enumerable.Range(0, DecayRate.Radii.Count).Where(r => which(DecayRate.Radii[r]));

    private string List(int[] radii, int one) => string.Join(", ", radii.Select(r => Short(Rates[r][one])));

    private static string Names(int[] radii) => "radius " + string.Join(", ", radii.Select(r => Short(DecayRate.Radii[r])));
}
