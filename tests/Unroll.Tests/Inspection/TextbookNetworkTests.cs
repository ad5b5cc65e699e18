using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Tests.Inspection;

/// <summary>Whole networks of the textbook: directions, first states, masks, and what is refused.</summary>
public sealed class TextbookNetworkTests
{
    private static readonly Vector[] X = [new(0.3, -1), new(1.2, 0.4), new(-0.7, 0.9)];

    [Fact] // law 5
    public void Reverse_is_forward_on_the_reversed_sequence()
    {
        TextbookParameters reverse = Parameters(Recurrent(Direction.Reverse), out NetworkSpec spec);
        TextbookParameters forward = new(reverse.Values.ToDictionary(pair => pair.Key.Replace("_reverse", ""), pair => pair.Value));
        IReadOnlyList<Vector> expected = new TextbookNetwork(new(2, [Recurrent(Direction.Forward)]), forward).Forward([.. X.Reverse()]).Outputs;
        Assert.Equal(expected.Reverse(), new TextbookNetwork(spec, reverse).Forward(X).Outputs);
    }

    [Theory, InlineData(Merge.Concatenate), InlineData(Merge.Sum), InlineData(Merge.Average), InlineData(Merge.Multiply)] // S49
    public void A_bidirectional_layer_joins_what_each_direction_gives(Merge merge)
    {
        TextbookParameters both = Parameters(Recurrent(Direction.Bidirectional) with { Merge = merge }, out NetworkSpec spec);
        Vector forward = new TextbookNetwork(new(2, [Recurrent(Direction.Forward)]), both).Forward(X).Outputs[1];
        Vector reverse = new TextbookNetwork(new(2, [Recurrent(Direction.Reverse)]), both).Forward(X).Outputs[1];
        Vector sum = forward + reverse, expected = merge switch
        {
            Merge.Concatenate => forward.Above(reverse), Merge.Sum => sum, Merge.Average => 0.5 * sum, _ => forward * reverse,
        };
        Assert.Equal(expected, new TextbookNetwork(spec, both).Forward(X).Outputs[1]);
    }

    [Fact] // S12
    public void A_given_first_state_comes_before_the_learned_one_and_the_second_half_from_the_state_of_the_first_is_the_whole()
    {
        TextbookParameters parameters = Parameters(Recurrent(Direction.Forward) with { InitialState = InitialState.Learned }, out NetworkSpec spec);
        TextbookNetwork network = new(spec, parameters);
        RecurrentRun half = network.Forward(X[..2]).Directions.Single().Run;
        Given given = new() { FirstStates = new Dictionary<string, Vector> { ["rnn.h0_l0"] = half.Last("h"), ["rnn.c0_l0"] = half.Last("c") } };
        Assert.Equal(network.Forward(X).Outputs[2], network.Forward(X[2..], given).Outputs[0]);
    }

    [Fact]
    public void A_mask_scales_outputs_and_gradients_between_the_layers_of_a_stack()
    {
        TextbookParameters parameters = Parameters(Recurrent(Direction.Forward) with { Layers = 2 }, out NetworkSpec spec);
        Vector[] mask = [new(0, 2, 2), new(0, 2, 2), new(0, 2, 2)];
        Given given = new() { DropoutMasks = new Dictionary<string, IReadOnlyList<Vector>> { ["rnn.0.dropout"] = mask } };
        NetworkRun run = new TextbookNetwork(spec, parameters).Forward(X, given);
        run.Backward([.. X.Select(_ => new Vector(1, 1, 1))]);
        RecurrentGradient below = run.Directions.First().Gradient!;
        Assert.Equal(2 * run.Directions.First().Run.Outputs[0][1], run.Layers[1].Outputs[0][1]);
        Assert.All(below.Steps, step => Assert.Equal(0, step.Terms["h"]["output"][0]));
        Assert.All(below.Steps, step => Assert.NotEqual(0, step.Terms["h"]["output"][1]));
    }

    [Fact]
    public void What_the_textbook_cannot_know_or_use_is_refused_by_name()
    {
        TextbookParameters parameters = Parameters(Recurrent(Direction.Forward) with { InitialState = InitialState.Random }, out NetworkSpec random);
        Assert.Contains("'rnn.h0_l0'", Assert.Throws<UserErrorException>(() => new TextbookNetwork(random, parameters).Forward(X)).Message);

        TextbookParameters none = new(new Dictionary<string, double[]>());
        Assert.Contains("'rnn.weight_ih_l0'", Assert.Throws<UserErrorException>(() => new TextbookNetwork(random, none)).Message);

        TextbookParameters table = new(new Dictionary<string, double[]> { ["words.weight"] = new double[6] });
        TextbookNetwork embedding = new(new(1, [new EmbeddingSpec { Name = "words", Vocabulary = 3, Size = 2 }]), table);
        Assert.Contains("'words'", Assert.Throws<UserErrorException>(() => embedding.Forward([new(3.0)])).Message);
    }

    private static RecurrentSpec Recurrent(Direction direction) => new() { Name = "rnn", Cell = new(), Hidden = 3, Direction = direction };

    private static TextbookParameters Parameters(RecurrentSpec layer, out NetworkSpec spec)
    {
        spec = new NetworkSpec(2, [layer]);
        Rng rng = new(2);
        ulong at = 0;
        return new TextbookParameters(TextbookParameters.Shapes(spec).ToDictionary(
            shape => shape.Name, shape => Enumerable.Range(0, shape.Shape.Aggregate(1, (a, b) => a * b)).Select(_ => rng.Normal(at++)).ToArray()));
    }
}
