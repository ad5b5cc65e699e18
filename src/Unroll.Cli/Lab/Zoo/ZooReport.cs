using System.Globalization;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Zoo;

/// <summary>Figures as tables, charts and verdicts.</summary>
internal static class ZooReport
{
    internal static LabResult Of(ZooFigures figures, ulong seed)
    {
        ZooPlan plan = figures.Plan;
        return new LabResult
        {
            Title = $"{plan.Cells.Count} cells on {plan.Problems.Count} tasks, at equal parameters and equal tuning",
            Asked = Asked(plan, seed),
            Verdicts = [.. ZooVerdicts.Of(figures)],
            Sections =
            [
                new LabSection("Ranks", RanksText(figures)) { Tables = [ZooTables.Ranks(figures)], Charts = ZooCharts.Ranks(figures) },
                .. plan.Problems.Select((problem, task) => new LabSection($"{problem.Name}: {problem.Question}", TaskText(problem))
                {
                    Tables = [ZooTables.Task(figures, task)],
                    Charts = ZooCharts.Curves(figures, task),
                }),
                new LabSection("Time per training step", TimeText(figures))
                {
                    Tables = [ZooTables.Time(figures)],
                    Charts = [ZooCharts.Time(figures)],
                },
                .. figures.DecayTask is int decay ? [DecaySection(figures, decay)] : (LabSection[])[],
                new LabSection("Tuning", "Validation error at each learning rate, as a share of the baseline's; the lowest was taken.")
                {
                    Tables = [ZooTables.Tuning(figures)],
                },
            ],
        };
    }

    private static string Asked(ZooPlan plan, ulong seed) =>
        "Which cell is the best with the same number of parameters, the same number of updates and the same tuning? Each network is one recurrent "
        + $"layer below a dense one, with as nearly {plan.Parameters} parameters as whole units allow, and learns from newly generated sequences, "
        + $"{ZooPlan.Batch} per update, for {plan.Updates} updates, with Adam, gradients clipped at a norm of 1; the weights are those that were "
        + $"best on validation sequences, looked at every {plan.Between} updates. The learning rate of each cell on each task is the best of "
        + $"{string.Join(", ", plan.Rates.Select(rate => LabCell.Short(rate)))} with {Seeds(plan, seed)}; what is reported are {plan.Seeds} other "
        + $"seeds, {seed} to {seed + (ulong)plan.Seeds - 1}, which vary initial weights and data. Errors are those of {ZooPlan.Test} test sequences "
        + "as a share of the baseline's, that of not looking at the sequence: 1 is nothing learned, 0 is perfect.";

    private static string Seeds(ZooPlan plan, ulong seed) => plan.TuningSeeds == 1
        ? $"seed {plan.TuningOf(seed).First()}"
        : $"seeds {plan.TuningOf(seed).First()} to {plan.TuningOf(seed).Last()}";

    private static string RanksText(ZooFigures figures) =>
        "Rank 1 is the lowest error; the mean over the seeds, then over the tasks, with Student's 95 % interval over the tasks: it says how far the "
        + $"mean depends on which tasks these are. minus {figures.Name(figures.Reference)}: the difference of the mean error over the tasks, "
        + $"paired by seed, with its 95 % interval; found if p after Holm's correction for all {figures.Plan.Cells.Count - 1} cells is below 0.05. "
        + "Not found does not mean not there: with few seeds only large differences are found.";

    private static string TaskText(ISequenceProblem problem) => string.Create(CultureInfo.InvariantCulture,
        $"{problem.MaxSteps} steps of {problem.Inputs} features; the baseline's error is {problem.BaselineLoss:G4} "
            + $"{(problem.AnswersAreClasses ? "nats" : "squared")}.")
        + (problem is GeneratedText text ? string.Create(CultureInfo.InvariantCulture, $" The generator itself has {text.Entropy:G4} nats per "
            + $"character, {text.Entropy / text.BaselineLoss:F3} of the baseline: about that much is left to a perfect model.") : "");

    private static string TimeText(ZooFigures figures) =>
        $"Forward, backward and update over {ZooPlan.Batch} sequences of the task {figures.Plan.Problems[figures.TimedTask].Name} "
        + $"({figures.Plan.Problems[figures.TimedTask].MaxSteps} steps), one thread, all cells in turn, median. Built-in cells have kernels of "
        + "their own.";

    private static LabSection DecaySection(ZooFigures figures, int task) => new("Decay of the gradient",
        $"‖∂L/∂s⟨t⟩‖, s all that a cell carries from step to step, on the task {figures.Plan.Problems[task].Name}, as a share of its value at the "
        + "last step, where the answer is asked for; with the first seed's weights before and after training. At the first step stands what has to "
        + "be remembered there.")
    {
        Tables = [ZooTables.Decay(figures, task)],
        Charts = ZooCharts.Decay(figures, task),
    };
}
