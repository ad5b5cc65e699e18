using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Lifting;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Lifting;

public sealed class SuspectGruTests
{
    [Theory]
    [InlineData("dynamo-gru-wrong", 1)]
    [InlineData("dynamo-two-grus", 1)]
    [InlineData("dynamo-gru-right", 0)]
    [InlineData("keras-gru-before", 0)]
    [InlineData("gru-last", 0)]
    [InlineData("dynamo-lstm", 0)]
    public void Only_a_GRU_of_PyTorch_that_resets_before_the_product_is_suspect(string name, int warnings) =>
        Assert.Equal(warnings, SuspectGru.Warnings(Fixture.Load(name)).Count);

    [Fact]
    public void The_warning_names_file_node_reason_and_what_to_do_in_one_line()
    {
        string warning = Assert.Single(SuspectGru.Warnings(Fixture.Load("dynamo-two-grus")));
        foreach (string part in new[] { "dynamo-two-grus.onnx'", "(GRU, opset 18)", "onnxscript #2852", "gru-reset with after", "with before" })
            Assert.Contains(part, warning);
        Assert.DoesNotContain('\n', warning);
        OnnxModel model = Fixture.Load("dynamo-two-grus");
        Assert.Contains($"'{model.Graph.Nodes.Last(node => node.Operator == "GRU").Name}'", warning);
    }

    [Theory]
    [InlineData("dynamo-gru-wrong", null, "gru 5, LastStep, dense 4")]
    [InlineData("dynamo-gru-wrong", ResetPlace.BeforeProduct, "gru 5, LastStep, dense 4")]
    [InlineData("dynamo-gru-wrong", ResetPlace.AfterProduct, "gru-after 5, LastStep, dense 4")]
    [InlineData("dynamo-two-grus", null, "gru-after 5, gru 5, LastStep, dense 4")]
    [InlineData("dynamo-two-grus", ResetPlace.AfterProduct, "gru-after 5 ×2, LastStep, dense 4")]
    public void The_place_of_the_reset_can_be_said(string name, ResetPlace? place, string layers)
    {
        OnnxModel model = Fixture.Load(name);
        if (place is { } said) model = SuspectGru.With(model, said);
        LiftedNetwork? lifted = LiftedNetwork.TryLift(model, out string why);
        Assert.True(lifted is not null, why);
        Assert.Equal(layers, Fixture.Text(lifted.Network.Spec));
    }

    // The same weights with the attribute and without: the fixtures differ in nothing else.
    [Fact]
    public void Reset_after_gives_the_numbers_of_the_file_that_says_so()
    {
        LiftedNetwork right = Fixture.Lift("dynamo-gru-right"), wrong = Fixture.Lift("dynamo-gru-wrong");
        LiftedNetwork? cured = LiftedNetwork.TryLift(SuspectGru.With(Fixture.Load("dynamo-gru-wrong"), ResetPlace.AfterProduct), out _);
        Assert.Equal(right.Network.Parameters.Values.ToArray(), cured!.Network.Parameters.Values.ToArray());
        byte[] model = Fixture.Bytes("dynamo-gru-right");
        Assert.InRange(Fixture.FromOnnxRuntime(model, cured, 2, 5), 0, 1e-6);
        Assert.InRange(Fixture.FromOnnxRuntime(model, wrong, 2, 5), 1e-3, 1);
    }

    [Fact]
    public void Where_no_GRU_resets_before_the_product_the_option_is_refused()
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => SuspectGru.With(Fixture.Load("gru-last"), ResetPlace.AfterProduct));
        Assert.Contains("has no GRU that resets before the product", error.Message);
    }

    [Fact]
    public void Import_warns_and_takes_the_option()
    {
        using TempFolder folder = new();
        CliRun plain = CliRun.Of("import", Fixture.Path("dynamo-gru-wrong"), "--output", folder["a.safetensors"]);
        plain.Done();
        Assert.Contains("onnxscript #2852", plain.Error);
        CliRun said = CliRun.Of("import", Fixture.Path("dynamo-gru-wrong"), "--gru-reset", "after", "--output", folder["b.safetensors"]);
        said.Done();
        Assert.DoesNotContain("onnxscript", said.Error);
        NetworkSpec spec = Formats.ModelFile.Load(folder["b.safetensors"]).Spec;
        Assert.Equal("gru-after", spec.Layers.OfType<RecurrentSpec>().Single().Cell.Kind);
        Assert.Contains("expected after or before",
            CliRun.Of("import", Fixture.Path("dynamo-gru-wrong"), "--gru-reset", "no", "--output", folder["c"]).Refused());
    }
}
