using System.Diagnostics;
using Google.Protobuf;
using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;
using static Unroll.Exchange.Tests.Onnx.OperatorCases;

namespace Unroll.Exchange.Tests.Onnx;

/// <summary>Models that are wrong, or made to do harm: one line each, soon, and without the memory that they ask for.</summary>
public sealed class HostileTests
{
    public static TheoryData<string> Names => [.. All().Select(one => one.Name)];

    // The name, the model, its inputs, and words that the refusal must hold: what is wrong is named.
    private static IEnumerable<(string Name, Func<byte[]> Model, string[] Words)> All()
    {
        const long huge = 1L << 40;
        yield return ("nothing", () => [], ["no graph"]);
        yield return ("text", () => "this is a text"u8.ToArray(), ["no ONNX model"]);
        yield return ("half", () => Bytes(Chain())[..40], ["damaged"]);
        yield return ("no graph", () => new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }.ToByteArray(),
            ["no graph"]);
        yield return ("old opset", () => Bytes(Chain(), 6), ["opset 6"]);
        yield return ("no opset", () => new ModelProto { Graph = Chain() }.ToByteArray(), ["node 'a' (Neg)", "ai.onnx"]);
        yield return ("unknown operator", () => Bytes(Edit(g => g.Node[0].OpType = "Conv")), ["node 'a' (Conv, opset 13)"]);
        yield return ("unknown domain", () => Bytes(Edit(g => g.Node[0].Domain = "com.microsoft")), ["com.microsoft"]);
        yield return ("unknown attribute", () => Bytes(Edit(g => g.Node[0].Attribute.Add(OneNode.Attribute("speed", 2)))), ["node 'a'", "'speed'"]);
        yield return ("attribute of another kind", () => Bytes(Edit(g => g.Node[0].OpType = Add(g, OneNode.Attribute("axis", 1.5f), "Softmax"))),
            ["'axis'"]);
        yield return ("attribute twice", () => Bytes(Edit(g => Add(g, OneNode.Attribute("axis", Add(g, OneNode.Attribute("axis", 1)).Length)))),
            ["twice"]);
        yield return ("circle", () => Bytes(Edit(g => g.Node[0].Input[0] = "y")), ["node 'a'", "circle"]);
        yield return ("nothing makes it", () => Bytes(Edit(g => g.Node[0].Input[0] = "ghost")), ["'ghost'"]);
        yield return ("output without a maker", () => Bytes(Edit(g => g.Output[0].Name = "ghost")), ["'ghost'"]);
        yield return ("two of a name", () => Bytes(Edit(g => g.Node[1].Output[0] = "m")), ["'m'", "already"]);
        yield return ("two inputs of a name", () => Bytes(Edit(g => g.Input.Add(g.Input[0].Clone()))), ["two inputs named 'x0'"]);
        yield return ("two weights of a name", () => Bytes(Weights(Tensor("w", [1], 4), Tensor("w", [1], 4))), ["two weights named 'w'"]);
        yield return ("too few inputs", () => Bytes(Edit(g => g.Node[0].OpType = "Add")), ["node 'a'", "1 inputs"]);
        yield return ("weight too short", () => Bytes(Weights(Tensor("w", [3], 8))), ["'w'", "12 bytes", "8 are there"]);
        yield return ("weight too long", () => Bytes(Weights(Tensor("w", [1], 8))), ["'w'", "4 bytes"]);
        yield return ("sizes that overflow", () => Bytes(Weights(Tensor("w", [huge, huge], 4))), ["'w'", "size"]);
        yield return ("sizes whose product overflows", () => Bytes(Weights(Tensor("w", [1 << 30, 1 << 30, 1 << 30, 4], 4))), ["'w'", "2 GiB"]);
        yield return ("a negative size", () => Bytes(Weights(Tensor("w", [-1], 4))), ["'w'", "-1"]);
        yield return ("texts", () => Bytes(Weights(new TensorProto { Name = "w", DataType = 8, StringData = { ByteString.CopyFromUtf8("a") } })),
            ["'w'", "string"]);
        yield return ("two fields", () =>
            Bytes(Weights(new TensorProto { Name = "w", DataType = 1, Dims = { 1 }, FloatData = { 1 }, Int64Data = { 1 } })), ["2 fields"]);
        yield return ("bool of 7", () => Bytes(Weights(new TensorProto { Name = "w", DataType = 9, Dims = { 1 }, RawData = ByteString.CopyFrom(7) })),
            ["'w'", "truth"]);
        yield return ("external data in memory", () => Bytes(Weights(new TensorProto { Name = "w", DataType = 1, Dims = { 1 },
            DataLocation = TensorProto.Types.DataLocation.External })), ["'w'", "another file"]);
        yield return ("bodies in bodies", () => Bytes(Nested(40)), ["deep"]);
        yield return ("bodies in bodies in bodies", () => Bytes(Nested(15)), ["deep"]);
        yield return ("functions without an end", Endless, ["deep"]);
        yield return ("functions that double", Doubling, ["nodes"]);
        yield return ("three million empty nodes", () => Bytes(Many(3_000_000)), ["nodes"]);
        yield return ("ConstantOfShape", () => new OneNode("ConstantOfShape", 13, Ls(huge)).ToClosedBytes(), ["ConstantOfShape", "size"]);
        yield return ("ConstantOfShape of two", () => new OneNode("ConstantOfShape", 13, Ls(1 << 20, 1 << 20)).ToClosedBytes(),
            ["ConstantOfShape", "MiB"]);
        yield return ("Expand", () => new OneNode("Expand", 13, F(1), Ls(1 << 20, 1 << 20)).ToClosedBytes(), ["Expand", "MiB"]);
        yield return ("Tile", () => new OneNode("Tile", 13, F(2, 2), Ls(1 << 20, 1 << 20)).ToClosedBytes(), ["Tile", "MiB"]);
        yield return ("Tile without end", () => new OneNode("Tile", 13, F(2), Ls(long.MaxValue)).ToClosedBytes(), ["Tile", "size"]);
        yield return ("Range", () => new OneNode("Range", 13, One(0L), One(huge), One(1L)).ToClosedBytes(), ["Range"]);
        yield return ("Range without a step", () => new OneNode("Range", 13, One(0L), One(1L), One(0L)).ToClosedBytes(), ["Range", "step is 0"]);
        yield return ("Pad", () => new OneNode("Pad", 13, F(2), Ls(0, 1 << 30)).ToClosedBytes(), ["Pad", "MiB"]);
        yield return ("OneHot", () => new OneNode("OneHot", 13, Ls(1, 2), One(1L << 30), Fs(0, 1)).ToClosedBytes(), ["OneHot", "MiB"]);
        yield return ("outer sum", () => new OneNode("Add", 13, F(40000, 1), F(1, 40000)).ToClosedBytes(), ["Add", "MiB"]);
        yield return ("MatMul", () => new OneNode("MatMul", 13, F(40000, 0), F(0, 40000)).ToClosedBytes(), ["MatMul", "MiB"]);
        yield return ("index outside", () => new OneNode("Gather", 13, F(3), Ls(3)).ToClosedBytes(), ["Gather", "index 3"]);
        yield return ("division by zero", () => new OneNode("Div", 13, Ls(1), Ls(0)).ToClosedBytes(), ["Div", "zero"]);
        yield return ("other types", () => new OneNode("Add", 13, F(3), L(3)).ToClosedBytes(), ["Add", "same type"]);
        yield return ("other shapes", () => new OneNode("Add", 13, F(3), F(4)).ToClosedBytes(), ["Add", "[3] and [4]"]);
        yield return ("training", () => new OneNode("Dropout", 13, F(3), One(0.5f), One(true)).ToClosedBytes(), ["Dropout", "training"]);
        yield return ("endless loop", EndlessLoop, ["Loop", "steps"]);
        yield return ("loop that fills memory", FillingLoop, ["MiB"]);
        yield return ("cast to text", () => new OneNode("Cast", 13, F(3)) { Attributes = [("to", 8)] }.ToClosedBytes(), ["Cast", "string"]);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_model_that_is_wrong_is_refused_by_name(string name)
    {
        (_, Func<byte[]> make, string[] words) = All().Single(one => one.Name == name);
        byte[] bytes = make();
        long before = GC.GetTotalAllocatedBytes();
        Stopwatch watch = Stopwatch.StartNew();
        string message = Assert.Throws<UserErrorException>(() => Run(bytes)).Message;
        watch.Stop();
        Assert.StartsWith("'x.onnx'", message);
        foreach (string word in words) Assert.Contains(word, message);
        Assert.DoesNotContain('\n', message);
        // A tenth of what is promised for a whole process, so that a slow machine does not fail; the message count of the largest takes most.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        Assert.True(GC.GetTotalAllocatedBytes() - before < 700 << 20, $"{(GC.GetTotalAllocatedBytes() - before) >> 20} MB");
    }

    private static void Run(byte[] bytes)
    {
        OnnxModel model = Reference.Load(bytes);
        Dictionary<string, OnnxValue> given = model.Inputs.ToDictionary(port => port.Name, _ => (OnnxValue)F(2));
        model.Run(given, new OnnxRunOptions { MemoryLimit = 256 << 20, LoopLimit = 100_000 });
    }

    private static GraphProto Chain()
    {
        GraphProto graph = new() { Name = "chain" };
        graph.Input.Add(OneNode.Port("x0", F(2)));
        graph.Node.Add(new NodeProto { OpType = "Neg", Name = "a", Input = { "x0" }, Output = { "m" } });
        graph.Node.Add(new NodeProto { OpType = "Exp", Name = "b", Input = { "m" }, Output = { "y" } });
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        return graph;
    }

    private static GraphProto Edit(Action<GraphProto> change)
    {
        GraphProto graph = Chain();
        change(graph);
        return graph;
    }

    private static string Add(GraphProto graph, AttributeProto attribute, string then = "")
    {
        graph.Node[0].Attribute.Add(attribute);
        return then;
    }

    private static GraphProto Weights(params TensorProto[] weights) => Edit(graph => graph.Initializer.AddRange(weights));

    private static TensorProto Tensor(string name, long[] sizes, int bytes)
    {
        TensorProto tensor = new() { Name = name, DataType = 1, RawData = ByteString.CopyFrom(new byte[bytes]) };
        tensor.Dims.AddRange(sizes);
        return tensor;
    }

    private static GraphProto Nested(int depth)
    {
        GraphProto graph = Chain();
        if (depth == 0) return graph;
        graph.Node.Add(new NodeProto { OpType = "If", Name = "deep", Input = { "c" }, Output = { "z" },
            Attribute = { OneNode.Attribute("then_branch", Nested(depth - 1)), OneNode.Attribute("else_branch", Chain()) } });
        return graph;
    }

    private static GraphProto Many(int count)
    {
        GraphProto graph = Chain();
        NodeProto empty = new();
        for (int i = 0; i < count; i++) graph.Node.Add(empty);
        return graph;
    }

    private static byte[] Endless() => Functions(("f", ["f"]));

    private static byte[] Doubling() =>
        Functions([.. Enumerable.Range(0, 26).Select(i => ($"f{i}", i == 25 ? new[] { "Neg" } : [$"f{i + 1}", $"f{i + 1}"]))]);

    // Each function is the calls in it, one after the other.
    private static byte[] Functions(params (string Name, string[] Calls)[] functions)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(Bytes(Edit(graph =>
            (graph.Node[0].OpType, graph.Node[0].Domain) = (functions[0].Name, "own"))));
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        foreach ((string name, string[] calls) in functions)
        {
            FunctionProto function = new() { Name = name, Domain = "own", Input = { "p" }, Output = { $"q{calls.Length}" },
                OpsetImport = { new OperatorSetIdProto { Version = 13 }, new OperatorSetIdProto { Domain = "own", Version = 1 } } };
            for (int i = 0; i < calls.Length; i++)
                function.Node.Add(new NodeProto { OpType = calls[i], Domain = calls[i] == "Neg" ? "" : "own", Input = { i == 0 ? "p" : $"q{i}" },
                    Output = { $"q{i + 1}" } });
            model.Functions.Add(function);
        }
        return model.ToByteArray();
    }

    private static byte[] EndlessLoop() => Loop(new NodeProto { OpType = "Identity", Input = { "h" }, Output = { "h2" } });

    private static byte[] FillingLoop() =>
        Loop(new NodeProto { OpType = "Concat", Input = { "h", "h" }, Output = { "h2" }, Attribute = { OneNode.Attribute("axis", 0) } });

    private static byte[] Loop(NodeProto step)
    {
        GraphProto body = new() { Name = "body", Node = { step, new NodeProto { OpType = "Identity", Input = { "c" }, Output = { "c2" } } } };
        body.Input.AddRange([new ValueInfoProto { Name = "i" }, new ValueInfoProto { Name = "c" }, new ValueInfoProto { Name = "h" }]);
        body.Output.AddRange([new ValueInfoProto { Name = "c2" }, new ValueInfoProto { Name = "h2" }]);
        return Bytes(Edit(graph => graph.Node.Add(new NodeProto { OpType = "Loop", Name = "loop", Input = { "", "", "y" }, Output = { "z" },
            Attribute = { OneNode.Attribute("body", body) } })));
    }

    private static byte[] Bytes(GraphProto graph, int opset = 13) =>
        new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = opset } } }.ToByteArray();
}
