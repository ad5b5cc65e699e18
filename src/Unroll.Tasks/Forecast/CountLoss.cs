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
    private readonly MeasuredLoss _measured = new(inner);

    public string Name => inner.Name;

    public int OutputsFor(int targets) => inner.OutputsFor(targets);

    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        ReadOnlySpan<float> values = targets.Values.All;
        int width = inner.OutputsFor(1);
        SequenceBatch y = pass.Workspace.Rent(outputs.Layout, outputs.Features);
        SequenceBatch counts = pass.Workspace.Rent(targets.Values.Layout, targets.Values.Features);
        outputs.All.CopyTo(y.All);
        for (int i = 0; i < values.Length; i++)
        {
            int k = i % means.Length;
            y.All[i * width] += (float)Math.Log(means[k]);
            counts.All[i] = (float)Math.Max(0, means[k] + scales[k] * values[i]);       // of NaN it is NaN
        }
        return _measured.Compute(y, Targets.Of(counts), dOutputs, pass);
    }
}
