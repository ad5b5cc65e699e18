using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection.Textbook;
using Unroll.Networks;

namespace Unroll.Tests.Formats;

/// <summary>PyTorch's modules, loaded as weights and run by the textbook, answer as they did in PyTorch.</summary>
public sealed class PyTorchOutputTests
{
    // PyTorch computed in float32: a few hundred roundings of 6e-8 on outputs around 1. A wrong gate order is off by more than 0.01.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData("rnn", null)]
    [InlineData("relu", "relu")]
    [InlineData("gru", null)]
    [InlineData("gru-both", null)]
    [InlineData("lstm", null)]
    [InlineData("lstm-both", null)]
    [InlineData("lstm-bare", null)]
    [InlineData("lstm-projected", null)]
    public void Loaded_weights_give_PyTorchs_outputs(string module, string? activation)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Formats", "Fixtures", "pytorch-modules.safetensors");
        TensorFile file = TensorFile.Read(path);
        CellOptions? cell = activation is null ? null : new() { Kind = "rnn", Activation = activation };
        PyTorchWeights weights = PyTorchWeights.From(file, path, module + ".", cell);
        NetworkSpec network = new(weights.Inputs, [weights.Spec]);
        ParameterStore store = new();
        foreach ((string name, int[] shape) in TextbookParameters.Shapes(network)) store.Add(name, shape);
        weights.CopyInto(store);
        TextbookNetwork textbook = new(network, new(store.All.ToDictionary(p => p.Name, p => Doubles(p.Values))));

        Tensor x = file.Find($"input.{module}")!, expected = file.Find($"output.{module}")!;
        int steps = x.Shape[0], sequences = x.Shape[1];
        for (int b = 0; b < sequences; b++)
        {
            IReadOnlyList<Vector> y = textbook.Forward([.. Enumerable.Range(0, steps).Select(t => new Vector(Row(x, t * sequences + b)))]).Outputs;
            for (int t = 0; t < steps; t++) Assert.Equal(Row(expected, t * sequences + b), y[t], (e, a) => Math.Abs(e - a) <= Tolerance);
        }
    }

    private static double[] Row(Tensor tensor, int row) => Doubles(tensor.Float32.Slice(row * tensor.Shape[^1], tensor.Shape[^1]));

    private static double[] Doubles(ReadOnlySpan<float> values) => [.. values.ToArray().Select(value => (double)value)];
}
