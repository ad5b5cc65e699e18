using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;

namespace Unroll.Tests.Laws;

/// <summary>Streams that step together get the bits that each gets alone, whoever else is in the step.</summary>
[Trait("Category", "Bits")]
public sealed class StepBatchLaws
{
    private const int Streams = 7;

    public static TheoryData<string> Variants => OwnCells.Variants;

    [Theory, MemberData(nameof(Variants))]
    public void Streams_that_step_together_get_what_each_gets_alone(string variant)
    {
        Network network = Make(new RecurrentSpec { Name = "core", Cell = OwnCells.Options(variant), Hidden = 17, Layers = 2 });
        StepBatch batch = new(network, Streams + 1);
        // The last has two sequences of its own.
        State[] together = [.. Enumerable.Range(0, Streams).Select(s => network.NewState(s == Streams - 1 ? 2 : 1))],
            alone = [.. together.Select(state => network.NewState(state.Sequences))];
        Rng draws = new(3);
        for (int step = 0; step < 12; step++)
        {
            int[] some = [.. Enumerable.Range(0, Streams).Where(s => draws.At((ulong)step).Below(3, (ulong)s) > 0)];
            int rows = some.Sum(s => together[s].Sequences), row = 0;
            float[] x = [.. Enumerable.Range(0, rows * network.InputSize).Select(i => (float)draws.At((ulong)(100 + step)).Normal((ulong)i))],
                y = new float[rows * network.OutputSize];
            batch.Step(x, [.. some.Select(s => together[s])], y);
            foreach (int s in some)
            {
                int own = alone[s].Sequences;
                float[] expected = new float[own * network.OutputSize];
                network.Step(x.AsSpan(row * network.InputSize, own * network.InputSize), alone[s], expected);
                LayerLaws.Same(expected, y.AsSpan(row * network.OutputSize, expected.Length), $"step {step}, stream {s}");
                row += own;
            }
        }
        for (int s = 0; s < Streams; s++) LayerLaws.SameStates(alone[s], together[s]);
    }

    [Fact]
    public void A_step_of_many_streams_allocates_nothing()
    {
        Network network = Make(new RecurrentSpec { Name = "core", Hidden = 17, Layers = 2 });
        StepBatch batch = new(network, 3);
        State[] states = [network.NewState(1), network.NewState(1), network.NewState(1)];
        float[] x = new float[3 * network.InputSize], y = new float[3 * network.OutputSize];
        Assert.Equal(0, Allocation.Of(() => batch.Step(x, states, y)));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Network network = Make(new RecurrentSpec { Name = "core", Hidden = 4 }), other = Make(new RecurrentSpec { Name = "core", Hidden = 5 });
        StepBatch batch = new(network, 2);
        State a = network.NewState(1), b = network.NewState(2);
        float[] x = new float[2 * network.InputSize], y = new float[2 * network.OutputSize];
        Assert.Contains("the batch was made for at most so many", Assert.Throws<ShapeException>(() => batch.Step(x, [a, b], y)).Message);
        Assert.Contains("step input", Assert.Throws<ShapeException>(() => batch.Step(x, [a], y)).Message);
        Assert.Contains("step output", Assert.Throws<ShapeException>(() => batch.Step(x, [b], y.AsSpan(1))).Message);
        Assert.Throws<ShapeException>(() => batch.Step(x, [other.NewState(2)], y));
        Assert.Contains("a state is there twice", Assert.Throws<ShapeException>(() => batch.Step(x, [a, a], y)).Message);
        batch.Step(x, [a, network.NewState(1)], y);                      // what was refused has left no trace
        Assert.Contains("looks ahead", Assert.Throws<UserErrorException>(() => new StepBatch(
            Make(new RecurrentSpec { Name = "core", Hidden = 4, Direction = Unroll.Layers.Recurrent.Direction.Bidirectional }), 2)).Message);
    }

    private static Network Make(RecurrentSpec core)
    {
        Network network = Network.Build(new(3, [core, new DenseSpec { Name = "head", Outputs = 5 }]), OwnCells.All);
        using Edit edit = network.Parameters.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.4f * (float)new Rng(5).Normal((ulong)i);
        return network;
    }
}
