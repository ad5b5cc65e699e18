using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cells;

/// <summary>The one place where a name becomes a cell.</summary>
public sealed class CellCatalogTests
{
    private static CellCatalog Own => CellCatalog.BuiltIn.With(new CellEntry("mgu", _ => new MinimalGatedUnit()));

    private static NetworkSpec Spec => new(2,
    [
        new RecurrentSpec { Name = "encoder", Cell = new CellOptions { Kind = "mgu" }, Hidden = 3, Layers = 2,
            Direction = Unroll.Layers.Recurrent.Direction.Bidirectional },
        new DenseSpec { Name = "head", Outputs = 2 },
    ]);

    [Fact]
    public void Every_variant_belongs_to_its_kind_and_is_named_after_it()
    {
        foreach (CellEntry entry in CellCatalog.BuiltIn.Entries)
            foreach ((string name, CellOptions options) in entry.Variants)
            {
                Assert.Equal(entry.Kind, options.Kind);
                Assert.StartsWith(entry.Kind, name);
                Assert.Equal(entry.Kind, CellCatalog.BuiltIn.Make(options).Name);
            }
        Assert.All(CellCatalog.BuiltIn.Entries, entry => Assert.NotEqual("", entry.Summary));
    }

    [Fact]
    public void A_catalog_with_one_more_leaves_the_other_as_it_was()
    {
        Assert.Equal([.. CellCatalog.BuiltIn.Kinds, "mgu"], Own.Kinds);
        Assert.DoesNotContain("mgu", CellCatalog.BuiltIn.Kinds);
        Assert.IsType<MinimalGatedUnit>(Own.Make(new() { Kind = "mgu" }));
    }

    [Theory]
    [InlineData("lstm", "already has a cell with this name")]
    [InlineData("My cell", "small letters")]
    [InlineData("", "small letters")]
    [InlineData("mgu2", "calls itself 'mgu'")]
    public void A_name_that_will_not_do_is_refused(string kind, string expected) =>
        Assert.Contains(expected, Assert.Throws<UserErrorException>(() =>
            CellCatalog.BuiltIn.With(new CellEntry(kind, _ => new MinimalGatedUnit())).Make(new() { Kind = kind })).Message);

    [Fact]
    public void Options_that_a_cell_does_not_understand_are_refused()
    {
        Assert.Equal("cell 'mgu': peepholes, coupled gates, a projection and a cell clip belong to the lstm alone.",
            Assert.Throws<UserErrorException>(() => Own.Make(new() { Kind = "mgu", Coupled = true })).Message);
        Assert.Contains("the cell has none", Assert.Throws<UserErrorException>(() => Own.Make(new() { Kind = "mgu", GateClip = 1 })).Message);
        Assert.Contains("no choice", Assert.Throws<UserErrorException>(() => Own.Make(new() { Kind = "mgu", Activation = "relu" })).Message);
    }

    [Fact]
    public void A_network_with_a_cell_of_ones_own_is_saved_and_opened_with_the_catalog_that_has_it()
    {
        using TempFolder folder = new();
        string path = folder["model.safetensors"];
        Network network = Network.Build(Spec, Own);
        Initialization.Apply(network, new InitializationOptions(), new Rng(1));
        ModelFile.Save(path, network.Spec, "{}", network.Parameters, cells: network.Cells);
        Assert.Contains("\"encoder\":{\"gates\":\"fn\"}", TensorFile.Read(path).MetadataOf("unroll.conventions"));

        ModelFile file = ModelFile.Load(path, Own);
        Network opened = Network.Build(file.Spec, file.Cells);
        file.CopyInto(opened.Parameters);
        Assert.Equal(network.Parameters.Values, opened.Parameters.Values);

        string message = Assert.Throws<UserErrorException>(() => ModelFile.Load(path)).Message;
        Assert.StartsWith($"'{path}': layer 'encoder' has the cell 'mgu'", message);
        Assert.Contains("catalog", message);
        Assert.Equal("cell 'mgu' is unknown: expected one of lstm, gru, gru-after, rnn, residual, lstm-ln, gru-ln.",
            Assert.Throws<UserErrorException>(() => Network.Build(Spec)).Message);
    }

    [Fact]
    public void An_encoder_decoder_of_ones_own_cell_is_built_and_initialized()
    {
        EncoderDecoderSpec spec = new() { SourceVocabulary = 4, TargetVocabulary = 5, Embedding = 2, Hidden = 4,
            Cell = new CellOptions { Kind = "mgu" } };
        EncoderDecoder model = EncoderDecoder.Build(spec, Own);
        model.Initialize(new InitializationOptions(), new Rng(1));
        Assert.All(model.Decoder.Layers, layer => Assert.IsType<MinimalGatedUnit>(layer.Cell));
        Assert.Equal("fn", model.GatesOf(model.Parameters.Find("encoder.weight_ih_l0")!));
        Assert.Throws<UserErrorException>(() => EncoderDecoder.Build(spec));
    }
}
