using BenchmarkDotNet.Attributes;
using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Numerics;

namespace Unroll.Benchmarks;

/// <summary>A language model's last step: 32 rows of so many classes.</summary>
public class ClassLosses
{
    private const int Rows = 32;
    private readonly ThreadTeam _team = new(1);
    private readonly Workspace _workspace = new();
    private readonly SoftmaxCrossEntropy _loss = new();
    private SequenceBatch _logits, _dLogits;
    private Targets _labels;
    private Pass _pass;

    /// <summary>Characters, words.</summary>
    [Params(65, 10_000)]
    public int Classes { get; set; }

    /// <summary>Draws.</summary>
    [GlobalSetup]
    public void Fill()
    {
        SequenceLayout layout = SequenceLayout.Uniform(Rows, 1);
        (_logits, _dLogits) = (SequenceBatch.Zeros(layout, Classes), SequenceBatch.Zeros(layout, Classes));
        new Rng(1).Uniform(0, _logits.All);
        _labels = Targets.Of(Enumerable.Range(0, Rows).Select(row => row * 31 % Classes).ToArray());
        _pass = new Pass(_workspace, _team, new Rng(1), Training: true);
    }

    /// <summary>Probabilities alone.</summary>
    [Benchmark]
    public void Probabilities()
    {
        for (int row = 0; row < Rows; row++) Softmax.Row(_logits.Row(0, row), _dLogits.Row(0, row));
    }

    /// <summary>The loss and its gradient.</summary>
    [Benchmark]
    public LossSum CrossEntropy()
    {
        _workspace.Reset();
        return _loss.Compute(_logits, _labels, _dLogits, _pass);
    }
}
