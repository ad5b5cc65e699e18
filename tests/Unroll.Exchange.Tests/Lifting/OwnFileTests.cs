using Google.Protobuf;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Importing;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

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

    private static Network Filled(NetworkSpec spec)
    {
        Network network = Network.Build(spec);
        Rng rng = new(5);
        using Edit edit = network.Parameters.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = (float)(0.4 * rng.Normal((ulong)i));
        return network;
    }
}
