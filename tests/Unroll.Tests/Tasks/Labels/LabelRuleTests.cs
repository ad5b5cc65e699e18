using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Labels.Rules;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks.Labels;

/// <summary>Naive Bayes and logistic regression, beside a model and as a member of one; temperature; noise.</summary>
public sealed class LabelRuleTests
{
    private static readonly LabelOptions s_dna = LabelOptions.Of(LabelKind.Dna) with
    {
        Hidden = 4, Epochs = 2, Split = [0.7, 0.2], Batch = 16,
    };

    // A site has T at place 3 nine times of ten, others once of ten.
    private static LabeledSequence[] Windows(int count, int length = 8) => [.. Enumerable.Range(0, count).Select(i =>
    {
        Rng random = new Rng(3).At((ulong)i);
        bool site = i % 2 == 0;
        char[] letters = [.. Enumerable.Range(0, length).Select(t => "ACGT"[random.Below(4, (ulong)t)])];
        letters[3] = random.Uniform(99) < 0.9 == site ? 'T' : 'C';
        return LabeledSequence.OfText(new string(letters), site ? "site" : "other");
    })];

    private static LabelEncoding Encoding(LabeledSequence[] all) => LabelEncoding.Learn(all, s_dna);

    [Fact]
    public void Naive_Bayes_by_position_has_the_logarithms_of_counts()
    {
        LabeledSequence[] three = [LabeledSequence.OfText("AC", "x"), LabeledSequence.OfText("AG", "x"), LabeledSequence.OfText("CN", "y")];
        LinearRule rule = LinearRule.Fit(RuleKind.NaiveBayesPosition, three, Encoding(three));
        double[] scores = rule.Scores(["A", "G"]);
        Assert.Equal(Math.Log(2 / 3.0) + Math.Log(3 / 6.0) + Math.Log(2 / 6.0), scores[0], 12);
        Assert.Equal(Math.Log(1 / 3.0) + Math.Log(1 / 5.0) + Math.Log(1 / 4.0), scores[1], 12);
        Assert.Equal(Math.Log(2 / 3.0), rule.Scores(["", "N"])[0], 12);
        Assert.Equal(Math.Log(2 / 3.0) + Math.Log(2 / 18.0),
            LinearRule.Fit(RuleKind.NaiveBayesPositionPairs, three, Encoding(three)).Scores(["A", "G"])[0], 12);
    }

    [Theory]
    [InlineData(RuleKind.NaiveBayesPosition)]
    [InlineData(RuleKind.NaiveBayesPositionPairs)]
    [InlineData(RuleKind.LogisticPosition)]
    [InlineData(RuleKind.LogisticPositionPairs)]
    public void A_rule_by_position_finds_the_position(RuleKind kind)
    {
        LabeledSequence[] all = Windows(400);
        LinearRule rule = LinearRule.Fit(kind, all[..300], Encoding(all));
        Assert.InRange(all[300..].Count(one => Encoding(all).Classes[rule.Classify(one, Encoding(all))] == one.Label), 80, 100);
    }

    [Fact]
    public void Logistic_regression_ends_where_its_gradient_is_zero()
    {
        LabeledSequence[] all = Windows(60);
        RuleExamples examples = RuleExamples.Of(RuleKind.LogisticPosition, all, Encoding(all));
        const double Strength = 0.05;
        LinearRule rule = LogisticRegression.Fit(examples, Strength);
        // ∂E/∂w = mean of p − [y], + λ w: for one feature, T at place 3 and the second label.
        double[] w = [rule.Scores(["", "", "", "T"])[0] - rule.Scores([])[0], rule.Scores(["", "", "", "T"])[1] - rule.Scores([])[1]];
        double gradient = 0;
        foreach (LabeledSequence one in all.Where(one => one.Text[3] == 'T'))
        {
            double[] z = rule.Scores(one, Encoding(all));
            gradient += 1 / (1 + Math.Exp(z[0] - z[1])) - (one.Label == "site" ? 1 : 0);
        }
        Assert.Equal(0, gradient / all.Length + Strength * w[1], 4);
        Assert.Equal(-w[0], w[1], 3);
    }

    [Fact]
    public void A_rule_that_has_a_say_is_saved_opened_explained_and_asked_step_by_step()
    {
        LabelOptions options = s_dna with
        {
            Rule = RuleKind.Auto, Calibrate = true, Split = [0.5, 0.5], Pooling = PoolingKind.Last, Direction = ReadingDirection.Forward,
        };
        List<string> notes = [];
        LabelRun run = LabelRun.Begin(options, LabelData.From(Windows(400)), new RunSettings { Note = notes.Add });
        ((ITaskRun)run).Train();
        Assert.Contains(notes, note => note.StartsWith("rule: ", StringComparison.Ordinal) && note.Contains("by position"));
        Assert.Contains(notes, note => note.StartsWith("calibrate: temperature", StringComparison.Ordinal));
        LabelModel model = run.Model;
        Assert.NotNull(model.Rule);
        LabeledSequence[] asked = Windows(40);
        float[][] said = [.. model.Probabilities(asked)];
        Assert.NotEqual(model.OfNetwork(asked)[0], said[0]);
        Assert.All(said, shares => Assert.Equal(1, shares.Sum(), 5));

        using TempFolder folder = new();
        model.Save(folder["m.safetensors"]);
        LabelModel opened = LabelModel.Open(folder["m.safetensors"]);
        Assert.Equal(said.SelectMany(own => own), opened.Probabilities(asked).SelectMany(own => own));

        LabelSession session = opened.NewSession();
        LabelStep? last = null;
        foreach (char letter in asked[0].Text) last = session.Step($"{letter}");
        Assert.Equal(said[0], last!.Probabilities);
        LabelReasons reasons = model.Explain(asked[0]);
        float without = model.Probabilities([asked[0] with { Text = asked[0].Text[..3] + "N" + asked[0].Text[4..] }])[0][reasons.Label];
        Assert.Equal(Math.Log(said[0][reasons.Label]) - Math.Log(without), reasons.Effects[3], 5);
    }

    [Fact]
    public void Without_a_validation_part_network_and_rule_have_the_same_weight()
    {
        LabeledSequence[] all = Windows(300);
        LabelModel model = LabelModel.Train(LabelData.From(all[..200]), s_dna with
        {
            Rule = RuleKind.NaiveBayesPosition, Split = [1, 0], Pooling = PoolingKind.Flatten, Epochs = 10, LearningRate = 0.02,
        });
        Assert.Equal(1, model.Rule!.Weight);
        LabelPrediction[] said = [.. model.Predict(all[200..])];
        Assert.InRange(said.Zip(all[200..]).Count(pair => pair.First.Label == pair.Second.Label), 80, 100);
    }

    [Theory]
    [InlineData(RuleKind.NaiveBayesPosition, "a rule by position needs nucleotides in windows of one length")]
    public void A_rule_that_does_not_fit_is_refused(RuleKind kind, string message)
    {
        LabeledSequence[] all = [.. Windows(20), .. Windows(20, length: 9)];
        Assert.Contains(message, Assert.Throws<OptionException>(
            () => LabelRun.Begin(s_dna with { Rule = kind }, LabelData.From(all))).Message);
        Assert.Contains("a step is a row of numbers", Assert.Throws<OptionException>(() => LabelRun.Begin(
            new LabelOptions { Rule = RuleKind.NaiveBayes, Hidden = 4 },
            LabelData.From(Enumerable.Range(0, 20).Select(i => (new float[] { i % 3, i }, i % 2 == 0 ? "a" : "b"))))).Message);
    }

    [Fact]
    public void A_temperature_fits_probabilities_that_are_too_sure_and_changes_no_label()
    {
        // Right in seven of ten, and sure of 0.99.
        float[][] shares = [.. Enumerable.Range(0, 10).Select(_ => new[] { 0.99f, 0.01f })];
        (double temperature, _) = Temperature.Fit(shares, [0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
        Temperature.Apply(shares[0], temperature);
        Assert.Equal(0.7, shares[0][0], 3);
        LabelScores scores = new([0, 0, 0, 0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [.. shares.Skip(1).Prepend([0.99f, 0.01f])], 0);
        Assert.Equal(0.29, scores.CalibrationError, 3);
    }

    [Fact]
    public void Noise_hides_moves_and_changes_bases_and_each_option_changes_the_weights()
    {
        LabeledSequence one = LabeledSequence.OfText("ACGTACGTAC", "x");
        LabelOptions moved = s_dna with { Shift = 2 };
        string[] seen = [.. Enumerable.Range(0, 60).Select(i => LabelNoise.Letters(one, moved, new Rng(1).At((ulong)i)).Text).Distinct()];
        Assert.Equal(["ACGTACGTAC", "CGTACGTACN", "GTACGTACNN", "NACGTACGTA", "NNACGTACGT"], seen.Order(StringComparer.Ordinal));
        string changed = LabelNoise.Letters(one with { Text = new string('A', 4000) }, s_dna with { Mutation = 0.3 }, new Rng(2)).Text;
        Assert.InRange(changed.Count(letter => letter != 'A'), 1100, 1300);
        Assert.InRange(changed.Count(letter => letter == 'G'), 330, 470);

        LabelData data = LabelData.From(Windows(40));
        string[] hashes = [.. new[]
        {
            s_dna, s_dna with { WordDropout = 0.2 }, s_dna with { InputDropout = 0.2 }, s_dna with { Shift = 1 }, s_dna with { Mutation = 0.1 },
            s_dna with { ClassWeights = ClassWeights.Balanced, Split = [0.71, 0.2] }, s_dna with { LabelSmoothing = 0.1 },
            s_dna with { Filters = 4, FilterPool = 2 }, s_dna with { Wide = WidePathKind.Pairs },
        }.Select(options => LabelModel.Train(data, options).WeightsSha256)];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void Numbers_and_words_are_hidden_where_that_is_asked_for_and_words_by_default_as_before()
    {
        LabelEncoding words = new() { Unit = LabelUnit.Word, Classes = ["a", "b"], Vocabulary = ["<unk>", "x"] };
        LabelEncoding numbers = new() { Unit = LabelUnit.Number, Classes = ["a", "b"], Means = [0], Deviations = [1] };
        Assert.Equal(0.3, LabelNoise.HiddenOf(new LabelOptions(), words));
        Assert.Equal(0, LabelNoise.HiddenOf(new LabelOptions(), numbers));
        Assert.Equal(0, LabelNoise.HiddenOf(LabelOptions.Of(LabelKind.Tag), words));
        Assert.Equal(0.4, LabelNoise.HiddenOf(new LabelOptions { WordDropout = 0.4 }, numbers));
        float[] hidden = LabelNoise.Hide([.. Enumerable.Repeat(2f, 1000)], 0.4, numbers, new Rng(1));
        Assert.InRange(hidden.Count(x => x == 0), 350, 450);
    }

    [Fact]
    public void A_wide_path_needs_bases()
    {
        LabelData data = LabelData.From(Windows(40));
        Assert.Contains("the linear path weighs bases at positions", Assert.Throws<OptionException>(
            () => LabelRun.Begin(s_dna with { Wide = WidePathKind.Single, Unit = LabelUnit.Kmer }, data)).Message);
    }

    [Fact]
    public void The_positions_that_spoke_most_are_named_by_their_letters()
    {
        const string Motif = "TATAAT";
        double[][] heights = [.. Enumerable.Range(0, 40).Select(t => Enumerable.Range(0, 4).Select(k => 0.01 * (k + 1)).ToArray())];
        for (int t = 0; t < Motif.Length; t++) heights[20 + t]["ACGT".IndexOf(Motif[t])] = 1;
        LabelMotif motif = Assert.Single(LabelMotif.Of(new LabelLogo("1", 9, heights)));
        Assert.Equal((20, Motif, "the −10 box of bacterial promoters (TATAAT)"), (motif.Start, motif.Consensus, motif.Known));
        Assert.StartsWith("positions 21–26 TATAAT (", motif.ToString());
        Assert.Empty(LabelMotif.Of(new LabelLogo("0", 9, [.. heights.Select(_ => (double[])[0.1, 0, 0, 0])])));
    }

    [Theory]
    [InlineData("今天天气很好", true)]
    [InlineData("the weather is fine", false)]
    public void Texts_without_blanks_are_noticed(string text, bool noticed)
    {
        List<string> notes = [];
        LabelRun.Begin(new LabelOptions { Hidden = 4, Embedding = 4 }, LabelData.From(Enumerable.Range(0, 30)
            .Select(i => ($"{text}{i}", i % 2 == 0 ? "a" : "b"))), new RunSettings { Note = notes.Add });
        Assert.Equal(noticed, notes.Any(note => note.Contains("without blanks between words", StringComparison.Ordinal)));
    }
}
