using Google.Protobuf;
using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;
using static Unroll.Exchange.Tests.Onnx.OperatorCases;

namespace Unroll.Exchange.Tests.Onnx;

/// <summary>Graphs of several nodes: order, sequences, bodies, functions, folding, types of 16 bits.</summary>
public sealed class GraphTests
{
    private static NodeProto Node(string type, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        NodeProto node = new() { OpType = type, Name = type.ToLowerInvariant() };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(one => OneNode.Attribute(one.Name, one.Value)));
        return node;
    }

    private static GraphProto Graph(string[] inputs, string[] outputs, params NodeProto[] nodes)
    {
        GraphProto graph = new();
        graph.Input.AddRange(inputs.Select(name => new ValueInfoProto { Name = name }));
        graph.Output.AddRange(outputs.Select(name => new ValueInfoProto { Name = name }));
        graph.Node.AddRange(nodes);
        return graph;
    }

    private static OnnxModel Model(GraphProto graph, int opset = 18, Action<string>? note = null) => Reference.Load(
        new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = opset } } }.ToByteArray(), note);

    private static IReadOnlyDictionary<string, OnnxValue> Run(GraphProto graph, params (string Name, OnnxTensor Value)[] inputs) =>
        Model(graph).Run(inputs.ToDictionary(one => one.Name, one => (OnnxValue)one.Value));

    private static OnnxTensor One(IReadOnlyDictionary<string, OnnxValue> outputs) => Assert.IsType<OnnxTensor>(outputs.Single().Value);

    [Fact]
    public void Nodes_in_another_order_are_put_in_order() => Assert.Equal([3f], One(Run(
        Graph(["x"], ["y"], Node("Neg", ["b"], ["y"]), Node("Abs", ["a"], ["c"]), Node("Neg", ["x"], ["a"]), Node("Neg", ["c"], ["b"])),
        ("x", Fs(3)))).Values<float>());

    [Fact]
    public void Sequences_are_split_indexed_lengthened_and_joined()
    {
        GraphProto graph = Graph(["x", "i"], ["y", "n", "s"],
            Node("SplitToSequence", ["x"], ["parts"], ("axis", 1), ("keepdims", 0)),
            Node("SequenceAt", ["parts", "i"], ["last"]),
            Node("SequenceInsert", ["parts", "last", "zero"], ["more"]),
            Node("SequenceErase", ["more", "i"], ["less"]),
            Node("SequenceLength", ["more"], ["n"]),
            Node("ConcatFromSequence", ["less"], ["y"], ("axis", -1), ("new_axis", 1)),
            Node("SequenceConstruct", ["last", "x"], ["s"]));
        graph.Initializer.Add(OneNode.Proto(One(0L), "zero"));
        IReadOnlyDictionary<string, OnnxValue> made = Run(graph, ("x", OnnxTensor.Of<float>([2, 3], [1, 2, 3, 4, 5, 6])), ("i", One(-1L)));
        // [1 4] [2 5] [3 6], the last one put first, the last one taken out
        Assert.Equal([3f, 1, 2, 6, 4, 5], ((OnnxTensor)made["y"]).Values<float>());
        Assert.Equal([4L], ((OnnxTensor)made["n"]).Values<long>());
        Assert.Equal(["[2]", "[2, 3]"], ((OnnxSequence)made["s"]).Items.Select(item => item.ShapeText));

        static OnnxTensor One<T>(T value) where T : unmanaged => OnnxTensor.Scalar(value);
    }

    [Theory]
    [InlineData(2, "[2];[2];[1]")]
    [InlineData(9, "[5]")]
    public void A_sequence_may_have_parts_of_one_size_and_a_rest(long size, string shapes)
    {
        GraphProto graph = Graph(["x", "n"], ["s"], Node("SplitToSequence", ["x", "n"], ["s"]));
        OnnxSequence parts = (OnnxSequence)Run(graph, ("x", F(5)), ("n", OnnxTensor.Scalar(size))).Single().Value;
        Assert.Equal(shapes, string.Join(';', parts.Items.Select(item => item.ShapeText)));
    }

    [Fact]
    public void Branches_may_differ_in_rank_and_read_what_is_outside()
    {
        GraphProto graph = Graph(["c", "x"], ["y"], Node("Neg", ["x"], ["m"]), Node("If", ["c"], ["y"],
            ("then_branch", Graph([], ["t"], Node("ReduceSum", ["m"], ["t"], ("keepdims", 0)))), ("else_branch", Graph([], ["m"]))));
        Assert.Equal([-3f], One(Run(graph, ("c", OnnxTensor.Scalar(true)), ("x", Fs(1, 2)))).Values<float>());
        Assert.Equal([-1f, -2], One(Run(graph, ("c", OnnxTensor.Scalar(false)), ("x", Fs(1, 2)))).Values<float>());
    }

    // h becomes 2h + k for k = 0, 1, …; ends by itself where h is above 20, or after the trips.
    [Theory]
    [InlineData(9, new[] { 1f, 2, 5, 12, 27 })]
    [InlineData(2, new[] { 1f, 2, 5 })]
    [InlineData(0, new[] { 1f })]
    public void A_loop_counts_ends_and_collects(long trips, float[] expected)
    {
        GraphProto body = Graph(["i", "go", "h"], ["more", "next", "row"], Node("Mul", ["h", "two"], ["twice"]),
            Node("Cast", ["i"], ["k"], ("to", 1)),
            Node("Add", ["twice", "k"], ["next"]), Node("Less", ["next", "limit"], ["more"]), Node("Identity", ["next"], ["row"]));
        body.Output[2].Type = new() { TensorType = new() { ElemType = 1, Shape = new() } };
        GraphProto graph = Graph(["n", "h0"], ["h", "rows"], Node("Loop", ["n", "", "h0"], ["h", "rows"], ("body", body)));
        graph.Initializer.AddRange([OneNode.Proto(OnnxTensor.Scalar(2f), "two"), OneNode.Proto(OnnxTensor.Scalar(20f), "limit")]);
        IReadOnlyDictionary<string, OnnxValue> made = Run(graph, ("n", OnnxTensor.Scalar(trips)), ("h0", OnnxTensor.Scalar(1f)));
        Assert.Equal([expected[^1]], ((OnnxTensor)made["h"]).Values<float>());
        Assert.Equal(expected[1..], ((OnnxTensor)made["rows"]).Values<float>().ToArray());
    }

    // Opset 8: lengths first, then the batch; what comes after a shorter sequence's end is zero.
    [Fact]
    public void The_first_scan_goes_over_each_sequence_of_a_batch()
    {
        GraphProto body = Graph(["s", "x"], ["t", "y"], Node("Add", ["s", "x"], ["t"]), Node("Identity", ["t"], ["y"]));
        GraphProto graph = Graph(["n", "s0", "xs"], ["s", "ys"], Node("Scan", ["n", "s0", "xs"], ["s", "ys"], ("body", body),
            ("num_scan_inputs", 1)));
        IReadOnlyDictionary<string, OnnxValue> made = Model(graph, 8).Run(new Dictionary<string, OnnxValue>
        {
            ["n"] = Ls(3, 1), ["s0"] = OnnxTensor.Of<float>([2, 1], [0, 10]), ["xs"] = OnnxTensor.Of<float>([2, 3, 1], [1, 2, 3, 4, 5, 6]),
        });
        Assert.Equal([6f, 14], ((OnnxTensor)made["s"]).Values<float>());
        Assert.Equal([1f, 3, 6, 14, 0, 0], ((OnnxTensor)made["ys"]).Values<float>());
    }

    [Fact]
    public void A_call_of_a_function_is_its_nodes_with_its_attributes()
    {
        ModelProto model = new() { IrVersion = 8, Graph = Graph(["x"], ["y", "z"], Node("Soft", ["x"], ["y"], ("sharp", 2f)),
            Node("Soft", ["x"], ["z"])) };
        foreach (NodeProto call in model.Graph.Node) call.Domain = "own";
        AttributeProto referring = new() { Name = "alpha", Type = AttributeProto.Types.AttributeType.Float, RefAttrName = "sharp" };
        NodeProto leaky = Node("LeakyRelu", ["p"], ["m"]);
        leaky.Attribute.Add(referring);
        model.Functions.Add(new FunctionProto { Name = "Soft", Domain = "own", Input = { "p" }, Output = { "q" }, Attribute = { "sharp" },
            Node = { leaky, Node("Neg", ["m"], ["q"]) }, OpsetImport = { new OperatorSetIdProto { Version = 18 } } });
        model.OpsetImport.AddRange([new OperatorSetIdProto { Version = 18 }, new OperatorSetIdProto { Domain = "own", Version = 1 }]);
        IReadOnlyDictionary<string, OnnxValue> made = Reference.Load(model.ToByteArray()).Run(new Dictionary<string,
            OnnxValue> { ["x"] = Fs(-1, 1) });
        Assert.Equal([2f, -1], ((OnnxTensor)made["y"]).Values<float>());
        Assert.Equal([0.01f, -1], ((OnnxTensor)made["z"]).Values<float>());          // not given: the operator's own default
    }

    [Fact]
    public void What_depends_on_constants_only_becomes_a_weight()
    {
        GraphProto graph = Graph(["x"], ["y"], Node("Constant", [], ["a"], ("value_floats", new[] { 1f, 2 })), Node("Neg", ["a"], ["b"]),
            Node("Concat", ["b", "a"], ["w"], ("axis", 0)), Node("Add", ["x", "w"], ["y"]), Node("ConstantOfShape", ["large"], ["zeros"]),
            Node("ReduceSum", ["zeros"], ["unused"]));
        graph.Initializer.Add(OneNode.Proto(Ls(1 << 22), "large"));
        OnnxGraph folded = ConstantFolding.Fold(Model(graph).Graph, OperatorTable.Default, "x.onnx");
        Assert.Equal([-1f, -2, 1, 2], folded.Initializers["w"].Values<float>());
        // A table of zeros that is larger than a megabyte stays a node, and is not taken memory for.
        Assert.Equal(["Add", "ConstantOfShape", "ReduceSum"], folded.Nodes.Select(node => node.Operator));
    }

    [Fact]
    public void Floats_of_16_bits_are_widened_and_that_is_said()
    {
        GraphProto graph = Graph([], ["y"], Node("Identity", ["w"], ["y"]));
        graph.Initializer.Add(new TensorProto { Name = "w", DataType = 10, Dims = { 2 }, Int32Data = { 0x3E00, 0xC000 } });       // 1.5 and −2
        List<string> notes = [];
        Assert.Equal([1.5f, -2], One(Model(graph, note: notes.Add).Run(new Dictionary<string, OnnxValue>())).Values<float>());
        Assert.Contains("16 bits", Assert.Single(notes));
    }

    [Fact]
    public void A_newer_opset_is_noted()
    {
        List<string> notes = [];
        Model(Graph(["x"], ["y"], Node("Neg", ["x"], ["y"])), 99, notes.Add);
        Assert.Contains("opset 99", Assert.Single(notes));
    }

    [Fact]
    public void An_input_with_a_weight_of_its_name_has_a_default()
    {
        GraphProto graph = Graph(["x", "w"], ["y"], Node("Add", ["x", "w"], ["y"]));
        graph.Initializer.Add(OneNode.Proto(Fs(5), "w"));
        Assert.Equal(["x"], Model(graph).Inputs.Select(input => input.Name));
        Assert.Equal([6f], One(Run(graph, ("x", Fs(1)))).Values<float>());
        Assert.Equal([3f], One(Run(graph, ("x", Fs(1)), ("w", Fs(2)))).Values<float>());
    }

    [Fact]
    public void Sizes_of_one_name_must_agree()
    {
        GraphProto graph = new() { Node = { Node("Identity", ["a"], ["y"]) }, Output = { new ValueInfoProto { Name = "y" } } };
        foreach (string name in (string[])["a", "b"])
        {
            ValueInfoProto port = OneNode.Port(name, F(1));
            port.Type.TensorType.Shape.Dim[0].DimParam = "batch";
            graph.Input.Add(port);
        }
        string message = Assert.Throws<UserErrorException>(() => Run(graph, ("a", F(2)), ("b", F(3)))).Message;
        Assert.Contains("'b' is declared float [batch], got float [3], but 'batch' is 2 in 'a'", message);
    }

    // What an earlier node made is given up after its last use: 40 nodes of 1 MB run in 3 MB.
    [Fact]
    public void Memory_is_that_of_what_is_alive()
    {
        NodeProto[] nodes = [.. Enumerable.Range(0, 40).Select(i => Node("Neg", [i == 0 ? "x" : $"m{i}"], [$"m{i + 1}"]))];
        OnnxModel model = Model(Graph(["x"], ["m40"], nodes));
        Dictionary<string, OnnxValue> given = new() { ["x"] = F(1 << 18) };
        model.Run(given, new OnnxRunOptions { MemoryLimit = 3 << 20 });
        Assert.Contains("node 'neg'", Assert.Throws<UserErrorException>(() =>
            model.Run(given, new OnnxRunOptions { MemoryLimit = 1 << 19 })).Message);
    }
}
