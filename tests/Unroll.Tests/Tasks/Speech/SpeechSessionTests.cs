using System.Text.Json;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks.Speech;

public sealed class SpeechSessionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private SpeechOptions Options => SpeechTests.Small(_folder["data"], SpeechMode.Ctc);

    private SpeechModel Model(int epochs = 30) => SpeechTests.Train(Options with { Epochs = epochs }).Model;

    private static List<SpokenWord> Push(SpeechSession session, float[] samples, int from, int to, int piece)
    {
        List<SpokenWord> heard = [];
        for (int at = from; at < to; at += piece) heard.AddRange(session.Push(samples.AsSpan(at, Math.Min(piece, to - at))));
        return heard;
    }

    [Fact]
    public void Listening_to_a_stream_hears_the_words_of_greedy_decoding_of_the_whole()
    {
        SpeechModel model = Model();
        foreach (int rate in (int[])[8000, 11025])
        {
            Sound sound = SpeechTests.Tone(rate);
            SpeechResult whole = model.Recognize([sound], beam: 0)[0], beam = model.Recognize([sound], beam: 4)[0];
            SpeechSession session = model.Listen(rate);
            List<SpokenWord> heard = [.. Push(session, sound.Samples, 0, sound.Samples.Length, 100), .. session.Finish()];
            Assert.Equal(whole.Text, string.Join(' ', heard.Select(w => w.Word)));
            Assert.NotEmpty(whole.Text);
            Assert.True(beam.Probability >= whole.Probability);
            Assert.Equal(whole.Text, string.Join(' ', whole.Words.Select(w => w.Word)));
            Assert.All(whole.Words, w => Assert.True(w.From <= w.To && w.From > 0 && w.To <= sound.Seconds));
        }
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(11025)]
    public void Pieces_give_the_bits_of_the_whole_at_once(int rate)
    {
        SpeechModel model = Model(epochs: 2);
        Sound sound = SpeechTests.Tone(rate);
        SpeechSession one = model.Listen(rate), many = model.Listen(rate);
        one.Push(sound.Samples);
        Push(many, sound.Samples, 0, sound.Samples.Length, 37);
        Assert.Equal(one.State.Snapshot(), many.State.Snapshot());

        one.Finish();
        SpeechExample example = new([new SpeechClip(new Recording("tone", ""), sound.At(8000).Samples)]);
        using ThreadTeam team = new(1);
        foreach ((IReadOnlyList<SequenceBatch> all, _, _) in model.Outputs([example], team, default))
            Assert.Equal(all[0].Row(all[0].Layout.Steps - 1, 0).ToArray(), one.Outputs.ToArray());
        Assert.Contains("the sound has ended", Assert.Throws<UserErrorException>(() => one.Push([0f])).Message);
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(11025)]
    public void A_snapshot_a_fork_and_a_rewind_go_on_to_the_same_bits(int rate)
    {
        SpeechModel model = Model();
        float[] samples = SpeechTests.Tone(rate).Samples;
        int half = 2000, end = samples.Length;
        SpeechSession session = model.Listen(rate, keepEvery: 1000);
        Push(session, samples, 0, half, 100);
        byte[] middle = session.State.Snapshot();
        SpeechSession fork = session.Fork();
        SpokenWord[] rest = [.. Push(session, samples, half, end, 100), .. session.Finish()];
        byte[] last = session.State.Snapshot();

        Assert.Equal(rest, Push(fork, samples, half, end, 73).Concat(fork.Finish()));
        Assert.Equal(last, fork.State.Snapshot());

        SpeechSession other = model.Listen(rate);
        other.State.Restore(middle);
        Assert.Equal(half, other.State.Position);
        Assert.Equal(rest, Push(other, samples, half, end, 100).Concat(other.Finish()));

        Assert.Equal([1000, 2000, 3000], session.State.Kept.Take(3));
        session.State.Rewind(half);
        Assert.Equal(middle, session.State.Snapshot());
        Assert.Equal(rest, Push(session, samples, half, end, 100).Concat(session.Finish()));
    }

    [Fact]
    public void A_snapshot_of_other_weights_another_rate_or_cut_short_is_refused_and_changes_nothing()
    {
        SpeechModel model = Model(epochs: 1);
        SpeechSession session = model.Listen(8000), faster = model.Listen(16000), other = Model(epochs: 2).Listen(8000);
        session.Push(SpeechTests.Tone().Samples);
        byte[] snapshot = session.State.Snapshot(), fresh = faster.State.Snapshot();
        Assert.Contains("other weights", Assert.Throws<UserErrorException>(() => other.State.Restore(snapshot)).Message);
        Assert.Contains("of 8000 samples a second", Assert.Throws<UserErrorException>(() => faster.State.Restore(snapshot)).Message);
        Assert.Equal(fresh, faster.State.Snapshot());
        for (int cut = 0; cut < snapshot.Length; cut += 97)
            Assert.Throws<UserErrorException>(() => session.State.Restore(snapshot[..cut]));
        Assert.Equal(snapshot, session.State.Snapshot());
    }

    [Fact]
    public void A_step_is_a_list_of_samples_or_the_end()
    {
        SpeechModel model = Model();
        ITaskSession session = ((ITaskModel)model).NewSession()!;
        float[] samples = SpeechTests.Tone().Samples;
        List<string> heard = [];
        foreach (string step in (string[])[JsonSerializer.Serialize(samples), "\"end\""])
        {
            using JsonDocument answer = JsonDocument.Parse(session.Step(JsonDocument.Parse(step).RootElement).ToJson());
            heard.AddRange(answer.RootElement.GetProperty("words").EnumerateArray().Select(word => word.GetProperty("word").GetString()!));
        }
        Assert.Equal(model.Recognize([SpeechTests.Tone()], beam: 0)[0].Text, string.Join(' ', heard));
        ITaskSession fresh = ((ITaskModel)model).NewSession()!;
        foreach ((string step, string part) in ((string, string)[])[("{}", "expected a list of samples"),
            ("[1,\"x\"]", "sample 2: expected a finite number")])
            Assert.Contains(part, Assert.Throws<UserErrorException>(() => fresh.Step(JsonDocument.Parse(step).RootElement)).Message);
        Assert.Equal(0, fresh.State.Position);
    }

    [Fact]
    public void A_model_that_cannot_listen_says_why_and_has_no_session()
    {
        SpeechOptions options = Options with { Epochs = 1 };
        foreach ((SpeechOptions other, string part) in ((SpeechOptions, string)[])
        [
            (options with { Mode = SpeechMode.Word, Join = [] }, "one label"), (options with { Direction = ReadingDirection.Both }, "looks ahead"),
            (options with { Normalize = FeatureNormalization.Recording }, "whole recordings"),
        ])
        {
            SpeechModel model = SpeechTests.Train(other).Model;
            Assert.Contains(part, Assert.Throws<UserErrorException>(() => model.Listen(8000)).Message);
            Assert.Null(((ITaskModel)model).NewSession());
        }
    }
}
