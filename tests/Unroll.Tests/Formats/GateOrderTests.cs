using FsCheck;
using FsCheck.Fluent;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;

namespace Unroll.Tests.Formats;

public sealed class GateOrderTests
{
    private static string OrderOf(string cell, string program) => GateConvention.Of(CellCatalog.BuiltIn.Make(new() { Kind = cell }), program)!.Gates;

    [Fact]
    public void Blocks_move_to_the_place_of_their_letter()
    {
        float[] target = new float[8];
        GateOrder.Permute([1, 1, 2, 2, 3, 3, 4, 4], "ifgo", target, OrderOf("lstm", GateConvention.Onnx));
        Assert.Equal([1, 1, 4, 4, 2, 2, 3, 3], target);                       // i o f c, as the ONNX operator's page has it
    }

    [Theory]
    [InlineData("ifgo", "ifgg")]
    [InlineData("ifgo", "ifg")]
    [InlineData("ifgo", "rzno")]
    [InlineData("iigo", "igio")]
    public void Other_gates_are_not_a_reordering(string from, string to) =>
        Assert.Throws<ArgumentException>(() => GateOrder.Permute(new float[8], from, new float[8], to));

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => GateOrder.Permute(new float[7], "ifgo", new float[7], "iofg"));
        Assert.Throws<ArgumentException>(() => GateOrder.Permute(new float[8], "ifgo", new float[4], "iofg"));
        Assert.Throws<ArgumentException>(() => GateOrder.TurnUpdateGate(new float[8], "ifgo"));
        Assert.Throws<ArgumentException>(() => GateOrder.TurnUpdateGate(new float[7], "rzn"));
    }

    [Fact]
    public void There_and_back_gives_the_first_bits_for_every_convention() =>
        Prop.ForAll<float[]>(values =>
        {
            foreach (ICell cell in CellCatalog.BuiltIn.Variants.Select(variant => CellCatalog.BuiltIn.Make(variant.Options)))
                foreach (GateConvention theirs in cell.OtherConventions)
                {
                    float[] ours = [.. cell.Gates.SelectMany((_, gate) => values.Select(value => value + gate))];
                    float[] there = new float[ours.Length], back = new float[ours.Length];
                    GateOrder.Permute(ours, cell.Gates, there, theirs.Gates);
                    GateOrder.Permute(there, theirs.Gates, back, cell.Gates);
                    Assert.Equal(ours, back);
                }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Turning_the_update_gate_gives_one_minus_it_and_turned_twice_the_first_bits()
    {
        float[] rzn = [0.3f, 0.7f, -2.5f, 0f, 5f, 6f], turned = [.. rzn];
        GateOrder.TurnUpdateGate(turned, "rzn");
        Assert.Equal([0.3f, 0.7f, 2.5f, -0f, 5f, 6f], turned);
        Assert.Equal(1, 1 / (1 + Math.Exp(2.5)) + 1 / (1 + Math.Exp(-2.5)), 1e-15);       // σ(-a) + σ(a) = 1
        GateOrder.TurnUpdateGate(turned, "rzn");
        Assert.Equal(rzn, turned);
    }

    [Fact]
    public void The_place_of_the_reset_cannot_be_converted_and_both_are_named()
    {
        GateOrder.RequireReset("m", ResetPlace.AfterProduct, ResetPlace.AfterProduct);
        UserErrorException e = Assert.Throws<UserErrorException>(
            () => GateOrder.RequireReset("m.safetensors", ResetPlace.AfterProduct, ResetPlace.BeforeProduct));
        Assert.Equal("'m.safetensors' holds a GRU that resets after the product, cell 'gru-after', and cell 'gru' resets before the product: "
            + "the two cannot be converted into each other; use cell 'gru-after'.", e.Message);
    }

    [Fact]
    public void The_notes_layout_has_the_state_first_and_goes_there_and_back()
    {
        float[] both = [1, 2, 3, 4, 5, 6], weightIh = new float[2], weightHh = new float[4], back = new float[6];
        ConcatenatedWeights.Split(both, hidden: 2, inputs: 1, weightIh, weightHh);
        Assert.Equal([3, 6], weightIh);
        Assert.Equal([1, 2, 4, 5], weightHh);
        ConcatenatedWeights.Join(weightIh, weightHh, hidden: 2, inputs: 1, back);
        Assert.Equal(both, back);
        Assert.Throws<ArgumentException>(() => ConcatenatedWeights.Split(both, hidden: 3, inputs: 1, weightIh, weightHh));
    }
}
