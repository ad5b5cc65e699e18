using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Tests.Inspection;

/// <summary>The check for a layer of one's own, tried on the GRU: right references pass, wrong ones are found.</summary>
public sealed class GradientCheckOfLayerTests
{
    private static readonly NetworkSpec Spec = new(2, [new RecurrentSpec { Name = "own", Cell = new() { Kind = "gru" }, Hidden = 3 }]);

    [Fact]
    public void A_right_layer_passes_against_float_differences_and_leaves_everything_as_it_was() => Try(check =>
    {
        IReadOnlyList<GradientCheckResult> results = check.AgainstFloatDifferences();
        Assert.Equal(5, results.Count);
        Assert.All(results, result => Assert.True(result.Passed, result.ToString()));
    });

    [Fact]
    public void A_reference_in_double_gives_both_columns() => Try(check => Assert.All(check.Against(new Reference(Spec)), result =>
    {
        Assert.NotNull(result.DoubleError);
        Assert.True(result.Passed, result.ToString());
    }));

    [Fact]
    public void A_reference_that_knows_its_forward_alone_gives_the_second_column() => Try(check =>
    {
        IReadOnlyList<GradientCheckResult> results = check.Against(new ForwardOnly(Spec));
        Assert.All(results, result => Assert.Null(result.DoubleError));
        Assert.All(results, result => Assert.True(result.Passed, result.ToString()));
    });

    [Fact]
    public void A_reference_for_another_cell_is_found_out()
    {
        NetworkSpec other = new(2, [new RecurrentSpec { Name = "own", Cell = new() { Kind = "gru-after" }, Hidden = 3 }]);
        Try(check => Assert.Contains(check.Against(new Reference(other)), result => !result.Passed));
    }

    private static void Try(Action<GradientCheckOfLayer> test)
    {
        Network network = Network.Build(Spec);
        Rng rng = new(9);
        using (Edit edit = network.Parameters.Edit())
            for (int k = 0; k < edit.Values.Length; k++) edit.Values[k] = (float)(0.5 * rng.Normal((ulong)k));
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.FromLengths(2, 0, 3), 2);
        for (int k = 0; k < x.All.Length; k++) x.All[k] = (float)rng.Normal(1000 + (ulong)k);
        float[] values = network.Parameters.Values.ToArray(), inputs = x.All.ToArray();

        using ThreadTeam threads = new(1);
        test(new GradientCheckOfLayer(network.Layers, network.Parameters, x, new Pass(new Workspace(), threads, default, Training: true)));

        Assert.Equal(values, network.Parameters.Values.ToArray());
        Assert.Equal(inputs, x.All.ToArray());
    }

    private sealed class Reference(NetworkSpec spec) : IGradientReference
    {
        public IReadOnlyList<Vector> Outputs(TextbookParameters parameters, IReadOnlyList<Vector> x) =>
            new TextbookNetwork(spec, parameters).Forward(x).Outputs;

        public IReadOnlyList<Vector> Backward(TextbookParameters parameters, IReadOnlyList<Vector> x, IReadOnlyList<Vector> dy) =>
            new TextbookNetwork(spec, parameters).Forward(x).Backward(dy);
    }

    private sealed class ForwardOnly(NetworkSpec spec) : IGradientReference
    {
        public IReadOnlyList<Vector> Outputs(TextbookParameters parameters, IReadOnlyList<Vector> x) =>
            new TextbookNetwork(spec, parameters).Forward(x).Outputs;
    }
}
