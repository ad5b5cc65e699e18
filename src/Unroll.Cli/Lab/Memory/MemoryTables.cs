using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Memory;

/// <summary>The tables and charts of <c>lab memory</c>.</summary>
internal static class MemoryTables
{
    internal static LabTable Solved(MemoryPlan plan, IReadOnlyList<IReadOnlyList<MemoryResult>> results)
    {
        LabTable table = new("solved up to length (updates)", ["cell", .. plan.Problems.Select(problem => problem.Problem)]);
        foreach (LabNamedCell cell in plan.Cells)
            table.Add([cell.Name, .. plan.Problems.Select(problem =>
                (LabCell)MemoryVerdicts.UpTo(results.First(all => all[0].Cell == cell && all[0].Problem.Name == problem.Problem)))]);
        return table;
    }

    internal static LabSection Section(string name, MemoryPlan plan, IReadOnlyList<IReadOnlyList<MemoryResult>> cells)
    {
        ISequenceProblem problem = cells[0][0].Problem;
        bool classes = problem.AnswersAreClasses;
        LabTable table = new(name, "cell", "length", "steps", classes ? "nats"
            : "squared error", "baseline", "of baseline", "right", "guessing", "solved by", "updates");
        foreach (MemoryResult result in cells.SelectMany(all => all).Where(result => result.Outcomes.Count > 0))
        {
            ProblemScore score = result.Score;
            table.Add(result.Cell.Name, result.Problem.Length, result.Problem.MaxSteps, score.Loss, score.BaselineLoss,
                LabCell.Of(score.Share, "F3"),
                score.Accuracy is double right ? LabCell.Of(right, "P1") : "",
                result.Problem.BaselineAccuracy is double guessing ? LabCell.Of(guessing, "P1") : "",
                $"{result.Solved} of {plan.Seeds}", double.IsNaN(result.Updates) ? "" : (LabCell)(int)result.Updates);
        }
        return new LabSection($"{name}: {problem.Question}", $"{Baseline(problem)}{(plan.Seeds > 1 ? " Errors are those of the median seed." : "")}")
        {
            Tables = [table],
            Charts = [Chart(cells)],
        };
    }

    private static string Baseline(ISequenceProblem problem) => problem.Name switch
    {
        "adding" => "Baseline: always answering 1 has a squared error of 1/6 = 0.1667, the variance of the sum of two uniform numbers.",
        "copy" => "Baseline: answering blank and then guessing has S ln 8 / (T + 2S) nats; right counts the letters to be copied.",
        "recall" => "Baseline: guessing one of K letters has ln K nats.",
        _ => "Baseline: guessing has ln 2 = 0.6931 nats and half of the answers right; right counts the last step of sequences of the "
            + "full length.",
    };

    private static LineChart Chart(IReadOnlyList<IReadOnlyList<MemoryResult>> cells) => new(
        [.. cells[0].Select(result => result.Problem.Length.ToString(CultureInfo.InvariantCulture))],
        [.. cells.Select(all => new Line(all[0].Cell.Name, [.. all.Select(result => result.Outcomes.Count > 0 ? result.Score.Share : double.NaN)]))])
    {
        Title = "Error as a share of the baseline's",
        XName = "length",
        YName = "error / baseline",
        FromZero = true,
        Caption = "1: nothing learned. 0: solved. A line ends where longer sequences were not tried.",
    };
}
