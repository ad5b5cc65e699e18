using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Tests.Layers.Characters;

/// <summary>Words with their spelling: what a word gets does not depend on its company, and equal spellings are read once.</summary>
[Trait("Category", "Bits")]
public sealed class CharacterEmbeddingTests
{
    private static readonly ThreadTeam One = new(1), Three = new(3) { SmallestShare = 0 };

    private static readonly NetworkSpec Spec = new(5,
    [
        new CharacterSpec { Name = "words", Vocabulary = 4, Size = 3, Characters = 6, CharacterSize = 2, Hidden = 17, Longest = 4 },
        new RecurrentSpec { Name = "core", Cell = new CellOptions { Kind = "gru" }, Hidden = 4 },
    ]);

    // "ab" twice with different words, a word of no characters, one of the longest.
    private static readonly float[][] Sentences =
        [[1, 1, 2, 0, 0, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0], [], [3, 5, 4, 3, 2], [2, 1, 2, 0, 0, 1, 1, 2, 0, 0]];

    private static Network Make()
    {
        Network network = Network.Build(NetworkSpec.FromJson(Spec.ToJson()));
        Initialization.Apply(network, new InitializationOptions(), new Rng(1));
        return network;
    }

    private static (float[][] Y, float[] Gradients) Run(Network network, float[][] sentences, ThreadTeam team)
    {
        Pass pass = new(new Workspace(), team, default, Training: true);
        Cache cache = network.Forward(SequenceBatch.FromSequences(5, sentences), null, pass);
        SequenceBatch y = cache.Output, dy = SequenceBatch.Zeros(y.Layout, 4);
        for (int s = 0; s < sentences.Length; s++)
            for (int t = 0; t < y.Layout.Lengths[s]; t++)
                for (int k = 0; k < 4; k++) dy.Row(t, s)[k] = (float)new Rng(2).At((ulong)sentences[s].Length).Normal((ulong)(4 * t + k));
        network.Parameters.ClearGradients();
        network.Backward(dy, cache, pass);
        return ([.. sentences.Select((_, s) => Enumerable.Range(0, y.Layout.Lengths[s]).SelectMany(t => y.Row(t, s).ToArray()).ToArray())],
            network.Parameters.Gradients.ToArray());
    }

    [Fact]
    public void A_sentence_gets_what_it_gets_alone_and_threads_change_no_bit()
    {
        Network network = Make();
        (float[][] together, float[] gradients) = Run(network, Sentences, One);
        (float[][] shared, float[] gradientsOfThree) = Run(network, Sentences, Three);
        Assert.Equal(together, shared);
        Assert.Equal(gradients, gradientsOfThree);
        for (int s = 0; s < Sentences.Length; s++) Assert.Equal(together[s], Run(network, [Sentences[s]], One).Y[0]);
    }

    [Fact]
    public void Gradients_of_a_batch_are_the_sum_of_those_of_its_sentences()
    {
        Network network = Make();
        float[] gradients = Run(network, Sentences, One).Gradients;
        float[][] alone = [.. Sentences.Select(one => Run(network, [one], One).Gradients)];
        for (int i = 0; i < gradients.Length; i++) Assert.Equal(alone.Sum(one => (double)one[i]), gradients[i], 1e-5);
    }

    [Fact]
    public void Steps_one_by_one_have_the_same_bits_and_allocate_nothing()
    {
        Network network = Make();
        float[] whole = Run(network, [Sentences[0]], One).Y[0], y = new float[4];
        State state = network.NewState(1);
        for (int t = 0; t < 3; t++)
        {
            network.Step(Sentences[0].AsSpan(5 * t, 5), state, y);
            Assert.Equal(whole[(4 * t)..(4 * t + 4)], y);
        }
        Assert.Equal(0, Allocation.Of(() => network.Step(Sentences[0].AsSpan(0, 5), state, y)));
    }

    [Fact]
    public void Quantized_the_matrices_that_read_characters_have_8_bits_too()
    {
        Network network = Make();
        float[] before = [.. network.Parameters.Find("words.spelling.weight_hh_l0")!.Values];
        network.Quantize();
        Assert.NotEqual(before, network.Parameters.Find("words.spelling.weight_hh_l0")!.Values.ToArray());
        Assert.Equal(17, network.Spec.RecurrentOf("words.spelling.weight_ih_l0_reverse")!.Hidden);
        Assert.Null(network.Spec.RecurrentOf("words.weight"));
    }

    [Fact]
    public void Wrong_sizes_and_indices_are_refused_by_name()
    {
        Network network = Make();
        Assert.Contains("'words.characters' index", Assert.Throws<UserErrorException>(() => Run(network, [[1, 6, 0, 0, 0]], One)).Message);
        Assert.Contains("'words' index", Assert.Throws<UserErrorException>(() => Run(network, [[4, 1, 0, 0, 0]], One)).Message);
        Assert.Contains("'words' input features", Assert.Throws<ShapeException>(() => Network.Build(Spec with { Inputs = 4 })).Message);
    }
}
