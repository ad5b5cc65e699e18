using System.Text.Json;
using Unroll.Cli;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Formats;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Writing;

public sealed class ConvertCommandTests
{
    private static string Model(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "Models", $"{name}.safetensors");

    [Fact]
    public void A_model_becomes_an_ONNX_file_and_what_was_compared_is_said()
    {
        using TemporaryFolder folder = new();
        (int code, string output, string errors) = Run("convert", Model("lm-char"), folder.File("m.onnx"), "--step", "--opset", "21");
        Assert.Equal(0, code);
        Assert.Contains("read back and run: largest |Δ| ", output);
        Assert.Contains("in   x int64 [batch, steps]", output);
        Assert.Contains("in   lengths int32 [batch]", output);
        Assert.Contains("out  rnn.l0.h_out float [batch, ", output);
        Assert.Contains("note: 'y' holds the network's own outputs", errors);
        foreach (string file in new[] { "m.onnx", "m.step.onnx" })
        {
            using Ort session = new(File.ReadAllBytes(folder.File(file)));
            Assert.Equal("Unroll", session.Session.ModelMetadata.ProducerName);
            Assert.Contains("\"", session.Session.ModelMetadata.CustomMetadataMap["vocabulary"]);
        }
    }

    [Fact]
    public void A_translation_model_becomes_two_files()
    {
        using TemporaryFolder folder = new();
        (int code, string output, string errors) = Run("convert", Model("translate-word"), folder.File("m.onnx"), "--json");
        Assert.Equal(0, code);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal(["m.decoder.onnx", "m.encoder.onnx"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(2, json.RootElement.GetProperty("files").GetArrayLength());
        Assert.All(json.RootElement.GetProperty("files").EnumerateArray(), file =>
            Assert.InRange(file.GetProperty("largest_difference").GetDouble(), 0, 1e-5));
        Assert.Contains("the search for a translation stays outside", errors);
    }

    [Fact]
    public void Weights_of_8_bits_are_said_to_be_written_as_floats()
    {
        using TemporaryFolder folder = new();
        (int code, _, string errors) = Run("convert", Model("forecast-int8"), folder.File("m.onnx"));
        Assert.Equal(0, code);
        Assert.Contains("weights of 8 bits are written as the floats that they stand for", errors);
    }

    [Theory]
    [InlineData("m.txt", "expected a file that ends in .onnx", "")]
    [InlineData("m.onnx", "--opset: expected a whole number from 14 to 22, got 30", "--opset=30")]
    [InlineData("m.onnx", "member: expected 1 to 1", "--member=2")]
    public void What_cannot_be_done_is_refused_and_no_file_is_left(string to, string expected, string option)
    {
        using TemporaryFolder folder = new();
        (int code, _, string errors) = Run([.. new[] { "convert", Model("lm-char"), folder.File(to), option }.Where(word => word.Length > 0)]);
        Assert.Equal(2, code);
        Assert.Contains(expected, errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_rule_and_a_temperature_that_are_no_part_of_the_graph_are_said()
    {
        using TemporaryFolder folder = new();
        ModelFile file = ModelFile.Load(Model("classify-text"));
        Network network = Network.Build(file.Spec);
        file.CopyInto(network.Parameters);
        string task = file.TaskJson.TrimEnd().TrimEnd('}') + ", \"rule\": {\"kind\": \"x\"}, \"temperature\": 1.5}";
        ModelFile.Save(folder.File("m.safetensors"), file.Spec, task, network.Parameters);
        OnnxExportReport report = OnnxExport.Save(folder.File("m.onnx"), ModelFile.Load(folder.File("m.safetensors")));
        Assert.Contains(report.Notes, note => note.Contains("the rule that is a member"));
        Assert.Contains(report.Notes, note => note.Contains("temperature"));
        using Ort session = new(File.ReadAllBytes(folder.File("m.onnx")));
        Assert.Equal("1.5", session.Session.ModelMetadata.CustomMetadataMap["temperature"]);
        Assert.Contains("the rule that is a member", session.Session.ModelMetadata.CustomMetadataMap["unroll.notes"]);
    }

    private static (int Code, string Output, string Errors) Run(params string[] args)
    {
        using StringWriter output = new(), errors = new();
        using Interruption interruption = new();
        int code = CommandLine.Run(args, new Terminal(() => Stream.Null, output, errors, Live: false), interruption);
        return (code, output.ToString(), errors.ToString());
    }
}
