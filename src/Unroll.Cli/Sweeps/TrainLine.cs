using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;

namespace Unroll.Cli.Sweeps;

/// <summary>The command that trains what a trial trained: <c>unroll train lm --data text.txt --lr 0.0031 --hidden 128</c>.</summary>
internal static class TrainLine
{
    /// <summary>The command, with every option that is not as in the defaults.</summary>
    /// <param name="task">The task.</param>
    /// <param name="trial">The trial.</param>
    /// <param name="defaults">The defaults that go with its options.</param>
    internal static string Of(ITask task, SweepTrial trial, TaskOptions defaults)
    {
        List<string> words = ["unroll", "train", task.Name];
        foreach (OptionLine line in task.Options.OfferedBy(task.Name))
        {
            if (line.Text(trial.Options) is not { } text || text == line.Text(defaults)) continue;
            if (line.IsSwitch) words.Add(text == "true" ? $"--{line.Name}" : $"--{line.Name}=false");
            else words.AddRange([$"--{line.Name}", Quoted(line.Name == "cell" ? CellOf(trial, text) : text)]);
        }
        return string.Join(' ', words);
    }

    // As the space names it; else by the name of its file, whose text the run keeps.
    private static string CellOf(SweepTrial trial, string text) =>
        trial.Settings.FirstOrDefault(one => one.Name == "cell").Value ?? (text.Contains('\n') ? $"{trial.Options.CellName}.cell" : text);

    private static string Quoted(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ',' or '/' or ':' or '+' or '=' or '@' or '%')
            ? text : $"'{text.Replace("'", "'\\''")}'";
}
