using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Networks;

namespace Unroll.Exchange.Tests.PyTorch;

/// <summary>Models out to PyTorch and in again, and the layers that it has no module for.</summary>
public sealed class StateDictTests : IDisposable
{
    private static readonly string s_fixtures = Path.Combine(AppContext.BaseDirectory, "PyTorch", "Fixtures");
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    [InlineData("both")]
    [InlineData("projected")]
    [InlineData("tied")]
    [InlineData("norm", "--pooling", "mean")]
    [InlineData("relu")]
    [InlineData("no-bias", "--between", "relu")]
    public void What_went_out_comes_in_again_with_the_same_bits(string name, params string[] options)
    {
        string one = _folder["one.safetensors"], two = _folder["two.safetensors"], between = _folder["m.pytorch.safetensors"];
        CliRun.Of(["import", Path.Combine(s_fixtures, $"{name}.2.6.pth"), "--output", one, .. options]).Done();
        CliRun.Of("convert", one, between).Done();
        string[] again = name == "relu" ? ["--activation", "relu"] : options;
        CliRun.Of(["import", between, "--output", two, .. again]).Done();
        Assert.Equal(NetworkModel.Open(one).WeightsSha256, NetworkModel.Open(two).WeightsSha256);
    }

    [Fact]
    public void The_modules_that_it_is_of_are_written_as_Python()
    {
        string one = _folder["one.safetensors"];
        CliRun.Of("import", Path.Combine(s_fixtures, "both.2.6.pth"), "--output", one).Done();
        string said = CliRun.Of("convert", one, _folder["m.pytorch.safetensors"]).Done();
        Assert.Contains("self.rnn = nn.LSTM(4, 5, num_layers=2, bidirectional=True, batch_first=True)", said);
        Assert.Contains("self.fc = nn.Linear(10, 3)", said);
    }

    [Fact]
    public void A_cell_that_PyTorch_does_not_have_is_refused_and_nothing_is_written()
    {
        string text = _folder.Write("t.txt", string.Concat(Enumerable.Repeat("abc bca cab acb\n", 40)));
        CliRun.Of("train", "lm", "--data", text, "--cell", "gru", "--hidden", "5", "--layers", "1", "--embedding", "3", "--epochs", "1", "--batch",
            "4", "--bptt", "8",
            "--runs", _folder["runs"], "--output", _folder["lm.safetensors"]).Done();
        string to = _folder["m.pytorch.safetensors"];
        Assert.Contains("its cell gru is none of PyTorch's, whose GRU resets after the product", CliRun.Of("convert", _folder["lm.safetensors"],
            to).Refused());
        Assert.False(File.Exists(to));
    }
}
