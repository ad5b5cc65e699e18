using System.Text.Json;
using Unroll.Core;
using Unroll.Files;
using Unroll.Inspection.Report;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>What the page of every run shows: its epochs, from the metrics file, and its settings.</summary>
internal static class RunFigures
{
    /// <summary>The epochs.</summary>
    /// <param name="run">The run.</param>
    /// <param name="model">Its model; of one with several members the epochs are the first one's.</param>
    /// <param name="metric">The name in the metrics file of what is drawn beside the loss.</param>
    internal static IReadOnlyList<EpochFigures> Epochs(RunDirectory run, ITaskModel model, string metric)
    {
        string path = MetricsOf(run, model)[0];
        return [.. TextFile.ReadLines(path).Select((line, at) => Epoch(line, metric, $"{path}, line {at + 1}"))];
    }

    /// <summary>How many updates were passed over because something in them was not finite.</summary>
    internal static long Skipped(RunDirectory run, ITaskModel model) => MetricsOf(run, model).SelectMany(TextFile.ReadLines).Sum(line =>
    {
        try
        {
            return JsonRecord.Parse(line, json => json.TryGetProperty("faults", out JsonElement faults) && faults.TryGetInt64(out long n) ? n : 0);
        }
        catch (JsonException)
        {
            return 0;                                            // a damaged line is said where the page of the run reads it
        }
    });

    private static IReadOnlyList<string> MetricsOf(RunDirectory run, ITaskModel model) =>
        [.. MemberLoop.FoldersOf(run.Root, model.Members.Count).Select(folder => Path.Combine(folder, Path.GetFileName(run.Metrics)))];

    /// <summary>The options, but for those that are empty.</summary>
    /// <param name="json">An object.</param>
    internal static IReadOnlyList<Setting> Settings(string json)
    {
        return JsonRecord.Parse(json, root => root.EnumerateObject().Select(p => new Setting(p.Name, Text(p.Value)))
            .Where(setting => setting.Value.Length > 0).ToArray());
    }

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? string.Join(", ", value.EnumerateArray()) : value.ToString();

    private static EpochFigures Epoch(string line, string metric, string where)
    {
        try
        {
            return JsonRecord.Parse(line, json => Epoch(json, metric));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new UserErrorException($"{where}: expected the figures of an epoch as JSON, found something else; the model is whole, only the "
                + "page of the run cannot be drawn: delete the line.", e);
        }
    }

    private static EpochFigures Epoch(JsonElement json, string metric)
    {
        double Of(string name) =>
            json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;
        double steps = Of("steps") / Of("epoch");
        return new EpochFigures((int)Of("epoch"), Of("loss"))
        {
            ValidationLoss = Of("validation_loss") is var loss && double.IsFinite(loss) ? loss : Of(metric) is double.NaN ? double.NaN : Of("score"),
            Metric = Of(metric),
            LearningRate = Of("learning_rate"),
            GradientNorm = Of("gradient_norm"),
            ClippedShare = Of("clipped_steps") / steps,
        };
    }
}
