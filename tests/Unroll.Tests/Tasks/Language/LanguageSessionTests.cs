using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Language;

public sealed class LanguageSessionTests
{
    private static readonly LanguageModel s_model = Trained(seed: 1);

    private static LanguageModel Trained(ulong seed, TextUnit unit = TextUnit.Char) =>
        LanguageModel.Train(GrammarText.Generate(30), new LanguageOptions
        {
            Unit = unit, Embedding = 4, Hidden = 6, Layers = 2, Batch = 4, Bptt = [8], Dropout = 0.1, Epochs = 1, Seed = seed,
        });

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static float[] Surprises(LanguageSession session, string text) => [.. s_model.Encode(text).Select(session.Read)];

    [Fact]
    public void Steps_have_the_bits_of_the_whole_text()
    {
        string text = GrammarText.Generate(12, seed: 2);                                     // longer than one chunk of scoring
        Assert.Equal(s_model.Score(text).Nats, Surprises(s_model.NewSession(), text));
    }

    [Fact]
    public void After_a_snapshot_is_restored_the_same_is_read_and_drawn_again()
    {
        LanguageSession session = s_model.NewSession(new SamplingOptions { Seed = 5 });
        session.Step("The old ");
        session.Draw();
        byte[] snapshot = session.State.Snapshot();
        int[] Drawn(LanguageSession from) => [.. Enumerable.Range(0, 40).Select(_ => from.Draw())];
        LanguageSession fork = session.Fork(), other = s_model.NewSession();
        other.State.Restore(snapshot);
        int[] first = Drawn(session);
        Assert.Equal(first, Drawn(fork));
        Assert.Equal(first, Drawn(other));
        session.State.Restore(snapshot);
        Assert.Equal(snapshot, session.State.Snapshot());
        Assert.Equal(first, Drawn(session));
        Assert.Equal(49, session.State.Position);
    }

    [Fact]
    public void It_goes_back_to_a_position_that_was_kept()
    {
        LanguageSession session = s_model.NewSession();
        session.State.KeepEvery = 4;
        session.Step("The ");
        float[] first = Surprises(session, "sailor");
        Assert.Equal([4L, 8L], session.State.Kept);
        session.State.Rewind(4);
        Assert.Equal(first, Surprises(session, "sailor"));
        Assert.Contains("expected one of 4, 8", Assert.Throws<UserErrorException>(() => session.State.Rewind(5)).Message);
    }

    [Fact]
    public void A_snapshot_of_other_weights_is_refused_and_the_session_stays_as_it_was()
    {
        LanguageSession session = s_model.NewSession();
        session.Step("The");
        byte[] before = session.State.Snapshot();
        byte[] other = Trained(seed: 2).NewSession().State.Snapshot();
        Assert.Contains("other weights", Assert.Throws<UserErrorException>(() => session.State.Restore(other)).Message);
        Assert.Equal(before, session.State.Snapshot());
    }

    [Fact]
    public void A_step_tells_how_probable_it_was_and_what_may_come_next()
    {
        LanguageSession session = s_model.NewSession();
        LanguageStep step = session.Step("T", top: 3);
        Assert.Equal(s_model.Score("T").Total, step.Nats);
        Assert.Equal(3, step.Next.Count);
        Assert.Equal(1, step.Position);
        float[] p = [.. session.Probabilities];
        Assert.Equal(1, p.Sum(), 1e-4f);
        Assert.Equal(p.Max(), step.Next[0].Probability);
        Assert.True(step.Next[0].Probability >= step.Next[1].Probability && step.Next[1].Probability >= step.Next[2].Probability);
    }

    [Theory, InlineData(TextUnit.Char, "The cat", 7), InlineData(TextUnit.Word, "the cat\\nsleeps", 4)]
    public void Steps_as_JSON_read_a_text_or_draw_symbols(TextUnit unit, string text, int symbols)
    {
        ITaskSession session = ((ITaskModel)Trained(seed: 1, unit)).NewSession()!;
        LanguageStep read = (LanguageStep)session.Step(Json($"\"{text}\""));
        Assert.Equal(symbols, read.Position);
        LanguageStep drawn = (LanguageStep)session.Step(Json("{\"draw\": 5}"));
        Assert.Equal((symbols + 5L, 5), (drawn.Position, drawn.Drawn.Count));
        JsonElement json = Json(drawn.ToJson());
        Assert.Equal(drawn.Drawn, json.GetProperty("drawn").EnumerateArray().Select(one => one.GetInt32()));
        ITaskSession reads = ((ITaskModel)Trained(seed: 1, unit)).NewSession()!;
        reads.Step(Json($"\"{text}\""));
        double nats = ((LanguageSession)reads).Read([.. drawn.Drawn]);
        Assert.Equal((nats, nats), (drawn.Nats, json.GetProperty("nats").GetDouble()));
        Assert.Equal(5, json.GetProperty("next").GetArrayLength());
    }

    [Theory, InlineData("3"), InlineData("{}"), InlineData("{\"draw\": 0}"), InlineData("{\"draw\": 1, \"top\": 2}"), InlineData("\"\"")]
    public void What_is_no_step_is_refused_and_the_session_stays_as_it_was(string input)
    {
        LanguageSession session = s_model.NewSession();
        byte[] before = session.State.Snapshot();
        Assert.StartsWith("step: expected", Assert.Throws<UserErrorException>(() => session.Step(Json(input))).Message);
        Assert.Equal(before, session.State.Snapshot());
    }
}
