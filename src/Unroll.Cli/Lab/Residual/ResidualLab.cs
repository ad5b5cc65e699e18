using System.CommandLine;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Report;
using Unroll.Inspection.Textbook;
using static Unroll.Cli.Lab.LabCell;

namespace Unroll.Cli.Lab.Residual;

/// <summary><c>unroll lab residual</c>: h⟨t⟩ = h⟨t−1⟩ + g(z⟨t⟩) beside a plain network and beside gates (study notes, S17–S21).</summary>
internal sealed class ResidualLab : ILab
{
    private readonly Option<double?> _radius = Opt.Double("--radius", "spectral radius of every recurrent matrix (default 0.9)");
    private readonly Option<int?> _hidden = Opt.Int("--hidden", "N", "units (default 16, --full 32)");
    private readonly Option<int?> _steps = Opt.Int("--steps", "N", "steps of the longest sequence (default 200, --full 1000)");
    private readonly Option<int?> _draws = Opt.Int("--draws", "N", "draws of weights and inputs that are averaged (default 10, --full 20)");

    public string Name => "residual";

    public string Summary => "The recurrence that adds to its state: error terms, growth of the Jacobian, saturation; compared with gates.";

    public string Notes => "S17–S21";

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_radius, _hidden, _steps, _draws]) command.Add(option);
    }

    public LabResult Run(ParseResult parsed, LabRun run)
    {
        ResidualSizes sizes = new()
        {
            Radius = parsed.GetValue(_radius) switch
            {
                null => 0.9,
                >= 0.01 and <= 10 and double radius => radius,
                double other => throw new UserErrorException($"--radius: expected a number from 0.01 to 10, got {Short(other)}."),
            },
            Hidden = Opt.Within(parsed, _hidden, run.Full ? 32 : 16, 1, 256),
            Steps = Opt.Within(parsed, _steps, run.Full ? 1000 : 200, 2, 10_000),
            Draws = Opt.Within(parsed, _draws, run.Full ? 20 : 10, 1, 1000),
        };
        return Measure(sizes, run);
    }

    internal static LabResult Measure(ResidualSizes sizes, LabRun run)
    {
        run.Progress("residual: error terms in three ways");
        (LabSection terms, LabVerdict agree) = ErrorTermSection(sizes, run);
        run.Progress($"residual: {RecurrenceCase.All.Count} recurrences, {sizes.Draws} draws");
        (RecurrenceCase Case, int Draw)[] work = [.. RecurrenceCase.All.SelectMany(c => Enumerable.Range(0, sizes.Draws).Select(draw => (c, draw)))];
        IReadOnlyList<RecurrenceFigures>[] measured =
            run.Each(work, (item, _) => item.Case.Measure(run.Random.For("residual").At((ulong)item.Draw), sizes.Hidden, sizes.Radius,
                sizes.Lengths));
        Recurrences found = new(sizes, [.. RecurrenceCase.All.Select((_, c) => Enumerable.Range(0, sizes.Lengths.Count).Select(l =>
            RecurrenceFigures.Mean([.. Enumerable.Range(0, sizes.Draws).Select(draw => measured[c * sizes.Draws + draw][l])])).ToArray())]);
        return new LabResult
        {
            Title = "The residual recurrence",
            Asked = "h⟨t⟩ = h⟨t−1⟩ + g(U h⟨t−1⟩ + W x⟨t⟩ + b) passes its state on unchanged and adds to it (S17). Do its error terms match "
                + "the formula "
                + "(S18)? Does its Jacobian grow (S19)? What happens to state, g and inputs over time (S20)? Do gates solve the problem (S21)? "
                + $"Weights are random, not trained: {sizes.Hidden} units, W the identity, every recurrent matrix of spectral radius "
                    + $"{Short(sizes.Radius)}, "
                + $"inputs normal; means of {sizes.Draws} draws, geometric where figures span orders of magnitude.",
            Verdicts = [agree, .. ResidualVerdicts.Of(found)],
            Sections = [terms, .. ResidualFigures.Sections(found)],
        };
    }

    private static (LabSection, LabVerdict) ErrorTermSection(ResidualSizes sizes, LabRun run)
    {
        int steps = Math.Min(sizes.Steps, 50);
        int[] back = [.. new[] { 0, 1, 2, 5, 10, 20, 49 }.Where(n => n < steps)];
        Rng random = run.Random.For("residual").At(0);
        Vector[] x = Draw.Inputs(random.For("inputs"), steps, sizes.Hidden, 1);
        Vector v = Draw.Normal(random.For("loss"), sizes.Hidden, 1);
        LabTable table = new("error terms of a loss at the last step", "g", "t − k", "‖δ_t,k‖ textbook", "by the product", "engine, float");
        double ofProduct = 0, ofEngine = 0;
        List<Line> lines = [];
        foreach (RecurrenceCase one in RecurrenceCase.All.Where(c => c.Options.Kind == "residual"))
        {
            ErrorTerms terms = ErrorTerms.Of(one.Draw(random.For("weights"), sizes.Hidden, sizes.Radius), x, v, run.Threads);
            foreach (int n in back)
                table.Add(one.Name, n, Draw.Length(terms.Textbook[steps - 1 - n]), Draw.Length(terms.Product[steps - 1 - n]),
                    Draw.Length(terms.Engine[steps - 1 - n]));
            ofProduct = Math.Max(ofProduct, ErrorTerms.Difference(terms.Textbook, terms.Product));
            ofEngine = Math.Max(ofEngine, ErrorTerms.Difference(terms.Textbook, terms.Engine));
            lines.Add(new Line(one.Name, [.. terms.Textbook.Reverse().Select(term => Draw.Length(term))]));
        }
        LabSection section = new("Error terms δ_t,k",
            "Computed in three ways: the textbook's backward pass in double precision; the product of the Jacobians I + diag(g′(z_j)) U; the engine "
                + "in float, whose "
                + "gradient of the "
            + "input is δ_t,k because W is the identity.")
        {
            Tables = [table],
            Charts = [new LineChart([.. Enumerable.Range(0, steps).Select(n => $"{n}")], [.. lines]) { Title = "‖δ_t,k‖ by t − k",
                XName = "steps back", Logarithmic = true }],
        };
        // Float rounding, 6e-8, enters at every one of 50 steps and is propagated by the products: 1e-3 of a term is generous and still tells a
        // wrong term.
        return (section, new LabVerdict("S18", "every error term can be inspected and matches the formula",
            $"largest relative difference over {steps} steps: product {Short(ofProduct)}, engine {Short(ofEngine)}.", ofProduct < 1e-9
                && ofEngine < 1e-3));
    }
}

/// <summary>How much is measured.</summary>
internal sealed record ResidualSizes
{
    /// <summary>Of every recurrent matrix.</summary>
    public double Radius { get; init; } = 0.9;

    /// <summary>Units.</summary>
    public int Hidden { get; init; } = 16;

    /// <summary>Steps of the longest sequence.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>Draws of weights and inputs.</summary>
    public int Draws { get; init; } = 10;

    /// <summary>After how many steps it is looked at; the last is <see cref="Steps"/>.</summary>
    public IReadOnlyList<int> Lengths => [.. new[] { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000 }.Where(n => n < Steps), Steps];
}

/// <summary>What was measured: [case][length].</summary>
internal sealed record Recurrences(ResidualSizes Sizes, IReadOnlyList<IReadOnlyList<RecurrenceFigures>> All)
{
    internal IReadOnlyList<RecurrenceFigures> Logistic => All[0];
    internal IReadOnlyList<RecurrenceFigures> Tanh => All[1];
    internal IReadOnlyList<RecurrenceFigures> Rnn => All[2];
    internal IReadOnlyList<RecurrenceFigures> Gru => All[3];
    internal IReadOnlyList<RecurrenceFigures> Lstm => All[4];
}
