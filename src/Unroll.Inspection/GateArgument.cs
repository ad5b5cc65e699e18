using Unroll.Cells;
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
        if (layer.Cell is IRowCell rows) return Standardized(gates, rows, gate);
        int hidden = layer.HiddenSize, states = layer.OutputSize, first = layer.Cell.Gates.IndexOf(gate, StringComparison.Ordinal) * hidden;
        double bias = 0, input = 0, state = 0;
        Product? product = layer.Cell.Products.FirstOrDefault(p => p.Gates.Contains(gate, StringComparison.Ordinal));
        float[]? source = product is null || product.Into is not null ? null : Source(gates, product);
        for (int row = first; row < first + hidden; row++)
        {
            bias += layer.InputBias.Values[row] + (product?.Into is null ? layer.HiddenBias.Values[row] : 0);
            input += Dot(layer.InputToHidden.Values.Slice(row * meanInput.Length, meanInput.Length), meanInput);
            if (source is not null) state += Dot(layer.HiddenToHidden.Values.Slice(row * states, states), source);
        }
        if (product?.Into is string apart) state = hidden * KeptApart(gates, apart);
        return new GateArgument(bias / hidden, input / hidden, state / hidden, first, first + hidden - 1);
    }

    //  of gru-ln's n the state's part is r ⊙ (α_hh ⊙ p̂_h + b_hh), which is kept as hn and says that it enters n
    private static GateArgument Standardized(LayerGates gates, IRowCell cell, string gate)
    {
        RecurrentLayer layer = gates.Layer;
        int hidden = layer.HiddenSize, number = cell.Gates.IndexOf(gate, StringComparison.Ordinal), first = number * hidden;
        SlotDescription? entering = cell.Description.Slots.FirstOrDefault(slot => slot.Enters == gate[0]);
        double bias = 0, input = 0, state = 0;
        List<string> saved = [.. cell.Saved];
        Product product = cell.Products.First(p => p.Gates.Contains(gate, StringComparison.Ordinal));
        double[] x = Means(saved.IndexOf(cell.InputInto) + number);
        double[] h = Means(saved.IndexOf(product.Into!) + product.Gates.IndexOf(gate, StringComparison.Ordinal));
        ReadOnlySpan<float> gainX = Gain("gain_ih"), gainH = Gain("gain_hh");
        for (int u = 0; u < hidden; u++)
        {
            bias += layer.InputBias.Values[first + u] + (entering is null ? layer.HiddenBias.Values[first + u] : 0);
            input += (gainX.IsEmpty ? 1 : gainX[first + u]) * x[u];
            state += (gainH.IsEmpty ? 1 : gainH[first + u]) * h[u];
        }
        return new GateArgument(
            bias / hidden, input / hidden, entering is null ? state / hidden : KeptApart(gates, entering.Name), first, first + hidden - 1);

        double[] Means(int slot) => [.. gates.Find(saved[slot])!.Statistics.Units.Select(unit => (double)unit.Mean)];

        ReadOnlySpan<float> Gain(string name)
        {
            for (int k = 0; k < cell.Parameters.Count; k++)
                if (cell.Parameters[k].Name == name) return layer.CellParameters[k].Values;
            return [];
        }
    }

    // The mean over steps of what the gate's recurrent product multiplies; h stands for h₋, one step later.
    private static float[] Source(LayerGates gates, Product product) =>
        [.. gates.Find(product.Of)!.Statistics.Units.Select(unit => (float)unit.Mean)];

    // The mean over steps and units, times the gate that the cell says it is multiplied by; where it says nothing, as it is.
    private static double KeptApart(LayerGates gates, string slot)
    {
        GateTrace kept = gates.Find(slot)!;
        GateTrace? times = gates.Layer.Cell.Description.Find(slot)?.Times is { } gate ? gates.Find(gate.ToString()) : null;
        return kept.Values.SelectMany((step, t) => step.Select((value, k) => (double)value * (times?.Values[t][k] ?? 1))).Average();
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < b.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }
}
