using Unroll.Core;
using Unroll.Inspection;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Language;

public sealed class LanguageModelTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ThreadTeam _threads = new(1);

    public void Dispose()
    {
        _folder.Dispose();
        _threads.Dispose();
    }

    private string Text(string text = "abcabcabdabcabd ", int times = 40)
    {
        File.WriteAllText(_folder["t.txt"], string.Concat(Enumerable.Repeat(text, times)));
        return _folder["t.txt"];
    }

    private LanguageOptions Small(string? data = null) => new()
    {
        Data = [data ?? Text()], LearningRate = 0.02, Epochs = 3,
        Embedding = 4, Hidden = 6, Layers = 1, Batch = 4, Bptt = [8], Dropout = 0, Split = [0.8, 0.1],
    };

    private LanguageModel Trained(LanguageOptions options, ThreadTeam? threads = null)
    {
        ITaskRun run = LanguageTask.Instance.Begin(options, DataFiles.Disk, new RunSettings { Threads = threads ?? _threads });
        foreach (TrainingProgress _ in run.Loop.Run()) { }
        return (LanguageModel)run.Model;
    }

    // Weights 0 but the output's bias: the model's probabilities are the softmax of the bias, whatever came before.
    [Fact]
    public void The_perplexity_is_what_the_probabilities_say()
    {
        LanguageModel model = new(new LanguageDescription(Small(), Vocabulary.Of("ab", TextUnit.Char)));
        Parameter bias = model.Network.Parameters.Find("head.bias")!;
        using (Edit edit = model.Network.Parameters.Edit())
            for (int i = 0; i < 3; i++) edit.Of(bias)[i] = MathF.Log(i == 1 ? 0.5f : 0.25f);
        LanguageScores scores = model.Score(model.Encode("aaba?"), _threads);
        Assert.Equal(1, scores.Unknown);
        double expected = 3 * Math.Log(2) + 2 * Math.Log(4);
        Assert.Equal(expected, scores.Total, 1e-5);
        Assert.Equal(expected / 5 / Math.Log(2), scores.Bits, 1e-6);
        Assert.Equal(Math.Exp(expected / 5), scores.Perplexity, 1e-5);
        Assert.Equal([1, 1, 1, 1, 1], scores.Best);
    }

    [Fact]
    public void A_text_is_scored_alike_in_one_go_and_step_by_step()
    {
        LanguageModel model = Trained(Small());
        int[] symbols = model.Encode(string.Concat(Enumerable.Repeat("abcabd ", 60)));       // longer than one chunk
        float[] nats = model.Score(symbols, _threads).Nats, scores = new float[model.Network.OutputSize], p = new float[scores.Length];
        var state = model.Network.NewState(1);
        int before = model.Description.Start;
        for (int i = 0; i < symbols.Length; i++)
        {
            model.Network.Step([before], state, scores);
            Softmax.LogRow(scores, p);
            Assert.Equal(-p[symbols[i]], nats[i], 1e-5f);
            before = symbols[i];
        }
    }

    [Fact]
    public void Streams_score_every_symbol_once_and_nearly_alike()
    {
        LanguageModel model = Trained(Small());
        int[] symbols = model.Encode(string.Concat(Enumerable.Repeat("abcabd ", 61)));
        LanguageScores one = model.Score(symbols, _threads), five = new LanguageScorer(model, 5).Score(symbols, _threads, new Workspace());
        Assert.All(five.Nats, nats => Assert.True(nats > 0));
        Assert.Equal(one.Nats[..86], five.Nats[..86]);    // the first of five parts of 427 symbols begins as the whole
        Assert.Equal(one.Mean, five.Mean, 0.1);
    }

    [Fact]
    public void It_learns_a_pattern_better_than_the_counts_of_single_symbols()
    {
        LanguageModel model = Trained(Small() with { Epochs = 12 });
        LanguageEvaluation evaluation = LanguageEvaluation.Of(model, LanguageData.Read(model.Options, DataFiles.Disk), _threads);
        Assert.Equal("test", evaluation.Part);
        Assert.Equal(["uniform", "unigram", "bigram", "5-gram"], evaluation.Baselines.Select(b => b.Name));
        Assert.True(evaluation.Scores.Mean < 0.6 * evaluation.Baselines[1].Nats, $"{evaluation.Scores.Mean} against {evaluation.Baselines[1].Nats}");
    }

    [Theory, InlineData(TextUnit.Char), InlineData(TextUnit.Word)]
    public void Saved_and_opened_it_gives_the_same_answers(TextUnit unit)
    {
        LanguageOptions options = Small() with { Unit = unit, TieWeights = true, Dropout = 0.2, LockedDropout = true, Layers = 2, Vocabulary = 6 };
        LanguageModel model = Trained(options);
        model.Save(_folder["m.safetensors"]);
        LanguageModel opened = (LanguageModel)TaskList.Open(_folder["m.safetensors"]);
        int[] symbols = model.Encode("abcabd abc xyz");
        Assert.Equal(symbols, opened.Encode("abcabd abc xyz"));
        Assert.Equal(model.Score(symbols, _threads).Nats, opened.Score(symbols, _threads).Nats);
        Assert.Equal(model.WeightsSha256, opened.WeightsSha256);
        Assert.Equal(LanguageOptions.Table.ToJson(options), LanguageOptions.Table.ToJson(opened.Options));
        Assert.Equal(model.Description.Vocabulary.Counts, opened.Description.Vocabulary.Counts);
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        using ThreadTeam three = new(3) { SmallestShare = 0 };
        LanguageOptions options = Small() with { Dropout = 0.3, TieWeights = true };
        Assert.Equal(Trained(options).WeightsSha256, Trained(options, three).WeightsSha256);
    }

    [Fact]
    public void A_sample_is_the_same_for_the_same_seed_and_a_step_of_it_allocates_nothing()
    {
        LanguageModel model = Trained(Small());
        int[] Sample(ulong seed)
        {
            LanguageSession session = model.NewSession(new SamplingOptions { Seed = seed, TopP = 0.9 });
            session.Read(model.Encode("ab"));
            return [.. Enumerable.Range(0, 50).Select(_ => session.Draw())];
        }
        Assert.Equal(Sample(1), Sample(1));
        Assert.NotEqual(Sample(1), Sample(2));
        Assert.DoesNotContain(Vocabulary.Unknown, Sample(1));
        LanguageSession one = model.NewSession(new SamplingOptions { TopK = 3 });
        Assert.Equal(0, Allocation.Of(() => one.Draw()));
        Assert.Equal(0, Allocation.Of(() => one.Read(1)));
    }

    [Fact]
    public void What_inspect_looks_at_is_a_stretch_of_text_and_the_next_symbol_of_each()
    {
        LanguageModel model = Trained(Small());
        InspectionSubject subject = model.Subject(null, 0, DataFiles.Disk);
        subject.Check();
        Assert.Equal(subject.Labels.Skip(1), subject.TargetLabels.SkipLast(1));
        Assert.Equal(model.Description.Vocabulary.Size, subject.OutputNames.Count);
        Assert.Contains("␣", subject.Labels);
        Assert.Contains("because the text has 1 stretches", Assert.Throws<UserErrorException>(() => model.Subject(null, 7, DataFiles.Disk)).Message);
    }

    [Fact]
    public void Parts_are_cut_by_share_characters_anywhere_words_after_a_line()
    {
        File.WriteAllText(_folder["p.txt"], "ab cd\nef gh\nij kl\nmn op\n");
        LanguageData Parts(TextUnit unit) => LanguageData.Read(Small(_folder["p.txt"]) with { Unit = unit, Split = [0.4, 0.3] }, DataFiles.Disk);
        Assert.Equal(new LanguageData("ab cd\nef ", "gh\nij k", "l\nmn op\n"), Parts(TextUnit.Char));
        Assert.Equal(new LanguageData("ab cd\nef gh\n", "ij kl\n", "mn op\n"), Parts(TextUnit.Word));
    }

    [Fact]
    public void Texts_of_several_files_and_files_that_validate_and_test_are_read()
    {
        foreach ((string name, string text) in new[] { ("a", "aa"), ("b", "bb\n"), ("v", "vv"), ("t", "tt") }) File.WriteAllText(_folder[name], text);
        LanguageOptions options = new() { Data = [_folder["a"], _folder["b"], "-"], Valid = [_folder["v"]], Test = [_folder["t"]] };
        DataFiles files = DataFiles.Of("-", "cc");
        Assert.Equal(new LanguageData("aa\nbb\ncc", "vv", "tt"), LanguageData.Read(options, files));
        Assert.Equal("", LanguageData.Read(options with { Test = [] }, files).Test);
        Assert.Equal("aa\nbb\ncc", LanguageData.ReadTraining(options, files));
    }
}
