using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Lifting;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Tests.Onnx;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Lifting;

/// <summary>Models of the folder Fixtures.</summary>
internal static class Fixture
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Lifting", "Fixtures", $"{name}.onnx");

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path(name));

    public static OnnxModel Load(string name) => OnnxModel.Load(Path(name));

    public static LiftedNetwork Lift(string name)
    {
        LiftedNetwork? lifted = LiftedNetwork.TryLift(Load(name), out string why);
        Assert.True(lifted is not null, why);
        return lifted;
    }

    /// <summary>Why a model is not lifted.</summary>
    public static string Why(string name)
    {
        Assert.Null(LiftedNetwork.TryLift(Load(name), out string why));
        Assert.DoesNotContain('\n', why);
        return why;
    }

    /// <summary>A network's layers in short: <c>embedding 11×5, lstm 6 ×2, dense 11</c>.</summary>
    public static string Text(NetworkSpec spec) => string.Join(", ", spec.Layers.Select(layer => layer switch
    {
        EmbeddingSpec own => $"embedding {own.Vocabulary}×{own.Size}",
        RecurrentSpec own => $"{own.Cell.Kind} {own.Hidden}{(own.Layers > 1 ? $" ×{own.Layers}" : "")}"
            + (own.Direction == Layers.Recurrent.Direction.Forward ? "" : $" {own.Direction}".ToLowerInvariant())
            + (own.Merge == Layers.Recurrent.Merge.Concatenate ? "" : $" {own.Merge}".ToLowerInvariant())
            + (own.InitialState == Layers.Recurrent.InitialState.Zero ? "" : $" {own.InitialState}".ToLowerInvariant())
            + (own.Cell.Activation is null or "tanh" ? "" : $" {own.Cell.Activation}"),
        DenseSpec own => $"dense {own.Outputs}",
        ConvolutionSpec own => $"relu {own.Filters}",
        TiedSpec => "tied",
        _ => layer.GetType().Name.Replace("Spec", "", StringComparison.Ordinal),
    }));

    /// <summary>Inputs for a batch: numbers, indices below the vocabulary, and where the model takes lengths a ragged batch.</summary>
    public static List<(string Name, OnnxTensor Value)> Inputs(LiftedNetwork lifted, int sequences, int steps, int[]? lengths = null)
    {
        Random random = new(sequences * 100 + steps);
        LiftedParts parts = lifted.Parts;
        List<(string, OnnxTensor)> inputs = [];
        foreach (OnnxPort port in lifted.Model.Inputs)
        {
            bool isInput = port.Name == parts.Input.Port.Name;
            int[] shape = [.. port.Shape!.Select((size, axis) =>
                size.Size ?? (isInput && parts.Input.Axes[axis].Any(atom => atom == parts.Steps) ? steps : sequences))];
            int count = shape.Aggregate(1, (a, b) => a * b), most = (parts.Layers[1] as EmbeddingRows)?.Table.Shape[0] ?? 1;
            OnnxTensor value = port.Name == parts.Lengths?.Name ? Whole(shape, i => lengths![i])
                : port.Type == OnnxType.Float && !(isInput && most > 1)
                    ? OnnxTensor.Of<float>(shape, [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 4 - 2))])
                : Whole(shape, _ => random.Next(most));
            inputs.Add((port.Name, value));

            OnnxTensor Whole(int[] shape, Func<int, long> number)
            {
                long[] numbers = [.. Enumerable.Range(0, count).Select(number)];
                return port.Type == OnnxType.Float ? OnnxTensor.Of<float>(shape, [.. numbers.Select(one => (float)one)])
                    : port.Type == OnnxType.Int64 ? OnnxTensor.Of<long>(shape, numbers)
                        : OnnxTensor.Of<int>(shape, [.. numbers.Select(one => (int)one)]);
            }
        }
        return inputs;
    }

    /// <summary>The largest difference between the lifted network and ONNX Runtime for one batch.</summary>
    public static double FromOnnxRuntime(byte[] model, LiftedNetwork lifted, int sequences, int steps, int[]? lengths = null)
    {
        List<(string Name, OnnxTensor Value)> inputs = Inputs(lifted, sequences, steps, lengths);
        List<OnnxTensor> expected = Reference.OnnxRuntime(model, inputs);
        IReadOnlyDictionary<string, OnnxValue>? found = lifted.NewSession().TryRun(inputs.ToDictionary(one => one.Name, one => (OnnxValue)one.Value));
        Assert.NotNull(found);
        return lifted.Model.Outputs.Zip(expected).Max(one => Reference.Difference(one.Second, (OnnxTensor)found[one.First.Name]));
    }
}
