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
        CliRun run =
            CliRun.Of(["train", "forecast", "--data", "airline", "--hidden", "32", "--epochs", "2", "--threads", "1", "--runs", _folder["runs"],
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
        JsonElement json = run.Json, floats = json.GetProperty("floats"), quantized = json.GetProperty("quantized");
        string small = json.GetProperty("model").GetString()!;
        Assert.Equal(_folder["model.int8.safetensors"], small);
        Assert.Equal(new FileInfo(path).Length, floats.GetProperty("bytes").GetInt64());
        Assert.Equal(new FileInfo(small).Length, quantized.GetProperty("bytes").GetInt64());
        // About 3 · 32 · (32 + 2) weights shrink from 13 kB to 4 with their scales; biases, the head and the description, 8 kB, stay as they are.
        Assert.True(quantized.GetProperty("bytes").GetInt64() < 0.65 * floats.GetProperty("bytes").GetInt64());
        double Rmse(JsonElement of) => of.GetProperty("rmse").GetDouble();
        Assert.Equal(Rmse(quantized) - Rmse(floats), Rmse(json.GetProperty("changes")), 1e-9);
        Assert.InRange(Rmse(json.GetProperty("changes")) / Rmse(floats), -0.1, 0.1);
        double largest = json.GetProperty("largest_output_difference").GetDouble(), mean = json.GetProperty("mean_output_difference").GetDouble();
        Assert.InRange(largest, 1e-6, 0.1);
        Assert.InRange(mean, 1e-7, largest);
        Assert.True(floats.GetProperty("step_us").GetDouble() > 0 && quantized.GetProperty("step_us").GetDouble() > 0);
        foreach (string text in (string[])["floats", "weights of 8 bits", "what it costs", "  rmse ", "difference", "mean |Δ|", "bytes with floats",
            "a step of one sequence"])
            Assert.Contains(text, run.Error);

        Assert.Equal(quantized.GetProperty("rmse").GetDouble(), CliRun.Of("evaluate", small, "--json").Json.GetProperty("rmse").GetDouble());
        CliRun predicted = CliRun.Of("predict", small, "--horizon", "3");
        Assert.Equal((0, 4), (predicted.Exit, predicted.Out.TrimEnd().Split('\n').Length));
        CliRun info = CliRun.Of("info", small, "--json");
        Assert.Contains("quantized: matrices of recurrent layers are 8-bit integers", info.Error);
        Assert.Equal(("int8", new FileInfo(small).Length),
            (info.Json.GetProperty("precision").GetString(), info.Json.GetProperty("bytes").GetInt64()));
        Assert.Equal("float32", CliRun.Of("info", path, "--json").Json.GetProperty("precision").GetString());

        Assert.Contains("is quantized already; give the model with floats", CliRun.Of("quantize", small).Refused());
        Assert.Contains("weights of 8 bits, which serve inference alone",
            CliRun.Of("train", "forecast", "--from", small, "--runs", _folder["more"]).Refused());
        Assert.False(Directory.Exists(_folder["more"]));
    }

    [Fact]
    public void A_network_that_looks_both_ways_is_quantized_too()
    {
        CliRun run = CliRun.Of("quantize", Train("--direction", "both", "--cell", "gru"), "--output", _folder["small"], "--json");
        Assert.True(run.Exit == 0, run.Error);
        Assert.True(run.Json.GetProperty("quantized").GetProperty("step_us").GetDouble() > 0);
    }

    [Fact]
    public void Bfloat16_is_asked_for_by_name_and_is_a_file_of_its_own()
    {
        CliRun run = CliRun.Of("quantize", "--weights", "bfloat16", Train(), "--json");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Equal(("bfloat16", _folder["model.bfloat16.safetensors"]),
            (run.Json.GetProperty("weights").GetString(), run.Json.GetProperty("model").GetString()));
        Assert.Contains("weights of 16 bits (bfloat16):", run.Error);
        string small = _folder["model.bfloat16.safetensors"];
        Assert.Equal(run.Json.GetProperty("quantized").GetProperty("rmse").GetDouble(),
            CliRun.Of("evaluate", small, "--json").Json.GetProperty("rmse").GetDouble());
        Assert.Contains("quantized: matrices of recurrent layers are bfloat16, for inference only", CliRun.Of("info", small).Out);
        Assert.Contains("is quantized already", CliRun.Of("quantize", small).Refused());
    }

    [Fact]
    public void Choices_that_changed_are_counted()
    {
        File.WriteAllLines(_folder["words.tsv"], Enumerable.Range(0, 60).Select(i =>
            $"{(i % 2 == 0 ? "good fine" : "bad poor")} word{i % 7}\t{i % 2}"));
        CliRun train = CliRun.Of("train", "classify", "--data", _folder["words.tsv"], "--hidden", "8", "--epochs", "2", "--threads", "1",
            "--runs", _folder["runs"], "--output", _folder["c.safetensors"]);
        Assert.True(train.Exit == 0, train.Error);
        CliRun run = CliRun.Of("quantize", _folder["c.safetensors"], "--json");
        Assert.True(run.Exit == 0, run.Error);
        int all = run.Json.GetProperty("predictions").GetInt32(), changed = run.Json.GetProperty("predictions_changed").GetInt32();
        Assert.Equal(run.Json.GetProperty("floats").GetProperty("sequences").GetInt32(), all);
        Assert.InRange(changed, 0, all);
        Assert.Equal(changed / (double)all, run.Json.GetProperty("share_changed").GetDouble(), 1e-12);
        Assert.Contains($"predictions changed: {changed} of {all} labels", run.Error);
        Assert.True(run.Json.GetProperty("changes").TryGetProperty("accuracy", out _));
    }

    [Fact]
    public void Without_the_data_of_the_run_the_file_is_written_and_it_is_said_how_to_measure()
    {
        string data = _folder["air.csv"];
        File.WriteAllText(data, "month,value\n" + string.Concat(
            Enumerable.Range(0, 96).Select(i => $"{2000 + i / 12}-{1 + i % 12:00},{100 + i % 12}\n")));
        string path = Train("--data", data);
        File.Move(data, _folder["moved.csv"]);
        CliRun run = CliRun.Of("quantize", path, "--json");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("accuracy: not measured, because the data of the model's run cannot be used: ", run.Error);
        Assert.Contains($"unroll quantize {path} --data DATA measures both models on other data", run.Error);
        Assert.Contains("air.csv", run.Json.GetProperty("not_measured").GetString());
        Assert.False(run.Json.GetProperty("floats").TryGetProperty("rmse", out _));
        Assert.True(File.Exists(_folder["model.int8.safetensors"]));
        Assert.True(CliRun.Of("quantize", path, "--data", _folder["moved.csv"], "--json").Json.GetProperty("changes").TryGetProperty("rmse", out _));
        Assert.Contains("air.csv", CliRun.Of("quantize", path, "--data", data).Refused());
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
        Assert.Contains("--weights: there is no 'int4'; did you mean 'int8'?", CliRun.Of("quantize", path, "--weights", "int4").Refused());
        Assert.Contains("did you mean '--output'?", CliRun.Of("quantize", path, "--outptu", "x").Refused());
        Assert.Equal(["model.safetensors", "text"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }
}
