using Google.Protobuf;
using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Tests.Onnx;

public sealed class ExternalDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-onnx").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Data_beside_the_model_are_read_from_their_place()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        byte[] bytes = [9, 9, 9, 9, .. System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>([1.5f, -2f])];
        File.WriteAllBytes(Path.Combine(_folder, "data", "w.bin"), bytes);
        OnnxModel model = OnnxModel.Load(Model(("location", "data/w.bin"), ("offset", "4"), ("length", "8")));
        Assert.Equal([1.5f, -2f], ((OnnxTensor)model.Run(new Dictionary<string, OnnxValue>())["y"]).Values<float>());
    }

    [Theory]
    [InlineData("/etc/passwd", "inside the model's folder")]
    [InlineData("../w.bin", "inside the model's folder")]
    [InlineData("data/../../w.bin", "inside the model's folder")]
    [InlineData("data\\..\\..\\w.bin", "inside the model's folder")]
    [InlineData("C:\\w.bin", "inside the model's folder")]
    [InlineData("", "inside the model's folder")]
    [InlineData("gone.bin", "no such file")]
    public void Data_from_elsewhere_are_refused(string location, string words) => Refused(words, ("location", location));

    [Fact]
    public void A_link_is_not_followed()
    {
        string outside = Path.GetTempFileName();
        try
        {
            File.CreateSymbolicLink(Path.Combine(_folder, "w.bin"), outside);
            Refused("a link", ("location", "w.bin"));
        }
        finally
        {
            File.Delete(outside);
        }
    }

    [Theory]
    [InlineData("4", "8", "that file has")]
    [InlineData("9223372036854775807", "8", "that file has")]
    [InlineData("0", "9", "needs 8 bytes")]
    [InlineData("-1", "8", "offset")]
    [InlineData("0", "many", "length")]
    public void Offsets_and_lengths_are_those_of_the_file(string offset, string length, string words)
    {
        File.WriteAllBytes(Path.Combine(_folder, "w.bin"), new byte[11]);
        Refused(words, ("location", "w.bin"), ("offset", offset), ("length", length));
    }

    private void Refused(string words, params (string, string)[] entries)
    {
        string message = Assert.Throws<UserErrorException>(() => OnnxModel.Load(Model(entries))).Message;
        Assert.Contains("'w'", message);
        Assert.Contains(words, message);
    }

    private string Model(params (string Key, string Value)[] entries)
    {
        TensorProto tensor = new() { Name = "w", DataType = 1, Dims = { 2 }, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.ExternalData.AddRange(entries.Select(one => new StringStringEntryProto { Key = one.Key, Value = one.Value }));
        GraphProto graph = new() { Initializer = { tensor }, Node = { new NodeProto { OpType = "Identity", Input = { "w" }, Output = { "y" } } },
            Output = { new ValueInfoProto { Name = "y" } } };
        string path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, new ModelProto { Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }.ToByteArray());
        return path;
    }
}
