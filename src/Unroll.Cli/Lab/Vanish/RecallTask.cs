using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Training;

namespace Unroll.Cli.Lab.Vanish;

//  step 0: one of 4 symbols     steps 1 … gap: noise, one of 4 other symbols each     step gap + 1: a cue, at which the first symbol must be output

/// <summary>A symbol at the start must be output at the end, with noise in between; a batch is identified by its number.</summary>
/// <param name="network">Ends in <see cref="Symbols"/> logits at the last step.</param>
/// <param name="gap">Steps of noise.</param>
/// <param name="sequences">Of a batch.</param>
/// <param name="random">Where symbols come from.</param>
internal sealed class RecallTask(Network network, int gap, int sequences, Rng random) : IObjective<int>
{
    internal const int Symbols = 4, Noise = 4, Features = Symbols + Noise + 1;

    private readonly SoftmaxCrossEntropy _loss = new();
    private readonly SequenceLayout _layout = SequenceLayout.Uniform(sequences, gap + 2);
    private SequenceBatch _x = SequenceBatch.Zeros(SequenceLayout.Uniform(sequences, gap + 2), Features);
    private readonly int[] _labels = new int[sequences];

    public ParameterStore Parameters => network.Parameters;

    public LossSum Accumulate(int batch, in Pass pass) => Accumulate(batch, pass, out _);

    /// <summary>The same, with ∂L/∂x.</summary>
    internal LossSum Accumulate(int batch, in Pass pass, out SequenceBatch dx)
    {
        Fill(batch);
        Cache cache = network.Forward(_x, null, pass);
        SequenceBatch dLogits = pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
        LossSum loss = _loss.Compute(cache.Output, Targets.Of(_labels), dLogits, pass);
        dx = network.Backward(dLogits, cache, pass);
        return loss;
    }

    /// <summary>The share of a batch's sequences whose symbol is named correctly.</summary>
    internal double Accuracy(int batch, in Pass pass)
    {
        Fill(batch);
        SequenceBatch logits = network.Forward(_x, null, pass with { Training = false, InferenceOnly = true }).Output;
        int right = 0;
        for (int s = 0; s < sequences; s++)
        {
            ReadOnlySpan<float> row = logits.Row(0, s);
            int best = 0;
            for (int k = 1; k < row.Length; k++)
                if (row[k] > row[best]) best = k;
            if (best == _labels[s]) right++;
        }
        return (double)right / sequences;
    }

    private void Fill(int batch)
    {
        Rng draws = random.At((ulong)(uint)batch);
        _x.All.Clear();
        for (int s = 0; s < sequences; s++)
        {
            Rng own = draws.At((ulong)s);
            _labels[s] = own.Below(Symbols, 0);
            _x.Row(0, s)[_labels[s]] = 1;
            for (int t = 1; t <= gap; t++) _x.Row(t, s)[Symbols + own.Below(Noise, (ulong)t)] = 1;
            _x.Row(gap + 1, s)[Symbols + Noise] = 1;
        }
    }
}
