using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Tests.Layers;

[Trait("Category", "Bits")]
public sealed class TiedWeightsTests : IDisposable
{
    private readonly ThreadTeam _threads = new(1), _two = new(2) { SmallestShare = 0 };

    public void Dispose()
    {
        _threads.Dispose();
        _two.Dispose();
    }

    private static NetworkSpec Spec(LayerSpec head) => new(1,
    [
        new EmbeddingSpec { Name = "table", Vocabulary = 19, Size = 5 },
        new RecurrentSpec { Name = "core", Hidden = 5 },
        head,
    ]);

    private static Network Tied()
    {
        Network network = Network.Build(Spec(new TiedSpec { Name = "head", Embedding = "table" }));
        Initialization.Apply(network.Parameters, network.Spec, new InitializationOptions { EmbeddingBound = 0.5f }, new Rng(3));
        return network;
    }

    // The same numbers with a table of its own for the output.
    private static Network Apart(Network tied)
    {
        Network network = Network.Build(Spec(new DenseSpec { Name = "head", Outputs = 19 }));
        using Edit edit = network.Parameters.Edit();
        foreach (Parameter p in network.Parameters.All)
            tied.Parameters.Find(p.Name == "head.weight" ? "table.weight" : p.Name)!.Values.CopyTo(edit.Of(p));
        return network;
    }

    private static SequenceBatch Words => SequenceBatch.FromSequences(1, [0, 18, 2, 2], [3], [], [1, 7, 4]);

    private (float[] Y, float[] Gradients) Run(Network network, ThreadTeam threads)
    {
        Pass pass = new(new Workspace(), threads, new Rng(1), Training: true);
        Cache cache = network.Forward(Words, null, pass);
        SequenceBatch dy = SequenceBatch.Zeros(cache.Output.Layout, 19);
        new SoftmaxCrossEntropy().Compute(cache.Output, Targets.OfSequences(Words.Layout, [18, 2, 2, 5], [0], [], [7, 4, 1]), dy, pass);
        network.Parameters.ClearGradients();
        network.Backward(dy, cache, pass);
        return (cache.Output.All.ToArray(), network.Parameters.Gradients.ToArray());
    }

    [Fact]
    public void The_table_is_stored_once() =>
        Assert.Equal(["table.weight", "core.weight_ih_l0", "core.weight_hh_l0", "core.bias_ih_l0", "core.bias_hh_l0", "head.bias"],
            Tied().Parameters.All.Select(p => p.Name));

    [Fact]
    public void The_outputs_are_those_of_two_tables_with_the_same_numbers()
    {
        Network tied = Tied();
        Assert.Equal(Run(Apart(tied), _threads).Y, Run(tied, _threads).Y);
    }

    // Two sums against one sum of the same terms in another order: some dozens of terms of float32 rounding.
    [Fact]
    public void The_gradient_of_the_table_is_the_sum_of_both_uses()
    {
        Network tied = Tied(), apart = Apart(tied);
        Run(tied, _threads);
        Run(apart, _threads);
        float[] together = tied.Parameters.Find("table.weight")!.Gradients.ToArray(),
            below = apart.Parameters.Find("table.weight")!.Gradients.ToArray(),
            above = apart.Parameters.Find("head.weight")!.Gradients.ToArray();
        for (int i = 0; i < together.Length; i++) Assert.Equal(below[i] + above[i], together[i], 2e-6f * (1 + Math.Abs(together[i])));
        Assert.Equal(apart.Parameters.Find("core.weight_hh_l0")!.Gradients, tied.Parameters.Find("core.weight_hh_l0")!.Gradients);
    }

    [Fact]
    public void One_thread_and_two_give_the_same_bits()
    {
        Network tied = Tied();
        (float[] y, float[] gradients) = Run(tied, _threads);
        (float[] y2, float[] gradients2) = Run(tied, _two);
        Assert.Equal(y, y2);
        Assert.Equal(gradients, gradients2);
    }

    [Fact]
    public void Step_by_step_equals_the_whole_sequence()
    {
        Network tied = Tied();
        SequenceBatch whole =
            tied.Forward(SequenceBatch.FromSequences(1, [1, 7, 4]), null, new Pass(new Workspace(), _threads, new Rng(1), Training: false)).Output;
        State state = tied.NewState(1);
        float[] y = new float[19];
        float[] words = [1, 7, 4];
        for (int t = 0; t < 3; t++)
        {
            tied.Step([words[t]], state, y);
            Assert.Equal(whole.Row(t, 0).ToArray(), y);
        }
    }

    [Fact]
    public void A_layer_tied_to_nothing_or_to_another_size_is_refused()
    {
        Assert.Contains("tied to the embedding 'tabel', and there is none", Assert.Throws<UserErrorException>(() =>
            Network.Build(Spec(new TiedSpec { Name = "head", Embedding = "tabel" }))).Message);
        Assert.Contains("layer 'head' input features: expected 5", Assert.Throws<ShapeException>(() => Network.Build(new NetworkSpec(1,
        [
            new EmbeddingSpec { Name = "table", Vocabulary = 19, Size = 5 }, new RecurrentSpec { Name = "core", Hidden = 6 },
            new TiedSpec { Name = "head", Embedding = "table" },
        ]))).Message);
    }
}
