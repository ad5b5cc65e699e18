using System.Globalization;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Tasks;
using Unroll.Tasks.Networks;

namespace Unroll.Exchange.Tests.Networks;

/// <summary>Networks by themselves: what every command does with them.</summary>
public sealed class NetworkTaskTests : IDisposable
{
    private static readonly string[] s_symbols = ["a", "b", "c", " ", "\n", "d"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static NetworkModel OfSymbols(CellOptions? cell = null, bool known = true)
    {
        NetworkSpec spec = new(1,
        [
            new EmbeddingSpec { Name = "emb", Vocabulary = 6, Size = 4 },
            new RecurrentSpec { Name = "core.lstm", Cell = cell ?? new CellOptions(), Hidden = 5, Layers = 2 },
            new DenseSpec { Name = "out", Outputs = 6 },
        ]);
        return new NetworkModel(Initialized(spec), new NetworkDescription("c.pth", "pytorch", known ? s_symbols : []));
    }

    private static NetworkModel OfRows() => new(Initialized(new NetworkSpec(3,
        [new RecurrentSpec { Name = "gru", Cell = new CellOptions { Kind = "gru-after" }, Hidden = 5 }, new DenseSpec { Name = "out",
            Outputs = 2 }])),
        new NetworkDescription("rows.pth", "pytorch", []));

    private static Network Initialized(NetworkSpec spec)
    {
        Network network = Network.Build(spec);
        Initialization.Apply(network, new InitializationOptions(), new Rng(3));
        return network;
    }

    private string Saved(NetworkModel model)
    {
        model.Save(_folder["m.safetensors"]);
        return _folder["m.safetensors"];
    }

    [Fact]
    public void Indices_of_one_step_each_are_as_many_sequences() =>
        Assert.Equal(5, NetworkRows.OfArray(OfSymbols(), Tensor.Of("x", [5, 1], [1L, 2, 0, 1, 2]), "x.npy").Sequences.Count);

    [Fact]
    public void A_saved_network_opens_with_the_same_weights_and_outputs()
    {
        NetworkModel model = OfSymbols(), opened = Assert.IsType<NetworkModel>(TaskList.Open(Saved(model)));
        Assert.Equal(model.WeightsSha256, opened.WeightsSha256);
        Assert.Equal(s_symbols, opened.Description.Symbols);
        Assert.Equal(model.Run([[0, 1, 5]])[0], opened.Run([[0, 1, 5]])[0]);
    }

    [Fact]
    public void Info_says_where_it_came_from_and_what_goes_in_and_out()
    {
        string text = CliRun.Of("info", Saved(OfSymbols())).Done();
        Assert.Contains("a network, imported from c.pth", text);
        Assert.Contains("in: an index a step, of 6 symbols; out: rows of 6", text);
        Assert.Contains("core.lstm: 2 × lstm of 5", text);
    }

    [Fact]
    public void Rows_go_in_and_rows_come_out_of_text_and_of_arrays()
    {
        NetworkModel model = OfRows();
        string path = Saved(model);
        float[] rows = [1, 2, 3, 4, 5, 6];
        Npy.Write(_folder["x.npy"], Tensor.Of("x", [1, 2, 3], rows));
        CliRun.Of("predict", path, "--data", _folder["x.npy"], "--output", _folder["y.npy"]).Done();
        Tensor y = Npy.Read(_folder["y.npy"]);
        Assert.Equal([1, 2, 2], y.Shape.ToArray());
        Assert.Equal(model.Run([rows])[0], y.Float32.ToArray());

        string text = CliRun.Of("predict", path, "--data", _folder.Write("x.csv", "1,2,3\n4,5,6\n\n7,8,9\n")).Done();
        string[] lines = text.TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);                                   // two rows, a blank line, one row
        Assert.Equal(y.Float32.ToArray().Take(2), lines[0].Split(',').Select(one => float.Parse(one, CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("1,2\n", "line 1: expected 3 numbers, one for each input of the network, found 2")]
    [InlineData("1,2,x\n", "line 1: expected a number, found 'x'")]
    [InlineData("\n", "has no rows")]
    public void Rows_that_do_not_fit_are_refused_by_line(string rows, string message) =>
        Assert.Contains(message, CliRun.Of("predict", Saved(OfRows()), "--data", _folder.Write("x.csv", rows)).Refused());

    [Fact]
    public void An_index_that_the_embedding_does_not_have_is_refused()
    {
        string error = CliRun.Of("predict", Saved(OfSymbols()), "--data", _folder.Write("x.csv", "0 1 6\n")).Refused();
        Assert.Contains("line 1: expected an index from 0 to 5", error);
    }

    [Fact]
    public void Evaluate_compares_with_the_outputs_of_another_program()
    {
        NetworkModel model = OfRows();
        float[] rows = [1, 2, 3, 4, 5, 6], y = model.Run([rows])[0];
        y[3] += 0.5f;
        Npy.Write(_folder["x.npy"], Tensor.Of("x", [2, 3], rows));
        Npy.Write(_folder["y.npy"], Tensor.Of("y", [2, 2], y));
        CliRun run = CliRun.Of("evaluate", Saved(model), "--data", _folder["x.npy"], "--targets", _folder["y.npy"], "--json");
        run.Done();
        Assert.Equal(0.5, run.Json.GetProperty("largest_difference").GetDouble(), 1e-6);
    }

    [Fact]
    public void Quantize_compares_the_outputs_and_writes_a_network_of_8_bits()
    {
        CliRun run = CliRun.Of("quantize", Saved(OfRows()), "--output", _folder["q.safetensors"], "--json");
        run.Done();
        Assert.InRange(run.Json.GetProperty("largest_output_difference").GetDouble(), 1e-9, 0.1);
        Assert.Equal(WeightPrecision.Int8, ((Unroll.Tasks.Shared.ITaskModel)NetworkModel.Open(_folder["q.safetensors"])).Precision);
    }

    [Fact]
    public void Inspect_takes_drawn_rows_rows_with_targets_and_texts_of_symbols()
    {
        string page = _folder["p.html"], symbols = Saved(OfSymbols());
        Assert.Contains("the target is the next symbol", CliRun.Of("inspect", symbols, "--output", page, "--json").Done() + Title(symbols, null));
        Assert.Contains("t.txt", Title(symbols, _folder.Write("t.txt", "abc d\nab")));
        string rows = Saved(OfRows());
        Assert.Contains("the loss is the square of the outputs", Title(rows, null));
        Npy.Write(_folder["x.npy"], Tensor.Of("x", [2, 3], new float[6]));
        Npy.Write(_folder["y.npy"], Tensor.Of("y", [2, 2], new float[4]));
        CliRun.Of("inspect", rows, "--data", $"{_folder["x.npy"]},{_folder["y.npy"]}", "--output", page).Done();
    }

    private static string Title(string model, string? data) => TaskList.Open(model).Subject(data, 0, Unroll.Tasks.Data.DataFiles.Disk).Title;

    [Fact]
    public void It_is_not_trained_as_it_is_and_one_line_says_what_is()
    {
        string error = CliRun.Of("train", "network", "--epochs", "1").Refused();
        Assert.Contains("unroll train TASK --from MODEL", error);
        Assert.Contains("lm, classify, dna and tag do", CliRun.Of("train", "forecast", "--from", Saved(OfRows()), "--runs",
            _folder["runs"]).Refused());
        Assert.False(Directory.Exists(_folder["runs"]));
    }

    [Fact]
    public void A_language_model_begins_with_its_embedding_layers_and_scores_by_symbol()
    {
        NetworkModel model = OfSymbols();
        string text = _folder.Write("t.txt", string.Concat(Enumerable.Repeat("abc bca cab acb\nxab cba\n", 40)));
        CliRun run = CliRun.Of("train", "lm", "--unit", "char", "--data", text, "--from", Saved(model), "--epochs", "1", "--batch", "4", "--bptt",
            "8",
            "--lr", "1e-9", "--dropout", "0", "--runs", _folder["runs"], "--output", _folder["lm.safetensors"]);
        run.Done();
        Assert.Contains("from: copied embedding.weight (5 of 7 symbols; 1 that the new data do not have were left out, ", run.Error);
        Assert.Contains("head.weight (5 of 7 symbols)", run.Error);
        var trained = (Unroll.Tasks.Language.LanguageModel)TaskList.Open(_folder["lm.safetensors"]);
        Assert.Equal(2, trained.Options.Layers);
        Assert.Equal(5, trained.Options.Hidden);
        Parameter table = trained.Network.Parameters.Find("embedding.weight")!, own = model.Network.Parameters.Find("emb.weight")!;
        int place = trained.Description.Vocabulary["c"];
        Assert.Equal(own.Values.Slice(2 * 4, 4).ToArray(), table.Values.Slice(place * 4, 4).ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Layers_that_a_task_cannot_have_are_refused_rather_than_taken_by_half()
    {
        string path = Saved(OfSymbols(new CellOptions { Kind = "rnn", Activation = "relu" })), text = _folder.Write("t.txt",
            string.Concat(Enumerable.Repeat("abc bca\n", 600)));
        string error = CliRun.Of("train", "lm", "--data", text, "--from", path, "--runs", _folder["runs"]).Refused();
        Assert.Contains("its recurrent layers 'core.lstm' have the activation relu", error);
    }

    [Fact]
    public void Rows_of_an_embedding_whose_symbols_are_not_known_are_not_taken_and_that_is_said()
    {
        string text = _folder.Write("t.txt", string.Concat(Enumerable.Repeat("abc bca cab acb\n", 40)));
        CliRun run = CliRun.Of("train", "lm", "--data", text, "--from", Saved(OfSymbols(known: false)), "--epochs", "1", "--batch", "4", "--bptt",
            "8",
            "--runs", _folder["runs"]);
        run.Done();
        Assert.Contains("new: embedding.weight (the symbols of its rows are not known", run.Error);
    }

    [Fact]
    public void Run_takes_rows_and_lengths_and_writes_zeros_after_the_end_of_a_sequence()
    {
        NetworkModel model = OfRows();
        string path = Saved(model);
        float[] rows = [.. Enumerable.Range(0, 12).Select(i => i / 10f)];
        Npy.Write(_folder["x.npy"], Tensor.Of("x", [2, 2, 3], rows));
        Npy.Write(_folder["n.npy"], Tensor.Of("n", [2], (long[])[2, 1]));
        CliRun.Of("run", path, "--input", _folder["x.npy"], "--input", $"lengths={_folder["n.npy"]}", "--output-dir", _folder["out"]).Done();
        Tensor y = Npy.Read(Path.Combine(_folder["out"], "outputs.npy"));
        Assert.Equal([2, 2, 2], y.Shape.ToArray());
        Assert.Equal((float[])[.. model.Run([rows[..6]])[0], .. model.Run([rows[6..9]])[0], 0, 0], y.Float32.ToArray().AsEnumerable());
        Npy.Write(_folder["n.npy"], Tensor.Of("n", [2], (long[])[3, 1]));
        Assert.Contains("expected 0 to 2", CliRun.Of("run", path, "--input", _folder["x.npy"], "--input", $"lengths={_folder["n.npy"]}").Refused());
    }

    [Fact]
    public void Bench_times_a_step_and_whole_sequences_of_a_network()
    {
        string path = Saved(OfRows());
        string lines = CliRun.Of("bench", "--model", path, "--seconds", "0", "--repeats", "1", "--json").Done();
        Assert.Equal(["stream", "infer", "infer"],
            lines.TrimEnd('\n').Split('\n').Select(line =>
                System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("workload").GetString()));
        Assert.Contains("leave one out", CliRun.Of("bench", "--model", path, "--cell", "gru").Refused());
    }
}
