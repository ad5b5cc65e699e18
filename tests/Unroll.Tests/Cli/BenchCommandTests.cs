using System.Text.Json;
using Unroll.Cells;
using Unroll.Cli.Bench;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Tests.Cli;

public sealed class BenchCommandTests
{
    private static readonly string[] Quick = ["--repeats", "1", "--seconds", "0"];
    private static readonly string[] Fields =
    [
        "engine", "version", "threads", "workload", "cell", "weights", "layers", "bidir", "B", "T", "I", "H", "median_us", "min_us", "max_us",
        "samples", "gflops", "peak_gflops", "share_of_peak", "alloc_bytes", "rows", "ragged", "other_cores", "stolen_cores",
    ];

    private static JsonElement[] Lines(params string[] args)
    {
        CliRun run = CliRun.Of(["bench", "--json", .. Quick, .. args]);
        Assert.Equal((0, ""), (run.Exit, run.Error));
        return [.. run.Out.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
    }

    [Theory]
    [InlineData("train", "loss")]
    [InlineData("fwdbwd", "loss")]
    [InlineData("infer")]
    [InlineData("stream")]
    [InlineData("charlm", "loss", "tokens_per_s", "rss_peak_mb")]
    public void A_line_has_the_fields_that_every_engine_prints_and_those_of_its_workload(string workload, params string[] more)
    {
        string[] floats = workload is "infer" or "stream" ? ["--weights", "float32"] : [];
        JsonElement line = Assert.Single(Lines(["--workload", workload, "--cell", "lstm", "--shape", "3,4,5,6", .. floats]));
        Assert.Equal($"unroll {workload} lstm", $"{line.GetProperty("engine")} {line.GetProperty("workload")} {line.GetProperty("cell")}");
        foreach (string field in (string[])[.. Fields, .. more]) Assert.True(line.TryGetProperty(field, out _), $"'{field}' is missing in {line}");
        Assert.InRange(line.GetProperty("median_us").GetDouble(), line.GetProperty("min_us").GetDouble(), line.GetProperty("max_us").GetDouble());
    }

    [Theory]
    [InlineData("infer"), InlineData("stream")]
    public void Inference_is_timed_with_every_kind_of_weights_one_after_the_other(string workload)
    {
        string[] Weights(params string[] more) => [.. Lines(["--workload", workload, "--cell", "gru,janet", "--shape", "2,3,4,5", .. more])
            .Select(line => $"{line.GetProperty("cell")} {line.GetProperty("weights")}")];
        Assert.Equal(["gru float32", "gru int8", "gru bfloat16", "janet float32", "janet int8", "janet bfloat16"], Weights());
        Assert.Equal(["gru int8", "janet int8"], Weights("--weights", "int8"));
    }

    // 4 · 6 · (5 + 6) weights of four bytes; the array that is read is 4096 bytes here, whatever the network.
    [Fact]
    public void A_step_of_a_stream_stands_beside_the_time_of_reading_its_weights_as_floats()
    {
        Network network = new BenchCase("lstm", 1, false, new(1, 1, 5, 6), false).Network();
        Assert.Equal(4 * 4 * 6 * (5 + 6), BenchCase.FloatBytes(network));
        JsonElement[] lines = Lines("--workload", "stream", "--cell", "lstm", "--shape", "1,1,5,6");
        Assert.All(lines, line => Assert.InRange(line.GetProperty("float_floor_us").GetDouble(), 1e-4, 1e6));
        CliRun run = CliRun.Of(["bench", "--workload", "stream", "--cell", "lstm", "--shape", "1,1,5,6", .. Quick]);
        Assert.Contains("floats read, µs", run.Out);
        Assert.Contains("lstm int8", run.Out);
        Assert.False(Lines("--workload", "infer", "--cell", "lstm", "--shape", "1,1,5,6")[0].TryGetProperty("float_floor_us", out _));
    }

    [Fact]
    public void One_thread_and_several_are_timed_in_pairs()
    {
        JsonElement line = Assert.Single(Lines("--workload", "threads", "--cell", "rnn", "--shape", "3,4,5,6", "--threads", "2", "--load", "1"));
        Assert.Equal("2 1 1", string.Join(' ', new[] { "threads", "pairs", "load" }.Select(field => $"{line.GetProperty(field)}")));
        Assert.Equal(line.GetProperty("median_us").GetDouble() / line.GetProperty("one_us").GetDouble(), line.GetProperty("ratio").GetDouble(), 0.01);
        CliRun table = CliRun.Of(["bench", "--workload", "threads", "--cell", "rnn", "--shape", "3,4,5,6", "--threads", "2", .. Quick]);
        Assert.Contains("geometric mean", table.Out.TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public void The_first_step_of_a_process_is_timed_once()
    {
        JsonElement line = Assert.Single(Lines("--workload", "startup", "--shape", "2,3,4,5", "--threads", "2"));
        Assert.InRange(line.GetProperty("first_step_ms").GetDouble(), 1, 1e8);
        Assert.InRange(line.GetProperty("rss_peak_mb").GetDouble(), 1, 1e6);
        Assert.InRange(line.GetProperty("loss").GetDouble(), 3, 6);                  // ln 65 = 4.17 before anything is learned
        foreach (string[] two in (string[][])[["startup,train"], ["startup", "--shape", "2,3,4,5;1,2,3,4"]])
            Assert.Contains("a process has one first step", CliRun.Of(["bench", "--workload", .. two]).Error);
    }

    [Fact]
    public void Every_cell_on_every_shape_in_order()
    {
        IEnumerable<string> cases = Lines("--cell", "rnn,gru", "--shape", "1,2,3,4; 2,1,2,1", "--layers", "2", "--bidir")
            .Select(line => string.Join(' ', new[] { "cell", "B", "T", "I", "H", "layers", "bidir" }.Select(field => $"{line.GetProperty(field)}")));
        Assert.Equal(["rnn 1 2 3 4 2 True", "rnn 2 1 2 1 2 True", "gru 1 2 3 4 2 True", "gru 2 1 2 1 2 True"], cases);
    }

    [Fact]
    public void A_table_has_a_head_and_a_line_a_case()
    {
        CliRun run = CliRun.Of(["bench", "--workload", "train,stream", "--cell", "gru-after", "--shape", "2,3,4,5", "--ragged=false", .. Quick]);
        string[] lines = run.Out.TrimEnd().Split('\n');
        Assert.Equal((0, 6), (run.Exit, lines.Length));
        Assert.Contains("gru-after", lines[1]);
        Assert.StartsWith("stream", lines[3]);
    }

    [Fact]
    public void Growth_ends_every_axis_with_its_slopes()
    {
        JsonElement[] lines = Lines("--workload", "growth", "--cell", "rnn", "--axis", "T", "--shape", "1,1,2,2", "--bptt", "20");
        Assert.Equal(2 * (6 + 1), lines.Length);
        foreach (JsonElement slopes in (JsonElement[])[lines[6], lines[13]])
            foreach (string field in (string[])["time_slope", "time_slope_last", "pass_memory_slope", "weight_memory_slope"])
                Assert.True(slopes.TryGetProperty(field, out _), $"'{field}' is missing in {slopes}");
        Assert.Equal(JsonValueKind.Null, lines[0].GetProperty("bptt").ValueKind);
        Assert.Equal(20, lines[7].GetProperty("bptt").GetInt32());
    }

    [Fact]
    public void A_slope_is_the_exponent_of_a_power()
    {
        Assert.Equal(2, GrowthBench.Slope([(1, 3), (2, 12), (8, 192)]), 1e-12);
        Assert.Equal(-0.5, GrowthBench.Slope([(4, 1), (16, 0.5)]), 1e-12);
    }

    [Theory]
    [InlineData("lstm", 4 * 6 * (5 + 6))]
    [InlineData("gru", 3 * 6 * (5 + 6))]
    [InlineData("rnn", 1 * 6 * (5 + 6))]
    [InlineData("lstm-projection", (4 * 6 * (5 + 3)) + (3 * 6))]             // h has 3 units: half of 6
    [InlineData("lstm-coupled", 3 * 6 * (5 + 6))]
    public void Operations_are_two_for_each_weight_of_a_product_and_row(string cell, int weights)
    {
        Network network = new BenchCase(cell, 1, false, new(2, 7, 5, 6), false).Network();
        Assert.Equal(2.0 * 14 * weights, BenchCase.ForwardFlops(network, 14));
    }

    [Fact]
    public void The_products_of_a_character_model_include_its_head_and_not_its_embedding()
    {
        Network network = new BenchCase("lstm", 2, false, new(1, 1, 8, 8), false) { Vocabulary = 65 }.Network();
        Assert.Equal(2.0 * ((2 * 4 * 8 * 16) + (8 * 65)), BenchCase.ForwardFlops(network, 1));
    }

    [Fact]
    public void Every_cell_has_the_name_that_it_has_in_training()
    {
        Assert.Equal(CellCatalog.BuiltIn.Variants.Count, BenchCells.Names.Distinct().Count());
        Assert.All(CellCatalog.BuiltIn.Kinds, kind => Assert.Equal(kind, BenchCells.Of(kind, 8).Kind));
        foreach ((string variant, CellOptions options) in CellCatalog.BuiltIn.Variants)
            Assert.Equal(options with { Projection = null }, BenchCells.Of(variant.Replace(' ', '-'), 8) with { Projection = null });
        Assert.Equal(4, BenchCells.Of("lstm-projection", 8).Projection);
    }

    [Fact]
    public void The_cells_by_default_are_those_that_other_engines_have() => Assert.Equal(["lstm", "gru-after", "rnn"], BenchCells.Plain);

    [Fact]
    public void Ragged_lengths_are_the_same_in_every_run_and_within_1_and_T()
    {
        BenchCase one = new("lstm", 1, false, new(64, 20, 1, 1), true);
        SequenceLayout layout = one.Layout();
        Assert.Equal(layout.Lengths.ToArray(), one.Layout().Lengths.ToArray());
        Assert.All(layout.Lengths.ToArray(), length => Assert.InRange(length, 1, 20));
        Assert.InRange(layout.Rows, 64 * 7, 64 * 14);                        // the mean length is 10.5 ± 0.7 (one deviation): five deviations
    }

    [Theory]
    [InlineData("--workload: there is no 'trin'; did you mean 'train'? Expected one of train, fwdbwd", "--workload", "trin")]
    [InlineData("--cell: there is no 'lsm'; did you mean 'lstm'?", "--cell", "lstm,lsm")]
    [InlineData("--cell: 'gru-before' is called 'gru' now; 'gru' resets before the product, 'gru-after' after it", "--cell", "gru-before")]
    [InlineData("--cell: 'gru-before-clipped-gates' is called 'gru-clipped-gates' now", "--cell", "gru-before-clipped-gates")]
    [InlineData("expected B,T,I,H (sequences, steps, inputs, units), four whole numbers of at least 1, and ';' between shapes, found '1,2,3'",
        "--shape", "1,2,3,4;1,2,3")]
    [InlineData("found '1,2,0,4'", "--shape", "1,2,0,4")]
    [InlineData("--shape: expected at most 268435456 numbers", "--shape", "100000,100000,1,1")]
    [InlineData("--shape: expected at most 268435456 numbers", "--shape", "1,1,1,2000000000")]
    [InlineData("--shape: expected B,T,I,H such as 32,100,128,128, found nothing", "--shape", ";")]
    [InlineData("--threads: expected a whole number from 1 to 1024, got 0", "--threads", "0")]
    [InlineData("--layers: expected a whole number from 1 to 100, got -1", "--layers", "-1")]
    [InlineData("--repeats: expected a whole number from 1 to 1000000, got 0", "--repeats", "0")]
    [InlineData("--seconds: expected a number from 0 to 3600, got -1", "--seconds", "-1")]
    [InlineData("--axis: there is no 'X'", "--workload", "growth", "--axis", "X")]
    [InlineData("--bidir: expected another workload than stream", "--workload", "stream", "--bidir")]
    [InlineData("--bidir: expected another workload than growth", "--workload", "train,growth", "--bidir")]
    [InlineData("--weights: expected stream or infer, not train, because", "--weights", "int8")]
    [InlineData("--weights: expected stream or infer, not growth, because", "--workload", "stream,growth", "--weights", "bfloat16")]
    [InlineData("--weights: there is no 'int4'; did you mean 'int8'?", "--workload", "stream", "--weights", "int4")]
    [InlineData("--threads: the workload threads compares several threads with one", "--workload", "threads")]
    [InlineData("--load: expected the workload threads alone, found train", "--workload", "threads,train", "--threads", "2", "--load", "3")]
    public void A_wrong_option_is_one_line_and_nothing_is_timed(string expected, params string[] args) =>
        Assert.Contains(expected, CliRun.Of(["bench", .. args]).Refused());

    [Theory]
    [InlineData("cpu  100 20 30 4000 5 6 7 80 9 10", 1.63, 0.8)]             // user + nice + system + irq + softirq, and steal
    [InlineData("cpu 1 2 3", double.NaN, double.NaN)]
    [InlineData("intr 1 2 3 4 5 6 7 8 9", double.NaN, double.NaN)]
    [InlineData(null, double.NaN, double.NaN)]
    public void The_machines_counters_are_read(string? line, double busy, double stolen) => Assert.Equal((busy, stolen), OtherLoad.Parse(line));
}
