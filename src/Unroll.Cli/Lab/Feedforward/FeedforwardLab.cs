using System.CommandLine;
using System.Globalization;
using Unroll.Cells;
using Unroll.Cli.Lab.Statistics;
using Unroll.Core;
using Unroll.Inspection.Report;

namespace Unroll.Cli.Lab.Feedforward;

/// <summary><c>unroll lab feedforward</c>: what a network without recurrence lacks on sequences.</summary>
/// <param name="cells">The cells to choose among.</param>
internal sealed class FeedforwardLab(CellCatalog cells) : ILab
{
    private readonly Option<string> _cell = Opt.String("--cell", "NAME", "the recurrent cell (default gru)");
    private readonly Option<int?> _length = Opt.Int("--length", "N", "letters per training sequence, at least 8 (default 20)");
    private readonly Option<int?> _hidden = Opt.Int("--hidden", "N", "units of either network (default 32)");
    private readonly Option<int?> _updates = Opt.Int("--updates", "N", "updates per training run (default 1500; with --full 5000)");
    private readonly Option<int?> _seeds = Opt.Int("--seeds", "N", "training runs of each kind, at least 2 (default 5; with --full 10)");

    public string Name => "feedforward";

    public string Summary => "What a network without recurrence cannot do: other lengths, shared positions, few parameters, order.";

    public string Notes => "S13";

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_cell, _length, _hidden, _updates, _seeds]) command.Add(option);
    }

    public LabResult Run(ParseResult parsed, LabRun run)
    {
        FeedforwardPlan plan = Plan(parsed, run.Full);
        int done = 0;
        FeedforwardOutcome[] outcomes = run.Each([.. Enumerable.Range(0, plan.Seeds)], (s, alone) =>
        {
            FeedforwardOutcome one = FeedforwardTraining.Run(plan, run.Seed + (ulong)s, run, alone);
            run.Progress(string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref done)}/{plan.Seeds}  seed {run.Seed + (ulong)s}: "
                + $"odd places {one.OtherPlaces.Feedforward:P1} and {one.OtherPlaces.Recurrent:P1}"));
            return one;
        });
        Right ahead = FeedforwardFacts.Ahead(plan, run.Random.For("ahead"));
        return new LabResult
        {
            Title = "What a feed-forward network cannot do on sequences",
            Asked = string.Create(CultureInfo.InvariantCulture, $"Do three given letters occur next to each other among {plan.Steps}? One layer of "
                + $"{plan.Hidden} tanh units that sees all letters side by side, ")
                + string.Create(CultureInfo.InvariantCulture, $"and one of {plan.Hidden} {plan.Cell.Name} units that reads them one by one, "
                + $"learn this from the same newly generated sequences ")
                + string.Create(CultureInfo.InvariantCulture, $"({plan.Updates} updates of 32, Adam at 0.005), {plan.Seeds} seeds; the "
                + $"share of right answers on 1000 sequences not used for training; guessing gives 50 %."),
            Verdicts = FeedforwardReport.Verdicts(plan, outcomes, ahead),
            Sections = FeedforwardReport.Sections(plan, outcomes, ahead),
        };
    }

    private FeedforwardPlan Plan(ParseResult parsed, bool full) => new(
        LabCells.Find(parsed.GetValue(_cell) ?? "gru", cells),
        Between(8, 10_000, parsed.GetValue(_length) ?? 20, "--length"),
        Between(1, 4096, parsed.GetValue(_hidden) ?? 32, "--hidden"),
        Between(1, 10_000_000, parsed.GetValue(_updates) ?? (full ? 5000 : 1500), "--updates"),
        Between(2, 1000, parsed.GetValue(_seeds) ?? (full ? 10 : 5), "--seeds"));

    private static int Between(int minimum, int maximum, int value, string option) => value >= minimum && value <= maximum ? value
        : throw new UserErrorException($"{option}: expected a whole number from {minimum} to {maximum}, got {value}.");
}
