using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Tests.Inspection;

/// <summary>The textbook gives what PyTorch gives in float64: outputs, last states, and every gradient by name.</summary>
public sealed class PyTorchGoldensTests
{
    // Both sum a few dozen products of size 1 in different orders: 1e-15 each; 1e-12 leaves room for gradients of size 10 and five steps.
    private const double Rounding = 1e-12;

    private static readonly GoldenFile Golden = GoldenFile.Sequences;

    private static readonly CellOptions Lstm = new(), GruAfter = new() { Kind = "gru-after" };

    [Fact] public void The_RNN_agrees() => Agrees("rnn", new RecurrentSpec { Name = "rnn", Cell = new() { Kind = "rnn" }, Hidden = 4 });

    [Fact]
    public void Two_bidirectional_layers_of_relu_RNNs_agree() => Agrees(
        "rnn-relu",
        new RecurrentSpec
        {
            Name = "rnn-relu", Cell = new() { Kind = "rnn", Activation = "relu" }, Hidden = 4, Layers = 2, Direction = Direction.Bidirectional,
        });

    [Fact]
    public void The_GRU_that_resets_after_the_product_agrees() => Agrees("gru", new RecurrentSpec { Name = "gru", Cell = GruAfter, Hidden = 4 });

    [Fact]
    public void Two_bidirectional_layers_of_GRUs_agree() =>
        Agrees("gru-both", new RecurrentSpec { Name = "gru-both", Cell = GruAfter, Hidden = 3, Layers = 2, Direction = Direction.Bidirectional });

    [Fact] public void The_LSTM_agrees() => Agrees("lstm", new RecurrentSpec { Name = "lstm", Cell = Lstm, Hidden = 4 });

    [Fact]
    public void Two_bidirectional_layers_of_LSTMs_agree() =>
        Agrees("lstm-both", new RecurrentSpec { Name = "lstm-both", Cell = Lstm, Hidden = 3, Layers = 2, Direction = Direction.Bidirectional });

    [Fact] public void An_LSTM_without_biases_agrees() => Agrees("lstm-bare", new RecurrentSpec { Name = "lstm-bare", Cell = Lstm, Hidden = 3 });

    [Fact]
    public void Two_bidirectional_layers_of_LSTMs_with_projection_agree() => Agrees(
        "lstm-projected",
        new RecurrentSpec { Name = "lstm-projected", Cell = new() { Projection = 2 }, Hidden = 4, Layers = 2, Direction = Direction.Bidirectional });

    [Theory]
    [InlineData("cross-entropy"), InlineData("binary-cross-entropy"), InlineData("squared-error"), InlineData("absolute-error")]
    [InlineData("huber"), InlineData("gaussian"), InlineData("quantile")]
    public void Every_loss_agrees(string name)
    {
        ILossEquations loss = LossEquations.Of(LossList.Named(name));
        Vector[] y = Golden.Rows($"{name}.y"), d = Golden.Rows($"{name}.d.y");
        Vector[] targets = name == "cross-entropy"
            ? [.. Golden.Numbers($"{name}.target").Select(label => new Vector(label))]
            : Golden.Rows($"{name}.target");
        Assert.Equal(Golden.Numbers($"{name}.loss")[0], y.Zip(targets, loss.Value).Sum(), Rounding * 100);     // the loss is of size 100
        for (int row = 0; row < y.Length; row++) Close($"{name}.d.y[{row}]", d[row], loss.Gradient(y[row], targets[row]));
    }

    private static void Agrees(string name, RecurrentSpec spec)
    {
        Vector[] x = Golden.Rows($"{name}.x");
        NetworkSpec network = new(x[0].Count, [spec]);
        TextbookParameters parameters = new(TextbookParameters.Shapes(network).Select(shape => shape.Name).Where(Golden.Has)
            .ToDictionary(parameter => parameter, Golden.Numbers));
        string[] suffixes = [.. Enumerable.Range(0, spec.Layers).SelectMany(layer => TextbookNetwork.Suffixes(spec, layer))];
        Dictionary<string, Vector> first = [], last = [];
        for (int k = 0; k < suffixes.Length; k++)
        {
            foreach (string state in Golden.Has($"{name}.c0") ? new[] { "h", "c" } : ["h"])
            {
                first[$"{name}.{state}0_{suffixes[k]}"] = Golden.Rows($"{name}.{state}0")[k];
                last[$"{name}.{state}_{suffixes[k]}"] = Golden.Rows($"{name}.w{state}")[k];
            }
        }

        NetworkRun run = new TextbookNetwork(network, parameters).Forward(x, new Given { FirstStates = first, LastStateWeights = last });
        IReadOnlyList<Vector> dx = run.Backward(Golden.Rows($"{name}.wy"));

        Assert.NotEmpty(parameters.Values);
        for (int t = 0; t < x.Length; t++)
        {
            Close($"y<{t}>", Golden.Rows($"{name}.y")[t], run.Outputs[t]);
            Close($"dx<{t}>", Golden.Rows($"{name}.d.x")[t], dx[t]);
        }
        foreach ((string parameter, double[] gradient) in parameters.Gradients)
            Close(parameter, new Vector(Golden.Numbers(parameter.Replace(".", ".d."))), new Vector(gradient));
        foreach ((DirectionRun direction, int k) in run.Directions.Select((direction, k) => (direction, k)))
        {
            Close($"hn {direction.Place}", Golden.Rows($"{name}.hn")[k], direction.Run.Last("h"));
            Close($"dh0 {direction.Place}", Golden.Rows($"{name}.d.h0")[k], direction.Gradient!.First["h"].Sum(direction.Run.Last("h").Count));
            if (!direction.Run.First.ContainsKey("c")) continue;
            Vector c = direction.Run.Last("c");
            Close($"cn {direction.Place}", Golden.Rows($"{name}.cn")[k], c);
            Close($"dc0 {direction.Place}", Golden.Rows($"{name}.d.c0")[k], direction.Gradient!.First["c"].Sum(c.Count));
        }
    }

    private static void Close(string what, Vector expected, Vector actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int k = 0; k < actual.Count; k++)
            Assert.True(Math.Abs(expected[k] - actual[k]) <= Rounding, $"{what}[{k}]: {expected[k]} and {actual[k]}");
    }
}
