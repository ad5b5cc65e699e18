using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Forecast;
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
        CliRun run = CliRun.Of(["train", "forecast", "--data", "airline", "--hidden", "8", "--epochs", "1", "--threads", "1", "--runs",
            _folder["runs"],
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
        string path = Train("--cell", "lstm", "--direction", "both", "--layers", "2");
        CliRun run = Inspect(path, "--sequence", "2", "--json");
        foreach (string text in (string[])["findings:", "layer encoder.l0: lstm, 8 units", "layer encoder.l1_reverse", "memory half-life (from "
            + "f)", "near low", "page: "])
            Assert.Contains(text, run.Error);
        JsonElement json = run.Json;
        Assert.Equal(("forecast", path), (json.GetProperty("task").GetString(), json.GetProperty("model").GetString()));
        int steps = json.GetProperty("steps").GetInt32();
        Assert.Equal(steps, json.GetProperty("labels").GetArrayLength());
        Assert.Equal(4, json.GetProperty("layers").GetArrayLength());
        JsonElement layer = json.GetProperty("layers")[3];
        Assert.Equal(("encoder.l1_reverse", "lstm", 8, true), (layer.GetProperty("layer").GetString(), layer.GetProperty("cell").GetString(),
            layer.GetProperty("hidden").GetInt32(), layer.GetProperty("reverse").GetBoolean()));
        Assert.Equal(["i", "f", "g", "o", "m", "c", "h"],
            layer.GetProperty("gates").EnumerateArray().Select(gate => gate.GetProperty("gate").GetString()));
        JsonElement f = layer.GetProperty("gates")[1];
        Assert.Equal(("logistic", false), (f.GetProperty("range").GetString(), f.GetProperty("range_guessed").GetBoolean()));
        Assert.Equal((steps, 8), (f.GetProperty("values").GetArrayLength(), f.GetProperty("values")[0].GetArrayLength()));
        Assert.Equal(f.GetProperty("mean").GetDouble(),
            f.GetProperty("values").EnumerateArray().SelectMany(row => row.EnumerateArray()).Average(v => v.GetDouble()), 1e-5);
        Assert.Equal(8, layer.GetProperty("half_life").GetProperty("units").GetArrayLength());
        JsonElement flow = json.GetProperty("flow")[0], state = flow.GetProperty("layers")[0];
        Assert.Equal(1, json.GetProperty("flow").GetArrayLength());             // one output: the whole loss is the last step's
        // Terms and total are sums of the same products in another order: a few roundings of 2⁻²⁴ each.
        Assert.InRange(flow.GetProperty("largest_difference").GetDouble(), 0, 1e-5);
        Assert.Equal((8, steps), (flow.GetProperty("layers").GetArrayLength(), state.GetProperty("norms").GetArrayLength()));
        Assert.Equal(["output", "through i", "through f", "through g", "through "
            + "o"], state.GetProperty("terms").EnumerateArray().Select(term => term.GetProperty("name").GetString()));
        for (int t = 0; t < steps; t++)
            Assert.Equal(state.GetProperty("norms")[t].GetDouble(), state.GetProperty("sum_norms")[t].GetDouble(),
                1e-5 * state.GetProperty("norms")[t].GetDouble());
        Assert.Equal(4, json.GetProperty("decay").GetArrayLength());
        Assert.Contains("over ", json.GetProperty("decay")[0].GetProperty("verdict").GetString());
        JsonElement map = json.GetProperty("dependencies"), saliency = json.GetProperty("saliency");
        Assert.Equal((1, steps), (map.GetProperty("values").GetArrayLength(), map.GetProperty("values")[0].GetArrayLength()));
        Assert.Equal(map.GetProperty("values")[0].ToString(), saliency.GetProperty("values").ToString());
        Assert.Equal("outputs", json.GetProperty("output_dependencies").GetProperty("of").GetString());
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
        Assert.StartsWith("findings: 1 that is likely to be harmful", lines[1]);
        Assert.Contains("gate f is stuck at 0", lines[2]);
        Assert.Contains("encoder.bias_ih_l0 and encoder.bias_hh_l0, rows 8 … 15 (f)", lines[2]);
    }

    [Fact]
    public void Where_every_step_has_an_output_one_is_explained_beside_the_whole_loss()
    {
        CliRun run = Inspect(Train("--cell", "rnn", "--layers", "2", "--bptt", "16,16"), "--step", "3", "--layer", "encoder.l1", "--json");
        JsonElement json = run.Json;
        Assert.Equal("encoder.l1", Assert.Single(json.GetProperty("layers").EnumerateArray()).GetProperty("layer").GetString());
        Assert.Equal([null, "3"],
            json.GetProperty("flow").EnumerateArray()
                .Select(flow => flow.GetProperty("step") is { ValueKind: JsonValueKind.Number } step ? step.ToString() : null));
        JsonElement norms = json.GetProperty("flow")[1].GetProperty("layers")[0].GetProperty("norms");
        Assert.True(norms[3].GetDouble() > 0);
        Assert.Equal(0, norms[4].GetDouble());                                  // nothing of the loss of output 3 reaches the steps after it
        Assert.InRange(json.GetProperty("saliency").GetProperty("row").GetInt32(), 2, 4);
        JsonElement map = json.GetProperty("dependencies");
        Assert.Equal((map.GetProperty("rows").GetArrayLength(), true), (map.GetProperty("values").GetArrayLength(),
            map.GetProperty("causal").GetBoolean()));
        Assert.Contains("Dependency map", File.ReadAllText(_folder["page.html"]));
    }

    [Fact]
    public void A_quantized_model_shows_its_gates_and_says_that_it_has_no_gradients()
    {
        string path = Train("--cell", "gru"), small = _folder["small.safetensors"];
        ForecastModel model = ForecastModel.Open(path);
        model.Network.Quantize();
        model.Save(small);
        CliRun run = Inspect(small, "--json");
        Assert.Contains("gradients: none, because quantized weights are for inference only", run.Error);
        Assert.Equal((0, JsonValueKind.Null), (run.Json.GetProperty("flow").GetArrayLength(), run.Json.GetProperty("dependencies").ValueKind));
        Assert.Equal(5, run.Json.GetProperty("layers")[0].GetProperty("gates").GetArrayLength());
    }

    [Fact]
    public void What_cannot_be_done_is_one_line_and_leaves_no_page()
    {
        string path = Train();
        Assert.Contains("expected 0 … ", CliRun.Of("inspect", path, "--sequence", "100000").Refused());
        Assert.Contains("expected 0 … ", CliRun.Of("inspect", path, "--sequence", "-1").Refused());
        Assert.Contains("expected 0 … 0 because the sequence has 1 output, got 5", CliRun.Of("inspect", path, "--step", "5").Refused());
        Assert.Contains("at least 0", CliRun.Of("inspect", path, "--step", "-2").Refused());
        Assert.Contains("there is no recurrent layer 'decoder'; the recurrent layers are "
            + "encoder.l0", CliRun.Of("inspect", path, "--layer", "decoder").Refused());
        Assert.Contains("'head' has no gates because it is not recurrent", CliRun.Of("inspect", path, "--layer", "head").Refused());
        Assert.Contains("no-such-model", CliRun.Of("inspect", "no-such-model").Refused());
        Assert.Contains("no-such.csv", CliRun.Of("inspect", path, "--data", "no-such.csv").Refused());
        Assert.Contains("no-such-folder", CliRun.Of("inspect", path, "--output", _folder["no-such-folder/p.html"]).Refused());
        Assert.Equal(["model.safetensors"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }
}
