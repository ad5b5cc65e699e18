using System.Runtime.InteropServices;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Writing;

public sealed class WrittenWeightsTests
{
    [Fact]
    public void The_weights_of_every_cell_come_back_bit_by_bit()
    {
        foreach (CellVariant cell in CellCatalog.BuiltIn.Variants)
            foreach (Direction direction in Enum.GetValues<Direction>())
                AssertSame(Written.Random(new NetworkSpec(3,
                [
                    new RecurrentSpec
                    {
                        Name = "encoder", Cell = cell.Options, Hidden = 5, Layers = 2, Direction = direction, InitialState = InitialState.Learned,
                    },
                    new DenseSpec { Name = "head", Outputs = 4 },
                ])), cell.Name);
    }

    [Fact]
    public void The_weights_of_every_layer_come_back_bit_by_bit()
    {
        foreach ((string name, NetworkSpec spec) in LayerTests.Specs) AssertSame(Written.Random(spec), name);
    }

    [Fact]
    public void The_weights_of_an_encoder_and_a_decoder_come_back_bit_by_bit()
    {
        foreach (EncoderDecoderSpec spec in EncoderDecoderTests.Specs)
        {
            EncoderDecoder from = EncoderDecoder.Build(spec), to = EncoderDecoder.Build(spec);
            Written.Fill(from.Parameters, 3);
            EncoderDecoderWriter writer = new(from, 17);
            Assert.Empty(new WrittenWeights([writer.Encoder().Graph, writer.Decoder().Graph]).CopyInto(spec.Stored, to.Parameters));
            AssertSame(from.Parameters, to.Parameters, spec.ToJson());
        }
    }

    private static void AssertSame(Network network, string what)
    {
        foreach (string prefix in new[] { "", "member.2." })
        {
            Network[] members = prefix.Length == 0 ? [network] : [Written.Random(network.Spec, 1), network];
            GraphProto graph = NetworkWriter.Write(members, MemberMean.Outputs, 17, step: false).Graph;
            GraphProto read = GraphProto.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(graph));
            Network back = Network.Build(network.Spec);
            IReadOnlyList<string> missing = new WrittenWeights([read], prefix).CopyInto(network.Spec, back.Parameters);
            Assert.All(missing, name => Assert.StartsWith("crf.", name));          // of an ensemble's paths there is no mean: it is never asked for
            if (prefix.Length == 0) Assert.Empty(missing);
            if (missing.Count == 0) AssertSame(network.Parameters, back.Parameters, what);
        }
    }

    private static void AssertSame(ParameterStore expected, ParameterStore got, string what)
    {
        foreach ((Parameter a, Parameter b) in expected.All.Zip(got.All))
            Assert.True(MemoryMarshal.AsBytes(a.Values).SequenceEqual(MemoryMarshal.AsBytes(b.Values)), $"{what}: {a.Name}");
    }
}
