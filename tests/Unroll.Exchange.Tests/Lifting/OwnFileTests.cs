using Google.Protobuf;
using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Exchange.Importing;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Tests.Lifting;

/// <summary>Files that this library wrote come back bit for bit, or are not believed.</summary>
public sealed class OwnFileTests
{
    private static readonly LayerSpec s_head = new DenseSpec { Name = "head", Outputs = 3 };

    public static TheoryData<string> Kinds => [.. s_specs.Keys];

    private static readonly Dictionary<string, NetworkSpec> s_specs = new()
    {
        ["char model"] = new(1, [new EmbeddingSpec { Name = "embedding", Vocabulary = 9, Size = 4, Dropout = 0.1f },
            new DropoutSpec { Name = "drop", Rate = 0.2f },
            new RecurrentSpec { Name = "rnn", Hidden = 5, Layers = 2, Dropout = 0.3f }, new DenseSpec { Name = "down", Outputs = 4 },
            new TiedSpec { Name = "out", Embedding = "embedding" }]),
        ["bidirectional"] = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 5, Cell = new() { Kind = "gru" },
            Direction = Direction.Bidirectional },
            new LastStatesSpec { Name = "pool" }, s_head]),
        ["peepholes"] = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 5, Cell = new() { Peepholes = true, GateClip = 2 },
            Direction = Direction.Reverse }, s_head]),
        ["learned"] = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 5, Cell = new() { Coupled = true }, InitialState = InitialState.Learned },
            s_head]),
        ["projection"] = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 5, Cell = new() { Projection = 2, CellClip = 1 } }, s_head]),
        ["normalized"] = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 5, Cell = new() { Kind = "lstm-ln" } },
            new LayerNormSpec { Name = "norm" }, s_head]),
        ["residual"] = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 3, Cell = new() { Kind = "residual" } },
            new AttentionPoolSpec { Name = "pool", Size = 4 }, s_head]),
        ["equations of an lstm"] = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 5, Layers = 2, Cell = Defined("lstm-peephole"),
            Direction = Direction.Bidirectional, InitialState = InitialState.Learned }, s_head]),
        ["equations of a gru"] = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 5, Cell = Defined("gru-after"), Direction = Direction.Reverse },
            s_head]),
        ["equations of four states"] = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 5, Layers = 2, Cell = Defined("slstm"),
            Direction = Direction.Bidirectional, InitialState = InitialState.Learned }, s_head]),
        ["equations with an output"] = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 5, Cell = Defined("scrn"),
            InitialState = InitialState.Learned }, s_head]),
        ["tags"] = new(3, [new ConvolutionSpec { Name = "filters", Filters = 4, Width = 3 }, new RecurrentSpec { Name = "rnn", Hidden = 5 }, s_head,
            new CrfSpec { Name = "crf" }]),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Import_of_an_export_is_the_network_bit_for_bit(string kind)
    {
        using TempFolder folder = new();
        Network network = Filled(s_specs[kind]);
        OnnxExport.Save(folder["a.onnx"], network);
        ImportedNetwork back = OnnxImport.Read(folder["a.onnx"]);
        Assert.Equal(network.Spec.ToJson(), back.Network.Spec.ToJson());
        Assert.Equal(network.Parameters.Values.ToArray().Select(BitConverter.SingleToInt32Bits),
            back.Network.Parameters.Values.ToArray().Select(BitConverter.SingleToInt32Bits));
        Assert.Empty(back.Unused);
        OnnxExport.Save(folder["b.onnx"], back.Network);
        Assert.Equal(File.ReadAllBytes(folder["a.onnx"]), File.ReadAllBytes(folder["b.onnx"]));
    }

    [Fact]
    public void The_graph_of_one_step_comes_back_too()
    {
        using TempFolder folder = new();
        Network network = Filled(s_specs["char model"]);
        OnnxExport.Save(folder["a.onnx"], network, new OnnxExportOptions { Step = true, Opset = 21 });
        Assert.Equal(network.Parameters.Values.ToArray(), OnnxImport.Read(folder["a.step.onnx"]).Network.Parameters.Values.ToArray());
    }

    // The weights are the graph's: what another program changed there is read, and not what the metadata once described.
    [Fact]
    public void Weights_that_were_changed_in_the_graph_are_read_from_the_graph()
    {
        using TempFolder folder = new();
        OnnxExport.Save(folder["a.onnx"], Filled(s_specs["char model"]));
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["a.onnx"]));
        TensorProto table = model.Graph.Initializer.First(tensor => tensor.Name == "embedding.weight");
        byte[] raw = table.RawData.ToByteArray();
        BitConverter.TryWriteBytes(raw, 7.5f);
        table.RawData = ByteString.CopyFrom(raw);
        File.WriteAllBytes(folder["b.onnx"], model.ToByteArray());
        Assert.Equal(7.5f, OnnxImport.Read(folder["b.onnx"]).Network.Parameters.Find("embedding.weight")!.Values[0]);
    }

    [Fact]
    public void A_graph_that_is_not_what_its_metadata_say_is_not_believed()
    {
        using TempFolder folder = new();
        OnnxExport.Save(folder["a.onnx"], Filled(s_specs["normalized"]));
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["a.onnx"]));
        NodeProto add = model.Graph.Node.Last(node => node.OpType == "Add");
        add.OpType = "Sub";
        File.WriteAllBytes(folder["b.onnx"], model.ToByteArray());
        UserErrorException error = Assert.Throws<UserErrorException>(() => OnnxImport.Read(folder["b.onnx"]));
        Assert.Contains($"its graph is not the one of the network that its metadata describe: node '{add.Name}' (Sub, opset 17) differs",
            error.Message);
    }

    [Fact]
    public void A_description_of_another_network_in_the_metadata_is_not_believed()
    {
        using TempFolder folder = new();
        OnnxExport.Save(folder["a.onnx"], Filled(s_specs["normalized"]));
        foreach (string claim in new[] { "no JSON", s_specs["residual"].ToJson(),
            new NetworkSpec(3, [new DenseSpec { Name = "d", Outputs = 60_000 }, new DenseSpec { Name = "e", Outputs = 30_000 }]).ToJson() })
        {
            ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["a.onnx"]));
            model.MetadataProps.Single(one => one.Key == ModelMetadata.Network).Value = claim;
            File.WriteAllBytes(folder["b.onnx"], model.ToByteArray());
            Assert.Contains("metadata describe", Assert.Throws<UserErrorException>(() => OnnxImport.Read(folder["b.onnx"])).Message);
        }
    }

    // Without its metadata nothing says what the masks of a file are for: it is a graph, and its answers are those of the network.
    [Fact]
    public void An_operator_or_a_Scan_of_equations_is_run_with_the_same_answers_once_the_metadata_are_gone()
    {
        foreach (string name in CellZoo.Names.Concat(BuiltInDefinitions.All.Select(one => one.Name)).Distinct())
        {
            Network network = Filled(Both(name));
            using TempFolder folder = Exported(network);
            Assert.Contains("'unroll run' runs it as it is", Assert.Throws<UserErrorException>(() => OnnxImport.Read(folder["b.onnx"])).Message);
            OnnxModel model = OnnxModel.Load(folder["b.onnx"]);
            AssertSameOutputs(network, batch => Run(model, batch));
            AssertSameOutputs(network, batch => OnnxImport.Read(folder["a.onnx"]).Network.Forward(batch, null, NewPass()).Output);
        }
    }

    private static CellOptions Defined(string name) =>
        CellChoice.Of(BuiltInDefinitions.Find(name)?.Definition ?? CellZoo.Definition(name));

    private static NetworkSpec Both(string name) => new(5,
        [new RecurrentSpec { Name = "rnn", Hidden = 5, Cell = Defined(name), Direction = Direction.Bidirectional }, s_head]);

    // a.onnx as it was written, b.onnx without its metadata.
    private static TempFolder Exported(Network network)
    {
        TempFolder folder = new();
        OnnxExport.Save(folder["a.onnx"], network);
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["a.onnx"]));
        model.MetadataProps.Clear();
        File.WriteAllBytes(folder["b.onnx"], model.ToByteArray());
        return folder;
    }

    private static void AssertSameOutputs(Network network, Func<SequenceBatch, SequenceBatch> other)
    {
        Rng rng = new(9);
        float[] Rows(int steps, ulong at) => [.. Enumerable.Range(0, 5 * steps).Select(i => (float)rng.At(at).Normal((ulong)i))];
        SequenceBatch batch = SequenceBatch.FromSequences(5, Rows(6, 0), Rows(2, 1), Rows(4, 2));
        float[] expected = network.Forward(batch, null, NewPass()).Output.All.ToArray(), got = other(batch).All.ToArray();
        Assert.Equal(expected.Length, got.Length);
        double largest = Math.Max(1, expected.Max(Math.Abs));
        Assert.All(expected.Zip(got), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-5 * largest));     // sums in another order
    }

    private static SequenceBatch Run(OnnxModel model, SequenceBatch batch)
    {
        int sequences = batch.Layout.Sequences, steps = batch.Layout.Lengths.ToArray().Max();
        float[] x = new float[sequences * steps * 5];
        for (int s = 0; s < sequences; s++)
            for (int t = 0; t < batch.Layout.Lengths[s]; t++) batch.Row(t, s).CopyTo(x.AsSpan((s * steps + t) * 5));
        OnnxTensor y = (OnnxTensor)model.Run(new Dictionary<string, OnnxValue>
        {
            ["x"] = OnnxTensor.Of<float>([sequences, steps, 5], x), ["lengths"] = OnnxTensor.Of<int>([sequences], batch.Layout.Lengths),
        })["y"];
        float[] values = y.Values<float>().ToArray();
        int features = y.Shape[2];
        return SequenceBatch.FromSequences(features, [.. Enumerable.Range(0, sequences).Select(s =>
            values[(s * steps * features)..((s * steps + batch.Layout.Lengths[s]) * features)])]);
    }

    private static Pass NewPass() => new(new Workspace(), ThreadTeam.Default, new Rng(0), Training: false);

    private static Network Filled(NetworkSpec spec)
    {
        Network network = Network.Build(spec);
        Rng rng = new(5);
        using Edit edit = network.Parameters.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = (float)(0.4 * rng.Normal((ulong)i));
        return network;
    }
}
