using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Pooling;
using Unroll.Numerics;

namespace Unroll.Tests.Layers;

public sealed class LastStepTests : IDisposable
{
    private readonly ThreadTeam _threads = new(1);
    private readonly Workspace _workspace = new();
    private readonly LastStep _layer = new("last", 2);

    private Pass Pass => new(_workspace, _threads, default, Training: true);

    public void Dispose() => _threads.Dispose();

    [Fact]
    public void The_last_row_of_each_sequence_comes_out_and_its_gradient_goes_back_there()
    {
        SequenceBatch x = SequenceBatch.FromSequences(2, [1, 2], [], [3, 4, 5, 6, 7, 8]);
        Cache cache = _layer.Forward(x, Pass);
        Assert.Equal([1, 0, 1], cache.Output.Layout.Lengths);
        Assert.Equal([1f, 2, 7, 8], cache.Output.All);

        SequenceBatch dx = _layer.Backward(new SequenceBatch(cache.Output.Layout, 2, new float[] { 10, 20, 30, 40 }), cache, Pass);
        Assert.Same(x.Layout, dx.Layout);
        Assert.Equal([10f, 20], dx.Row(0, 0));
        Assert.Equal([0f, 0], dx.Row(0, 2));
        Assert.Equal([0f, 0], dx.Row(1, 2));
        Assert.Equal([30f, 40], dx.Row(2, 2));
    }

    [Fact]
    public void Batches_of_one_layout_share_the_derived_one_and_allocate_nothing()
    {
        SequenceBatch x = SequenceBatch.FromSequences(2, [1, 2], [3, 4, 5, 6]);
        Assert.Equal(0, Allocation.Of(() =>
        {
            _workspace.Reset();
            Cache cache = _layer.Forward(x, Pass);
            _layer.Backward(cache.Output, cache, Pass);
        }));
        _workspace.Reset();
        Assert.Equal([1, 0], _layer.Forward(SequenceBatch.FromSequences(2, [9, 9], []), Pass).Output.Layout.Lengths);
    }

    [Fact]
    public void A_wrong_width_is_refused() =>
        Assert.Throws<ShapeException>(() => _layer.Forward(SequenceBatch.FromSequences(1, [1]), Pass));
}
