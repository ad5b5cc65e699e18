using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
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
        ParameterStore store = StoreFor(weights.Spec, weights.Inputs);
        weights.CopyInto(store);

        Tensor x = file.Find($"input.{module}")!, expected = file.Find($"output.{module}")!;
        int steps = x.Shape[0], sequences = x.Shape[1];
        for (int b = 0; b < sequences; b++)
        {
            List<double[]> y = Run(weights.Spec, store, [.. Enumerable.Range(0, steps).Select(t => Row(x, t * sequences + b))]);
            for (int t = 0; t < steps; t++) Assert.Equal(Row(expected, t * sequences + b), y[t], (a, e) => Math.Abs(a - e) <= Tolerance);
        }
    }

    private static List<double[]> Run(RecurrentSpec spec, ParameterStore store, List<double[]> x)
    {
        Dictionary<string, double[]> values = store.All.ToDictionary(p => p.Name, p => p.Values.ToArray().Select(value => (double)value).ToArray());
        foreach (int layer in Enumerable.Range(0, spec.Layers))
        {
            List<double[]> y = RunOneWay(spec, values, $"l{layer}", x);
            if (spec.Direction == Direction.Bidirectional)
            {
                List<double[]> reverse = RunOneWay(spec, values, $"l{layer}_reverse", [.. Enumerable.Reverse(x)]);
                reverse.Reverse();
                y = [.. y.Zip(reverse, (there, back) => (double[])[.. there, .. back])];
            }
            x = y;
        }
        return x;
    }

    private static List<double[]> RunOneWay(RecurrentSpec spec, Dictionary<string, double[]> values, string end, List<double[]> x)
    {
        ICellEquations cell = CellEquations.Of(spec.Cell);
        CellWeights w = new(values, $"{spec.Name}.", end, cell.Gates, x[0].Length, spec.Hidden, spec.Cell);
        Vector h0 = new(spec.Cell.Projection ?? spec.Hidden);
        RecurrentRun run = RecurrentRun.Forward(
            cell, w, [.. x.Select(row => new Vector(row, 0, row.Length))], h0, cell.HasCellState ? new Vector(spec.Hidden) : null);
        return [.. run.Outputs.Select(h => Enumerable.Range(0, h.Count).Select(k => h[k]).ToArray())];
    }

    private static ParameterStore StoreFor(RecurrentSpec spec, int inputs)
    {
        ParameterStore store = new();
        string[] directions = spec.Direction == Direction.Bidirectional ? ["", "_reverse"] : [""];
        int rows = CellEquations.Of(spec.Cell).Gates.Length * spec.Hidden, outputs = spec.Cell.Projection ?? spec.Hidden;
        for (int layer = 0; layer < spec.Layers; layer++)
            foreach (string direction in directions)
            {
                string end = $"_l{layer}{direction}";
                store.Add($"{spec.Name}.weight_ih{end}", rows, layer == 0 ? inputs : directions.Length * outputs);
                store.Add($"{spec.Name}.weight_hh{end}", rows, outputs);
                store.Add($"{spec.Name}.bias_ih{end}", rows);
                store.Add($"{spec.Name}.bias_hh{end}", rows);
                if (spec.Cell.Projection is int projection) store.Add($"{spec.Name}.weight_hr{end}", projection, spec.Hidden);
            }
        return store;
    }

    private static double[] Row(Tensor tensor, int row)
    {
        int width = tensor.Shape[^1];
        return [.. tensor.Float32.Slice(row * width, width).ToArray().Select(value => (double)value)];
    }
}
