using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Recurrent;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Tests.Recurrent;

/// <summary>A recurrent node by itself: 2 sequences of 5 steps, 3 inputs, 4 units, forward, unless said otherwise.</summary>
internal sealed record OneNode(string Operator)
{
    private static readonly string[] s_inputs = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"];

    public int Opset { get; init; } = 14;

    public Dictionary<string, object> Attributes { get; init; } = [];

    public int Steps { get; init; } = 5;

    public int Sequences { get; init; } = 2;

    public int Inputs { get; init; } = 3;

    public int Hidden { get; init; } = 4;

    public ulong Seed { get; init; } = 1;

    /// <summary>Tensors in place of those that are drawn; null: none.</summary>
    public Dictionary<string, OnnxTensor?> Changed { get; init; } = [];

    public int Directions => Attributes.GetValueOrDefault("direction") is "bidirectional" ? 2 : 1;

    private int Gates => Operator == "LSTM" ? 4 : Operator == "GRU" ? 3 : 1;

    /// <summary>The inputs by name: all but lengths and peepholes.</summary>
    public Dictionary<string, OnnxTensor> Tensors()
    {
        bool batchFirst = Attributes.GetValueOrDefault("layout") is 1L;
        int[] state = batchFirst ? [Sequences, Directions, Hidden] : [Directions, Sequences, Hidden];
        Dictionary<string, OnnxTensor> all = new()
        {
            ["X"] = Draw("X", batchFirst ? [Sequences, Steps, Inputs] : [Steps, Sequences, Inputs]),
            ["W"] = Draw("W", [Directions, Gates * Hidden, Inputs]),
            ["R"] = Draw("R", [Directions, Gates * Hidden, Hidden]),
            ["B"] = Draw("B", [Directions, 2 * Gates * Hidden]),
            ["initial_h"] = Draw("h", state),
        };
        if (Operator == "LSTM") all["initial_c"] = Draw("c", state);
        foreach ((string name, OnnxTensor? tensor) in Changed)
            if (tensor is null) all.Remove(name);
            else all[name] = tensor;
        return all;
    }

    public OnnxTensor Draw(string name, int[] shape)
    {
        Rng random = new Rng(Seed).For(name);
        float[] values = new float[Shapes.Count(shape)];
        double scale = name is "W" or "R" ? 1 / Math.Sqrt(shape[^1]) : 0.5;
        for (int i = 0; i < values.Length; i++) values[i] = (float)(scale * random.Normal((ulong)i));
        return OnnxTensor.Of<float>(shape, values);
    }

    public OnnxNode Node(IReadOnlyCollection<string> given)
    {
        string[] inputs = [.. s_inputs.Take(Operator == "LSTM" ? 8 : 6).Select(name => given.Contains(name) ? name : "")];
        return new()
        {
            Name = "rnn_1", Operator = Operator, Opset = Opset, Attributes = Attributes, Inputs = inputs,
            Outputs = Operator == "LSTM" ? ["Y", "Y_h", "Y_c"] : ["Y", "Y_h"],
        };
    }

    public OnnxModel Model()
    {
        Dictionary<string, OnnxTensor> tensors = Tensors();
        OnnxNode node = Node(tensors.Keys);
        return OnnxModel.Of(new()
        {
            Inputs = [.. tensors.Keys.Select(name => new OnnxPort(name, tensors[name].Type, null))],
            Outputs = [.. node.Outputs.Select(name => new OnnxPort(name, OnnxType.Float, null))],
            Nodes = [node],
        }, new() { File = "m.onnx" });
    }

    public static Dictionary<string, OnnxValue> Values(Dictionary<string, OnnxTensor> tensors) =>
        tensors.ToDictionary(one => one.Key, one => (OnnxValue)one.Value);

    public float[] Run(string output = "Y") => Run(Model(), Tensors(), output);

    public static float[] Run(OnnxModel model, Dictionary<string, OnnxTensor> tensors, string output = "Y") =>
        ((OnnxTensor)model.Run(Values(tensors))[output]).Values<float>().ToArray();

    public string Error() => Assert.Throws<UserErrorException>(() => Run()).Message;

    public RecurrentInputs Checked()
    {
        Dictionary<string, OnnxTensor> tensors = Tensors();
        OnnxNode node = Node(tensors.Keys);
        OperatorNode view = new(node, "m.onnx", _ => throw new NotSupportedException());
        return RecurrentInputs.Read(ConventionReader.Read(node, "m.onnx")!, view, [.. node.Inputs.Select(name => tensors.GetValueOrDefault(name))]);
    }
}
