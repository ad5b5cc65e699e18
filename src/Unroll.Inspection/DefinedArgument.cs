using System.Globalization;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers.Recurrent;

namespace Unroll.Inspection;

//  f = σ(a_f)      a_f = W_f x + U_f h₋ + b_f              averaged over steps and units: linear, so the means of x and h₋ are enough

/// <summary>The argument of a gate that equations define: its bias and its products, each averaged over steps and units.</summary>
internal sealed class DefinedArgument
{
    private readonly LayerGates _gates;
    private readonly DefinedCell _cell;
    private readonly List<(string Term, double Mean, string Place)> _parts = [];

    private DefinedArgument(LayerGates gates, DefinedCell cell) => (_gates, _cell) = (gates, cell);

    /// <summary>Of a gate; null where it is no function of a sum with products and biases, or what they multiply is not kept.</summary>
    public static DefinedArgument? Of(LayerGates gates, DefinedCell cell, string gate)
    {
        if (cell.Derivation.Find(gate)?.Value is not FunctionExpression { Of: QuantityExpression within }) return null;
        CellQuantity argument = cell.Derivation[within.Name];
        DefinedArgument all = new(gates, cell);
        foreach (string bias in argument.Biases) all._parts.Add((bias, Mean(all.Find(bias).Values), all.Place(bias)));
        foreach (ProductExpression product in argument.Products)
            if (product.Form == MatrixForm.Plain && all.MeanOf(product.Of) is { } source && source.Length == all.Find(product.Matrix).Shape[1])
                all._parts.Add((CellText.Format(product), all.Product(product.Matrix, source), all.Place(product.Matrix)));
        return all._parts.Count > 0 ? all : null;
    }

    /// <summary>What is said of it: the parts, and which to look at.</summary>
    public string Text
    {
        get
        {
            (string term, double mean, string place) = _parts.MaxBy(part => Math.Abs(part.Mean));
            string parts = string.Join(", ", _parts.Select(part => Invariant($"{part.Mean:+0.0;−0.0;0.0} from {part.Term}")));
            return $". Its argument is, on average, {parts}: look at {place}" + Invariant($", on average {mean:0.0;−0.0;0.0}")
                + (term.EndsWith(" x", StringComparison.Ordinal) ? ", and at the scale of the input" : "");
        }
    }

    private Parameter Find(string name)
    {
        string place = _gates.Layer.Place, stored = _cell.Layout.Stored[_cell.Layout[name].Parameter].Name;
        int dot = place.LastIndexOf('.') + 1;
        return _gates.Layer.Parameters.First(one => one.Name == $"{place[..dot]}{stored}_{place[dot..]}");
    }

    private (int First, int Count) Rows(string name)
    {
        (int parameter, int block) = _cell.Layout[name];
        int rows = _cell.Layout.Stored[parameter].RowsOf(_gates.Layer.HiddenSize);
        return (block * rows, rows);
    }

    private string Place(string name)
    {
        (int first, int count) = Rows(name);
        Parameter parameter = Find(name);
        return parameter.Shape[0] == count ? $"{parameter.Name}" : $"{parameter.Name}, rows {first} … {first + count - 1} ({name})";
    }

    // The mean over steps of what is multiplied; a state stands for itself one step later.
    private float[]? MeanOf(CellExpression source) => source switch
    {
        InputExpression => _gates.MeanInput,
        PreviousExpression state => Means(state.State),
        QuantityExpression quantity => Means(quantity.Name),
        _ => null,
    };

    private float[]? Means(string trace) => _gates.Find(trace)?.Statistics.Units.Select(unit => (float)unit.Mean).ToArray();

    private double Product(string matrix, float[] source)
    {
        (int first, int count) = Rows(matrix);
        ReadOnlySpan<float> values = Find(matrix).Values;
        double sum = 0;
        for (int row = first; row < first + count; row++)
            for (int i = 0; i < source.Length; i++) sum += (double)values[row * source.Length + i] * source[i];
        return sum / count;
    }

    private static double Mean(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values) sum += value;
        return sum / values.Length;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
