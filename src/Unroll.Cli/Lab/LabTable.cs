using System.Globalization;

namespace Unroll.Cli.Lab;

/// <summary>A table of figures.</summary>
/// <param name="Name">What it shows; names the table in the JSON.</param>
/// <param name="Columns">The headings.</param>
internal sealed record LabTable(string Name, params IReadOnlyList<string> Columns)
{
    private readonly List<IReadOnlyList<LabCell>> _rows = [];

    /// <summary>Each has one cell per column.</summary>
    public IReadOnlyList<IReadOnlyList<LabCell>> Rows => _rows;

    /// <summary>Appends a row: <c>table.Add("rnn", 20, 0.97)</c>.</summary>
    /// <exception cref="ArgumentException">It has not one cell a column.</exception>
    public void Add(params LabCell[] cells)
    {
        if (cells.Length != Columns.Count)
            throw new ArgumentException($"table '{Name}' has {Columns.Count} columns, the row has {cells.Length} cells", nameof(cells));
        _rows.Add(cells);
    }
}

/// <summary>Text or a number: shown with a few digits, kept in the JSON with all.</summary>
internal readonly record struct LabCell
{
    private readonly string _shown;

    private LabCell(string shown, double? number) => (_shown, Number) = (shown, number);

    /// <summary>The number, where it is one.</summary>
    public double? Number { get; }

    /// <summary>As people read it.</summary>
    public override string ToString() => _shown;

    /// <summary>A number with its own format: <c>LabCell.Of(0.97, "P1")</c>.</summary>
    public static LabCell Of(double value, string format) =>
        new(double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : Endless(value), value);

    /// <summary>Text.</summary>
    public static implicit operator LabCell(string text) => new(text, null);

    /// <summary>A whole number.</summary>
    public static implicit operator LabCell(int value) => new(value.ToString(CultureInfo.InvariantCulture), value);

    /// <summary>A number with four digits.</summary>
    public static implicit operator LabCell(double value) => new(Short(value), value);

    /// <summary>Four digits, as in sentences of verdicts.</summary>
    public static string Short(double value)
    {
        double size = Math.Abs(value);
        if (!double.IsFinite(value)) return Endless(value);
        return value.ToString(size is 0 or (>= 1e-3 and < 1e7) ? "G4" : "0.###e+0", CultureInfo.InvariantCulture) is var text && text.Contains('E')
            ? value.ToString("F0", CultureInfo.InvariantCulture)
            : text;
    }

    /// <summary>The smallest and the largest of some numbers: <c>"0.1 … 0.4"</c>, or one number where all are shown alike.</summary>
    public static string Span(IEnumerable<double> values)
    {
        (string minimum, string maximum) = (Short(values.Min()), Short(values.Max()));
        return minimum == maximum ? minimum : $"{minimum} … {maximum}";
    }

    private static string Endless(double value) => double.IsNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
}
