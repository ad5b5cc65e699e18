using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Recurrent;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Tests.Recurrent;

/// <summary>The two ways of computing a recurrent node, beside each other, and what a node keeps from call to call.</summary>
public sealed class EngineTests
{
    public static TheoryData<string, string, long> Nodes
    {
        get
        {
            TheoryData<string, string, long> nodes = [];
            foreach (string op in (string[])["LSTM", "GRU", "RNN"])
                foreach (string direction in (string[])["forward", "reverse", "bidirectional"])
                    foreach (long variant in (long[])[0, 1]) nodes.Add(op, direction, variant);
            return nodes;
        }
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public void The_engine_and_the_textbook_agree_on_larger_and_ragged_batches(string op, string direction, long variant)
    {
        OneNode node = new(op)
        {
            Attributes = new() { ["direction"] = direction, ["layout"] = variant, ["clip"] = 1.5f },
            Steps = 60, Sequences = 9, Inputs = 21, Hidden = 45,
            Changed = new() { ["sequence_lens"] = OnnxTensor.Of<int>([9], [60, 3, 41, 0, 60, 1, 17, 59, 2]) },
        };
        if (op == "GRU") node.Attributes["linear_before_reset"] = variant;
        if (op == "RNN" && variant == 1) node.Attributes["activations"] = Enumerable.Repeat("Relu", node.Directions).ToArray();
        if (op == "LSTM" && variant == 1)
        {
            node.Attributes["input_forget"] = 1L;
            node.Changed["P"] = node.Draw("P", [node.Directions, 3 * 45]);
        }
        RecurrentInputs inputs = node.Checked();
        (float[] y, float[] h, float[] c) engine = Computed(inputs, textbook: false), textbook = Computed(inputs, textbook: true);
        // An argument is a sum of 66 products, off by at most 66 · 2⁻²⁴ ≈ 4e-6 of its largest, and gates lessen that.
        Close(textbook.y, engine.y, 5e-6);
        Close(textbook.h, engine.h, 5e-6);
        Close(textbook.c, engine.c, 1e-5);
    }

    [Fact]
    public void A_node_sees_that_its_weights_are_others_and_its_batches_of_other_sizes()
    {
        OneNode first = new("LSTM"), second = first with { Seed = 2 }, wider = first with { Sequences = 7, Steps = 3 };
        OnnxModel model = first.Model();
        float[][] apart = [first.Run(), second.Run(), wider.Run()];
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal(apart[0], OneNode.Run(model, first.Tensors()));
            Assert.Equal(apart[1], OneNode.Run(model, second.Tensors()));
            Assert.Equal(apart[2], OneNode.Run(model, wider.Tensors()));
        }
        Assert.NotEqual(apart[0], apart[1]);
    }

    [Fact]
    public void Several_threads_may_run_a_model_at_once()
    {
        OneNode[] nodes = [.. Enumerable.Range(0, 8).Select(i => new OneNode("GRU") { Steps = 3 + i, Sequences = 1 + i, Hidden = 16 })];
        Dictionary<string, OnnxTensor>[] inputs = [.. nodes.Select(node => node.Tensors())];
        foreach (Dictionary<string, OnnxTensor> one in inputs)
            foreach (string weights in (string[])["W", "R", "B"]) one[weights] = inputs[0][weights];
        OnnxModel model = nodes[0].Model();
        float[][] alone = [.. inputs.Select(one => OneNode.Run(model, one))];
        Parallel.For(0, 200, i => Assert.Equal(alone[i % 8], OneNode.Run(model, inputs[i % 8])));
    }

    [Theory]
    [InlineData("LSTM", float.NaN)]
    [InlineData("GRU", float.NaN)]
    [InlineData("RNN", float.NaN)]
    [InlineData("LSTM", float.PositiveInfinity)]
    public void What_is_no_number_stays_so_from_its_step_on_in_both_ways(string op, float bad)
    {
        OneNode node = new(op);
        float[] x = node.Tensors()["X"].Values<float>().ToArray();
        x[2 * 2 * 3 + 1] = bad;                                              // step 2 of sequence 0
        RecurrentInputs inputs = (node with { Changed = new() { ["X"] = OnnxTensor.Of<float>([5, 2, 3], x) } }).Checked();
        float[] engine = Computed(inputs, textbook: false).Y, textbook = Computed(inputs, textbook: true).Y;
        Assert.Equal(textbook.Select(float.IsNaN), engine.Select(float.IsNaN));
        if (float.IsNaN(bad)) Assert.Contains(engine, float.IsNaN);
        Assert.DoesNotContain(engine.Take(2 * 2 * 4), float.IsNaN);
    }

    private static (float[] Y, float[] H, float[] C) Computed(RecurrentInputs inputs, bool textbook)
    {
        float[] y = new float[Shapes.Count(inputs.OutputShape)], h = new float[Shapes.Count(inputs.StateShape)];
        float[] c = new float[inputs.Convention.Operator == RecurrentOperator.Lstm ? h.Length : 0];
        RecurrentOutputs<float> outputs = new() { Y = y, LastH = h, LastC = c };
        if (textbook) RecurrentTextbook.Run(inputs, outputs);
        else RecurrentEngine.For(inputs)!.Run(inputs, outputs);
        return (y, h, c);
    }

    private static void Close(float[] wanted, float[] actual, double tolerance)
    {
        double largest = wanted.Select(Math.Abs).DefaultIfEmpty().Max();
        Assert.Equal(wanted.Length, actual.Length);
        for (int i = 0; i < wanted.Length; i++) Assert.InRange(Math.Abs(actual[i] - wanted[i]), 0, tolerance * largest);
    }
}
