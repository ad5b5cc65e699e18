using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Laws;

/// <summary>Whoever looks at the gradients inside a layer changes none of them.</summary>
[Trait("Category", "Bits")]
public sealed class TraceLaws
{
    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void A_trace_changes_no_bit_and_is_the_same_for_any_number_of_threads(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        foreach (int[] lengths in new[] { Ragged, [12], [.. Enumerable.Range(0, 40).Select(i => i % 7)] })
        {
            SequenceLayout layout = SequenceLayout.FromLengths(lengths);
            SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
            (float[] dx, float[] gradients) = Backward(layer, store, x, w, NewPass());
            float[]? first = null;
            foreach (ThreadTeam team in new[] { One, Two, Three })
            {
                GradientTrace trace = new();
                (float[] traced, float[] tracedGradients) = Backward(layer, store, x, w, NewPass(team) with { Trace = trace });
                LayerLaws.Same(dx, traced, "dx");
                LayerLaws.Same(gradients, tracedGradients, "weight gradients");
                float[] all = [.. trace.Layers.SelectMany(All)];
                Assert.NotEmpty(all);
                LayerLaws.Same(first ??= all, all, "trace");
            }
        }
    }

    [Theory, MemberData(nameof(Names), MemberType = typeof(LayerCases))]
    public void What_is_traced_makes_the_gradient_of_the_input(string name)
    {
        (IRecurrentLayer layer, ParameterStore store) = Make(name);
        if (layer is not RecurrentLayer one) return;
        SequenceLayout layout = SequenceLayout.FromLengths(Ragged);
        GradientTrace trace = new();
        (float[] dx, _) = Backward(layer, store, Draw(layout, layer.InputSize, 1), Draw(layout, layer.OutputSize, 2),
            NewPass() with { Trace = trace });
        LayerTrace own = trace.Find(one)!;
        int units = one.HiddenSize;
        (int Block, int Delta)[] ofX = [.. one.Plan.Products.Where(product => product.Of.Kind == Unroll.Cells.SourceKind.Input)
            .SelectMany(product => Enumerable.Range(0, product.Count)
                .Select(k => (product.Block + k, one.Plan.Arguments[product.Argument + k].Delta)))];
        ReadOnlySpan<float> weights = store.All[0].Values;
        for (int row = 0; row < layout.Rows; row++)
            for (int k = 0; k < layer.InputSize; k++)
            {
                //  δx = [by unit] + W_ihᵀ δa: sums of at most 6 · 70 float products
                double sum = one.Plan.InputDelta < 0 ? 0 : own.DArgument(own.Arguments[one.Plan.InputDelta]).Row(row)[k], size = Math.Abs(sum);
                foreach ((int block, int delta) in ofX)
                    for (int u = 0; u < units; u++)
                    {
                        double term = (double)weights[(block * units + u) * layer.InputSize + k] * own.DArgument(own.Arguments[delta]).Row(row)[u];
                        sum += term;
                        size += Math.Abs(term);
                    }
                Assert.Equal(sum, dx[row * layer.InputSize + k], 1e-5 * size + 1e-30);
            }
    }

    [Fact]
    public void A_trace_that_is_used_again_takes_no_more_memory()
    {
        (IRecurrentLayer layer, ParameterStore store) = Make("lstm");
        SequenceLayout layout = SequenceLayout.FromLengths(Ragged);
        SequenceBatch x = Draw(layout, layer.InputSize, 1), w = Draw(layout, layer.OutputSize, 2);
        GradientTrace trace = new();
        Backward(layer, store, x, w, NewPass() with { Trace = trace });
        LayerTrace before = trace.Layers[0];
        trace.Reset();
        Assert.Null(trace.Find(layer));
        Backward(layer, store, x, w, NewPass() with { Trace = trace });
        Assert.Same(before, Assert.Single(trace.Layers));
    }

    private static (float[] Dx, float[] Gradients) Backward(IRecurrentLayer layer, ParameterStore store, in SequenceBatch x, in SequenceBatch w,
        Pass pass)
    {
        store.ClearGradients();
        Cache cache = layer.Forward(x, pass);
        float[] dx = layer.Backward(w, cache, pass).All.ToArray();
        return (dx, store.Gradients.ToArray());
    }

    private static IEnumerable<float> All(LayerTrace trace)
    {
        foreach (MatrixView block in (MatrixView[])[trace.DH, trace.DOutput, trace.CarryC, .. trace.Arguments.Select(trace.DArgument)])
            for (int row = 0; row < block.Rows; row++)
                foreach (float value in block.Row(row).ToArray()) yield return value;
    }
}
