using Unroll.Core;
using Unroll.Formats;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tests.Training;

public sealed class OptimizerTests
{
    private static readonly float[][] s_gradients =
        [[0.5f, -0.25f, 1], [-0.125f, 0.75f, 0], [2, -1.5f, 0.25f], [0.0625f, 0.5f, -3], [-1, 0.125f, 0.375f]];

    private static OptimizerOptions OptionsOf(string name) => name switch
    {
        "sgd decay" => new SgdOptions { WeightDecay = 0.25 },
        "sgd momentum" => new SgdOptions { Momentum = 0.9 },
        "sgd nesterov" => new SgdOptions { Momentum = 0.9, Nesterov = true, WeightDecay = 0.25 },
        "rmsprop momentum" => new RmsPropOptions { Alpha = 0.9, Momentum = 0.5, WeightDecay = 0.25 },
        "adagrad decay" => new AdagradOptions { WeightDecay = 0.25 },
        "adam decay" => new AdamOptions { Beta1 = 0.8, Beta2 = 0.95, WeightDecay = 0.25 },
        "adamw decay" => new AdamWOptions { WeightDecay = 0.25 },
        _ => OptimizerOptions.Of(name),
    };

    // The weights after the first and after the fifth step, by PyTorch 1.13 in float64 with lr = 0.1. Five float steps of a few roundings each
    // on numbers up to 2 stay within 5 · 8 · 2⁻²⁴ · 2 = 5e-6.
    [Theory]
    [InlineData("sgd", 0.45, -1.225, 1.9, 0.35625, -1.2125, 2.1375)]
    [InlineData("sgd decay", 0.4375, -1.19375, 1.85, 0.310730444, -1.06694812, 1.90305697)]
    [InlineData("sgd momentum", 0.45, -1.225, 1.9, -0.1156425, -1.1065475, 2.05524)]
    [InlineData("sgd nesterov", 0.38125, -1.143125, 1.715, -0.302289399, -0.625504786, 1.48777412)]
    [InlineData("rmsprop", -0.4999998, -0.2500004, 1.0000001, -0.816287088, -0.669206027, 1.58416361)]
    [InlineData("rmsprop momentum", 0.18377225, -0.933772252, 1.68377224, -0.403007393, -0.61188278, 1.34218531)]
    [InlineData("adagrad", 0.4, -1.15, 1.9, 0.367955026, -1.19174088, 1.95857978)]
    [InlineData("adagrad decay", 0.4, -1.15, 1.9, 0.340595784, -1.12396893, 1.88429169)]
    [InlineData("adam", 0.400000002, -1.15, 1.9, 0.20060427, -1.13880456, 1.82978599)]
    [InlineData("adam decay", 0.400000002, -1.15, 1.9, 0.175847106, -1.00841625, 1.74869544)]
    [InlineData("adamw", 0.399500002, -1.14875, 1.898, 0.198850936, -1.13290971, 1.82050014)]
    [InlineData("adamw decay", 0.387500002, -1.11875, 1.85, 0.159213785, -0.998451727, 1.60881886)]
    public void Every_optimizer_takes_the_steps_of_PyTorch(string name, params double[] expected)
    {
        Optimizer optimizer = OptionsOf(name).Create(3);
        float[] weights = [0.5f, -1.25f, 2];
        for (int t = 0; t < 5; t++)
        {
            optimizer.Step(weights, s_gradients[t], 0.1f);
            if (t is not (0 or 4)) continue;
            for (int i = 0; i < 3; i++) Assert.Equal(expected[(t == 0 ? 0 : 3) + i], weights[i], 5e-6);
        }
        Assert.Equal(5, optimizer.State.Steps);
    }

    public static TheoryData<string> Names => ["sgd decay", "sgd nesterov", "rmsprop", "rmsprop momentum", "adagrad decay", "adam decay", "adamw"];

    [Theory, MemberData(nameof(Names)), Trait("Category", "Bits")]
    public void Threads_and_tails_change_no_bit(string name)
    {
        const int n = 5 * 4096 + 13;                                     // whole blocks, whole vectors, and a tail
        ParameterStore one = Filled(n), three = Filled(n);
        Optimizer a = OptionsOf(name).Create(n), b = OptionsOf(name).Create(n), c = OptionsOf(name).Create(n);
        using ThreadTeam team = new(3), alone = new(1);
        float[] singly = one.Values.ToArray();
        for (int t = 0; t < 3; t++)
        {
            a.Step(one, 0.01f, alone);
            b.Step(three, 0.01f, team);
            c.State.Steps++;
            // every weight as a tail
            for (int i = 0; i < n; i++) c.Update(singly.AsSpan(i, 1), one.Gradients.Slice(i, 1), i, 0.01f, GradientScale.One);
        }
        Assert.True(one.Values.SequenceEqual(three.Values));
        Assert.True(one.Values.SequenceEqual(singly));
        for (int i = 0; i < a.State.Names.Count; i++) Assert.True(a.State[i].SequenceEqual(b.State[i]) && a.State[i].SequenceEqual(c.State[i]));
    }

    [Theory, MemberData(nameof(Names)), Trait("Category", "Bits")]
    public void Scaled_on_their_way_gradients_give_the_bits_of_scaled_ones(string name)
    {
        const int n = 9 * 4096 + 13;
        const float average = 1f / 320;
        using ThreadTeam team = new(3), alone = new(1);
        foreach (Clipping clipping in new Clipping[]
            { Clipping.None, new() { Limit = 0.25f }, new() { Limit = 1e6f }, new() { By = ClipBy.Value, Limit = 0.004f },
                new() { By = ClipBy.TensorNorm } })
        {
            ParameterStore expected = Filled(n), one = Filled(n), three = Filled(n);
            Optimizer a = OptionsOf(name).Create(n), b = OptionsOf(name).Create(n), c = OptionsOf(name).Create(n);
            Elementwise.Scale(expected.Gradients, average);
            ClipResult result = clipping.Apply(expected);
            a.Step(expected, 0.01f, alone);
            b.Step(one, 0.01f, alone, clipping.Measure(one, average, new GradientNorm(), alone, out ClipResult found));
            c.Step(three, 0.01f, team, clipping.Measure(three, average, new GradientNorm(), team, out ClipResult foundByThree));
            Assert.Equal((result, result), (found, foundByThree));
            Assert.True(expected.Values.SequenceEqual(one.Values) && expected.Values.SequenceEqual(three.Values));
            for (int i = 0; i < a.State.Names.Count; i++) Assert.True(a.State[i].SequenceEqual(b.State[i]) && a.State[i].SequenceEqual(c.State[i]));
        }
    }

    // The hashes were taken once, on vector512: every path and every machine must give them.
    [Theory, Trait("Category", "Bits")]
    [InlineData("sgd nesterov", "d7054cd23f375284")]
    [InlineData("rmsprop momentum", "eeaa81d755227d15")]
    [InlineData("adagrad decay", "96b8c41559721c28")]
    [InlineData("adam decay", "ad984285c816dfee")]
    [InlineData("adamw", "29158513173b34c2")]
    public void Fifty_steps_give_the_bits_of_every_machine(string name, string expected)
    {
        const int n = 1000;
        float[] weights = new float[n], gradients = new float[n];
        for (int i = 0; i < n; i++) weights[i] = new Rng(1).Uniform((ulong)i) - 0.5f;
        Optimizer optimizer = OptionsOf(name).Create(n);
        for (int t = 0; t < 50; t++)
        {
            for (int i = 0; i < n; i++) gradients[i] = new Rng(2).At((ulong)t).Uniform((ulong)i) - 0.5f;
            optimizer.Step(weights, gradients, 0.01f);
        }
        Assert.Equal(expected, WeightsHash.Compute([Tensor.Of(name, [n], weights)])[..16]);
    }

    [Fact]
    public void A_step_shared_among_threads_allocates_nothing_and_raises_the_version()
    {
        ParameterStore store = Filled(3 * 4096);
        Optimizer adam = new AdamOptions().Create(store.Length);
        using ThreadTeam team = new(2);
        long version = store.Version;
        adam.Step(store, 0.01f, team);
        Assert.Equal(version + 1, store.Version);
        Assert.Equal(0, Allocation.Of(() => adam.Step(store, 0.01f, team)));
    }

    [Fact]
    public void Adam_forgets_nothing_after_a_million_steps() =>
        Assert.Equal(Math.Pow(0.999, 1_000_000), Exact.Power(0.999, 1_000_000), 1e-12);

    [Fact]
    public void Weights_of_another_length_are_refused() => Assert.Equal(
        "weights of optimizer 'adam': expected 3 because it was made for 3 weights, got 2.",
        Assert.Throws<ShapeException>(() => new AdamOptions().Create(3).Step(new float[2], new float[2], 0.1f)).Message);

    [Fact]
    public void Settings_out_of_range_are_refused_where_they_are_set()
    {
        Assert.Equal("adam beta1: expected at least 0 and below 1, got 1.", Refusal(() => new AdamOptions { Beta1 = 1 }));
        Assert.Equal("adamw epsilon: expected a number above 0, got 0.", Refusal(() => new AdamWOptions { Epsilon = 0 }));
        Assert.Equal("sgd weight decay: expected a number of at least 0, got NaN.", Refusal(() => new SgdOptions { WeightDecay = double.NaN }));
        Assert.Contains("a momentum above 0", Refusal(() => new SgdOptions { Nesterov = true }.Create(1)));
        Assert.Equal("optimizer 'adan': expected one of sgd, rmsprop, adagrad, adam, adamw.", Refusal(() => OptimizerOptions.Of("adan")));
    }

    private static string Refusal(Func<object> make) => Assert.Throws<UserErrorException>(make).Message;

    private static ParameterStore Filled(int n)
    {
        ParameterStore store = new();
        store.Add("w", n);
        using Edit edit = store.Edit();
        for (int i = 0; i < n; i++)
        {
            edit.Values[i] = (float)new Rng(1).Normal((ulong)i);
            store.Gradients[i] = (float)new Rng(2).Normal((ulong)i);
        }
        return store;
    }
}
