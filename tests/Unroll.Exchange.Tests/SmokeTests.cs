using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void Messages_of_the_wire_format_come_back()
    {
        ModelProto model = new() { IrVersion = 8, Graph = new GraphProto { Name = "one", Node = { new NodeProto { OpType = "LSTM" } } } };
        Assert.Equal(model, ModelProto.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(model)));
    }
}
