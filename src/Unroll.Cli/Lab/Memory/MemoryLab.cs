using System.CommandLine;
using System.Globalization;
using Unroll.Cells;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Memory;

/// <summary><c>unroll lab memory</c>: how long each cell remembers, on problems whose baselines are known.</summary>
/// <param name="cells">The cells to choose among.</param>
internal sealed class MemoryLab(CellCatalog cells) : ILab
{
    private readonly MemoryOptions _options = new(cells);

    public string Name => "memory";

    public string Summary => "How long each cell remembers: adding, copying, parity and recall at several lengths.";

    public string Notes => "S07, S30, S44";

    public void AddTo(Command command) => _options.AddTo(command);

    public LabResult Run(ParseResult parsed, LabRun run)
    {
        MemoryPlan plan = _options.Plan(parsed, run.Full);
        (string Problem, IReadOnlyList<int> Lengths, LabNamedCell Cell)[] work =
            [.. from problem in plan.Problems from cell in plan.Cells select (problem.Problem, problem.Lengths, cell)];
        int done = 0;
        IReadOnlyList<MemoryResult>[] results = run.Each(work, (item, alone) =>
        {
            IReadOnlyList<MemoryResult> one = MemoryTraining.Climb(plan, item.Problem, item.Lengths, item.Cell, run, alone);
            run.Progress($"{Interlocked.Increment(ref done)}/{work.Length}  {item.Problem}, {item.Cell.Name}: {MemoryVerdicts.UpTo(one)}");
            return one;
        });
        return new LabResult
        {
            Title = "How long a cell remembers",
            Asked = string.Create(CultureInfo.InvariantCulture, $"Each cell, {plan.Hidden} units below a dense layer, learns each problem "
                + $"at increasing lengths ")
                + string.Create(CultureInfo.InvariantCulture, $"from newly generated sequences, {MemoryPlan.Batch} per update, with Adam at a rate "
                    + $"of "
                + $"{plan.Rate} with gradients ")
                + string.Create(CultureInfo.InvariantCulture, $"clipped at a norm of 1, for {plan.Updates} updates at most. Solved means: ")
                + "99 % of the answers right, or a squared error of at most a tenth of the baseline's, on sequences not used for training. "
                + "A cell that solved a length with no seed is not tried at longer ones.",
            Verdicts = MemoryVerdicts.Of(plan, results),
            Sections =
            [
                new LabSection("Longest length solved", SolvedText(plan)) { Tables = [MemoryTables.Solved(plan, results)] },
                .. plan.Problems.Select(problem =>
                    MemoryTables.Section(problem.Problem, plan, [.. results.Where(all => all[0].Problem.Name == problem.Problem)])),
            ],
        };
    }

    private static string SolvedText(MemoryPlan plan) =>
        $"The longest length that {(plan.Seeds == 1 ? "the training run" : $"more than half of {plan.Seeds} training runs")} solved, followed by "
            + $"the number of updates; "
        + $"lengths tried: {string.Join("; ", plan.Problems.Select(problem => $"{problem.Problem} {string.Join(", ", problem.Lengths)}"))}.";
}
