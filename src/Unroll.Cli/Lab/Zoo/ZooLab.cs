using System.CommandLine;
using System.Globalization;
using Unroll.Cells;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Zoo;

/// <summary><c>unroll lab zoo</c>: every cell on every task, at equal parameters, equal updates and equal tuning.</summary>
/// <param name="cells">The cells to choose among.</param>
internal sealed class ZooLab(CellCatalog cells) : ILab
{
    private readonly ZooOptions _options = new(cells);

    public string Name => "zoo";

    public string Summary => "All cells on six tasks at equal parameters and equal tuning: ranks, learning curves, time per step and gradient decay.";

    public string Notes => "S07, S30, S47, S48";

    public void AddTo(Command command) => _options.AddTo(command);

    public LabResult Run(ParseResult parsed, LabRun run)
    {
        ZooPlan plan = _options.Plan(parsed, run.Full);
        foreach (LabNamedCell cell in plan.Cells)
            foreach (ISequenceProblem problem in plan.Problems) _ = ZooTraining.Units(plan, problem, cell);      // errors before the work starts
        int? decay = DecayTask(plan.Problems);
        IReadOnlyList<IReadOnlyList<ZooResult>> results = Train(plan, decay, run);
        run.Progress("zoo: time of a training step");
        int timed = TimedTask(plan.Problems);
        return ZooReport.Of(new ZooFigures(plan, results)
        {
            Seconds = ZooTime.Of(plan.Problems[timed], [.. results.Select(cell => cell[timed])], run.Seed),
            TimedTask = timed,
            DecayTask = decay,
        }, run.Seed);
    }

    private static IReadOnlyList<IReadOnlyList<ZooResult>> Train(ZooPlan plan, int? decay, LabRun run)
    {
        int count = plan.Problems.Count, all = count * plan.Cells.Count, done = 0;
        ZooResult[] results = run.Each([.. Enumerable.Range(0, all)], (i, alone) =>
        {
            (ISequenceProblem problem, LabNamedCell cell) = (plan.Problems[i % count], plan.Cells[i / count]);
            ZooResult result = ZooTraining.Of(plan, problem, cell, decay == i % count, run.Seed, alone);
            run.Progress(string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref done)}/{all}  {cell.Name}, {problem.Name}: ")
                + $"{LabCell.Short(result.Share)} of the baseline's error, rate {LabCell.Short(result.Rate)}");
            return result;
        });
        return [.. plan.Cells.Select((_, c) => (IReadOnlyList<ZooResult>)results[(c * count)..((c + 1) * count)])];
    }

    // Recall asks for one link over a gap and nothing else; another task with one answer at the end will do.
    private static int? DecayTask(IReadOnlyList<ISequenceProblem> problems)
    {
        int[] fit = [.. Enumerable.Range(0, problems.Count).Where(p => problems[p].OneAnswer && problems[p].MaxSteps > 1)];
        return fit.Length == 0 ? null : fit.OrderBy(p => problems[p].Name == "recall" ? 0 : 1).First();
    }

    private static int TimedTask(IReadOnlyList<ISequenceProblem> problems) =>
        Math.Max(0, problems.ToList().FindIndex(problem => problem.Name == "text"));
}
