using System.Text.Json;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Labels;

public sealed class LabelSessionTests
{
    private static readonly string[] s_words = ["send", "five", "lamps", "for", "unheard", "five"];

    private static readonly LabelOptions s_tagger = LabelOptions.Of(LabelKind.Tag) with
    {
        Direction = ReadingDirection.Forward, Hidden = 5, Layers = 2, Embedding = 3,
    };

    private static LabelModel Tagger(ulong seed = 4, LabelOptions? options = null) => Model(options ?? s_tagger, seed,
        LabeledSequence.OfTokens(["send", "five", "lamps", "for"], ["O", "COUNT", "THING", "O"]));

    private static LabelModel Model(LabelOptions options, ulong seed, params LabeledSequence[] training)
    {
        LabelModel model = new(options, LabelEncoding.Learn(training, options));
        Initialization.Apply(model.Network, new InitializationOptions(), new Rng(seed));
        return model;
    }

    [Fact]
    public void A_fork_keeps_as_many_snapshots()
    {
        LabelSession session = Tagger().NewSession(keepEvery: 2);
        session.State.KeepLast = 3;
        Assert.Equal((2, 3), (session.Fork().State.KeepEvery, session.Fork().State.KeepLast));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_sequence_with_a_number_that_is_not_finite_is_refused(float number)
    {
        LabelOptions options = new() { Hidden = 3 };
        LabelModel model = Model(options, 1, LabeledSequence.OfNumbers([1, 2, 3], 1, "a"), LabeledSequence.OfNumbers([4, 2, 1], 1, "b"));
        Assert.Contains("expected finite numbers, found",
            Assert.Throws<UserErrorException>(() => model.Predict([LabeledSequence.OfNumbers([1, number, 3])])).Message);
        Assert.Contains("in step 2", Assert.Throws<UserErrorException>(() =>
            LabelEncoding.Learn([LabeledSequence.OfNumbers([1, number, 3], 1, "a"), LabeledSequence.OfNumbers([1, 2, 3], 1, "b")], options)).Message);
    }

    private static float[] Whole(LabelModel model, int step)
    {
        int classes = model.Classes.Count;
        return model.Probabilities([LabeledSequence.OfTokens(s_words)])[0][(step * classes)..((step + 1) * classes)];
    }

    [Fact]
    public void Each_step_is_that_of_the_whole_sequence_to_the_bit()
    {
        LabelModel model = Tagger();
        LabelSession session = model.NewSession();
        for (int t = 0; t < s_words.Length; t++) Assert.Equal(Whole(model, t), session.Step(s_words[t].ToUpperInvariant()).Probabilities);
        Assert.Equal(s_words.Length, session.State.Position);
        Assert.Equal(model.Predict([LabeledSequence.OfTokens(s_words)])[0].Labels[0], model.NewSession().Step("send").Label);
    }

    [Fact]
    public void A_classifier_that_reads_forward_to_the_last_step_labels_what_has_come_so_far()
    {
        LabelOptions options = new() { Direction = ReadingDirection.Forward, Pooling = PoolingKind.Last, Hidden = 4 };
        LabelModel model = Model(options, 2, LabeledSequence.OfNumbers([1, 2, 5, 3], 2, "a"), LabeledSequence.OfNumbers([4, 9, 5, 3], 2, "b"));
        LabelSession session = model.NewSession();
        float[] numbers = [3, 1, 7, 2, 0, 6];
        for (int t = 0; t < 3; t++)
            Assert.Equal(model.Probabilities([LabeledSequence.OfNumbers(numbers[..(2 * t + 2)], 2)])[0],
                session.Step(numbers.AsSpan(2 * t, 2)).Probabilities);
        Assert.Equal(model.NewSession().Step([3, 1]).Probabilities, model.NewSession().Step(numbers.AsSpan(0, 2)).Probabilities);
    }

    [Fact]
    public void Snapshots_forks_and_rewinding_go_on_with_the_same_bits()
    {
        LabelModel model = Tagger();
        LabelSession session = model.NewSession(keepEvery: 2);
        foreach (string word in s_words.Take(3)) session.Step(word);
        byte[] third = session.State.Snapshot();
        LabelSession fork = session.Fork();
        session.Step("five");
        Assert.Equal(Whole(model, 3), fork.Step(s_words[3]).Probabilities);
        session.State.Restore(third);
        Assert.Equal(Whole(model, 3), session.Step(s_words[3]).Probabilities);
        Assert.Equal([2, 4], session.State.Kept);
        session.State.Rewind(2);
        Assert.Equal(Whole(model, 2), session.Step(s_words[2]).Probabilities);
    }

    [Fact]
    public void A_snapshot_of_other_weights_is_refused_and_the_session_stays()
    {
        LabelModel model = Tagger();
        LabelSession session = model.NewSession(), other = Tagger(seed: 5).NewSession();
        session.Step(s_words[0]);
        Assert.Contains("other weights", Assert.Throws<UserErrorException>(() => session.State.Restore(other.State.Snapshot())).Message);
        Assert.Equal(Whole(model, 1), session.Step(s_words[1]).Probabilities);
    }

    [Fact]
    public void Steps_come_as_JSON_too_and_what_is_none_is_refused_without_a_step()
    {
        LabelModel model = Tagger();
        ITaskSession session = ((ITaskModel)model).NewSession()!;
        static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
        Assert.Equal(Whole(model, 0), ((LabelStep)session.Step(Json("\"send\""))).Probabilities);
        foreach (string wrong in (string[])["7", "[1,2]", "{}", "\"\"", "null", "[\"a\"]"])
            Assert.StartsWith("step: expected", Assert.Throws<UserErrorException>(() => session.Step(Json(wrong))).Message);
        Assert.Equal(1, session.State.Position);
        Assert.StartsWith("{\"label\":\"", session.Fork().Step(Json("\"five\"")).ToJson());
    }

    [Fact]
    public void What_reads_from_both_ends_has_no_session()
    {
        LabelModel both = Tagger(options: s_tagger with { Direction = ReadingDirection.Both });
        Assert.Null(((ITaskModel)both).NewSession());
        Assert.Contains("looks ahead", Assert.Throws<UserErrorException>(() => both.NewSession()).Message);
    }

    [Fact]
    public void A_step_into_a_span_allocates_nothing()
    {
        LabelSession session = Tagger().NewSession();
        float[] probabilities = new float[3];
        for (int i = 0; i < 3; i++) session.Step("five", probabilities);
        Assert.Equal(0, Allocation.Of(() => session.Step("five", probabilities)));
    }
}
