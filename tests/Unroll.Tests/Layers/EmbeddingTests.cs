using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;

namespace Unroll.Tests.Layers;

public sealed class EmbeddingTests : IDisposable
{
    private readonly ThreadTeam _threads = new(1);
    private readonly Workspace _workspace = new();
    private readonly ParameterStore _store = new();
    private readonly Embedding _layer;

    public EmbeddingTests()
    {
        _layer = new Embedding("words", _store, vocabulary: 4, size: 3);
        using Edit edit = _store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = i;
    }

    private Pass Pass => new(_workspace, _threads, default, Training: true);

    public void Dispose() => _threads.Dispose();

    [Fact]
    public void It_gives_the_row_of_each_index()
    {
        SequenceBatch x = SequenceBatch.FromSequences(1, [2], [], [0, 3, 2]);
        SequenceBatch y = _layer.Forward(x, Pass).Output;
        Assert.Equal([6f, 7, 8], y.Row(0, 0));
        Assert.Equal([0f, 1, 2], y.Row(0, 2));
        Assert.Equal([9f, 10, 11], y.Row(1, 2));
        Assert.Equal([6f, 7, 8], y.Row(2, 2));
        float[] step = new float[6];
        _layer.Step([3, 2], step);
        Assert.Equal([9f, 10, 11, 6, 7, 8], step);
    }

    // It is the product of a one-hot vector with the table: the gradient of a row is the sum of δy over the places where its index stood.
    [Fact]
    public void Backward_adds_each_gradient_to_the_row_it_came_from()
    {
        SequenceBatch x = SequenceBatch.FromSequences(1, [2], [], [0, 3, 2]), dy = SequenceBatch.Zeros(x.Layout, 3);
        for (int i = 0; i < dy.All.Length; i++) dy.All[i] = 1 << i;
        _store.Gradients.Fill(0.5f);
        Cache cache = _layer.Forward(x, Pass);
        SequenceBatch dx = _layer.Backward(dy, cache, Pass);
        for (int unit = 0; unit < 3; unit++)
        {
            Assert.Equal(0.5f + dy.Row(0, 2)[unit], _store.Gradients[unit]);
            Assert.Equal(0.5f, _store.Gradients[3 + unit]);
            Assert.Equal(0.5f + dy.Row(0, 0)[unit] + dy.Row(2, 2)[unit], _store.Gradients[6 + unit]);
            Assert.Equal(0.5f + dy.Row(1, 2)[unit], _store.Gradients[9 + unit]);
        }
        Assert.All(dx.All.ToArray(), d => Assert.Equal(0, d));
        Assert.Equal(1, dx.Features);
    }

    [Theory, Trait("Category", "Bits")]
    [InlineData(65, 128, 500)]
    [InlineData(7, 67, 900)]
    [InlineData(3000, 100, 400)]
    [InlineData(5, 3, 700)]
    public void The_gradient_has_the_same_bits_for_any_number_of_threads_one_chain_for_each_element(int vocabulary, int size, int rows)
    {
        ParameterStore store = new();
        Embedding layer = new("e", store, vocabulary, size);
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.Uniform(rows, 1), 1), dy = SequenceBatch.Zeros(x.Layout, size);
        for (int i = 0; i < rows; i++) x.All[i] = new Rng(3).Below(vocabulary, (ulong)i);
        for (int i = 0; i < dy.All.Length; i++) dy.All[i] = (float)new Rng(4).Normal((ulong)i);
        float[] expected = new float[vocabulary * size];
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < size; j++) expected[(int)x.All[r] * size + j] += dy.All[r * size + j];
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using ThreadTeam team = new(threads);
            Pass pass = new(new Workspace(), team, default, Training: true);
            store.ClearGradients();
            layer.Backward(dy, layer.Forward(x, pass), pass);
            Assert.Equal(expected, store.Gradients.ToArray());
        }
    }

    [Theory]
    [InlineData(4f)]
    [InlineData(-1f)]
    [InlineData(1.5f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void An_index_outside_the_vocabulary_is_named_by_sequence_and_step(float bad)
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() => _layer.Forward(SequenceBatch.FromSequences(1, [2], [0, bad]), Pass));
        Assert.Equal($"layer 'words' index of sequence 1, step 1: expected a whole number 0 … 3 because the vocabulary has 4 entries, got {bad}.",
            e.Message);
        Assert.Throws<UserErrorException>(() => _layer.Step([bad], new float[3]));
    }

    [Fact]
    public void A_warmed_up_pass_allocates_nothing()
    {
        SequenceBatch x = SequenceBatch.FromSequences(1, [2], [0, 3, 2]), dy = SequenceBatch.Zeros(x.Layout, 3);
        Assert.Equal(0, Allocation.Of(() =>
        {
            _workspace.Reset();
            _layer.Backward(dy, _layer.Forward(x, Pass), Pass);
        }));
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Assert.Throws<ShapeException>(() => _layer.Forward(SequenceBatch.FromSequences(2, [1, 2]), Pass));
        Assert.Throws<UserErrorException>(() => new Embedding("none", _store, 0, 3));
        Assert.Throws<UserErrorException>(() => new Embedding("huge", _store, (1 << 24) + 1, 3));
        Assert.Throws<UserErrorException>(() => new Embedding("thin", _store, 3, 0));
    }
}
