using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Scores;

namespace Unroll.Tests.Tasks.Data.Scores;

/// <summary>Stretches and their F1 against what the rules of conlleval give, worked out by hand.</summary>
public sealed class EntityScoreTests
{
    private static string Spans(string labels) => string.Join(' ', TagSpan.Of(labels.Split(' ')).Select(one => $"{one.Name}{one.From}-{one.To}"));

    [Theory]
    [InlineData("B-P I-P O B-L", "P0-2 L3-4")]
    [InlineData("B-P B-P I-P", "P0-1 P1-3")]                               // two that touch
    [InlineData("O I-P I-P O", "P1-3")]                                    // I- after O begins one
    [InlineData("I-P I-P I-L", "P0-2 L2-3")]                               // another name begins one
    [InlineData("B-P I-L I-L B-L", "P0-1 L1-3 L3-4")]
    [InlineData("I-P B-P I-P O I-P", "P0-1 P1-3 P4-5")]                    // IOB1
    [InlineData("B-P I-P E-P S-L S-L O", "P0-3 L3-4 L4-5")]
    [InlineData("E-P E-P I-P E-P", "P0-1 P1-2 P2-4")]                      // an E ends one, what follows begins the next
    [InlineData("S-P I-P B-L E-P O", "P0-1 P1-2 L2-3 P3-4")]
    [InlineData("B-P L-P U-L O", "P0-2 L2-3")]
    [InlineData("B-P M-P E-P W-P", "P0-3 P3-4")]
    [InlineData("O O", "")]
    public void Stretches_are_those_of_conlleval(string labels, string expected) => Assert.Equal(expected, Spans(labels));

    // 16 words. There: NP 0-2, VP 2-3, NP 3-6, PP 6-7, NP 7-9, NP 10-11.
    // Said: NP 0-2, VP 2-4, NP 4-6, PP 6-7, NP 7-8, NP 8-9, VP 10-11, NP 13-14 (of an I- after O).
    [Fact]
    public void Precision_recall_and_F1_are_of_whole_stretches_for_each_name_and_all()
    {
        EntityScores scores = new();
        scores.Add("B-NP I-NP B-VP B-NP I-NP I-NP B-PP B-NP I-NP O".Split(' '), "B-NP I-NP B-VP I-VP B-NP I-NP B-PP B-NP B-NP O".Split(' '));
        scores.Add("B-NP O O O O O".Split(' '), "B-VP O O I-NP O O".Split(' '));
        EntityScore np = scores.Each["NP"], vp = scores.Each["VP"], pp = scores.Each["PP"], all = scores.All;
        Assert.Equal((1, 5, 4), (np.Right, np.Predicted, np.Actual));
        Assert.Equal((0.2, 0.25, 2.0 / 9), (np.Precision, np.Recall, np.F1));
        Assert.Equal((0, 2, 1), (vp.Right, vp.Predicted, vp.Actual));
        Assert.Equal((0.0, 0.0, 0.0), (vp.Precision, vp.Recall, vp.F1));
        Assert.Equal((1.0, 1.0, 1.0), (pp.Precision, pp.Recall, pp.F1));
        Assert.Equal((2, 8, 6), (all.Right, all.Predicted, all.Actual));
        Assert.Equal((0.25, 2.0 / 6, 2.0 * 2 / 14), (all.Precision, all.Recall, all.F1));
        Assert.Equal(["NP", "PP", "VP"], scores.Each.Keys);
    }

    // A stretch does not go on from one sequence to the next, and nothing at all is no division by zero.
    [Fact]
    public void Sequences_are_apart_and_nothing_has_the_score_0()
    {
        EntityScores scores = new();
        scores.Add(["O", "B-P"], ["O", "B-P"]);
        scores.Add(["I-P", "O"], ["O", "O"]);
        Assert.Equal((1, 1, 2), (scores.All.Right, scores.All.Predicted, scores.All.Actual));
        Assert.Equal((0.0, 0.0, 0.0), (new EntityScores().All.Precision, new EntityScores().All.Recall, new EntityScores().All.F1));
        Assert.Throws<ArgumentException>(() => scores.Add(["O"], []));
    }

    [Fact]
    public void The_scheme_and_its_legal_paths_are_told_from_the_labels()
    {
        Assert.Equal(TagScheme.Bio, TagScheme.Of([["O", "B-P", "I-P"], ["B-L"]]));
        Assert.Equal(TagScheme.Bioes, TagScheme.Of([["O", "B-P", "E-P"], ["S-L"]]));
        Assert.Null(TagScheme.Of([["O", "I-P", "B-P"]]));
        Assert.Null(TagScheme.Of([["NOUN", "VERB"]]));
        Assert.True(TagLabel.AreStretches(["O", "I-P"]) && !TagLabel.AreStretches(["O"]) && !TagLabel.AreStretches(["O", "B-P", "NOUN"]));

        string[] bio = ["O", "B-P", "I-P", "B-L", "I-L"];
        bool Legal(string scheme, string[] classes, string path) =>
            TagScheme.Rules(scheme, classes).Allows([.. path.Split(' ').Select(label => Array.IndexOf(classes, label))]);
        Assert.True(Legal(TagScheme.Bio, bio, "B-P I-P I-P O B-L B-L I-L"));
        Assert.All(["I-P", "O I-P", "B-L I-P"], path => Assert.False(Legal(TagScheme.Bio, bio, path)));
        string[] bioes = ["O", "B-P", "I-P", "E-P", "S-P"];
        Assert.True(Legal(TagScheme.Bioes, bioes, "S-P B-P I-P E-P B-P E-P O S-P"));
        Assert.All(["B-P", "B-P O", "B-P S-P", "O E-P", "E-P", "B-P I-P", "S-P I-P E-P"], path => Assert.False(Legal(TagScheme.Bioes, bioes, path)));
    }
}
