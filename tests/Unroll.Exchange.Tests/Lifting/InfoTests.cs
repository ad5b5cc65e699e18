using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Lifting;

public sealed class InfoTests
{
    [Fact]
    public void Info_says_that_a_graph_is_lifted_and_to_what()
    {
        string text = CliRun.Of("info", Fixture.Path("tagger")).Done();
        Assert.Contains("lifted: yes; on a probe input the network differs from the graph by", text);
        Assert.Contains("rnn: 1 × lstm of 5, both directions", text);
        Assert.Contains("then: log-softmax", text);
        JsonElement lifted = CliRun.Of("info", Fixture.Path("tagger"), "--json").Json.GetProperty("lifted");
        Assert.True(lifted.GetProperty("is").GetBoolean());
        Assert.Equal(3, lifted.GetProperty("network").GetProperty("layers").GetArrayLength());
    }

    [Fact]
    public void Info_names_the_node_that_is_no_layer_and_a_suspect_GRU()
    {
        Assert.Contains("lifted: no, it runs as a graph: node '/head/head.1/Tanh' (Tanh, opset 17)",
            CliRun.Of("info", Fixture.Path("regressor-tanh")).Done());
        Assert.Contains("warning: ", CliRun.Of("info", Fixture.Path("dynamo-gru-wrong")).Error);
    }

    [Fact]
    public void Info_knows_a_file_of_this_library()
    {
        using TempFolder folder = new();
        Network network = Network.Build(new NetworkSpec(2, [new RecurrentSpec { Name = "rnn", Hidden = 3, Cell = new() { Kind = "gru-ln" } }]));
        using (Edit edit = network.Parameters.Edit()) edit.Values.Fill(0.1f);
        OnnxExport.Save(folder["a.onnx"], network);
        Assert.Contains("network: written by this library", CliRun.Of("info", folder["a.onnx"]).Done());
    }
}
