using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Xunit;

namespace Unroll.Tests.Tasks.Speech;

/// <summary>What is doubtful about recordings is said before a training, and beside answers.</summary>
public sealed class SpeechNotesTests
{
    private static Recording Of(string text, int seed, string? part = null, int samples = 800, int rate = 8000) => Recording.Of(
        [.. Enumerable.Range(0, samples).Select(n => 0.1f * (float)Math.Sin(n * (0.1 + 0.05 * seed)))], rate, text, null, part, $"{text} {seed}");

    private static List<string> Said(SpeechOptions options, params Recording[] recordings)
    {
        List<string> said = [];
        using ThreadTeam one = new(1);
        SpeechRun.Begin(options with { Hidden = 4, Layers = 1 }, recordings, new RunSettings { Threads = one, Note = said.Add });
        return said;
    }

    private static SpeechOptions Words => new() { Split = [0.5, 0.25] };

    private static Recording[] Six(string first, string second) =>
        [.. Enumerable.Range(0, 6).SelectMany(i => (Recording[])[Of(first, 2 * i), Of(second, 2 * i + 1)])];

    [Fact]
    public void Good_recordings_are_not_spoken_of() => Assert.Empty(Said(Words, Six("yes", "no")));

    [Fact]
    public void Labels_that_differ_in_case_alone_and_labels_that_occur_once_are_said()
    {
        List<string> said = Said(Words, [.. Six("yes", "no"), .. Six("Yes", "up").Take(4), Of("once", 99)]);
        Assert.Contains(said, line => line.Contains("the labels 'yes' and 'Yes' differ in case alone", StringComparison.Ordinal));
        Assert.Contains("note: data: 'once' has one recording, which either trains or is measured on, never both; record more.", said);
    }

    [Fact]
    public void One_sound_under_two_labels_is_said() => Assert.Contains(
        Said(Words, [.. Six("yes", "no"), Of("no", 0)]),
        line => line.StartsWith("note: 2 of 13 recordings have the input of another one and not its label: ", StringComparison.Ordinal));

    [Fact]
    public void Where_a_word_that_occurs_once_is_drawn_to_does_not_decide_whether_a_run_begins()
    {
        for (ulong seed = 0; seed < 8; seed++)
            Assert.NotEmpty(Said(Words with { Seed = seed }, [.. Six("yes", "no").Where(one => one.Text == "yes"), Of("once", 99)]));
    }

    [Fact]
    public void Words_that_a_model_does_not_know_are_said_when_it_is_measured()
    {
        using ThreadTeam one = new(1);
        SpeechModel model = SpeechRun.Begin(Words with { Hidden = 4, Layers = 1 }, Six("yes", "no"), new RunSettings { Threads = one }).Model;
        List<string> said = [];
        DataFiles files = DataFiles.Disk.With("a.wav", WavFile.Pcm16(Of("x", 1).Sound!.Samples, 8000)).With("list.csv", "path,label\na.wav,Yes\n");
        SpeechTask.Instance.Evaluate.Ask(model, new SpeechEvaluateOptions { Data = ["list.csv"] }, new TaskCall(files, one, Note: said.Add));
        Assert.Contains("note: a.wav: 'Yes' is no word of the model ('yes' and 'Yes' differ in case alone); such words count as errors.", said);
    }

    [Fact]
    public void A_test_part_that_nobody_named_is_said()
    {
        Recording[] named = [.. Six("yes", "no").Select((one, i) => one with { Part = i < 3 ? "valid" : "train" })];
        Assert.Contains(Said(Words, named), line => line.StartsWith("note: data: no recordings are named for the test part, so that ",
            StringComparison.Ordinal));
        Assert.DoesNotContain(Said(Words, [.. named, Of("no", 50, "test")]), line => line.Contains("no recordings are named"));
    }

    [Fact]
    public void Recordings_that_are_too_short_for_their_words_are_named()
    {
        SpeechOptions strings = Words with { Mode = SpeechMode.Ctc };
        List<string> said = Said(strings,
            [.. Six("yes no", "no"), Of("no no yes", 70, "train", samples: 300), Of("no yes", 71, "test", samples: 210)]);
        Assert.Contains("note: no no yes 70 and another recording: too short for what is said, 2 steps where the words need 4; they are left out " +
            "of the loss, and where words are measured theirs count as errors; look at the words, or choose a shorter hop.", said);
        Assert.Contains(Said(strings with { Join = [2, 3] }, [.. Six("yes no", "no"), Of("no no yes", 70, samples: 300)]),
            line => line.Contains("a string in which they stand may be left out", StringComparison.Ordinal));
    }

    [Fact]
    public void A_narrower_band_of_sound_than_the_network_hears_is_said_beside_answers()
    {
        using ThreadTeam one = new(1);
        SpeechModel model = SpeechRun.Begin(Words with { Rate = 16000, Hidden = 4, Layers = 1, Split = [1, 0] },
            [.. Six("yes", "no").Select(r => r with { Sound = r.Sound! with { Rate = 16000 } })], new RunSettings { Threads = one }).Model;
        List<string> said = [];
        DataFiles files = DataFiles.Disk.With("a.wav", WavFile.Pcm16(Of("x", 1).Sound!.Samples, 8000));
        SpeechTask.Instance.Predict.Ask(model, new SpeechPredictOptions { Data = ["a.wav"] }, new TaskCall(files, one, Note: said.Add));
        Assert.Equal("note: a.wav: 1 recording is of 8,000 samples a second, brought to the 16,000 that the network hears: nothing above 4,000 Hz " +
            "is in it", Assert.Single(said));
    }
}
