using System.Text.Json;
using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Cli.Bench;

/// <summary>One network and one batch to be timed.</summary>
/// <param name="Cell">What <see cref="BenchCells.Of"/> takes.</param>
/// <param name="Layers">The number of stacked layers.</param>
/// <param name="Bidirectional">Whether each is bidirectional.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Ragged">Whether lengths are drawn uniformly from 1 … T; else all are T.</param>
internal sealed record BenchCase(string Cell, int Layers, bool Bidirectional, BenchShape Shape, bool Ragged)
{
    /// <summary>Above 0: an embedding of so many characters before, a linear layer of so many outputs behind.</summary>
    internal int Vocabulary { get; init; }

    /// <summary>How the matrices of recurrent layers are multiplied; other than in floats for inference only.</summary>
    internal WeightPrecision Weights { get; init; }

    private static Rng Random => new(7);

    internal SequenceLayout Layout()
    {
        if (!Ragged) return SequenceLayout.Uniform(Shape.B, Shape.T);
        int[] lengths = new int[Shape.B];
        for (int s = 0; s < lengths.Length; s++) lengths[s] = 1 + Random.For("lengths").Below(Shape.T, (ulong)s);
        return SequenceLayout.FromLengths(lengths);
    }

    /// <summary>Uniform draws in [−1, 1).</summary>
    internal SequenceBatch Inputs(SequenceLayout layout)
    {
        SequenceBatch x = SequenceBatch.Zeros(layout, Shape.I);
        Random.For("x").Uniform(0, x.All);
        foreach (ref float value in x.All) value = 2 * value - 1;
        return x;
    }

    /// <summary>With initial weights as PyTorch's.</summary>
    internal Network Network()
    {
        RecurrentSpec recurrent = new()
        {
            Name = "net", Cell = BenchCells.Of(Cell, Shape.H), Hidden = Shape.H, Layers = Layers,
            Direction = Bidirectional ? Direction.Bidirectional : Direction.Forward,
        };
        // A cell that uses x unit by unit takes as many inputs as it has units.
        LayerSpec[] enter = recurrent.Cell.Definition is { ReadsInputByUnit: true } && Shape.I != Shape.H
            ? [new DenseSpec { Name = "enter", Outputs = Shape.H }] : [];
        NetworkSpec spec = Vocabulary == 0 ? new(Shape.I, [.. enter, recurrent]) : new(1,
        [
            new EmbeddingSpec { Name = "characters", Vocabulary = Vocabulary, Size = Shape.I },
            .. enter,
            recurrent,
            new DenseSpec { Name = "head", Outputs = Vocabulary },
        ]);
        Network network = Networks.Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions { ForgetBias = null }, Random.For("weights"));
        network.Quantize(Weights);
        return network;
    }

    /// <summary>Operations of the matrix products of a forward pass, two a multiply-add: every weight of a product once a row.</summary>
    internal static double ForwardFlops(Network network, long rows)
    {
        double weights = 0;
        bool isDefined = network.Spec.Layers.OfType<RecurrentSpec>().Any(layer => layer.Cell.Definition is not null);
        foreach (Parameter parameter in network.Parameters.All)
            if (parameter.Name.Contains(".weight_", StringComparison.Ordinal) || parameter.Name is "head.weight" or "enter.weight"
                || isDefined && parameter.Name.StartsWith("net.", StringComparison.Ordinal) && parameter.Shape.Length == 2)
                weights += parameter.Length;
        return 2 * weights * rows;
    }

    /// <summary>Bytes of the weights of the products of a forward pass as floats.</summary>
    internal static long FloatBytes(Network network) => (long)(sizeof(float) / 2 * ForwardFlops(network, 1));

    /// <summary><c>lstm</c>, <c>lstm ×2 both ways</c>: for display.</summary>
    internal string Title =>
        Cell + (Layers > 1 ? $" ×{Layers}" : "") + (Bidirectional ? " both ways" : "") + (Ragged ? " ragged" : "") +
        (Weights == WeightPrecision.Float32 ? "" : $" {Weights.Name()}");

    internal void Members(Utf8JsonWriter json)
    {
        json.WriteString("cell", Cell);
        json.WriteNumber("layers", Layers);
        json.WriteBoolean("bidir", Bidirectional);
        json.WriteNumber("B", Shape.B);
        json.WriteNumber("T", Shape.T);
        json.WriteNumber("I", Shape.I);
        json.WriteNumber("H", Shape.H);
    }
}
