using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers.Attention;
using Unroll.Tests.Laws;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Layers;

[Trait("Category", "Bits")]
public sealed class AttentionTests
{
    private static readonly int[] s_queries = [3, 0, 5, 1, 4, 2, 2], s_memories = [2, 3, 4, 0, 1, 5, 2];

    public static TheoryData<AttentionScore> Scores => [.. Enum.GetValues<AttentionScore>()];

    private static (Attention Layer, ParameterStore Store) Make(AttentionScore score)
    {
        ParameterStore store = new();
        Attention layer = new("a", store, score, 18, 18, 17);
        using Edit edit = store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.3f * (float)new Rng(7).Normal((ulong)i);
        return (layer, store);
    }

    [Fact]
    public void Every_gradient_is_right_in_double_and_in_float() =>
        Assert.All(GradientCheckOfAttention.Run(), result => Assert.True(result.Passed, result.ToString()));

    [Theory, MemberData(nameof(Scores))]
    public void Threads_memory_and_company_change_no_bit(AttentionScore score)
    {
        (Attention layer, ParameterStore store) = Make(score);
        SequenceLayout from = SequenceLayout.FromLengths(s_queries), to = SequenceLayout.FromLengths(s_memories);
        SequenceBatch q = Draw(from, 18, 1), s = Draw(to, 18, 2), w = Draw(from, 18, 3);
        List<float[]> all = [];
        SequenceBatch y = default, dq = default, ds = default;
        Workspace poisoned = new();
        for (int i = 0; i < 40; i++) poisoned.Rent(4000).Span.Fill(float.NaN);
        poisoned.Reset();
        foreach (Pass pass in new[] { NewPass(), NewPass(Two), NewPass(Three), NewPass() with { Workspace = poisoned } })
        {
            store.ClearGradients();
            AttentionCache cache = layer.Forward(q, s, pass);
            (dq, ds) = layer.Backward(w, cache, pass);
            y = cache.Output;
            all.Add([.. y.All, .. dq.All, .. ds.All, .. store.Gradients]);
        }
        foreach (float[] one in all) LayerLaws.Same(all[0], one, $"{score}");
        for (int b = 0; b < s_queries.Length; b++)
        {
            Pass own = NewPass();
            SequenceLayout one = SequenceLayout.FromLengths(s_queries[b]), other = SequenceLayout.FromLengths(s_memories[b]);
            AttentionCache alone = layer.Forward(LayerLaws.Pick(q, one, b), LayerLaws.Pick(s, other, b), own);
            (SequenceBatch dqAlone, SequenceBatch dsAlone) = layer.Backward(LayerLaws.Pick(w, one, b), alone, own);
            for (int t = 0; t < s_queries[b]; t++)
            {
                LayerLaws.Same(alone.Output.Row(t, 0), y.Row(t, b), "contexts");
                LayerLaws.Same(dqAlone.Row(t, 0), dq.Row(t, b), "queries");
            }
            for (int j = 0; j < s_memories[b]; j++) LayerLaws.Same(dsAlone.Row(j, 0), ds.Row(j, b), "memory");
        }
    }

    [Theory, MemberData(nameof(Scores))]
    public void Weights_are_shares_and_nothing_to_attend_to_gives_zero(AttentionScore score)
    {
        (Attention layer, _) = Make(score);
        SequenceBatch q = Draw(SequenceLayout.FromLengths(2, 1), 18, 1), s = Draw(SequenceLayout.FromLengths(3, 0), 18, 2);
        AttentionCache cache = layer.Forward(q, s, NewPass());
        for (int t = 0; t < 2; t++) Assert.Equal(1, cache.Weights(t, 0).ToArray().Sum(), 1e-6);
        Assert.Equal(0, cache.Weights(0, 1).Length);
        Assert.All(cache.Output.Row(0, 1).ToArray(), c => Assert.Equal(0, c));
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name()
    {
        Assert.Contains("'a' sizes",
            Assert.Throws<UserErrorException>(() => new Attention("a", new ParameterStore(), AttentionScore.Dot, 3, 4, 2)).Message);
        Assert.Throws<UserErrorException>(() => new Attention("a", new ParameterStore(), (AttentionScore)9, 3, 3, 2));
        (Attention layer, _) = Make(AttentionScore.General);
        SequenceLayout two = SequenceLayout.FromLengths(1, 1), three = SequenceLayout.FromLengths(1, 1, 1);
        Assert.Throws<ShapeException>(() => layer.Forward(SequenceBatch.Zeros(two, 17), SequenceBatch.Zeros(two, 18), NewPass()));
        Assert.Throws<ShapeException>(() => layer.Forward(SequenceBatch.Zeros(two, 18), SequenceBatch.Zeros(two, 17), NewPass()));
        Assert.Throws<ShapeException>(() => layer.Forward(SequenceBatch.Zeros(two, 18), SequenceBatch.Zeros(three, 18), NewPass()));
        Pass pass = NewPass();
        AttentionCache cache = layer.Forward(SequenceBatch.Zeros(two, 18), SequenceBatch.Zeros(two, 18), pass);
        Assert.Throws<ShapeException>(() => layer.Backward(SequenceBatch.Zeros(three, 18), cache, pass));
    }
}
