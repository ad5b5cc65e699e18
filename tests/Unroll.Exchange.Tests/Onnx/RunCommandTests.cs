using System.Text.Json;
using Unroll.Cli;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Formats;
using Google.Protobuf;

namespace Unroll.Exchange.Tests.Onnx;

public sealed class RunCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-run").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string this[string name] => Path.Combine(_folder, name);

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Onnx", "Fixtures", name);

    private static (int Code, string Out, string Error) Unroll(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        using Interruption stop = new();
        int code = CommandLine.Run(arguments, new Terminal(() => Stream.Null, output, error, Live: false), stop);
        return (code, output.ToString(), error.ToString());
    }

    private string Array(string name, Tensor tensor)
    {
        Npy.Write(this[name], tensor);
        return this[name];
    }

    [Fact]
    public void Outputs_are_written_under_names_that_a_file_may_have()
    {
        string x = Array("x.npy", Tensor.Of("x", [2, 5, 4], new float[40]));
        Assert.Equal(0, Unroll("run", Fixture("handwritten/tf2onnx-loop-lstm.onnx"), "--input", "x:0=" + x, "--output-dir", this["out"]).Code);
        Assert.Equal(["Identity_0.npy", "StatefulPartitionedCall_model_lstm_while_0.npy", "StatefulPartitionedCall_model_lstm_while_2.npy"],
            Directory.EnumerateFiles(this["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("[2, 5, 3]", Npy.Read(Path.Combine(this["out"], "Identity_0.npy")).ShapeText);
        Assert.Equal([5L], Npy.Read(Path.Combine(this["out"], "StatefulPartitionedCall_model_lstm_while_0.npy")).Int64);
    }

    [Fact]
    public void Small_outputs_are_printed_and_json_has_all_numbers()
    {
        string tokens = Array("t.npy", Tensor.Of("t", [1, 3], [1, 2, 3]));              // int32, where the graph wants int64
        (int code, string text, _) = Unroll("run", Fixture("torchscript/classifier-last.onnx"), "--input", tokens);
        Assert.Equal(0, code);
        Assert.Contains("y: float [1, 3]", text);
        JsonElement output = JsonDocument.Parse(Unroll("run", Fixture("torchscript/classifier-last.onnx"), "--input", tokens, "--json").Out)
            .RootElement.GetProperty("outputs")[0];
        Assert.Equal(1, output.GetProperty("values").EnumerateArray().Sum(value => value.GetDouble()), 1e-6);     // a softmax of three
    }

    [Theory]
    [InlineData("y=t.npy", "did you mean 'x'")]
    [InlineData("x=none.npy", "none.npy")]
    [InlineData("x=half.npy", "not every number is the same")]
    [InlineData("x=flat.npy", "x: int64 [batch, time]")]
    public void What_does_not_fit_is_refused_and_leaves_nothing(string input, string words)
    {
        Array("t.npy", Tensor.Of("t", [1, 3], [1L, 2, 3]));
        Array("half.npy", Tensor.Of("t", [1, 2], [1f, 2.5f]));
        Array("flat.npy", Tensor.Of("t", [3], [1L, 2, 3]));
        int at = input.IndexOf('=');
        (int code, string text, string error) = Unroll("run", Fixture("torchscript/classifier-last.onnx"), "--input",
            $"{input[..at]}={this[input[(at + 1)..]]}", "--output-dir", this["out"]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(words, error);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(this["out"]));
    }

    [Fact]
    public void A_missing_input_is_named_with_all_there_are() =>
        Assert.Contains("'x' is not given; its inputs are x: int64 [batch, time]", Unroll("run", Fixture("torchscript/classifier-last.onnx")).Error);

    [Fact]
    public void Two_outputs_of_one_file_are_refused()
    {
        GraphProto graph = new() { Initializer = { OneNode.Proto(OnnxTensor.Scalar(1f), "a:b"), OneNode.Proto(OnnxTensor.Scalar(1f), "a/b") } };
        graph.Output.AddRange([new ValueInfoProto { Name = "a:b" }, new ValueInfoProto { Name = "a/b" }]);
        File.WriteAllBytes(this["m.onnx"], new ModelProto { Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }.ToByteArray());
        (int code, _, string error) = Unroll("run", this["m.onnx"], "--output-dir", this["out"]);
        Assert.Equal(2, code);
        Assert.Contains("'a:b' and 'a/b'", error);
        Assert.False(Directory.Exists(this["out"]));
    }

    [Fact]
    public void Info_names_what_the_file_holds()
    {
        string text = Unroll("info", Fixture("torchscript/classifier-last.onnx")).Out;
        foreach (string words in (string[])["pytorch 1.13", "opset 14", "x: int64 [batch, time]", "1 LSTM", "bidirectional", "iofc", "runs: yes"])
            Assert.Contains(words, text);
        JsonElement json = JsonDocument.Parse(Unroll("info", Fixture("torchscript/classifier-last.onnx"), "--json").Out).RootElement;
        Assert.Equal((8, true, 1), (json.GetProperty("weights").GetInt32(), json.GetProperty("runs").GetBoolean(),
            json.GetProperty("recurrent").GetArrayLength()));
    }

    [Fact]
    public void Info_of_what_cannot_be_run_says_why_and_names_what_is_not_used()
    {
        GraphProto graph = new() { Initializer = { OneNode.Proto(OnnxTensor.Scalar(1f), "spare") },
            Node = { new NodeProto { OpType = "Conv", Name = "c", Input = { "x", "x" }, Output = { "y" } } } };
        graph.Input.Add(OneNode.Port("x", OnnxTensor.Scalar(1f)));
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        File.WriteAllBytes(this["m.onnx"], new ModelProto { Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }.ToByteArray());
        (int code, string text, _) = Unroll("info", this["m.onnx"]);
        Assert.Equal(0, code);
        Assert.Contains("not used: spare", text);
        Assert.Contains("runs: no; ", text);
        Assert.Contains("node 'c' (Conv, opset 13)", text);
    }
}
