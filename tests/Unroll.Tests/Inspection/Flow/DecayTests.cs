using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Flow;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Inspection.Flow;

/// <summary>The product of Jacobians between two steps, its parts, and what is said of it.</summary>
public sealed class DecayTests
{
    public static TheoryData<string> Variants() => OwnCells.Variants;

    // A power iteration that ends at a relative change of 10⁻⁶ may be some times that away.
    [Theory, MemberData(nameof(Variants))]
    public void The_product_is_the_one_of_the_layers_backward_pass(string variant)
    {
        CellOptions options = OwnCells.Options(variant);
        foreach (bool reverse in (bool[])[false, true])
        {
            RecurrentLayer layer = Layer(options, reverse, hidden: 5, scale: 0.5f);
            (RecurrentCache cache, double[,] jacobian) = Jacobian(layer, steps: 6, seed: 4);
            Decay decay = Decay.Of(layer, cache, reverse ? 5 : 0, reverse ? 0 : 5, LayerCases.One);
            double norm = LargestSingularValue(jacobian);
            Assert.Equal(norm, decay.Norm, 1e-4 * norm);
        }
    }

    [Fact]
    public void The_unsaturated_product_of_the_vanilla_network_is_the_power_of_its_matrix()
    {
        RecurrentLayer layer = Layer(new CellOptions { Kind = "rnn" }, reverse: false, hidden: 20, scale: 0.3f);
        Decay decay = Decay.Of(layer, Forward(layer, 9), 0, 8, LayerCases.One);
        double[,] power = Identity(20), w = Matrix(layer);
        for (int d = 0; d < 8; d++) power = Times(power, w);
        double expected = Math.Log(LargestSingularValue(power));
        Assert.Equal(expected, decay.Curve[^1].LogUnsaturated!.Value, 1e-4);
        Assert.Equal(decay.Growth, decay.UnsaturatedGrowth!.Value * decay.SaturationFactor!.Value, 1e-9);
        Assert.True(decay.SaturationFactor < 1);
        Assert.Equal(0, decay.DirectGrowth);
    }

    [Fact]
    public void The_spectral_radius_of_a_rotation_and_of_a_triangle_are_found()
    {
        SquareMatrix rotation = new([0.6f, -0.8f, 0.8f, 0.6f], 2), triangle = new([0.5f, 100, 0, 0.25f], 2), nothing = new([0, 1, 0, 0], 2);
        Assert.Equal(1, rotation.SpectralRadius(), 1e-3);
        Assert.Equal(0.5, triangle.SpectralRadius(), 1e-3);
        Assert.Equal(100, triangle.Norm(), 0.01);
        Assert.Equal(0, nothing.SpectralRadius(), 1e-6);
        Assert.True(double.IsNaN(new SquareMatrix([1, float.NaN, 0, 1], 2).SpectralRadius()));
    }

    // S10: with W = w I and tanh nearly linear, 20 steps give w²⁰.
    [Theory, InlineData(0.5f, 9.54e-7), InlineData(0.9f, 0.1216), InlineData(1.1f, 6.727)]
    public void Twenty_steps_of_a_multiple_of_the_identity_give_its_power(float w, double expected)
    {
        Decay decay = Diagonal(w, bias: 0);
        Assert.Equal(expected, decay.Norm, 0.001 * expected);
        Assert.Equal(w, decay.Growth, 1e-3);
        Assert.Equal(1, decay.SaturationFactor!.Value, 1e-3);
        Assert.Equal(w, decay.Matrices[0].SpectralRadius!.Value, 1e-3);
    }

    [Fact]
    public void The_sentence_tells_the_matrix_from_the_saturation()
    {
        Assert.Equal("over 20 steps, the gradient vanishes (norm 10^-6.0, × 0.5 a step), by the recurrent matrix alone: "
            + "× 0.5 a step if nothing were saturated, × 1 by the activations' slopes.", Diagonal(0.5f, bias: 0).Verdict);
        Assert.Contains("vanishes", Diagonal(1.1f, bias: 3).Verdict);
        Assert.Contains("by saturation alone: × 1.1 a step if nothing were saturated", Diagonal(1.1f, bias: 3).Verdict);
        Assert.Contains("explodes (norm 3.33E+03, × 1.5 a step), by the recurrent matrix", Diagonal(1.5f, bias: 0).Verdict);
        Assert.Contains("in balance", Diagonal(1f, bias: 0).Verdict);
    }

    [Fact]
    public void An_open_forget_gate_keeps_the_gradient_by_the_direct_path()
    {
        RecurrentLayer layer = Layer(new CellOptions(), reverse: false, hidden: 8, scale: 0.05f);
        using (Edit edit = layer.Store.Edit()) edit.Of(layer.Store.All[2])[8..16].Fill(6);        // b_ih of f: σ(6) = 0.9975
        Decay decay = Decay.Of(layer, Forward(layer, 41), 0, 40, LayerCases.One);
        Assert.InRange(decay.DirectGrowth, 0.99, 1);
        Assert.Contains("kept by the direct path", decay.Verdict);
    }

    [Fact]
    public void A_cell_of_ones_own_has_a_product_and_a_direct_path_but_no_unsaturated_one()
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("own", store, new MinimalGatedUnit(), projection: null, inputSize: 3, hidden: 6);
        using (Edit edit = store.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.4f * (float)new Rng(5).Normal((ulong)i);
        (RecurrentCache cache, double[,] jacobian) = Jacobian(layer, steps: 6, seed: 4);
        Decay decay = Decay.Of(layer, cache, 0, 5, LayerCases.One);
        Assert.Equal(LargestSingularValue(jacobian), decay.Norm, 1e-4 * decay.Norm);
        Assert.Null(decay.UnsaturatedGrowth);
        Assert.InRange(decay.DirectGrowth, 0.1, 1);
    }

    [Fact]
    public void A_network_has_one_for_each_layer_and_direction_and_the_curve_ends_with_the_whole_way()
    {
        FlowCase made = FlowCase.Of(FlowCase.Spec(new CellOptions { Kind = "gru" }, Direction.Bidirectional, layers: 2), steps: 60);
        IReadOnlyList<Decay> all = Decay.Of(made.Subject, LayerCases.One);
        Assert.Equal(["encoder.l0", "encoder.l0_reverse", "encoder.l1", "encoder.l1_reverse"], all.Select(decay => decay.Place));
        Assert.All(all, decay => Assert.Equal((59, 24), (decay.Curve[^1].Steps, decay.Curve.Count)));
        Assert.Equal((0, 59), (all[0].From, all[0].To));
        Assert.Equal((59, 0), (all[1].From, all[1].To));
        Assert.Empty(Decay.Of(FlowCase.Of(FlowCase.Spec(new CellOptions()), steps: 1).Subject, LayerCases.One));
        Assert.Equal(10, Decay.Of(made.Subject, LayerCases.One, maxSteps: 10)[0].Steps);
    }

    [Fact]
    public void Steps_in_the_wrong_order_are_refused()
    {
        RecurrentLayer layer = Layer(new CellOptions(), reverse: true, hidden: 4, scale: 0.3f);
        Assert.Throws<ArgumentOutOfRangeException>(() => Decay.Of(layer, Forward(layer, 5), 0, 4, LayerCases.One));
        Assert.Throws<ArgumentOutOfRangeException>(() => Decay.Of(layer, Forward(layer, 5), 5, 0, LayerCases.One));
    }

    private static Decay Diagonal(float w, float bias)
    {
        RecurrentLayer layer = Layer(new CellOptions { Kind = "rnn" }, reverse: false, hidden: 3, scale: 0);
        using (Edit edit = layer.Store.Edit())
        {
            for (int u = 0; u < 3; u++) edit.Of(layer.Store.All[1])[4 * u] = w;
            edit.Of(layer.Store.All[2]).Fill(bias);
        }
        return Decay.Of(layer, Forward(layer, 21), 0, 20, LayerCases.One);
    }

    private static RecurrentLayer Layer(CellOptions options, bool reverse, int hidden, float scale)
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("l", store, options, 3, hidden, reverse, cells: OwnCells.All);
        using Edit edit = store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = scale * (float)new Rng(3).Normal((ulong)i);
        return layer;
    }

    private static RecurrentCache Forward(RecurrentLayer layer, int steps) =>
        (RecurrentCache)layer.Forward(LayerCases.Draw(SequenceLayout.FromLengths(steps), 3, 1), LayerCases.NewPass());

    // ∂(last state)/∂(state after the first step): the whole sequence's Jacobian by the state before its second step.
    private static (RecurrentCache Cache, double[,] Jacobian) Jacobian(RecurrentLayer layer, int steps, ulong seed)
    {
        SequenceBatch x = LayerCases.Draw(SequenceLayout.FromLengths(steps), 3, seed);
        Pass pass = LayerCases.NewPass();
        RecurrentCache whole = (RecurrentCache)layer.Forward(x, pass);
        int h = layer.OutputSize, c = layer.Cell.HasCellState ? layer.HiddenSize : 0, first = layer.Reverse ? steps - 1 : 0;
        State middle = layer.NewState(1), dLast = layer.NewState(1), dFirst = layer.NewState(1);
        whole.H.Row(first)[..h].CopyTo(middle.H);
        if (c > 0) whole.C.Row(first)[..c].CopyTo(middle.C);
        SequenceBatch rest = x.Slice(layer.Reverse ? 0 : 1, layer.Reverse ? steps - 1 : steps), dy = SequenceBatch.Zeros(rest.Layout, h);
        Cache cache = layer.Forward(rest, middle, pass);
        double[,] jacobian = new double[h + c, h + c];
        for (int row = 0; row < h + c; row++)
        {
            dLast.Clear();
            if (row < h) dLast.H[row] = 1;
            else dLast.C[row - h] = 1;
            layer.Backward(dy, dLast, cache, dFirst, pass);
            for (int k = 0; k < h + c; k++) jacobian[row, k] = k < h ? dFirst.H[k] : dFirst.C[k - h];
        }
        return (whole, jacobian);
    }

    private static double[,] Matrix(RecurrentLayer layer)
    {
        int n = layer.HiddenSize;
        double[,] w = new double[n, n];
        for (int i = 0; i < n * n; i++) w[i / n, i % n] = layer.Store.All[1].Values[i];
        return w;
    }

    private static double[,] Identity(int n)
    {
        double[,] one = new double[n, n];
        for (int i = 0; i < n; i++) one[i, i] = 1;
        return one;
    }

    private static double[,] Times(double[,] a, double[,] b)
    {
        int n = a.GetLength(0);
        double[,] c = new double[n, n];
        for (int i = 0; i < n; i++)
            for (int k = 0; k < n; k++)
                for (int j = 0; j < n; j++) c[i, j] += a[i, k] * b[k, j];
        return c;
    }

    // Power iteration on AᵀA, long enough for the matrices of these tests.
    private static double LargestSingularValue(double[,] a)
    {
        int n = a.GetLength(0);
        double[] v = [.. Enumerable.Range(0, n).Select(i => 1.0 + i % 3)];
        double sigma = 0;
        for (int iteration = 0; iteration < 3000; iteration++)
        {
            double[] u = new double[n], w = new double[n];
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++) u[i] += a[i, j] * v[j];
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++) w[j] += a[i, j] * u[i];
            double norm = Math.Sqrt(w.Sum(x => x * x));
            sigma = Math.Sqrt(u.Sum(x => x * x) / v.Sum(x => x * x));
            if (norm == 0) return 0;
            v = [.. w.Select(x => x / norm)];
        }
        return sigma;
    }
}
