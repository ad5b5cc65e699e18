using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Flow;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Inspection.Flow;

/// <summary>Which inputs an output depended on, against the textbook's gradients in double.</summary>
public sealed class DependencyMapTests
{
    // Norms of a handful of floats that have come back over a few steps.
    private const double Tolerance = 1e-5;

    public static TheoryData<string, Direction> Cases() => new()
    {
        { "lstm", Direction.Forward }, { "gru", Direction.Forward }, { "rnn", Direction.Bidirectional }, { "lstm projection", Direction.Reverse },
    };

    private static FlowCase Made(string variant, Direction direction) =>
        FlowCase.Of(FlowCase.Spec(CellCatalog.BuiltIn.Variants.Single(v => v.Name == variant).Options, direction, layers: 2), steps: 6);

    [Theory, MemberData(nameof(Cases))]
    public void Every_row_is_the_gradient_of_that_rows_loss(string variant, Direction direction)
    {
        FlowCase made = Made(variant, direction);
        DependencyMap map = DependencyMap.OfLoss(made.Subject, LayerCases.One);
        Assert.Equal(direction == Direction.Forward, map.Causal);
        Assert.Equal([0, 1, 2, 3, 4, 5], map.Rows);
        for (int t = 0; t < 6; t++)
        {
            double[] expected = [.. made.Textbook(t).Dx.Select(dx => Math.Sqrt(dx.Sum(v => v * v)))];
            for (int k = 0; k < 6; k++) Assert.Equal(expected[k], map.Values[t][k], Tolerance * expected.Max());
            if (map.Causal) Assert.All(map.Values[t].Skip(t + 1), value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void All_outputs_together_are_the_root_of_the_sum_of_their_squares()
    {
        FlowCase made = Made("gru", Direction.Forward);
        DependencyMap all = DependencyMap.OfOutputs(made.Subject, LayerCases.One),
            first = DependencyMap.OfOutputs(made.Subject, LayerCases.Two, output: 0),
            second = DependencyMap.OfOutputs(made.Subject, LayerCases.Three, output: 1);
        for (int t = 0; t < 6; t++)
            for (int k = 0; k < 6; k++) Assert.Equal(all.Values[t][k], double.Hypot(first.Values[t][k], second.Values[t][k]), 1e-6);
        Assert.Equal("output 1", second.Of);
        Assert.Throws<ArgumentOutOfRangeException>(() => DependencyMap.OfOutputs(made.Subject, LayerCases.One, output: 2));
    }

    [Theory, InlineData(6, new[] { 0, 1, 2, 3, 4, 5 }), InlineData(4, new[] { 1, 3, 5 }), InlineData(2, new[] { 2, 5 }), InlineData(1, new[] { 5 })]
    public void Of_a_long_sequence_some_rows_are_taken_the_last_always(int most, int[] rows)
    {
        FlowCase made = Made("lstm", Direction.Forward);
        DependencyMap map = DependencyMap.OfLoss(made.Subject, LayerCases.One, most), whole = DependencyMap.OfLoss(made.Subject, LayerCases.One);
        Assert.Equal(rows, map.Rows);
        Assert.All(rows.Index(), row => Assert.Equal(whole.Values[row.Item], map.Values[row.Index]));
    }

    [Fact]
    public void A_network_that_reads_the_last_step_alone_has_one_row()
    {
        FlowCase made = FlowCase.Of(FlowCase.Spec(new CellOptions(), last: true), steps: 7);
        DependencyMap map = DependencyMap.OfLoss(made.Subject, LayerCases.One);
        Assert.Equal([0], map.Rows);
        double[] expected = [.. made.Textbook().Dx.Select(dx => Math.Sqrt(dx.Sum(v => v * v)))];
        for (int k = 0; k < 7; k++) Assert.Equal(expected[k], map.Values[0][k], Tolerance * expected.Max());
    }

    [Fact]
    public void Behind_an_embedding_it_is_the_tables_row_that_is_changed()
    {
        NetworkSpec words = new(1, [new EmbeddingSpec { Name = "words", Vocabulary = 4, Size = 3 },
            new RecurrentSpec { Name = "l", Hidden = 5, Cell = new() { Kind = "gru" } }]);
        NetworkSpec bare = words with { Inputs = 3, Layers = [words.Layers[1]] };
        Network network = Network.Build(words), without = Network.Build(bare);
        using (Edit edit = network.Parameters.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.5f * (float)new Rng(1).Normal((ulong)i);
        using (Edit edit = without.Parameters.Edit()) network.Parameters.Values[12..].CopyTo(edit.Values);
        int[] indices = [3, 1, 0, 1];
        SequenceBatch x = SequenceBatch.FromSequences(1, [[.. indices.Select(i => (float)i)]]);
        SequenceBatch rows = SequenceBatch.FromSequences(3, [[.. indices.SelectMany(i => network.Parameters.Values.Slice(3 * i, 3).ToArray())]]);
        Targets targets = Targets.Of(LayerCases.Draw(x.Layout, 5, 2));

        DependencyMap map = DependencyMap.OfLoss(new InspectionSubject("words", network, x, ["a", "b", "c", "d"], new SquaredError(), targets),
            LayerCases.One);
        DependencyMap expected = DependencyMap.OfLoss(new InspectionSubject("rows", without, rows, ["a", "b", "c", "d"], new SquaredError(),
            targets), LayerCases.One);
        Assert.Equal("words", map.With);
        Assert.Equal("input", expected.With);
        Assert.Equal(expected.Values, map.Values);
        Assert.True(map.Values[3][0] > 0);
    }

    [Fact]
    public void More_rows_than_fit_at_once_give_the_same_bits_as_alone()
    {
        FlowCase made = FlowCase.Of(FlowCase.Spec(new CellOptions(), Direction.Bidirectional, layers: 1, hidden: 64), steps: 300, scale: 0.1f);
        DependencyMap map = DependencyMap.OfLoss(made.Subject, LayerCases.One, maxRows: 40),
            last = DependencyMap.OfLoss(made.Subject, LayerCases.One, maxRows: 1);
        Assert.Equal(last.Values[0], map.Values[^1]);
    }
}
