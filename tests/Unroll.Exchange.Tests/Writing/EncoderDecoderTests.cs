using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Layers.Attention;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Tests.Writing;

public sealed class EncoderDecoderTests
{
    private static readonly EncoderDecoderSpec s_spec = new()
    {
        SourceVocabulary = 11, TargetVocabulary = 9, Begin = 7, End = 8, Embedding = 4, Hidden = 6, Cell = new() { Kind = "gru-after" },
    };

    internal static IEnumerable<EncoderDecoderSpec> Specs => s_variants.Values;

    public static IEnumerable<TheoryDataRow<string>> Variants() => s_variants.Keys.Select(name => new TheoryDataRow<string>(name));

    private static readonly Dictionary<string, EncoderDecoderSpec> s_variants = new()
    {
        ["general"] = s_spec,
        ["additive"] = s_spec with { Score = AttentionScore.Additive },
        ["dot"] = s_spec with { Score = AttentionScore.Dot },
        ["not fed"] = s_spec with { InputFeeding = false },
        ["one direction"] = s_spec with { Bidirectional = false },
        ["two layers of lstm"] = s_spec with { EncoderLayers = 2, DecoderLayers = 2, Cell = new() { Kind = "lstm" } },
        ["normalized lstm"] = s_spec with { Cell = new() { Kind = "lstm-ln" } },
        ["lstm with projection"] = s_spec with { Cell = new() { Kind = "lstm", Projection = 3 } },
        ["shared table"] = s_spec with { SourceVocabulary = 9, SharedTable = true },
        ["cell of four states"] = s_spec with { DecoderLayers = 2, EncoderLayers = 2, Cell = CellChoice.Of(CellZoo.Definition("slstm")) },
        ["cell with an output of its own"] = s_spec with { Cell = CellChoice.Of(CellZoo.Definition("scrn")) },
        ["cell with a narrow output"] = s_spec with { DecoderLayers = 2, Cell = CellChoice.Of(CellText.Read(
            "cell narrow\nwidth h = units / 2\nc = tanh(W x + U h₋ + b) + c₋\nh = V c\n", "narrow.cell")) },
        ["equations of an lstm"] = s_spec with { Cell = CellChoice.Of(BuiltInDefinitions.Find("lstm")!.Definition) },
        ["learned first state"] = s_spec with { InitialState = InitialState.Learned },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Encoder_and_decoder_give_the_memory_and_every_score_of_the_network(string variant)
    {
        EncoderDecoder model = EncoderDecoder.Build(s_variants[variant]);
        Written.Fill(model.Parameters, 5);
        using ThreadTeam one = new(1);
        foreach (int opset in new[] { 14, 17, 22 })
        {
            EncoderDecoderProbe probe = new(model, one);
            EncoderDecoderWriter writer = new(model, opset);
            using Ort encoder = new(writer.Encoder().Graph, opset), decoder = new(writer.Decoder().Graph, opset);
            probe.Pairs(encoder.Run, decoder.Run, [5], 5, 3, new Rng(1));
            probe.Pairs(encoder.Run, decoder.Run, [4, 1, 7, 0], 8, 4, new Rng(2));
            probe.Pairs(encoder.Run, decoder.Run, [3, 3], 3, 2, new Rng(3));
            Written.AssertClose(probe.Encoder, "memory");
            Written.AssertClose(probe.Decoder, "scores");
        }
    }

    [Fact]
    public void An_encoder_and_a_decoder_are_written_as_two_files()
    {
        using TemporaryFolder folder = new();
        EncoderDecoder model = EncoderDecoder.Build(s_spec);
        Written.Fill(model.Parameters, 5);
        OnnxExportReport report = OnnxExport.Save(folder.File("m.onnx"), model);
        Assert.Equal(["m.encoder.onnx", "m.decoder.onnx"], report.Files.Select(file => Path.GetFileName(file.Path)));
        foreach (OnnxExportFile file in report.Files)
        {
            Assert.True(File.Exists(file.Path));
            Written.AssertClose(file.Largest);
        }
        Assert.Equal(
            ["symbols int64 [batch]", "memory float [batch, steps, 6]", "keys float [batch, steps, 6]", "lengths int32 [batch]",
                "decoder.fed_in float [batch_or_1, 6]", "decoder.l0.h_in float [batch_or_1, 6]"], report.Files[1].Inputs);
    }
}
