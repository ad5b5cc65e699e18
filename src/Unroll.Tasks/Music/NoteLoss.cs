using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Numerics;

namespace Unroll.Tasks.Music;

//  L = −ln p(symbol),  p = softmax(scores of NoteCode)        ∂L/∂score = p − onehot(symbol);  from there NoteCode.Backward
//  the sum over the symbols of a step is −ln of the joint probability of the step; it is counted once a step

/// <summary>−ln of the probability of each symbol of a spelling, counted in steps, so that the mean is nats a step.</summary>
/// <param name="code">The spelling.</param>
/// <remarks>Labels are symbols; the values are [rows, <see cref="NoteCode.Places"/>].</remarks>
internal sealed class NoteLoss(NoteCode code) : ILoss
{
    /// <inheritdoc/>
    public string Name => "notes";

    /// <inheritdoc/>
    public int OutputsFor(int targets) => code.Outputs;

    /// <inheritdoc/>
    public LossSum Compute(in SequenceBatch outputs, in Targets targets, in SequenceBatch dOutputs, in Pass pass)
    {
        int symbols = code.Symbols, rows = outputs.Layout.Rows;
        if (targets.Labels.Length != rows) ShapeException.Throw(targets.Labels.Length, rows, "symbols", "each row of the outputs needs one");
        if (pass.HasShards) return this.ComputeByShard(outputs, targets, dOutputs, pass);
        Span<float> z = stackalloc float[symbols], p = stackalloc float[symbols];
        ReadOnlySpan<int> labels = targets.Labels.Span;
        double sum = 0;
        long steps = 0;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> place = targets.Values.All.Slice(row * NoteCode.Places, NoteCode.Places);
            code.Scores(outputs.All.Slice(row * outputs.Features, outputs.Features), place, z);
            Softmax.LogRow(z, p);
            sum -= p[labels[row]];
            Softmax.Row(z, p);
            p[labels[row]] -= 1;
            code.Backward(p, place, dOutputs.All.Slice(row * outputs.Features, outputs.Features));
            if (place[3] == 0) steps++;
        }
        return new LossSum(sum, steps);
    }
}
