using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Scores;

namespace Unroll.Tests.Tasks.Data.Scores;

/// <summary>The measures of classes and rankings are scikit-learn's; the script that wrote the file lies beside it.</summary>
public sealed class ClassScoreTests
{
    private static readonly JsonElement s_file =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Tasks", "Data", "Scores", "Fixtures", "sklearn-scores.json")))
            .RootElement;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_file.GetProperty("classes").GetArrayLength())];

    public static TheoryData<int> Rankings => [.. Enumerable.Range(0, s_file.GetProperty("rankings").GetArrayLength())];

    private static int[] Whole(JsonElement list) => [.. list.EnumerateArray().Select(x => x.GetInt32())];

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(x => x.GetDouble())];

    // The same few dozen additions and divisions in double, perhaps in another order: 1e-12.
    private static void Same(double[] expected, ClassScore score)
    {
        double[] found = [score.Precision, score.Recall, score.F1];
        for (int i = 0; i < 3; i++) Assert.Equal(expected[i], found[i], 1e-12);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Scores_of_classes_are_those_of_scikit_learn(int index)
    {
        JsonElement one = s_file.GetProperty("classes")[index];
        int classes = one.GetProperty("classes").GetInt32();
        ConfusionMatrix matrix = ConfusionMatrix.Of(Whole(one.GetProperty("actual")), Whole(one.GetProperty("predicted")), classes);
        for (int k = 0; k < classes; k++)
        {
            Assert.Equal(Whole(one.GetProperty("matrix")[k]), Enumerable.Range(0, classes).Select(j => (int)matrix[k, j]));
            double[] each = Numbers(one.GetProperty("each")[k]);
            Same(each, matrix.Of(k));
            Assert.Equal(each[3], matrix.Of(k).Support);
        }
        Assert.Equal(one.GetProperty("accuracy").GetDouble(), matrix.Accuracy!.Value, 1e-12);
        Assert.Equal(one.GetProperty("mcc").GetDouble(), matrix.Mcc, 1e-12);
        Same(Numbers(one.GetProperty("micro")), matrix.Micro());
        Same(Numbers(one.GetProperty("macro")), matrix.Macro());
        Same(Numbers(one.GetProperty("weighted")), matrix.Weighted());
    }

    [Theory, MemberData(nameof(Rankings))]
    public void Areas_under_curves_are_those_of_scikit_learn_ties_included(int index)
    {
        JsonElement one = s_file.GetProperty("rankings")[index];
        bool[] positive = [.. one.GetProperty("positive").EnumerateArray().Select(x => x.GetBoolean())];
        float[] scores = [.. Numbers(one.GetProperty("scores")).Select(x => (float)x)];
        Assert.Equal(one.GetProperty("auroc").GetDouble(), Ranking.Auroc(positive, scores)!.Value, 1e-12);
        Assert.Equal(one.GetProperty("ap").GetDouble(), Ranking.AveragePrecision(positive, scores)!.Value, 1e-12);
        RankingPoint last = Ranking.Curve(positive, scores)[^1];
        Assert.Equal((positive.Count(p => p), positive.Count(p => !p)), (last.TruePositives, last.FalsePositives));
    }

    [Fact]
    public void What_is_not_defined_is_null_or_zero()
    {
        Assert.Null(new ConfusionMatrix(2).Accuracy);
        Assert.Equal(0, new ConfusionMatrix(2).Mcc);
        Assert.Equal(default, new ConfusionMatrix(2).Macro());
        Assert.Equal(0, ConfusionMatrix.Of([1, 1], [1, 1], 2).Mcc);
        Assert.Equal(new ClassScore(0, 0, 0, 0), ConfusionMatrix.Of([1, 1], [1, 1], 3).Of(0));
        Assert.Null(Ranking.Auroc([true, true], [1, 2]));
        Assert.Null(Ranking.AveragePrecision([false], [1]));
        Assert.Equal(1, Ranking.AveragePrecision([true], [1]));
        Assert.Equal(0.5, Ranking.Auroc([true, false], [1, 1]));
        Assert.Empty(Ranking.Curve([], []));
        Assert.True(double.IsNaN(default(LanguageScore).Perplexity));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ConfusionMatrix.Of([1], [1, 0], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix(2).Add(0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix(2).Add(-1, 0));
        Assert.Throws<ArgumentException>(() => Ranking.Auroc([true], [1, 2]));
        Assert.Throws<ArgumentException>(() => Ranking.Auroc([true, false], [1, float.NaN]));
    }

    // 8 equally probable choices, 3 bits each; two items of 4 characters in all.
    [Fact]
    public void A_choice_among_eight_has_three_bits_and_a_perplexity_of_eight()
    {
        LanguageScore score = LanguageScore.Of(new LossSum(2 * Math.Log(8), 2));
        Assert.Equal(3, score.BitsPerItem, 1e-12);
        Assert.Equal(8, score.Perplexity, 1e-12);
        Assert.Equal(1.5, score.BitsPerCharacter(4), 1e-12);
    }
}
