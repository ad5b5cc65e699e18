using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Tests.Writing;

public sealed class RefusalTests
{
    private static readonly NetworkSpec s_both = new(3, [new RecurrentSpec { Name = "encoder", Hidden = 4, Direction = Direction.Bidirectional }]);

    [Fact]
    public void A_cell_of_CSharp_code_is_refused_by_name()
    {
        CellCatalog cells = CellCatalog.BuiltIn.With(new CellEntry("mine", _ => new OwnCell()));
        RecurrentSpec encoder = new() { Name = "encoder", Hidden = 4, Cell = new() { Kind = "mine" } };
        Network network = Network.Build(new NetworkSpec(3, [encoder]), cells);
        AssertRefused(network, new OnnxExportOptions(), "layer 'encoder': its cell 'mine' is written in C#");
    }

    [Theory]
    [InlineData(13)]
    [InlineData(23)]
    public void An_opset_that_cannot_be_written_is_refused(int opset) =>
        AssertRefused(Written.Random(s_both), new OnnxExportOptions { Opset = opset }, $"opset: expected a whole number from 14 to 22, got {opset}");

    [Fact]
    public void Single_steps_of_a_network_that_looks_ahead_are_refused_and_no_file_is_left() =>
        AssertRefused(Written.Random(s_both), new OnnxExportOptions { Step = true }, "layer 'encoder.0' looks ahead in time");

    [Fact]
    public void A_sequence_longer_than_a_flat_layer_has_places_for_is_refused_by_the_runtime()
    {
        foreach (LayerSpec[] layers in new LayerSpec[][]
        {
            [new FlattenSpec { Name = "flat", Steps = 4 }],
            [new MaxPoolSpec { Name = "pool" }, new WideSpec { Name = "wide", Steps = 4 }],
            [new MaxPoolSpec { Name = "pool" }, new WideSpec { Name = "wide", Steps = 4, Pairs = true }],
        })
        {
            Network network = Written.Random(new NetworkSpec(3, layers));
            using Ort session = new(NetworkWriter.Write([network], MemberMean.None, 17, step: false).Graph);
            Assert.ThrowsAny<Exception>(() => session.Run(new ProbeBatch(network.Spec, [5, 2], new Rng(1)).Inputs(5)));
            Assert.NotEmpty(session.Run(new ProbeBatch(network.Spec, [4, 2], new Rng(1)).Inputs(4)));
        }
    }

    [Fact]
    public void A_file_that_does_not_give_what_the_network_gives_is_not_written()
    {
        using TemporaryFolder folder = new();
        Network network = Written.Random(s_both);
        ExportPlan plan = new(folder.File("m.onnx"), new OnnxExportOptions(), "{}", network.Spec.ToJson(), "");
        plan.Add(folder.File("m.onnx"), NetworkWriter.Write([network], MemberMean.None, 17, step: false).Graph, "sequences", [], run =>
        {
            Probe probe = new([Written.Random(s_both, 8)], MemberMean.None, ThreadTeam.Default);         // of other weights
            probe.Sequences(run, [3], 3, new Rng(1), states: false);
            return probe.Result;
        });
        ExportDifferenceException error = Assert.Throws<ExportDifferenceException>(() => plan.Finish());
        Assert.Contains("it differs from the network by ", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_quantized_network_is_written_as_the_floats_it_stands_for()
    {
        using TemporaryFolder folder = new();
        Network network = Written.Random(s_both);
        network.Quantize();
        OnnxExportReport report = OnnxExport.Save(folder.File("m.onnx"), network);
        Assert.Contains(report.Notes, note => note.Contains("weights of 8 bits"));
        Written.AssertClose(report.Files[0].Largest);
    }

    private static void AssertRefused(Network network, OnnxExportOptions options, string expected)
    {
        using TemporaryFolder folder = new();
        UserErrorException error = Assert.Throws<UserErrorException>(() => OnnxExport.Save(folder.File("m.onnx"), network, options));
        Assert.Contains(expected, error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    /// <summary>h = W x + U h₋ + b.</summary>
    private sealed class OwnCell : ICell
    {
        public string Name => "mine";

        public string Gates => "a";

        public bool HasCellState => false;

        public IReadOnlyList<string> Saved { get; } = ["a"];

        public IReadOnlyList<Product> Products { get; } = [new("a", "h")];

        public int Stages => 1;

        public int ExtraRows => 0;

        public void Forward(int stage, in Tile s)
        {
        }

        public void Backward(int stage, in TileBack s)
        {
        }

        public void AddExtraGradients(in UnitRange s)
        {
        }

        public CellDescription Description { get; } = new() { Slots = [], Equations = [] };
    }
}
