using System.Runtime.InteropServices;

namespace Unroll.OnnxRuntime;

/// <summary>What is timed.</summary>
/// <param name="Cell"><c>lstm</c>, <c>gru-after</c> or <c>rnn</c>.</param>
/// <param name="Layers">How many lie on top of each other.</param>
/// <param name="Bidirectional">Whether each goes both ways.</param>
/// <param name="B">Sequences.</param>
/// <param name="T">Steps.</param>
/// <param name="I">Features of a step.</param>
/// <param name="H">Units.</param>
internal sealed record RecurrentNetwork(string Cell, int Layers, bool Bidirectional, int B, int T, int I, int H)
{
    internal int Gates => Cell switch { "lstm" => 4, "gru-after" => 3, _ => 1 };

    internal int Directions => Bidirectional ? 2 : 1;

    internal int Inputs(int layer) => layer == 0 ? I : Directions * H;

    internal double Flops => Enumerable.Range(0, Layers).Sum(layer => 2.0 * Directions * Gates * B * T * (Inputs(layer) + H) * H);
}

/// <summary>
/// A recurrent network as an ONNX model: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (the field numbers below) and Operators.md there
/// (LSTM, GRU, RNN). Weights are uniform in ±1/√H.
/// </summary>
internal sealed class OnnxModel
{
    private const int Float = 1, Int64 = 7, IsInt = 2, IsString = 3, IsInts = 7;
    private readonly RecurrentNetwork _network;
    private readonly ProtobufMessage _graph = new();
    private ulong _draw;

    private OnnxModel(RecurrentNetwork network) => _network = network;

    /// <summary>Input <c>x</c> [T, B, I]; output <c>y</c> [T, directions, B, H]. Every sequence begins at zero.</summary>
    internal static byte[] OfSequences(RecurrentNetwork network)
    {
        OnnxModel model = new(network);
        string x = "x";
        for (int layer = 0; layer < network.Layers; layer++)
        {
            bool last = layer == network.Layers - 1;
            model.Recurrent(layer, [x, .. model.Weights(layer)], [last ? "y" : $"y{layer}"]);
            if (!last) x = model.Joined(layer);
        }
        model.Declare(11, "x", network.T, network.B, network.I);
        model.Declare(12, "y", network.T, network.Directions, network.B, network.H);
        return model.File();
    }

    /// <summary>One step of one layer: inputs <c>x</c>, <c>h</c> and for an lstm <c>c</c>; outputs <c>hNext</c>, <c>cNext</c>.</summary>
    internal static byte[] OfStep(RecurrentNetwork network)
    {
        OnnxModel model = new(network);
        string[] states = network.Cell == "lstm" ? ["h", "c"] : ["h"], next = [.. states.Select(state => state + "Next")];
        model.Recurrent(0, ["x", .. model.Weights(0), "", .. states], ["", .. next]);          // no lengths, no sequence of outputs
        model.Declare(11, "x", 1, network.B, network.I);
        foreach (string state in states) model.Declare(11, state, 1, network.B, network.H);
        foreach (string state in next) model.Declare(12, state, 1, network.B, network.H);
        return model.File();
    }

    private byte[] File() => new ProtobufMessage().With(1, 8).With(2, "unroll")
        .With(7, _graph.With(2, "network"))
        .With(8, new ProtobufMessage().With(1, "").With(2, 14)).ToArray();

    private string[] Weights(int layer)
    {
        int rows = _network.Gates * _network.H, directions = _network.Directions;
        Tensor($"W{layer}", directions, rows, _network.Inputs(layer));
        Tensor($"R{layer}", directions, rows, _network.H);
        Tensor($"B{layer}", directions, 2 * rows);
        return [$"W{layer}", $"R{layer}", $"B{layer}"];
    }

    private void Recurrent(int layer, string[] inputs, string[] outputs)
    {
        bool gru = _network.Cell == "gru-after";
        ProtobufMessage node = Node(gru ? "GRU" : _network.Cell.ToUpperInvariant(), $"recurrent{layer}", inputs, outputs)
            .With(5, new ProtobufMessage().With(1, "hidden_size").With(3, _network.H).With(20, IsInt))
            .With(5, new ProtobufMessage().With(1, "direction").With(4, _network.Bidirectional ? "bidirectional" : "forward").With(20, IsString));
        if (gru) node.With(5, new ProtobufMessage().With(1, "linear_before_reset").With(3, 1).With(20, IsInt));
        _graph.With(1, node);
    }

    // [T, directions, B, H] as the operator gives it → [T, B, directions · H] as the next one takes it.
    private string Joined(int layer)
    {
        ProtobufMessage order = new ProtobufMessage().With(1, "perm").With(8, 0).With(8, 2).With(8, 1).With(8, 3).With(20, IsInts);
        _graph.With(1, Node("Transpose", $"turn{layer}", [$"y{layer}"], [$"turned{layer}"]).With(5, order));
        _graph.With(1, Node("Reshape", $"join{layer}", [$"turned{layer}", $"shape{layer}"], [$"x{layer + 1}"]));
        long[] shape = [_network.T, _network.B, _network.Directions * _network.H];
        byte[] bytes = MemoryMarshal.AsBytes<long>(shape).ToArray();
        _graph.With(5, new ProtobufMessage().With(1, shape.Length).With(2, Int64).With(8, $"shape{layer}").With(9, bytes));
        return $"x{layer + 1}";
    }

    private static ProtobufMessage Node(string operation, string name, string[] inputs, string[] outputs)
    {
        ProtobufMessage node = new();
        foreach (string input in inputs) node.With(1, input);
        foreach (string output in outputs) node.With(2, output);
        return node.With(3, name).With(4, operation);
    }

    private void Tensor(string name, params int[] extents)
    {
        float[] values = new float[extents.Aggregate((a, b) => a * b)];
        float bound = 1 / MathF.Sqrt(_network.H);
        foreach (ref float value in values.AsSpan()) value = bound * Uniform();
        ProtobufMessage tensor = new();
        foreach (int extent in extents) tensor.With(1, extent);
        _graph.With(5, tensor.With(2, Float).With(8, name).With(9, MemoryMarshal.AsBytes<float>(values).ToArray()));
    }

    // In [−1, 1): a linear congruential generator (Knuth, MMIX), its upper bits.
    private float Uniform() => ((_draw = _draw * 6364136223846793005UL + 1442695040888963407UL) >> 40) * (2f / (1 << 24)) - 1;

    private void Declare(int field, string name, params int[] extents)
    {
        ProtobufMessage shape = new();
        foreach (int extent in extents) shape.With(1, new ProtobufMessage().With(1, extent));
        ProtobufMessage type = new ProtobufMessage().With(1, new ProtobufMessage().With(1, Float).With(2, shape));
        _graph.With(field, new ProtobufMessage().With(1, name).With(2, type));
    }
}
