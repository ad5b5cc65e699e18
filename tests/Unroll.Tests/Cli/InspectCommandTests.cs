using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks;
using Unroll.Tests.Formats;
using Unroll.Tests.Inspection;

namespace Unroll.Tests.Cli;

/// <summary><c>unroll inspect</c>: lines, JSON and page of a model that was trained here.</summary>
public sealed class InspectCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Train(params string[] more)
    {
        string path = _folder["model.safetensors"];
        CliRun run = CliRun.Of(["train", "forecast", "--data", "airline", "--hidden", "8", "--epochs", "1", "--threads", "1", "--runs", _folder["runs"],
            "--output", path, .. more]);
        Assert.True(run.Exit == 0, run.Error);
        return path;
    }

    private CliRun Inspect(string model, params string[] more)
    {
        CliRun run = CliRun.Of(["inspect", model, "--output", _folder["page.html"], "--threads", "1", .. more]);
        Assert.True(run.Exit == 0, run.Error);
        return run;
    }

    [Fact]
    public void A_model_is_shown_as_lines_as_json_and_as_a_page()
    {
        string path = Train("--cell", "lstm", "--bidirectional", "--layers", "2");
        CliRun run = Inspect(path, "--sequence", "2", "--json");
        foreach (string text in (string[])["findings:", "layer encoder.l0: lstm, 8 units", "layer encoder.l1_reverse", "memory half-life (from f)", "near low", "page: "])
            Assert.Contains(text, run.Error);
        JsonElement json = run.Json;
        Assert.Equal(("forecast", path), (json.GetProperty("task").GetString(), json.GetProperty("model").GetString()));
        int steps = json.GetProperty("steps").GetInt32();
        Assert.Equal(steps, json.GetProperty("labels").GetArrayLength());
        Assert.Equal(4, json.GetProperty("layers").GetArrayLength());
        JsonElement layer = json.GetProperty("layers")[3];
        Assert.Equal(("encoder.l1_reverse", "lstm", 8, true), (layer.GetProperty("layer").GetString(), layer.GetProperty("cell").GetString(),
            layer.GetProperty("hidden").GetInt32(), layer.GetProperty("reverse").GetBoolean()));
        Assert.Equal(["i", "f", "g", "o", "m", "c", "h"], layer.GetProperty("gates").EnumerateArray().Select(gate => gate.GetProperty("gate").GetString()));
        JsonElement f = layer.GetProperty("gates")[1];
        Assert.Equal(("logistic", false), (f.GetProperty("range").GetString(), f.GetProperty("range_guessed").GetBoolean()));
        Assert.Equal((steps, 8), (f.GetProperty("values").GetArrayLength(), f.GetProperty("values")[0].GetArrayLength()));
        Assert.Equal(f.GetProperty("mean").GetDouble(), f.GetProperty("values").EnumerateArray().SelectMany(row => row.EnumerateArray()).Average(v => v.GetDouble()), 1e-5);
        Assert.Equal(8, layer.GetProperty("half_life").GetProperty("units").GetArrayLength());
        string page = File.ReadAllText(json.GetProperty("page").GetString()!);
        Assert.Contains("default-src 'none'", page);
        Assert.Contains("forget gate", page);
        Assert.DoesNotContain(" src=", page[..page.IndexOf("<footer>", StringComparison.Ordinal)]);
    }

    [Fact]
    public void The_gate_that_is_stuck_in_a_broken_model_is_named_on_the_second_line()
    {
        string path = Train("--cell", "lstm");
        ForecastModel model = ForecastModel.Open(path);
        GatesTests.Fill(model.Network, "encoder.bias_ih_l0", 8..16, -8);
        model.Save(path);
        CliRun run = Inspect(path);
        string[] lines = run.Out.Split('\n');
        Assert.StartsWith("findings: 1 that is likely to do harm", lines[1]);
        Assert.Contains("gate f is stuck at 0", lines[2]);
        Assert.Contains("encoder.bias_ih_l0 and encoder.bias_hh_l0, rows 8 … 15 (f)", lines[2]);
    }

    [Fact]
    public void What_cannot_be_done_is_one_line_and_leaves_no_page()
    {
        string path = Train();
        Assert.Contains("expected 0 … ", CliRun.Of("inspect", path, "--sequence", "100000").Refused());
        Assert.Contains("expected 0 … ", CliRun.Of("inspect", path, "--sequence", "-1").Refused());
        Assert.Contains("no-such-model", CliRun.Of("inspect", "no-such-model").Refused());
        Assert.Contains("no-such.csv", CliRun.Of("inspect", path, "--data", "no-such.csv").Refused());
        Assert.Contains("no-such-folder", CliRun.Of("inspect", path, "--output", _folder["no-such-folder/p.html"]).Refused());
        Assert.Equal(["model.safetensors"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }
}
