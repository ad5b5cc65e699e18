using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;

namespace Unroll.Tests.Layers;

public sealed class DropoutTests : IDisposable
{
    private readonly ThreadTeam _threads = new(1);
    private readonly Workspace _workspace = new();

    public void Dispose() => _threads.Dispose();

    private Pass Training(params long[] ids) => new(_workspace, _threads, new Rng(5), Training: true) { SequenceIds = ids };

    private static SequenceBatch Ones(SequenceLayout layout, int features)
    {
        SequenceBatch x = SequenceBatch.Zeros(layout, features);
        x.All.Fill(1);
        return x;
    }

    [Fact]
    public void Without_training_or_with_rate_zero_it_is_the_identity()
    {
        SequenceBatch x = Ones(SequenceLayout.FromLengths(2, 1), 3);
        foreach ((float rate, bool training) in new[] { (0.5f, false), (0f, true) })
        {
            Dropout layer = new("drop", 3, rate);
            Pass pass = Training() with { Training = training };
            Cache cache = layer.Forward(x, pass);
            Assert.Equal(x.All, cache.Output.All);
            Assert.Equal(x.All, layer.Backward(x, cache, pass).All);
        }
    }

    // 40,000 draws of variance p (1 − p): five deviations are 5 √(0.21 / 40,000) = 0.0115.
    [Fact]
    public void It_drops_its_rate_and_keeps_the_expectation()
    {
        SequenceBatch y = new Dropout("drop", 40, 0.3f).Forward(Ones(SequenceLayout.Uniform(10, 100), 40), Training()).Output;
        float[] values = y.All.ToArray();
        Assert.Equal(0.3, values.Count(v => v == 0) / 40_000.0, 0.0115);
        Assert.All(values, v => Assert.True(v == 0 || v == 1 / (1 - 0.3f)));
        Assert.Equal(1, values.Average(), 0.0115 / 0.7);
    }

    [Fact]
    public void What_is_dropped_belongs_to_the_sequence_and_not_to_its_place_in_the_batch()
    {
        Dropout layer = new("drop", 5, 0.5f);
        SequenceBatch batch = layer.Forward(Ones(SequenceLayout.FromLengths(2, 4, 0, 3), 5), Training(70, 71, 72, 73)).Output;
        SequenceBatch other = layer.Forward(Ones(SequenceLayout.FromLengths(3, 2), 5), Training(73, 70)).Output;
        for (int t = 0; t < 3; t++) Assert.Equal(batch.Row(t, 3), other.Row(t, 0));
        for (int t = 0; t < 2; t++) Assert.Equal(batch.Row(t, 0), other.Row(t, 1));
    }

    [Fact]
    public void Steps_units_layers_sequences_and_training_steps_differ()
    {
        SequenceLayout layout = SequenceLayout.FromLengths(2, 2);
        float[] Draw(string name, Pass pass) => new Dropout(name, 64, 0.5f).Forward(Ones(layout, 64), pass).Output.All.ToArray();
        float[] first = Draw("a", Training());
        Assert.Equal(first, Draw("a", Training()));
        Assert.NotEqual(first, Draw("b", Training()));
        Assert.NotEqual(first, Draw("a", Training() with { Random = new Rng(5).At(1) }));
        Assert.Equal(4, Enumerable.Range(0, 4).Select(r => string.Join("", first[(r * 64)..((r + 1) * 64)])).Distinct().Count());
    }

    [Fact]
    public void Locked_it_drops_the_same_units_at_every_step_of_a_sequence_and_others_in_another()
    {
        SequenceBatch y = new Dropout("drop", 64, 0.5f, locked: true).Forward(Ones(SequenceLayout.FromLengths(3, 2), 64), Training()).Output;
        Assert.Equal(y.Row(0, 0), y.Row(1, 0));
        Assert.Equal(y.Row(0, 0), y.Row(2, 0));
        Assert.Equal(y.Row(0, 1), y.Row(1, 1));
        Assert.NotEqual(y.Row(0, 0).ToArray(), y.Row(0, 1).ToArray());
        Assert.Equal(new Dropout("drop", 64, 0.5f).Forward(Ones(SequenceLayout.FromLengths(3, 2), 64), Training()).Output.Row(0, 0), y.Row(0, 0));
    }

    // y is linear in x, so that with loss Σ w y the gradient is exactly w where an input got through, scaled alike, and 0 elsewhere.
    [Fact]
    public void Backward_is_the_derivative_of_Forward()
    {
        Dropout layer = new("drop", 4, 0.4f);
        SequenceBatch x = Ones(SequenceLayout.FromLengths(3, 1), 4), w = SequenceBatch.Zeros(x.Layout, 4);
        for (int i = 0; i < w.All.Length; i++) w.All[i] = i + 1;
        Cache cache = layer.Forward(x, Training());
        SequenceBatch dx = layer.Backward(w, cache, Training());
        for (int i = 0; i < w.All.Length; i++) Assert.Equal(w.All[i] * cache.Output.All[i], dx.All[i]);
        Assert.Equal(dx.All, layer.Backward(w, cache, Training()).All);
    }

    [Fact]
    public void A_warmed_up_pass_allocates_nothing()
    {
        Dropout layer = new("drop", 4, 0.4f);
        SequenceBatch x = Ones(SequenceLayout.FromLengths(3, 1), 4);
        Pass pass = Training();
        Assert.Equal(0, Allocation.Of(() =>
        {
            _workspace.Reset();
            layer.Backward(x, layer.Forward(x, pass), pass);
        }));
    }

    [Fact]
    public void A_wrong_rate_or_width_is_refused()
    {
        foreach (float rate in new[] { -0.1f, 1, float.NaN })
            Assert.StartsWith("layer 'drop' dropout: expected", Assert.Throws<UserErrorException>(() => new Dropout("drop", 4, rate)).Message);
        Assert.Throws<ShapeException>(() => new Dropout("drop", 4, 0.5f).Forward(Ones(SequenceLayout.FromLengths(1), 3), Training()));
    }
}
