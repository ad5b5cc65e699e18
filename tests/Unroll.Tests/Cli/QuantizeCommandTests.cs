using System.Text.Json;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

public sealed class QuantizeCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Train(params string[] more)
    {
        string path = _folder["model.safetensors"];
        CliRun run = CliRun.Of(["train", "forecast", "--data", "airline", "--hidden", "32", "--epochs", "2", "--threads", "1", "--runs", _folder["runs"],
            "--output", path, .. more]);
        Assert.True(run.Exit == 0, run.Error);
        return path;
    }

    [Fact]
    public void A_model_is_quantized_measured_and_then_used_like_any_other()
    {
        string path = Train();
        CliRun run = CliRun.Of("quantize", path, "--threads", "1", "--json");
        Assert.True(run.Exit == 0, run.Error);
        JsonElement json = run.Json, floats = json.GetProperty("floats"), quantized = json.GetProperty("quantised");
        string small = json.GetProperty("model").GetString()!;
        Assert.Equal(_folder["model.int8.safetensors"], small);
        Assert.Equal(new FileInfo(path).Length, floats.GetProperty("bytes").GetInt64());
        Assert.Equal(new FileInfo(small).Length, quantized.GetProperty("bytes").GetInt64());
        // About 4 · 32 · (32 + 2) weights shrink from 17 kB to 5 with their scales; biases, the head and the description, 6 kB, stay as they are.
        Assert.True(quantized.GetProperty("bytes").GetInt64() < 0.65 * floats.GetProperty("bytes").GetInt64());
        Assert.InRange(json.GetProperty("rmse_change").GetDouble(), -0.1, 0.1);
        double largest = json.GetProperty("largest_output_difference").GetDouble(), mean = json.GetProperty("mean_output_difference").GetDouble();
        Assert.InRange(largest, 1e-6, 0.1);
        Assert.InRange(mean, 1e-7, largest);
        Assert.True(floats.GetProperty("step_us").GetDouble() > 0 && quantized.GetProperty("step_us").GetDouble() > 0);
        foreach (string text in (string[])["floats", "weights of 8 bits", "difference", "mean |Δ|", "bytes with floats", "a step of one sequence"])
            Assert.Contains(text, run.Error);

        Assert.Equal(quantized.GetProperty("rmse").GetDouble(), CliRun.Of("evaluate", small, "--json").Json.GetProperty("rmse").GetDouble());
        CliRun predicted = CliRun.Of("predict", small, "--horizon", "3");
        Assert.Equal((0, 4), (predicted.Exit, predicted.Out.TrimEnd().Split('\n').Length));
        CliRun info = CliRun.Of("info", small, "--json");
        Assert.Contains("quantized: matrices of recurrent layers are 8-bit integers", info.Error);
        Assert.Equal(("int8", new FileInfo(small).Length), (info.Json.GetProperty("precision").GetString(), info.Json.GetProperty("bytes").GetInt64()));
        Assert.Equal("float32", CliRun.Of("info", path, "--json").Json.GetProperty("precision").GetString());

        Assert.Contains("is quantized already; give the model with floats", CliRun.Of("quantize", small).Refused());
        Assert.Contains("weights of 8 bits, which serve inference alone", CliRun.Of("train", "forecast", "--from", small, "--runs", _folder["more"]).Refused());
        Assert.False(Directory.Exists(_folder["more"]));
    }

    [Fact]
    public void A_network_that_looks_both_ways_is_quantized_too()
    {
        CliRun run = CliRun.Of("quantize", Train("--direction", "both", "--cell", "gru"), "--output", _folder["small"], "--json");
        Assert.True(run.Exit == 0, run.Error);
        Assert.True(run.Json.GetProperty("quantised").GetProperty("step_us").GetDouble() > 0);
    }

    [Fact]
    public void What_cannot_be_done_is_one_line_and_leaves_no_file()
    {
        string path = Train();
        Assert.Contains("expected MODEL", CliRun.Of("quantize").Refused());
        Assert.Contains("no-such-model", CliRun.Of("quantize", "no-such-model").Refused());
        Assert.Contains("is the model itself, whose floats would be lost", CliRun.Of("quantize", path, "--output", path).Refused());
        Assert.Contains("no-such-folder", CliRun.Of("quantize", path, "--output", _folder["no-such-folder/m"]).Refused());
        Assert.Contains("no-such.csv", CliRun.Of("quantize", path, "--data", "no-such.csv").Refused());
        File.WriteAllText(_folder["text"], "not a model, but long enough");
        Assert.Contains("is not a safetensors file", CliRun.Of("quantize", _folder["text"]).Refused());
        Assert.Contains("did you mean '--output'?", CliRun.Of("quantize", path, "--outptu", "x").Refused());
        Assert.Equal(["model.safetensors", "text"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }
}
