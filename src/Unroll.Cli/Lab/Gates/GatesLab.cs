using System.CommandLine;
using Unroll.Cells;
using Unroll.Inspection.Report;
using static Unroll.Cli.Lab.Gates.ForcedCell;
using static Unroll.Cli.Lab.LabCell;

namespace Unroll.Cli.Lab.Gates;

/// <summary><c>unroll lab gates</c>: what each gate does, shown by holding it open and shut (study notes, S25, S37, S39, S45, S46).</summary>
internal sealed class GatesLab : ILab
{
    private readonly Option<int?> _hidden = Opt.Int("--hidden", "N", "units (default 8, --full 32)");
    private readonly Option<int?> _steps = Opt.Int("--steps", "N", "steps (default 1000, --full 10000)");
    private readonly Option<int?> _draws = Opt.Int("--draws", "N", "random draws of large weights (default 20, --full 100)");

    public string Name => "gates";

    public string Summary => "Gates held at 0 and 1: what LSTM and GRU can keep, drop, hide and reach, in double precision and in the engine.";

    public string Notes => "S25, S37, S39, S45, S46";

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_hidden, _steps, _draws]) command.Add(option);
    }

    public LabResult Run(ParseResult parsed, LabRun run) => Measure(run,
        Opt.Within(parsed, _hidden, run.Full ? 32 : 8, 1, 256),
        Opt.Within(parsed, _steps, run.Full ? 10_000 : 1000, 2, 100_000),
        Opt.Within(parsed, _draws, run.Full ? 100 : 20, 1, 10_000));

    internal static LabResult Measure(LabRun run, int hidden, int steps, int draws)
    {
        ForcedCell forced = new(run.Random.For("gates"), Inputs: 4, hidden, steps);
        CellTrace.Run engine = CellTrace.Engine(run.Threads);
        run.Progress("gates: held open and closed");
        GateCheck[] checks = [.. GateCheck.All(forced)];
        (double Textbook, double Engine)[] deviations =
            run.Each(checks, (check, one) => (check.Deviation(CellTrace.Textbook), check.Deviation(CellTrace.Engine(one))));
        run.Progress("gates: biases, coupled gates");
        LabTable bias = GateSweeps.BiasNeeded(forced, engine), coupled = GateSweeps.CoupledBesideGru(forced);
        run.Progress($"gates: reach, {draws} draws");
        LabTable reach = GateSweeps.Reach(forced, engine, draws), mix = GateSweeps.OldAndNew(forced, engine), past = Past(forced, engine);
        return new LabResult
        {
            Title = "Gates held open and closed",
            Asked = "What does each gate do when it is 0 or 1 (S25)? In which limits does a GRU become a vanilla network, or copy its state (S37)? "
                + "Is "
                + "an LSTM whose "
                + "gates are coupled, f = 1 − i, a GRU (S39)? What can two gates do that one cannot (S45)? Which cell can ignore the past (S46)? "
                    + "Gates are held by "
                + $"biases of ±{Whole:F0}; everything else is random: {hidden} units, {steps} steps. Γu of the study notes is 1 − z here.",
            Verdicts = [.. Limits(checks, deviations, steps), Interpolates(forced, coupled), .. GateVerdicts.Of(reach, mix, past, steps)],
            Sections =
            [
                new LabSection("Held gates", "The largest deviation of any unit at any step from the expected value; 0 is exact.") { Tables =
                    [Table(checks, deviations)] },
                new LabSection("How large a bias must be", "A gate that is nearly closed leaks: over T steps a share of about T (1 − f) of c is "
                    + "lost.") { Tables =
                    [bias], Charts = [BiasChart(bias)] },
                new LabSection("Coupled gates", "An LSTM with f = 1 − i and o = 1 beside a GRU with Γr = 1 and the same weights. They differ by "
                    + "tanh c alone, so "
                    + "their difference must decrease with the square of the size of the states.") { Tables = [coupled] },
                new LabSection("Old and new", "The old state is 1 and so is the candidate. A GRU's two shares add up to one; an LSTM's are "
                    + "free.") { Tables = [mix] },
                new LabSection("What can be reached", "Gates held so that the cell would count, and the largest state with weights ten times as "
                    + "large as by default.") { Tables = [reach] },
                new LabSection("Leaving out the past", "How far the candidate moves when the step begins with −h₋ instead of h₋.") { Tables =
                    [past] },
            ],
        };
    }

    private static LabTable Table(GateCheck[] checks, (double Textbook, double Engine)[] deviations)
    {
        LabTable table = new("deviation from what should follow", "notes", "cell", "held", "should", "textbook", "engine");
        for (int i = 0; i < checks.Length; i++)
            table.Add(checks[i].Notes, checks[i].Cell, checks[i].Forced, checks[i].Should, deviations[i].Textbook, deviations[i].Engine);
        return table;
    }

    // A step rounds a state below 1 by at most 2⁻²⁴, and its tanh by as little: over T steps rounding causes at most T · 2⁻²³.
    private static IEnumerable<LabVerdict> Limits(GateCheck[] checks, (double Textbook, double Engine)[] deviations, int steps)
    {
        double rounding = steps * Math.ScaleB(1, -23);
        foreach ((string notes, string claim) in ((string, string)[])
            [("S25", "f keeps or forgets, i admits or blocks, o shows or hides"),
                ("S37", "in its limits a GRU copies its state, or is a vanilla network")])
        {
            int[] mine = [.. Enumerable.Range(0, checks.Length).Where(i => checks[i].Notes == notes)];
            double textbook = mine.Max(i => deviations[i].Textbook), engine = mine.Max(i => deviations[i].Engine);
            int exactly = mine.Count(i => deviations[i].Textbook == 0), inEngine = mine.Count(i => deviations[i].Engine == 0);
            string[] rounded = [.. mine.Where(i => deviations[i].Engine != 0).Select(i =>
                $"{checks[i].Cell} {checks[i].Forced} {Short(deviations[i].Engine)}")];
            yield return new LabVerdict(notes, claim, $"over {steps} steps {exactly} of {mine.Length} limits are exact in double and {inEngine} "
                + $"in the engine, bit for bit; "
                + (rounded.Length == 0 ? "none is rounded." : $"rounded by the engine: {string.Join("; ", rounded)}, of states up to 1."),
                textbook < 1e-12 && engine <= rounding);
        }
    }

    private static LabVerdict Interpolates(ForcedCell forced, LabTable coupled)
    {
        double outside = GateSweeps.OutsideTheInterval(forced, new CellOptions { Kind = "lstm", Coupled = true });
        double free = GateSweeps.OutsideTheInterval(forced, new CellOptions { Kind = "lstm" });
        double first = coupled.Rows[0][3].Number!.Value, third = coupled.Rows[2][3].Number!.Value, last = coupled.Rows[3][3].Number!.Value;
        bool square = last < 1e-3 && third / last is > 50 and < 200;
        return new LabVerdict("S39", "with f = 1 − i an LSTM interpolates between old and new like a GRU",
            $"its c leaves the interval from c₋ to the candidate by at most {Short(outside)} (with independent gates by {Short(free)}); compared "
                + $"with the GRU "
                + $"with the same weights "
            + $"the states differ by {Short(first)} of their size, with inputs scaled by 1/100 by {Short(third)} and by 1/1000 by {Short(last)}"
            + (square ? ": with the square of the size, as tanh c differs from c." : "."), outside < 1e-12 && square);
    }

    private static LineChart BiasChart(LabTable bias) => new([.. bias.Rows.Select(row => row[0].ToString())],
        new Line("textbook", [.. bias.Rows.Select(row => row[2].Number!.Value)]),
            new Line("engine", [.. bias.Rows.Select(row => row[3].Number!.Value)], Stroke.Dashed))
    { Title = "Largest |c − c₀|", XName = "bias", Logarithmic = true };

    private static LabTable Past(ForcedCell forced, CellTrace.Run engine)
    {
        LabTable table = new("candidate by h₋ and by −h₋: largest difference", "cell", "held", "textbook", "engine");
        foreach ((string cell, string held, PairedCell one) in Cells(forced))
            table.Add(cell, held, GateCheck.CandidateDifference(one, forced, CellTrace.Textbook, cell == "gru" ? "n" : "g"),
                GateCheck.CandidateDifference(one, forced, engine, cell == "gru" ? "n" : "g"));
        return table;
    }

    private static IEnumerable<(string, string, PairedCell)> Cells(ForcedCell forced)
    {
        foreach (int reset in (int[])[1, 0]) yield return ("gru", $"Γr = {reset}", forced.Cell(new() { Kind = "gru" }, ('r', Bias(reset))));
        for (int gates = 0; gates < 8; gates++)
        {
            (int f, int i, int o) = (gates >> 2 & 1, gates >> 1 & 1, gates & 1);
            yield return ("lstm", $"f = {f}, i = {i}, o = {o}", forced.Cell(new() { Kind = "lstm" }, ('f', Bias(f)), ('i', Bias(i)), ('o', Bias(o))));
        }
    }

    private static double Bias(int gate) => gate == 1 ? Whole : -Whole;
}
