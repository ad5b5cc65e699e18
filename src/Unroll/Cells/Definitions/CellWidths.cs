using Unroll.Core;

namespace Unroll.Cells.Definitions;

//  a ⊙ b, a + b …   both operands and the result are as wide as each other
//  W a              W has as many columns as a is wide, and as many rows as the result is wide
//  x, unit by unit: the units      a state: what is declared, else the units      a constant, a scalar: as wide as what it stands beside

/// <summary>How wide every quantity and every parameter of a definition is: found from the states by what must be equal.</summary>
public sealed class CellWidths
{
    private readonly CellSource _source;
    private readonly Dictionary<string, int> _values = [], _columns = [];
    private readonly List<int> _same = [];
    private readonly List<CellSize?> _sizes = [];
    private readonly int _units, _inputs;
    private string _now = "";

    /// <summary>Finds them.</summary>
    /// <param name="definition">The definition.</param>
    /// <exception cref="UserErrorException">Two widths that must be equal are not.</exception>
    public CellWidths(CellDefinition definition) : this(definition, new CellSource(null) { Name = definition.Name }) { }

    internal CellWidths(CellDefinition definition, CellSource source)
    {
        _source = source;
        (_units, _inputs) = (New(new CellSize(CellSizeKind.Units)), New(new CellSize(CellSizeKind.Inputs)));
        foreach (CellState state in definition.States)
            _values[state.Name] = state.Width is { } width ? New(new CellSize(CellSizeKind.Declared, width)) : _units;
        foreach (CellAssignment assignment in definition.Assignments)
        {
            _now = assignment.Name;
            int value = WidthOf(assignment.Value), name = Of(_values, assignment.Name);
            if (value >= 0 && !Equate(value, name))
                throw Error(assignment.Place, $"'{_now}' is {Said(name)} and its value {Said(value)}; expected equal widths; multiply the value by a "
                    + $"matrix, or change 'width {_now}'.");
        }
    }

    /// <summary>How wide a quantity is; of a scalar or a constant alone the units.</summary>
    /// <param name="quantity">Its name.</param>
    public CellSize Value(string quantity) => Size(_values[quantity]);

    /// <summary>How many rows a matrix has, or numbers a vector.</summary>
    /// <param name="parameter">Its name.</param>
    public CellSize Rows(string parameter) => Size(_values[parameter]);

    /// <summary>How many columns a matrix has.</summary>
    /// <param name="matrix">Its name.</param>
    public CellSize Columns(string matrix) => Size(_columns[matrix]);

    // The class of equal widths that an expression's belongs to; −1: any.
    private int WidthOf(CellExpression expression) => expression switch
    {
        InputExpression => _units,
        PreviousExpression previous => Of(_values, previous.State),
        QuantityExpression quantity => Of(_values, quantity.Name),
        VectorExpression vector => Of(_values, vector.Name),
        ProductExpression product => WidthOf(product),
        BinaryExpression binary => WidthOf(binary),
        { Operands: [var only] } => WidthOf(only),
        _ => -1,
    };

    private int WidthOf(BinaryExpression binary)
    {
        int left = WidthOf(binary.Left), right = WidthOf(binary.Right);
        if (left < 0 || right < 0) return Math.Max(left, right);
        if (!Equate(left, right))
            throw Error(binary.Place, $"'{CellFormatter.Sign(binary.Operator)}' has operands of unequal width, one {Said(left)} and one "
                + $"{Said(right)}; expected equal ones; multiply one by a matrix.");
        return left;
    }

    private int WidthOf(ProductExpression product)
    {
        int rows = Of(_values, product.Matrix), columns = Of(_columns, product.Matrix);
        int operand = product.Of is InputExpression ? _inputs : WidthOf(product.Of);
        if (product.Form != MatrixForm.Plain && (operand == _inputs || !Equate(columns, rows) || !Equate(operand, rows)))
            throw Error(product.Place, $"{CellFormatter.Matrix(product)} multiplies what is {Said(operand)}; expected a square matrix where one is "
                + "transposed, its operand as wide as its result; use a second matrix.");
        if (operand >= 0 && !Equate(columns, operand))
            throw Error(product.Place, $"the matrix '{product.Matrix}' multiplies what is {Said(operand)} here and {Said(columns)} in another place; "
                + "expected one width; use a second matrix.");
        return rows;
    }

    private int New(CellSize? size)
    {
        _same.Add(_same.Count);
        _sizes.Add(size);
        return _same.Count - 1;
    }

    private int Of(Dictionary<string, int> all, string name) => all.TryGetValue(name, out int one) ? one : all[name] = New(null);

    private int Root(int one)
    {
        while (_same[one] != one) one = _same[one];
        return one;
    }

    private bool Equate(int a, int b)
    {
        (a, b) = (Root(a), Root(b));
        if (a == b || _sizes[a] is { } x && _sizes[b] is { } y && x == y) return true;
        if (_sizes[a] is not null && _sizes[b] is not null) return false;
        if (_sizes[a] is null) _same[a] = b;
        else _same[b] = a;
        return true;
    }

    // What nothing decides is as wide as the units.
    private CellSize Size(int one) => _sizes[Root(one)] ?? new CellSize(CellSizeKind.Units);

    private string Said(int one) => Size(one) is var size && size.Kind == CellSizeKind.Declared ? $"{size} wide"
        : size.Kind == CellSizeKind.Inputs ? "as wide as the input" : "as wide as the units";

    private UserErrorException Error(SourcePlace place, string message, string? of = null) => _source.Error(place, message, of ?? _now);
}
