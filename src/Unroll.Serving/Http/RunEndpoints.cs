using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Serving.Http;

/// <summary>Training runs as they go, from the files that they write: what was chosen, and a line of figures for each epoch.</summary>
/// <param name="folder">Where runs are; null: none are shown.</param>
internal sealed class RunEndpoints(string? folder)
{
    private const int MostRuns = 500, MostEpochs = 10_000;

    /// <summary><c>GET /v1/runs</c>: their names, and whether each has ended.</summary>
    public Task List(Exchange exchange) => exchange.Answer(json =>
    {
        json.WriteBoolean("shown", folder is not null);
        json.WriteObjects("runs", Names().Take(MostRuns), (own, name) =>
        {
            own.WriteString("run", name);
            State(own, Path.Combine(folder!, name));
        });
    });

    /// <summary><c>GET /v1/runs/{run}?from=N</c>: the figures of the epochs from N on, as the run wrote them.</summary>
    public Task Get(Exchange exchange)
    {
        string name = exchange["run"];
        if (!IsName(name) || !Names().Contains(name)) throw new ServingException(Refusal.NotFound, "there is no such run; see /v1/runs.");
        string root = Path.Combine(folder!, name), text = exchange.Context.Request.Query["from"].ToString();
        if (!int.TryParse(text.Length == 0 ? "0" : text, NumberStyles.None, CultureInfo.InvariantCulture, out int from))
            throw new ServingException(Refusal.Invalid, "from: expected a whole number of at least 0.");
        string[] lines = LinesOf(root, name);
        return exchange.Answer(json =>
        {
            json.WriteString("run", name);
            State(json, root);
            Config(json, TextFile.ReadIfThere(Path.Combine(root, "config.json")));
            json.WriteNumber("from", from);
            json.WriteNumber("total", lines.Length);
            json.WriteStartArray("epochs");
            foreach (string line in lines.Skip(from).Take(MostEpochs)) Epoch(json, line);
            json.WriteEndArray();
        });
    }

    private static string[] LinesOf(string root, string name)
    {
        try
        {
            return [.. TextFile.ReadLines(MetricsOf(root))];
        }
        catch (UserErrorException e)                         // its words name the file, where it lies is the server's own
        {
            throw new ServingException(Refusal.Invalid, $"the figures of the run '{name}' cannot be read; the file is damaged.", e);
        }
    }

    // A run has ended when its model is there. One that was killed has not, and its last epoch lies back.
    private static void State(Utf8JsonWriter json, string root)
    {
        json.WriteBoolean("ended", Folder.HasFile(Path.Combine(root, "model.safetensors")));
        if (Folder.WrittenAt(MetricsOf(root)) is { } written)
            json.WriteNumber("seconds_ago", Math.Max(0, (long)(DateTime.UtcNow - written).TotalSeconds));
    }

    // Of several members the first one's.
    private static string MetricsOf(string root)
    {
        string own = Path.Combine(root, "metrics.jsonl"), member = Path.Combine(root, "members", "1", "metrics.jsonl");
        return !Folder.HasFile(own) && Folder.HasFile(member) ? member : own;
    }

    private IEnumerable<string> Names() => folder is null ? [] : Folder.Folders(folder).Where(name =>
        IsName(name) && Folder.HasFile(Path.Combine(folder, name, "config.json")));

    // Names that runs can have: none leads out of the folder.
    private static bool IsName(string name) => name.Length is > 0 and <= 100 && name[0] is not ('.' or '-')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    // The task and how many epochs were asked for; the names of files stay here.
    private static void Config(Utf8JsonWriter json, string? config)
    {
        try
        {
            JsonRecord.Parse(config ?? "{}", root =>
            {
                if (root.ValueKind != JsonValueKind.Object) return 0;
                if (root.TryGetProperty("task", out JsonElement task) && task.ValueKind == JsonValueKind.String)
                    json.WriteString("task", task.GetString());
                if (Find(root, "epochs") is { } epochs) json.WriteNumber("asked", epochs);
                return 0;
            });
        }
        catch (JsonException)
        {
            // It is being written, or is no file of a run: its figures can be shown without.
        }
    }

    private static int? Find(JsonElement element, string name)
    {
        if (element.TryGetProperty(name, out JsonElement own) && own.ValueKind == JsonValueKind.Number && own.TryGetInt32(out int value))
            return value;
        foreach (JsonProperty member in element.EnumerateObject())
            if (member.Value.ValueKind == JsonValueKind.Object && Find(member.Value, name) is { } below) return below;
        return null;
    }

    // A line that is none counts as an epoch without figures, so that those after it keep their places.
    private static void Epoch(Utf8JsonWriter json, string line)
    {
        json.WriteStartObject();
        try
        {
            JsonRecord.Parse(line, root =>
            {
                if (root.ValueKind != JsonValueKind.Object) return 0;
                foreach (JsonProperty member in root.EnumerateObject())
                    if (member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetDouble(out double value) && double.IsFinite(value))
                        json.WriteNumber(member.Name, value);
                return 0;
            });
        }
        catch (JsonException)
        {
            // no figures
        }
        json.WriteEndObject();
    }
}
