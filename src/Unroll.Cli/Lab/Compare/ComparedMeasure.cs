using Unroll.Core;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Lab.Compare;

/// <summary>What cells are compared by on each task, and what simple rules have there; lower is better.</summary>
internal static class ComparedMeasure
{
    /// <summary>The tasks that are compared.</summary>
    internal static IReadOnlyList<string> Tasks { get; } =
        [ForecastTask.Instance.Name, LanguageTask.Instance.Name, LabelTask.Classify.Name];

    /// <summary>The measure of an evaluation.</summary>
    /// <param name="run">The run that was evaluated.</param>
    /// <param name="evaluation">On the test part.</param>
    /// <returns>Its name, the model's value, and those of simple rules, the best first.</returns>
    internal static (string Name, double Value, IReadOnlyList<(string Name, double Value)> Rules) Of(ITaskRun run, TaskEvaluation evaluation)
    {
        (string name, double value, IEnumerable<(string Name, double Value)> rules) = evaluation switch
        {
            ForecastEvaluation { Columns: [var column, ..] } => ($"RMSE of {column.Column}", column.Model.Rmse,
                column.Baselines.Select(rule => (rule.Name, rule.Scores.Rmse))),
            LanguageEvaluation text => ($"nats per {((LanguageModel)run.Model).Description.Symbols[..^1]}", text.Scores.Mean,
                text.Baselines.Select(rule => (rule.Name, rule.Nats))),
            LabelEvaluation labels => ("errors, %", 100 * (1 - labels.Scores.Accuracy),
                labels.Baselines.Select(rule => (rule.Name, 100 * (1 - rule.Accuracy)))),
            _ => throw new UserErrorException($"the task {run.Model.Task} is not compared; expected one of {string.Join(", ", Tasks)}."),
        };
        return (name, value, [.. rules.OrderBy(rule => rule.Value)]);
    }
}
