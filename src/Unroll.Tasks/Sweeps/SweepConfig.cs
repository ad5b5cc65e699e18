using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Sweeps;

/// <summary>What a sweep keeps in its folder as <c>config.json</c>, so that it is resumed as it was begun.</summary>
/// <param name="Task">The name of the task.</param>
/// <param name="Sweep">What is tried.</param>
/// <param name="Options">The options that all trials share, as JSON of the task's table.</param>
/// <param name="Cells">Definitions of cells by the words of the space.</param>
public sealed record SweepConfig(string Task, SweepOptions Sweep, string Options, IReadOnlyDictionary<string, string> Cells)
{
    /// <summary>That of a plan.</summary>
    public static SweepConfig Of(SweepPlan plan) => new(plan.Task.Name, plan.Sweep, plan.Task.Options.ToJson(plan.Options), plan.Cells);

    /// <summary>As indented JSON.</summary>
    public string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", Task);
        json.WriteObject("sweep", Sweep, (own, sweep) => SweepOptions.Table.Write(own, sweep));
        json.WritePropertyName("options");
        json.WriteRawValue(Options);
        if (Cells.Count > 0) json.WriteObject("cells", Cells, (own, cells) =>
        {
            foreach ((string word, string definition) in cells) own.WriteString(word, definition);
        });
    });

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">The file, for errors.</param>
    /// <exception cref="UserErrorException">It is something else.</exception>
    public static SweepConfig FromJson(string json, string where)
    {
        try
        {
            return JsonRecord.Parse(json, root => !root.TryGetProperty("sweep", out _) ? throw new FormatException("it is that of a single run")
                : new SweepConfig(root.GetProperty("task").GetString()!,
                SweepOptions.Table.Read(root.GetProperty("sweep"), new SweepOptions()), root.GetProperty("options").GetRawText(),
                root.TryGetProperty("cells", out JsonElement cells)
                    ? cells.EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetString()!) : new Dictionary<string, string>()));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or UserErrorException)
        {
            throw new UserErrorException($"{where}: not the options of a sweep: {e.Message.TrimEnd('.')}; begin a sweep of another name.", e);
        }
    }
}
