using Unroll.Cells;
using Unroll.Layers;
using Unroll.Layers.Recurrent;

namespace Unroll.Inspection;

//  a = [b_ih + b_hh] + [W_ih x] + [W_hh s]                 averaged over steps: linear, so the means of x and s are enough
//  gru-after's n:  a = [b_ih] + [W_ih x] + [r ⊙ (W_hh h₋ + b_hh)]        not linear in r and h₋: the mean of the products as they were kept
//  standardized:   a = [b_ih + b_hh] + [α_ih ⊙ p̂_x] + [α_hh ⊙ p̂_h]          the same

/// <summary>The argument of a gate in three parts, each averaged over steps and units: what to look at when the gate is stuck.</summary>
/// <param name="Bias">b_ih + b_hh; b_ih alone where the product is kept apart with b_hh.</param>
/// <param name="Input">W_ih x.</param>
/// <param name="State">W_hh times h₋, or times what the cell multiplies in its place; what is kept apart with b_hh, as the gate sees it.</param>
/// <param name="FirstRow">The first of the gate's rows in the weights.</param>
/// <param name="LastRow">The last of them.</param>
internal sealed record GateArgument(double Bias, double Input, double State, int FirstRow, int LastRow)
{
    public static GateArgument Of(LayerGates gates, string gate, float[] meanInput)
    {
        RecurrentLayer layer = gates.Layer;
        int hidden = layer.HiddenSize, first = layer.Cell.Gates.IndexOf(gate, StringComparison.Ordinal) * hidden;
        RecurrentWeights w = layer.Weights;
        if (w.RowCell is not null) return Standardized(gates, gate, first);
        double bias = 0, input = 0, state = 0;
        Product? product = layer.Cell.Products.FirstOrDefault(p => p.Gates.Contains(gate, StringComparison.Ordinal));
        float[]? source = product is null || product.Into is not null ? null : Source(gates, product);
        for (int row = first; row < first + hidden; row++)
        {
            bias += w.InputBias.Values[row] + (product?.Into is null ? w.HiddenBias.Values[row] : 0);
            input += Dot(w.InputToHidden.Values.Slice(row * meanInput.Length, meanInput.Length), meanInput);
            if (source is not null) state += Dot(w.HiddenToHidden.Values.Slice(row * w.StateSize, w.StateSize), source);
        }
        if (product?.Into is string apart) state = hidden * KeptApart(gates, apart);
        return new GateArgument(bias / hidden, input / hidden, state / hidden, first, first + hidden - 1);
    }

    //  of gru-ln's n the state's part is r ⊙ (α_hh ⊙ p̂_h + b_hh), which is kept as hn
    private static GateArgument Standardized(LayerGates gates, string gate, int first)
    {
        RecurrentWeights w = gates.Layer.Weights;
        ICell cell = gates.Layer.Cell;
        int hidden = w.Hidden, number = first / hidden;
        bool after = cell is LayerNormGruCell && gate == "n";
        double bias = 0, input = 0, state = 0;
        double[] x = Means(cell.Saved[w.InputSlot + number]), h = Means(cell.Saved[w.TargetSlot(w.Apart(number)) + number - w.FirstGate(cell.Products[w.Apart(number)])]);
        for (int u = 0; u < hidden; u++)
        {
            bias += w.InputBias.Values[first + u] + (after ? 0 : w.HiddenBias.Values[first + u]);
            input += w.Extras[2].Values[first + u] * x[u];
            state += w.Extras[3].Values[first + u] * h[u];
        }
        return new GateArgument(bias / hidden, input / hidden, after ? KeptApart(gates, "hn") : state / hidden, first, first + hidden - 1);

        double[] Means(string slot) => [.. gates.Find(slot)!.Statistics.Units.Select(unit => (double)unit.Mean)];
    }

    // The mean over steps of what the gate's recurrent product multiplies; h stands for h₋, one step later.
    private static float[] Source(LayerGates gates, Product product) => [.. gates.Find(product.Of)!.Statistics.Units.Select(unit => (float)unit.Mean)];

    // The mean over steps and units; the cell of gru-after resets it first, what a cell of one's own does with it is not known.
    private static double KeptApart(LayerGates gates, string slot)
    {
        GateTrace kept = gates.Find(slot)!;
        GateTrace? reset = gates.Layer.Cell is GruAfterCell or LayerNormGruCell ? gates.Find("r") : null;
        return kept.Values.SelectMany((step, t) => step.Select((value, k) => (double)value * (reset?.Values[t][k] ?? 1))).Average();
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < b.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }
}
