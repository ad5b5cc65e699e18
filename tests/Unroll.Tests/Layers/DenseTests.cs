using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Layers;

[Trait("Category", "Bits")]
public sealed class DenseTests
{
    public static TheoryData<int, int, int> Sizes() =>
        new() { { 1, 1, 1 }, { 1, 100, 3 }, { 100, 1, 70 }, { 16, 16, 65 }, { 17, 15, 200 }, { 65, 130, 7 }, { 400, 33, 150 }, { 3, 64, 73 },
            { 40, 300, 5 }, { 300, 20, 700 }, { 20, 65, 1300 } };

    // A chain of n rounded products of draws: partial sums grow as √n, n roundings of 2⁻²⁵ of them as √n again: 3e-8 n, and room for the largest of
    // many.
    [Theory, MemberData(nameof(Sizes))]
    public void It_is_a_product_and_its_transposes_at_every_size_with_the_same_bits_for_every_team_and_step(int inputs, int outputs, int rows)
    {
        ParameterStore store = new();
        Dense dense = new("d", store, inputs, outputs);
        using (Edit edit = store.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.3f * (float)new Rng(1).Normal((ulong)i);
        SequenceLayout layout = SequenceLayout.Uniform(rows, 1);
        SequenceBatch x = LayerCases.Draw(layout, inputs, 2), dy = LayerCases.Draw(layout, outputs, 3);
        (float[] y, float[] dx, float[] gradients) = Run(LayerCases.One);
        float[] w = store.All[0].Values.ToArray(), b = store.All[1].Values.ToArray();

        for (int r = 0; r < rows; r++)
        {
            for (int o = 0; o < outputs; o++)
                Near(inputs, b[o] + Sum(inputs, i => (double)w[o * inputs + i] * x.All[r * inputs + i]), y[r * outputs + o]);
            for (int i = 0; i < inputs; i++)
                Near(outputs, Sum(outputs, o => (double)w[o * inputs + i] * dy.All[r * outputs + o]), dx[r * inputs + i]);
        }
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
                Near(rows, Sum(rows, r => (double)dy.All[r * outputs + o] * x.All[r * inputs + i]), gradients[o * inputs + i]);
            Near(rows, Sum(rows, r => dy.All[r * outputs + o]), gradients[outputs * inputs + o]);
        }

        foreach (ThreadTeam team in new[] { LayerCases.Two, LayerCases.Three })
        {
            (float[] yToo, float[] dxToo, float[] gradientsToo) = Run(team);
            LayerLaws.Same(y, yToo, "y");
            LayerLaws.Same(dx, dxToo, "dx");
            LayerLaws.Same(gradients, gradientsToo, "gradients");
        }
        Stack stack = new("s", dense);
        float[] step = new float[outputs];
        for (int r = 0; r < rows; r++)
        {
            stack.Step(x.All.Slice(r * inputs, inputs), stack.NewState(1), step);
            LayerLaws.Same(y.AsSpan(r * outputs, outputs), step, $"row {r}");
        }

        (float[] Y, float[] Dx, float[] Gradients) Run(ThreadTeam team)
        {
            Pass pass = LayerCases.NewPass(team);
            store.ClearGradients();
            Cache cache = dense.Forward(x, pass);
            float[] dx = dense.Backward(dy, cache, pass).All.ToArray();
            return (cache.Output.All.ToArray(), dx, store.Gradients.ToArray());
        }
    }

    private static double Sum(int count, Func<int, double> term)
    {
        double sum = 0;
        for (int i = 0; i < count; i++) sum += term(i);
        return sum;
    }

    private static void Near(int terms, double expected, float actual) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-6 + 3e-7 * terms, $"{expected} against {actual}");
}
