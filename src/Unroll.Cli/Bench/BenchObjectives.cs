using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli.Bench;

//  L = Σ y² over all outputs of all rows, counted by their number        δy = 2 y

/// <summary>Training that minimizes a network's outputs: mean(y²), which every engine can do.</summary>
/// <param name="network">What is trained.</param>
internal sealed class OutputSquares(Network network) : IObjective<SequenceBatch>
{
    public ParameterStore Parameters => network.Parameters;

    public LossSum Accumulate(SequenceBatch batch, in Pass pass)
    {
        Cache cache = network.Forward(batch, null, pass);
        SequenceBatch dy = pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
        Span<float> y = cache.Output.All;
        y.CopyTo(dy.All);
        Elementwise.Scale(dy.All, 2);
        LossSum loss = new(Reduce.SumSquares(y), y.Length);
        network.Backward(dy, cache, pass);
        return loss;
    }
}

/// <summary>Training that predicts the next character.</summary>
/// <param name="network">What is trained; a logit per character.</param>
internal sealed class NextCharacter(Network network) : IObjective<(SequenceBatch Characters, Targets Next)>
{
    private readonly SoftmaxCrossEntropy _loss = new();

    public ParameterStore Parameters => network.Parameters;

    public LossSum Accumulate((SequenceBatch Characters, Targets Next) batch, in Pass pass)
    {
        Cache cache = network.Forward(batch.Characters, null, pass);
        SequenceBatch dLogits = pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
        LossSum loss = _loss.Compute(cache.Output, batch.Next, dLogits, pass);
        network.Backward(dLogits, cache, pass);
        return loss;
    }
}
