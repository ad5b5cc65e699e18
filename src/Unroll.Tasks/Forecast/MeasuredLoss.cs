using Unroll.Core;
using Unroll.Layers.Losses;

namespace Unroll.Tasks.Forecast;

//  targets [rows, n], NaN: not measured    →    one row for each that is measured, [measured, 1]    →    the gradients back to their places

/// <summary>
/// A loss of numbers that leaves out what was not measured (NaN): no loss, no gradient, no count. Data without gaps go straight through.
/// </summary>
/// <param name="inner">The loss; each target has outputs of its own, side by side.</param>
internal sealed class MeasuredLoss(ILoss inner) : ILoss
{
    public string Name => inner.Name;

    public int OutputsFor(int targets) => inner.OutputsFor(targets);

    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        if (pass.HasShards) return this.ComputeByShard(outputs, targets, dOutputs, pass);
        ReadOnlySpan<float> values = targets.Values.All;
        int measured = 0, width = inner.OutputsFor(1);
        foreach (float value in values) measured += float.IsNaN(value) ? 0 : 1;
        if (measured == values.Length) return inner.Compute(outputs, targets, dOutputs, pass);
        dOutputs.All.Clear();
        if (measured == 0) return default;

        SequenceLayout layout = SequenceLayout.Uniform(1, measured);
        SequenceBatch y = pass.Workspace.Rent(layout, width), dy = pass.Workspace.Rent(layout, width), truth = pass.Workspace.Rent(layout, 1);
        for (int i = 0, at = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i])) continue;
            outputs.All.Slice(i * width, width).CopyTo(y.All[(at * width)..]);
            truth.All[at++] = values[i];
        }
        LossSum loss = inner.Compute(y, Targets.Of(truth), dy, pass);
        for (int i = 0, at = 0; i < values.Length; i++)
            if (!float.IsNaN(values[i])) dy.All.Slice(at++ * width, width).CopyTo(dOutputs.All[(i * width)..]);
        return loss;
    }
}
