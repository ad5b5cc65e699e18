using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Layers;

/// <summary>How far a layer with weights of 8 bits may be from the same layer with floats.</summary>
public sealed class QuantizedAccuracyTests
{
    private const int Units = 24, Steps = 40;

    //  one step, and numbers that 16 bits hold exactly: multiples of 1/32767 with one of size 1, for x and for the first state.
    //  Then the layer's products are those of floats with the rounded weights, but for the rounding of floats: sums of up to K + 2 terms, each
    //  side off by (K + 2) · 2⁻²⁴ · R, where R is the largest Σ |w| |x| + |b| of a row. A second product (of r ⊙ h, of o ⊙ m) rounds
    //  its source anew: half a step of 1/32767 for each weight, R · 0.505/32767 = 1.6e-5 R. Gates have slopes of at most 1, and what they are
    //  multiplied by here is at most |c| + |h| + 2 ≤ 4: all in all 4 (2 · 27 · 6e-8 + 1.6e-5 + …) R ≤ 8e-5 R with, and 2e-5 R without a second
    //  product.
    [Theory, MemberData(nameof(Variants))]
    public void With_inputs_of_16_bits_a_step_is_that_of_floats_with_the_rounded_weights(string variant)
    {
        CellOptions options = Of(variant);
        (RecurrentLayer small, ParameterStore weights) = Layer(options, deviation: 0.3f);
        small.Quantize();
        (RecurrentLayer floats, ParameterStore same) = Layer(options, deviation: 0);
        using (Edit edit = same.Edit()) weights.Values.CopyTo(edit.Values);

        float[] x = Exact(Inputs, 1), a = new float[small.OutputSize], b = new float[small.OutputSize];
        State first = small.NewState(1), other = floats.NewState(1);
        Exact(first.H.Length, 2).CopyTo(first.H);
        if (first.C.Length > 0) Exact(first.C.Length, 3).CopyTo(first.C);
        other.CopyFrom(first);
        small.Step(x, first, a);
        floats.Step(x, other, b);

        float largest = LargestRow(weights, Inputs) + 1;
        bool second = small.Cell.Products.Any(product => product.Of != "h");
        for (int u = 0; u < a.Length; u++) Assert.Equal(b[u], a[u], (second ? 8e-5f : 2e-5f) * largest);
    }

    //  e₊ ≤ D + ρ e      D = max_rows (s_x/2 Σ|x| + 0.505 t_x Σ|q s_x| + s_h/2 Σ|h| + 0.505 t_h Σ|q s_h|), ρ = max_rows Σ |q s_h|:
    //  tanh has a slope of at most 1, weights are off by half a step, x and h by half a step of theirs; floats round by less than 1e-6 here.
    [Fact]
    public void An_rnn_stays_within_the_bound_of_its_roundings()
    {
        for (ulong seed = 0; seed < 5; seed++)
        {
            Course course = Course.Of(new CellOptions { Kind = "rnn" }, seed);
            double error = 0;
            for (int t = 0; t < Steps; t++)
            {
                error = course.Fresh(t) + course.Spread * error;
                Assert.InRange(course.Error(t), 0, error);
            }
            Assert.InRange(error, 1e-4, 0.05);                           // a bound that says something
        }
    }

    //  with Δ ≤ D + ρ e_h the error of a gate's argument:   e_c₊ ≤ e_c + |c₋| Δ/4 + Δ/4 + Δ        e_h₊ ≤ Δ/4 + e_c₊
    //  (σ has a slope of at most 1/4, tanh of 1; f, i, o, |g|, |tanh c| ≤ 1)
    [Fact]
    public void An_lstm_stays_within_the_bound_of_its_roundings()
    {
        for (ulong seed = 0; seed < 5; seed++)
        {
            Course course = Course.Of(new CellOptions(), seed);
            double errorH = 0, errorC = 0, c = 0;
            for (int t = 0; t < 6; t++)
            {
                double argument = course.Fresh(t) + course.Spread * errorH;
                errorC += (c + 5) / 4 * argument;
                errorH = argument / 4 + errorC;
                c = course.LargestC(t) + errorC;
                Assert.InRange(course.Error(t), 0, errorH);
            }
        }
    }

    public static TheoryData<string> Variants() => new(CellCatalog.BuiltIn.Variants.Select(v => v.Name));

    private static CellOptions Of(string variant) => CellCatalog.BuiltIn.Variants.Single(v => v.Name == variant).Options;

    private static (RecurrentLayer Layer, ParameterStore Store) Layer(CellOptions options, float deviation, ulong seed = 7)
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("l", store, options, Inputs, Units);
        using Edit edit = store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = deviation * (float)new Rng(seed).Normal((ulong)i);
        return (layer, store);
    }

    private static float[] Exact(int count, ulong seed)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (new Rng(seed).Below(2 * 32767 + 1, (ulong)i) - 32767) / 32767f;
        values[0] = 1;
        return values;
    }

    private static float LargestRow(ParameterStore store, int columns)
    {
        float largest = 0;
        foreach (Parameter p in store.All)
            for (int at = 0; at < p.Length; at += p.Shape[^1]) largest = Math.Max(largest, Sum(p.Values.Slice(at, p.Shape[^1])));
        return 3 * largest;                                              // W_ih, W_hh and the biases
    }

    private static float Sum(ReadOnlySpan<float> row)
    {
        float sum = 0;
        foreach (float v in row) sum += MathF.Abs(v);
        return sum;
    }

    /// <summary>One sequence through a layer with floats and through the same in 8 bits.</summary>
    private sealed record Course(RecurrentCache Floats, SequenceBatch Rounded, float ScaleX, float ScaleH, float RowX, float RowH)
    {
        public static Course Of(CellOptions options, ulong seed)
        {
            SequenceBatch x = Draw(SequenceLayout.Uniform(1, Steps), Inputs, seed);
            (RecurrentLayer floats, ParameterStore _) = Layer(options, 0.03f, seed);
            (RecurrentLayer small, ParameterStore weights) = Layer(options, 0.03f, seed);
            small.Quantize();
            (float scaleX, float rowX) = Largest(weights.Find("weight_ih_l0")!);
            (float scaleH, float rowH) = Largest(weights.Find("weight_hh_l0")!);
            return new((RecurrentCache)floats.Forward(x, NewPass()), small.Forward(x, NewPass()).Output, scaleX, scaleH, rowX, rowH);
        }

        public double Spread => RowH;

        public double Fresh(int t)
        {
            ReadOnlySpan<float> x = Floats.Input.Row(t, 0), h = (t == 0 ? Floats.FirstH.Row(0) : Floats.H.Row(t - 1))[..Units];
            return ScaleX / 2 * Sum(x) + 0.505 * Most(x) / 32767 * RowX + ScaleH / 2 * Sum(h) + 0.505 * (Most(h) + 0.01) / 32767 * RowH + 1e-6;
        }

        public double Error(int t)
        {
            double error = 0;
            for (int u = 0; u < Units; u++) error = Math.Max(error, Math.Abs((double)Floats.Output.Row(t, 0)[u] - Rounded.Row(t, 0)[u]));
            return error;
        }

        public double LargestC(int t) => Most(Floats.C.Row(t)[..Units]);

        private static (float Scale, float Row) Largest(Parameter matrix)
        {
            float scale = 0, sum = 0;
            sbyte[] q = new sbyte[matrix.Shape[1]];
            for (int at = 0; at < matrix.Length; at += q.Length)
            {
                scale = Math.Max(scale, Rounding.Weights(matrix.Values.Slice(at, q.Length), q));
                sum = Math.Max(sum, Sum(matrix.Values.Slice(at, q.Length)));
            }
            return (scale, sum);
        }

        private static float Most(ReadOnlySpan<float> values)
        {
            float most = 0;
            foreach (float v in values) most = Math.Max(most, Math.Abs(v));
            return most;
        }
    }
}
