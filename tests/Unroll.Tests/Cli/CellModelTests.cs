using System.Text.Json;
using Unroll.Cli.Bench;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

/// <summary>Models whose cell was written as equations, from the command line: what is kept of the file, and what is said where two differ.</summary>
public sealed class CellModelTests : IDisposable
{
    private const string Leaky = "cell leaky\nscalar α = 0.5\nh = (1 − α) ⊙ h₋ + α ⊙ tanh(W x + U h₋ + b)\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Written(string text, string name = "own.cell")
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    private CliRun Train(string run, string cell, params string[] more) => CliRun.Of(["train", "forecast", "--data", "airline", "--hidden", "4",
        "--epochs", "2", "--threads", "1", "--runs", _folder["runs"], "--run", run, "--cell", cell, "--json", .. more]);

    private string Model(string run) => Path.Combine(_folder["runs"], run, "model.safetensors");

    [Fact]
    public void A_run_goes_on_without_the_file_and_a_changed_file_is_told_by_its_first_line()
    {
        string file = Written(Leaky);
        CliRun first = Train("r", file);
        Assert.True(first.Exit == 0, first.Error);
        string config = File.ReadAllText(Path.Combine(_folder["runs"], "r", "config.json"));
        Assert.Contains("cell leaky", config);
        Assert.DoesNotContain("own.cell", config);
        string[] resume = ["train", "forecast", "--resume", "--run", "r", "--runs", _folder["runs"], "--threads", "1", "--json"];
        CliRun same = CliRun.Of([.. resume, "--cell", file]);
        Assert.True(same.Exit == 0, same.Error);
        File.Delete(file);
        CliRun without = CliRun.Of(resume);
        Assert.True(without.Exit == 0, without.Error);
        Assert.Equal(first.Json.GetProperty("weights_sha256").GetString(), without.Json.GetProperty("weights_sha256").GetString());
        Written(Leaky.Replace("0.5", "0.25"));
        Assert.Contains("--resume: run 'r' goes on with the cell it was started with, leaky with 'scalar α = 0.5' in line 2; "
            + $"'{file}' is now leaky with 'scalar α = 0.25' in line 2; leave --cell out", CliRun.Of([.. resume, "--cell", file]).Refused());
    }

    [Fact]
    public void Models_of_different_equations_are_told_apart_by_the_first_line_that_differs()
    {
        foreach ((string run, string text) in ((string, string)[])[("a", Leaky), ("b", Leaky.Replace("tanh", "σ"))])
            Assert.Equal(0, Train(run, Written(text)).Exit);
        string refused = CliRun.Of("combine", Model("a"), Model("b"), "--output", _folder["both.safetensors"]).Refused();
        Assert.Contains($"'{Model("b")}' has the cell leaky with 'h = (1 − α) ⊙ h₋ + α ⊙ σ(W x + U h₋ + b)' in line 3, and "
            + $"'{Model("a")}' has leaky with 'h = (1 − α) ⊙ h₋ + α ⊙ tanh(W x + U h₋ + b)' in line 3;", refused);
        Assert.Contains("--cell: the model has leaky and it cannot be changed by training on, got mgu; leave cell out",
            Train("c", "mgu", "--from", Model("a")).Refused());
    }

    [Fact]
    public void What_a_model_holds_shows_the_equations_of_its_cell()
    {
        Assert.Equal(0, Train("m", "mgu").Exit);
        CliRun text = CliRun.Of("info", Model("m")), json = CliRun.Of("info", Model("m"), "--json");
        Assert.Contains("\n  f = σ(W_f x + U_f h₋ + b_f)\n", text.Out);
        JsonElement cells = json.Json.GetProperty("cells");
        Assert.Contains("\nf = σ(W_f x + U_f h₋ + b_f)\n", cells.GetProperty("mgu").GetString());
    }

    [Fact]
    public void Quantize_takes_the_file_to_write_as_convert_does()
    {
        Assert.Equal(0, Train("q", "mgu").Exit);
        string small = _folder["small.safetensors"];
        CliRun run = CliRun.Of("quantize", Model("q"), small, "--threads", "1", "--json");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Equal(small, run.Json.GetProperty("model").GetString());
        Assert.True(File.Exists(small));
        foreach (string command in (string[])["quantize", "convert"])
            Assert.Contains("there is no option '--outptu'", CliRun.Of(command, Model("q"), "--outptu").Refused());
        Assert.Contains("leave one out", CliRun.Of("quantize", Model("q"), small, "--output", small).Refused());
    }

    // sru uses x unit by unit, and the shape has another number of inputs.
    [Theory]
    [InlineData("mgu")]
    [InlineData("sru")]
    [InlineData("own.cell")]
    public void Bench_takes_a_cell_of_the_zoo_and_a_file(string cell)
    {
        if (cell == "own.cell") cell = Written(Leaky);
        CliRun run = CliRun.Of("bench", "--json", "--repeats", "1", "--seconds", "0", "--workload", "train", "--cell", cell, "--shape", "3,4,5,6");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Equal(cell, run.Json.GetProperty("cell").GetString());
        Assert.True(run.Json.GetProperty("median_us").GetDouble() > 0);
    }

    // W_f, W_n [6, 5], U_f, U_n [6, 6]: 132 weights, two operations each
    [Fact]
    public void The_operations_of_a_defined_cell_are_those_of_all_its_matrices() => Assert.Equal(2 * 132 * 10,
        BenchCase.ForwardFlops(new BenchCase("mgu", 1, Bidirectional: false, new BenchShape(3, 4, 5, 6), Ragged: false).Network(), rows: 10));

    [Fact]
    public void An_unknown_cell_of_bench_names_the_zoo_and_files() =>
        Assert.Contains("did you mean 'mgu'", CliRun.Of("bench", "--cell", "mguu").Refused());

    // h = h₋ + 1e-6 tanh(…) from 0: values of a millionth, which five decimals would show as 0.
    [Fact]
    public void Small_numbers_are_shown_by_their_digits()
    {
        string file = Written("cell own\ndt = 0.000001\nh = h₋ + dt ⊙ tanh(W x + b)\nb = 1\n"), page = _folder["own.html"];
        CliRun run = CliRun.Of("textbook", file, "--input", "1", "--html", page);
        Assert.True(run.Exit == 0, run.Error);
        Assert.Matches(@"\n  h +[0-9.]+e-7|\n  h +-?[0-9.]+e-[678]", run.Out);
        Assert.Matches(@"class=""v"">−?[0-9.]+e−0?[678]<", File.ReadAllText(page));
    }
}
