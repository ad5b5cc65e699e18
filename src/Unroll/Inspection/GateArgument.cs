using Unroll.Cells;
using Unroll.Layers;

namespace Unroll.Inspection;

//  a = [b_ih + b_hh] + [W_ih x] + [W_hh s]        averaged over steps: linear, so the means of x and s are enough

/// <summary>The argument of a gate in three parts, each averaged over steps and units: what to look at when the gate is stuck.</summary>
/// <param name="Bias">b_ih + b_hh.</param>
/// <param name="Input">W_ih x.</param>
/// <param name="State">W_hh times h₋, or times what the cell multiplies in its place.</param>
/// <param name="FirstRow">The first of the gate's rows in the weights.</param>
/// <param name="LastRow">The last of them.</param>
internal sealed record GateArgument(double Bias, double Input, double State, int FirstRow, int LastRow)
{
    public static GateArgument Of(LayerGates gates, string gate, float[] meanInput)
    {
        RecurrentLayer layer = gates.Layer;
        int hidden = layer.HiddenSize, first = layer.Cell.Gates.IndexOf(gate, StringComparison.Ordinal) * hidden;
        RecurrentWeights w = layer.Weights;
        double bias = 0, input = 0, state = 0;
        float[]? source = Source(gates, gate);
        for (int row = first; row < first + hidden; row++)
        {
            bias += w.InputBias.Values[row] + w.HiddenBias.Values[row];
            input += Dot(w.InputToHidden.Values.Slice(row * meanInput.Length, meanInput.Length), meanInput);
            if (source is not null) state += Dot(w.HiddenToHidden.Values.Slice(row * w.StateSize, w.StateSize), source);
        }
        return new GateArgument(bias / hidden, input / hidden, state / hidden, first, first + hidden - 1);
    }

    // The mean over steps of what the gate's recurrent product multiplies; h stands for h₋, one step later.
    private static float[]? Source(LayerGates gates, string gate)
    {
        Product? product = gates.Layer.Cell.Products.FirstOrDefault(p => p.Gates.Contains(gate, StringComparison.Ordinal));
        return product is null ? null : [.. gates.Find(product.Of)!.Statistics.Units.Select(unit => (float)unit.Mean)];
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < b.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }
}
