using Unroll.Core;
using Unroll.Layers.Losses;

namespace Unroll.Tasks.Forecast;

//  target x of step k = (t − m) / s_k       t = m + s_k x, at least 0        outputs [y, …]: η = ln m + y, so that y = 0 says the mean m

/// <summary>A likelihood of counts, of targets that are centered and scaled; what was not measured (NaN) is left out.</summary>
/// <param name="inner">The likelihood; the first output of each target is the logarithm of its mean.</param>
/// <param name="means">[targets]: m, above 0.</param>
/// <param name="scales">[targets]: s.</param>
internal sealed class CountLoss(ILoss inner, double[] means, double[] scales) : ILoss
{
    public string Name => inner.Name;

    public int OutputsFor(int targets) => inner.OutputsFor(targets);

    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        ReadOnlySpan<float> values = targets.Values.All;
        int measured = 0, width = inner.OutputsFor(1);
        foreach (float value in values) measured += float.IsNaN(value) ? 0 : 1;
        dOutputs.All.Clear();
        if (measured == 0) return default;

        SequenceLayout layout = SequenceLayout.Uniform(1, measured);
        SequenceBatch y = pass.Workspace.Rent(layout, width), dy = pass.Workspace.Rent(layout, width), truth = pass.Workspace.Rent(layout, 1);
        for (int i = 0, at = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i])) continue;
            int k = i % means.Length;
            outputs.All.Slice(i * width, width).CopyTo(y.All[(at * width)..]);
            y.All[at * width] += (float)Math.Log(means[k]);
            truth.All[at++] = (float)Math.Max(0, means[k] + scales[k] * values[i]);
        }
        LossSum loss = inner.Compute(y, Targets.Of(truth), dy, pass);
        for (int i = 0, at = 0; i < values.Length; i++)
            if (!float.IsNaN(values[i])) dy.All.Slice(at++ * width, width).CopyTo(dOutputs.All[(i * width)..]);
        return loss;
    }
}
