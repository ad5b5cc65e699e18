using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Tests.Networks;

/// <summary>A classifier of sequences made of every kind of layer: what each does to its neighbors shows here.</summary>
public sealed class EveryLayerTests : IDisposable
{
    private static readonly NetworkSpec Classifier = new(1,
    [
        new EmbeddingSpec { Name = "words", Vocabulary = 6, Size = 4 },
        new DropoutSpec { Name = "drop", Rate = 0.3f },
        new RecurrentSpec { Name = "core", Hidden = 5, Layers = 2, Dropout = 0.2f, InitialState = InitialState.Learned },
        new LastStepSpec { Name = "last" },
        new DenseSpec { Name = "head", Outputs = 3 },
    ]);

    private readonly ThreadTeam _threads = new(1);

    public void Dispose() => _threads.Dispose();

    private Pass Pass(bool training) => new(new Workspace(), _threads, new Rng(9), training);

    private static Network Build()
    {
        Network network = Network.Build(NetworkSpec.FromJson(Classifier.ToJson()));
        Initialization.Apply(network.Parameters, network.Spec, new InitializationOptions(), new Rng(1));
        return network;
    }

    private static SequenceBatch Words => SequenceBatch.FromSequences(1, [0, 5, 2], [3], [1, 1, 4, 2]);

    private double Loss(Network network, SequenceBatch x, out Cache cache, out SequenceBatch dy, in Pass pass)
    {
        cache = network.Forward(x, null, pass);
        dy = SequenceBatch.Zeros(cache.Output.Layout, 3);
        return new SoftmaxCrossEntropy().Compute(cache.Output, Targets.Of(new[] { 2, 0, 1 }), dy, pass).Sum;
    }

    // Central differences in float with a step of 2⁻⁷: h² L‴ / 6 is about 1e-5, rounding of the logits 1e-7 / h = 1e-5; gradients are up to 1.
    [Fact]
    public void Backward_is_the_derivative_of_the_loss_in_training_too()
    {
        Network network = Build();
        Loss(network, Words, out Cache cache, out SequenceBatch dy, Pass(training: true));
        network.Parameters.ClearGradients();
        network.Backward(dy, cache, Pass(training: true));
        const float step = 1f / 128;
        foreach (Parameter p in network.Parameters.All)
            for (int i = 0; i < p.Length; i++)
            {
                double numeric = (At(p.Offset + i, step) - At(p.Offset + i, -step)) / (2 * step);
                Assert.True(Math.Abs(numeric - p.Gradients[i]) < 2e-4, $"{p.Name}[{i}]: {p.Gradients[i]} against {numeric}");
            }

        double At(int i, float nudge)
        {
            using (Edit edit = network.Parameters.Edit()) edit.Values[i] += nudge;
            double loss = Loss(network, Words, out _, out _, Pass(training: true));
            using (Edit edit = network.Parameters.Edit()) edit.Values[i] -= nudge;
            return loss;
        }
    }

    [Fact]
    public void Step_by_step_the_answer_so_far_ends_as_the_answer_to_the_whole()
    {
        Network network = Build();
        SequenceBatch whole = network.Forward(SequenceBatch.FromSequences(1, [1, 1, 4, 2]), null, Pass(training: false)).Output;
        State state = network.NewState(1);
        float[] y = new float[3];
        foreach (float word in new float[] { 1, 1, 4, 2 }) network.Step([word], state, y);
        Assert.Equal(whole.All.ToArray(), y);
    }

    [Fact]
    public void A_step_of_a_warmed_up_network_allocates_nothing()
    {
        Network network = Build();
        State state = network.NewState(1);
        float[] x = [3], y = new float[3];
        Assert.Equal(0, Allocation.Of(() => network.Step(x, state, y)));
    }

    [Theory, InlineData("a", "a.x"), InlineData("a.x", "a")]
    public void A_layer_whose_name_begins_with_anothers_is_initialized_as_itself(string first, string second)
    {
        NetworkSpec nested = new(3, [new RecurrentSpec { Name = first, Hidden = 4 }, new DenseSpec { Name = second, Outputs = 2 }]);
        NetworkSpec apart = new(3, [new RecurrentSpec { Name = first, Hidden = 4 }, new DenseSpec { Name = "b", Outputs = 2 }]);
        Network network = Network.Build(nested), other = Network.Build(apart);
        Initialization.Apply(network.Parameters, nested, new InitializationOptions(), new Rng(1));
        Initialization.Apply(other.Parameters, apart, new InitializationOptions(), new Rng(1));
        Assert.Equal(other.Parameters.Find($"{first}.weight_ih_l0")!.Values.ToArray(),
            network.Parameters.Find($"{first}.weight_ih_l0")!.Values.ToArray());
        Assert.All(network.Parameters.Find($"{second}.weight")!.Values.ToArray(), weight => Assert.InRange(Math.Abs(weight), 1e-6f, 0.5f));
        Assert.Equal("ifgo", network.GatesOf(network.Parameters.Find($"{first}.bias_hh_l0")!));
        Assert.Null(network.GatesOf(network.Parameters.Find($"{second}.weight")!));
    }

    [Fact]
    public void A_recurrent_layer_with_an_impossible_choice_is_refused_by_name()
    {
        RecurrentSpec core = new() { Name = "core", Hidden = 2 };
        foreach ((RecurrentSpec spec, string what) in new[]
        {
            (core with { Dropout = float.NaN }, "'core' dropout"), (core with { Dropout = -0.1f }, "'core' dropout"),
                (core with { Dropout = 1 }, "'core' dropout"),
            (core with { Direction = (Direction)7 }, "'core' direction"), (core with { Merge = (Merge)7 }, "'core' merge"),
            (core with { InitialState = (InitialState)7 }, "'core' first state"), (core with { Layers = 0 }, "'core' layers"),
            (core with { Cell = new() { GateClip = float.PositiveInfinity } }, "gate clip"),
                (core with { Cell = new() { CellClip = float.NaN } }, "cell clip"),
        })
            Assert.Contains(what, Assert.Throws<UserErrorException>(() => Network.Build(new NetworkSpec(2, [spec]))).Message);
    }

    [Fact]
    public void An_embedding_above_more_than_one_feature_is_refused() =>
        Assert.Throws<ShapeException>(() => Network.Build(Classifier with { Inputs = 2 }));
}
