using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Flow;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Inspection.Flow;

/// <summary>The terms of the engine's gradients against those of the textbook, name by name.</summary>
public sealed class GradientFlowTests
{
    // Floats: a gradient that has come back over a dozen steps of sums of some twenty products has an error of some 10 · 2⁻²⁴ of the largest entry.
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Variants() => OwnCells.Variants;

    public static TheoryData<string> InTheTextbook() => OwnCells.InTheTextbook;

    private static CellOptions Options(string variant) => OwnCells.Options(variant);

    [Theory, MemberData(nameof(InTheTextbook))]
    public void Every_named_term_of_every_variant_is_the_textbooks(string variant) =>
        Same(FlowCase.Of(FlowCase.Spec(Options(variant)), steps: 7), step: null);

    [Theory, MemberData(nameof(InTheTextbook))]
    public void So_it_is_in_a_stack_of_two_directions_for_the_loss_of_one_step(string variant) =>
        Same(FlowCase.Of(FlowCase.Spec(Options(variant), Direction.Bidirectional, layers: 2), steps: 6), step: 3);

    [Fact]
    public void So_it_is_where_the_last_step_alone_is_read() =>
        Same(FlowCase.Of(FlowCase.Spec(new CellOptions(), last: true), steps: 9), step: 0);

    [Theory, MemberData(nameof(Variants))]
    public void The_terms_add_up_to_the_engines_gradient_over_many_steps(string variant)
    {
        FlowCase long_ = FlowCase.Of(FlowCase.Spec(Options(variant), hidden: 40), steps: 120, scale: 0.2f);
        GradientFlow flow = GradientFlow.Of(long_.Subject, LayerCases.One);
        Assert.InRange(flow.LargestDifference, 0, 1e-5);
        Assert.Equal(flow.LargestDifference, flow.Layers.SelectMany(layer => new[] { layer.H, layer.C }).Max(state => state?.LargestDifference ?? 0));
    }

    [Fact]
    public void The_notes_count_holds_the_gru_has_five_terms_and_the_vanilla_network_two()
    {
        Assert.Equal(["output", "direct", "through r", "through z", "through n"], Terms("gru").H.Terms.Select(term => term.Name));
        Assert.Equal([Paths.Output, Paths.Next], Terms("rnn").H.Terms.Select(term => term.Name));
        Assert.Equal([Paths.Direct, Paths.Hidden], Terms("lstm").C!.Terms.Select(term => term.Name));

        static LayerFlow Terms(string cell) =>
            GradientFlow.Of(FlowCase.Of(FlowCase.Spec(new CellOptions { Kind = cell }), steps: 4).Subject, LayerCases.One).Layers[0];
    }

    [Fact]
    public void Threads_change_no_bit_and_gradients_of_weights_stay_as_they_were()
    {
        FlowCase made = FlowCase.Of(FlowCase.Spec(new CellOptions(), hidden: 40), steps: 30);
        Span<float> gradients = made.Subject.Network.Parameters.Gradients;
        for (int i = 0; i < gradients.Length; i++) gradients[i] = i;
        GradientFlow one = GradientFlow.Of(made.Subject, LayerCases.One), three = GradientFlow.Of(made.Subject, LayerCases.Three);
        Assert.Equal(one.Layers[0].H.Total.Norms, three.Layers[0].H.Total.Norms);
        Assert.Equal(one.Layers[0].C!.Terms.SelectMany(term => term.Norms), three.Layers[0].C!.Terms.SelectMany(term => term.Norms));
        for (int i = 0; i < gradients.Length; i++) Assert.Equal(i, gradients[i]);
    }

    [Fact]
    public void An_output_row_that_is_not_there_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => GradientFlow.Of(FlowCase.Of(FlowCase.Spec(new CellOptions()), steps: 4).Subject, LayerCases.One, step: 4));

    private static void Same(FlowCase made, int? step)
    {
        GradientFlow flow = GradientFlow.Of(made.Subject, LayerCases.One, step);
        TextbookGradient expected = made.Textbook(step);
        DirectionRun[] directions = [.. expected.Run.Directions];
        Assert.Equal(directions.Select(direction => direction.Place), flow.Layers.Select(layer => layer.Place));
        for (int d = 0; d < directions.Length; d++)
        {
            IReadOnlyList<CellStepGradient> steps = directions[d].Gradient!.Steps;
            Same(steps, s => s.Terms["h"], flow.Layers[d].H, flow.Layers[d].Reverse);
            if (flow.Layers[d].C is StateFlow c) Same(steps, s => s.Terms["c"], c, flow.Layers[d].Reverse);
        }
        Assert.InRange(flow.LargestDifference, 0, Tolerance);
    }

    private static void Same(IReadOnlyList<CellStepGradient> steps, Func<CellStepGradient, NamedVectors> terms, StateFlow flow, bool reverse)
    {
        Assert.Equal(steps.SelectMany(s => terms(s).Names).Distinct().Order(), flow.Terms.Select(term => term.Name).Order());
        double largest = steps.SelectMany(s => terms(s)).SelectMany(pair => pair.Value).Max(Math.Abs);
        for (int s = 0; s < steps.Count; s++)
        {
            int t = reverse ? steps.Count - 1 - s : s;
            Vector sum = terms(steps[s]).Sum(flow.Total.At(t).Length);
            Close(sum, flow.Total.At(t), Tolerance * largest, $"{flow.State} at step {t}");
            foreach (FlowTerm term in flow.Terms)
                Close(terms(steps[s]).Find(term.Name) ?? Vector.Zeros(sum.Count), term.At(t), Tolerance * largest,
                    $"{flow.State} {term.Name} at step {t}");
        }
    }

    private static void Close(Vector expected, ReadOnlySpan<double> actual, double tolerance, string what)
    {
        for (int u = 0; u < actual.Length; u++)
            Assert.True(Math.Abs(expected[u] - actual[u]) <= tolerance, $"{what}, unit {u}: expected {expected[u]}, got {actual[u]}");
    }
}
