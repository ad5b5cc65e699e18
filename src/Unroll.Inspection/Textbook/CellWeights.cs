using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// The parameters of one cell in one layer and direction, by their names in the equations; the same class holds their gradients. Everything is a
/// view: the arrays of the dictionary it was made from are what is read, and what is added to.
/// </summary>
public sealed class CellWeights
{
    private static readonly string[] s_optional = ["bias_ih", "bias_hh"];
    private readonly IReadOnlyDictionary<string, double[]> _values;
    private readonly string _prefix, _suffix;
    private readonly int _units;
    private readonly Dictionary<string, Matrix> _matrices = [];
    private readonly Dictionary<string, List<Vector>> _vectors = [];

    /// <summary>Finds the parameters of one layer and direction by their names.</summary>
    /// <param name="values">Every array by its name, row-major; a missing bias counts as zero, and its gradient is dropped.</param>
    /// <param name="prefix">The layer's name and a dot: <c>"encoder."</c>; may be empty.</param>
    /// <param name="suffix">PyTorch's: <c>"l0"</c>, <c>"l1_reverse"</c>.</param>
    /// <param name="cell">Says what the parameters are.</param>
    /// <param name="inputs">I, the length of x.</param>
    /// <param name="units">H.</param>
    /// <exception cref="UserErrorException">A parameter is missing or has the wrong length.</exception>
    public CellWeights(
        IReadOnlyDictionary<string, double[]> values, string prefix, string suffix, ICellEquations cell, int inputs, int units)
    {
        (_values, _prefix, _suffix, _units) = (values, prefix, suffix, units);
        foreach (StoredParameter stored in cell.Layout.Stored)
        {
            int[] shape = stored.Shape(inputs, units);
            int rows = shape[0] / stored.Blocks.Count, columns = shape is [_, int width] ? width : 1;
            double[] found = Find(stored.Name, shape[0] * columns, inputs);
            for (int block = 0; block < stored.Blocks.Count; block++)
            {
                string name = stored.Blocks[block];
                char? gate = block < cell.Gates.Length ? cell.Gates[block] : null;
                if (stored.Kind == ParameterKind.Matrix) Add(stored.Name, name, gate, new Matrix(found, block * rows * columns, rows, columns));
                else Add(stored.Name, name, gate, new Vector(found, block * rows, rows));
            }
        }
    }

    /// <summary>W_i·, [H, I] of each gate whose weights are stacked: what multiplies x.</summary>
    public Dictionary<char, Matrix> Wi { get; } = [];

    /// <summary>W_h·, [H, outputs] of each such gate: what multiplies h₋.</summary>
    public Dictionary<char, Matrix> Wh { get; } = [];

    /// <summary>b_i·, [H] of each such gate, added to W_i· x.</summary>
    public Dictionary<char, Vector> Bi { get; } = [];

    /// <summary>b_h·, [H] of each such gate, added to W_h· h₋.</summary>
    public Dictionary<char, Vector> Bh { get; } = [];

    /// <summary>A matrix by its name in the equations.</summary>
    /// <param name="name">The name.</param>
    public Matrix Matrix(string name) => _matrices[name];

    /// <summary>A vector, or a number as a vector of one; of one that lies in two places (b_i + b_h) the sum.</summary>
    /// <param name="name">Its name in the equations.</param>
    public Vector Vector(string name) => _vectors[name].Aggregate((a, b) => a + b);

    /// <summary>What was added to a vector by <see cref="AddTo"/>; of one that lies in two places what either received.</summary>
    /// <param name="name">Its name in the equations.</param>
    public Vector Added(string name) => _vectors[name][0];

    /// <summary>Adds to a vector, wherever it lies.</summary>
    /// <param name="name">Its name in the equations.</param>
    /// <param name="da">What is added.</param>
    public void AddTo(string name, Vector da)
    {
        foreach (Vector place in _vectors[name]) place.Add(da);
    }

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

    private string Whole(string stored) => $"{_prefix}{stored}_{_suffix}";

    private double[] Find(string stored, int length, int inputs)
    {
        string whole = Whole(stored);
        if (!_values.TryGetValue(whole, out double[]? found))
            return s_optional.Contains(stored) ? new double[length]
                : throw new UserErrorException($"parameter '{whole}': expected {length} numbers, found no such parameter.");
        if (found.Length != length) ShapeException.Throw(found.Length, length, $"parameter '{whole}'", $"{inputs} inputs and {_units} units need it");
        return found;
    }

    private void Add(string stored, string name, char? gate, Matrix matrix)
    {
        _matrices[name] = matrix;
        if (gate is { } letter && stored == DefinedLayout.OfInput) Wi[letter] = matrix;
        if (gate is { } other && stored == DefinedLayout.OfState) Wh[other] = matrix;
    }

    private void Add(string stored, string name, char? gate, Vector vector)
    {
        if (!_vectors.TryAdd(name, [vector]) && _values.ContainsKey(Whole(stored))) _vectors[name].Add(vector);
        if (gate is { } letter && stored == s_optional[0]) Bi[letter] = vector;
        if (gate is { } other && stored == s_optional[1]) Bh[other] = vector;
    }
}
