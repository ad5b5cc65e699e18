using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// The parameters of one cell in PyTorch's layout, seen gate by gate; the same class holds their gradients. Everything is a view: the arrays of the
/// dictionary it was made from are what is read, and what is added to.
/// </summary>
public sealed class CellWeights
{
    private readonly IReadOnlyDictionary<string, double[]> _values;
    private readonly string _prefix, _suffix;
    private readonly int _hidden;

    /// <summary>Finds the parameters of one layer and direction by their names.</summary>
    /// <param name="values">Every array by its name, row-major; a missing bias counts as zero, and its gradient is dropped.</param>
    /// <param name="prefix">The layer's name and a dot: <c>"encoder."</c>; may be empty.</param>
    /// <param name="suffix">PyTorch's: <c>"l0"</c>, <c>"l1_reverse"</c>.</param>
    /// <param name="gates">One letter per gate in the order of the rows.</param>
    /// <param name="inputs">I, the length of x.</param>
    /// <param name="hidden">H, the units of a gate.</param>
    /// <param name="options">Says whether there are peepholes and a projection.</param>
    /// <exception cref="UserErrorException">A weight is missing or has the wrong length.</exception>
    public CellWeights(
        IReadOnlyDictionary<string, double[]> values, string prefix, string suffix, string gates, int inputs, int hidden, CellOptions options)
    {
        int outputs = options.Projection ?? hidden, rows = gates.Length * hidden;
        double[] ih = Find("weight_ih", rows * inputs, optional: false), hh = Find("weight_hh", rows * outputs, optional: false);
        double[] bih = Find("bias_ih", rows, optional: true), bhh = Find("bias_hh", rows, optional: true);
        for (int g = 0; g < gates.Length; g++)
        {
            Wi[gates[g]] = new Matrix(ih, g * hidden * inputs, hidden, inputs);
            Wh[gates[g]] = new Matrix(hh, g * hidden * outputs, hidden, outputs);
            Bi[gates[g]] = new Vector(bih, g * hidden, hidden);
            Bh[gates[g]] = new Vector(bhh, g * hidden, hidden);
        }
        if (options.Projection is not null) Whr = new Matrix(Find("weight_hr", outputs * hidden, optional: false), 0, outputs, hidden);
        if (options.Peepholes)
        {
            double[] peephole = Find("peephole", 3 * hidden, optional: false);
            for (int g = 0; g < 3; g++) P["ifo"[g]] = new Vector(peephole, g * hidden, hidden);
        }
        if (Has("gain_ih") || Has("gain_hh"))
        {
            double[] gih = Find("gain_ih", rows, optional: false), ghh = Find("gain_hh", rows, optional: false);
            for (int g = 0; g < gates.Length; g++)
                (Gi[gates[g]], Gh[gates[g]]) = (new Vector(gih, g * hidden, hidden), new Vector(ghh, g * hidden, hidden));
        }
        if (Has("gain_c") || Has("bias_c"))
            (Gc, Bc) = (new Vector(Find("gain_c", hidden, optional: false)), new Vector(Find("bias_c", hidden, optional: false)));
        (_values, _prefix, _suffix, _hidden) = (values, prefix, suffix, hidden);

        bool Has(string name) => values.ContainsKey($"{prefix}{name}_{suffix}");

        double[] Find(string name, int length, bool optional)
        {
            string full = $"{prefix}{name}_{suffix}";
            if (!values.TryGetValue(full, out double[]? found))
            {
                if (optional) return new double[length];
                throw new UserErrorException($"parameter '{full}': expected {length} numbers, found no such parameter.");
            }
            if (found.Length != length)
                ShapeException.Throw(found.Length, length, $"parameter '{full}'", $"gates '{gates}', {inputs} inputs and {hidden} units need it");
            return found;
        }
    }

    /// <summary>W_i·, [H, I] of each gate: what multiplies x.</summary>
    public Dictionary<char, Matrix> Wi { get; } = [];

    /// <summary>W_h·, [H, outputs] of each gate: what multiplies h₋.</summary>
    public Dictionary<char, Matrix> Wh { get; } = [];

    /// <summary>b_i·, [H] of each gate, added to W_i· x.</summary>
    public Dictionary<char, Vector> Bi { get; } = [];

    /// <summary>b_h·, [H] of each gate, added to W_h· h₋.</summary>
    public Dictionary<char, Vector> Bh { get; } = [];

    /// <summary>p_·, [H] of each gate that sees the cell state: i, f, o (coupled gates have no use for f's). Empty without peepholes.</summary>
    public Dictionary<char, Vector> P { get; } = [];

    /// <summary>α_i·, [H] of each gate: the gain of W_i· x standardized. Empty without layer normalization, as <see cref="Gh"/>.</summary>
    public Dictionary<char, Vector> Gi { get; } = [];

    /// <summary>α_h·, [H] of each gate: the gain of W_h· h₋ standardized.</summary>
    public Dictionary<char, Vector> Gh { get; } = [];

    /// <summary>α_c, [H]: the gain of c standardized; null for a cell that does not standardize c.</summary>
    public Vector? Gc { get; }

    /// <summary>b_c, [H]: its bias.</summary>
    public Vector? Bc { get; }

    /// <summary>A row of a parameter that only this cell has, [H]: <c>peephole</c>, or one of <see cref="IRowCell.Parameters"/>.</summary>
    /// <param name="name">The first part of its name.</param>
    /// <param name="row">Which row.</param>
    /// <exception cref="UserErrorException">There is no such parameter.</exception>
    public Vector Own(string name, int row = 0) => _values.TryGetValue($"{_prefix}{name}_{_suffix}", out double[]? found)
        ? new Vector(found, row * _hidden, _hidden)
        : throw new UserErrorException($"parameter '{_prefix}{name}_{_suffix}': found no such parameter.");

    /// <summary>W_hr, [outputs, H]: the projection, or null.</summary>
    public Matrix? Whr { get; }

    //  dW_i· += δa xᵀ      db_i· += δa
    /// <summary>Adds a gate's gradients on the side of x.</summary>
    public void AddInput(char gate, Vector da, Vector x)
    {
        Wi[gate].AddOuter(da, x);
        Bi[gate].Add(da);
    }

    //  dW_h· += δa h₋ᵀ     db_h· += δa
    /// <summary>Adds a gate's gradients on the side of the state, or of what the gate sees in its place (Γr ⊙ c₋).</summary>
    public void AddHidden(char gate, Vector da, Vector source)
    {
        Wh[gate].AddOuter(da, source);
        Bh[gate].Add(da);
    }
}
