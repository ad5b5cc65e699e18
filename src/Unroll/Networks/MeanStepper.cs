using Unroll.Layers.Attention;
using Unroll.Numerics;

namespace Unroll.Networks;

/// <summary>The step of several decoders as if they were one.</summary>
/// <param name="steppers">One at least; of one its scores, as they are.</param>
/// <param name="symbols">The target vocabulary.</param>
internal sealed class MeanStepper(IReadOnlyList<DecoderStepper> steppers, int symbols)
{
    private readonly double[] _sum = new double[steppers.Count > 1 ? symbols : 0];
    private readonly float[] _shares = new float[steppers.Count > 1 ? symbols : 0];
    private float[] _all = [];

    //  z_k = ln (1/N Σ_n softmax(z⟨n⟩)_k), summed in double in the order of the members
    public void Step(ReadOnlySpan<int> next, Span<float> logits)
    {
        if (steppers.Count == 1)
        {
            steppers[0].Step(next, logits);
            return;
        }
        int size = logits.Length;
        if (_all.Length < size * steppers.Count) _all = new float[size * steppers.Count];
        for (int n = 0; n < steppers.Count; n++) steppers[n].Step(next, _all.AsSpan(n * size, size));
        for (int row = 0; row < size; row += symbols)
        {
            Array.Clear(_sum);
            for (int n = 0; n < steppers.Count; n++)
            {
                Softmax.Row(_all.AsSpan(n * size + row, symbols), _shares);
                for (int k = 0; k < symbols; k++) _sum[k] += _shares[k];
            }
            for (int k = 0; k < symbols; k++) logits[row + k] = (float)Logarithm.Ln(_sum[k] / steppers.Count);
        }
    }

    public void Keep(ReadOnlySpan<int> rows)
    {
        foreach (DecoderStepper stepper in steppers) stepper.Keep(rows);
    }
}
