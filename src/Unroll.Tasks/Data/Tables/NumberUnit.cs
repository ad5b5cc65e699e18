namespace Unroll.Tasks.Data.Tables;

/// <summary>What stands beside the numbers of a column: one unit in every cell, or letters for thousands and millions (1.20M, 5k).</summary>
internal sealed class NumberUnit
{
    private readonly IReadOnlyDictionary<string, double> _factors;

    private NumberUnit(IReadOnlyDictionary<string, double> factors, string told) => (_factors, Told) = (factors, told);

    /// <summary>The end of a note: <c>, without '$'</c>; empty where nothing is beside the numbers.</summary>
    internal string Told { get; }

    /// <summary>The one unit of all cells, as <c>kg</c>; empty where they have none.</summary>
    internal string Name { get; private init; } = "";

    /// <summary>The first cell that does not go with the others, and why; null where all do.</summary>
    internal (int Place, string Why)? Wrong { get; private init; }

    /// <summary>By what a cell's digits are multiplied.</summary>
    internal double Factor(NumberCell cell) => _factors.TryGetValue(cell.Unit, out double factor) ? factor : 1;

    internal static NumberUnit Of(IReadOnlyList<NumberCell> cells)
    {
        string[] units = [.. cells.Select(cell => cell.Unit).Distinct()], named = [.. units.Where(unit => unit.Length > 0)];
        if (named.Length == 0) return new(new Dictionary<string, double>(), "");
        if (named.All(unit => Multiple(unit) > 0) && (named.Length > 1 || IsMultipleAlone(cells, named[0])))
            return new(named.ToDictionary(unit => unit, Multiple), $" ({string.Join(", ", named.Select(unit => $"{unit} = {Multiple(unit):0}"))})");
        if (units.Length == 1)
            return named[0] is "B" or "T"
                ? new(new Dictionary<string, double>(), "") { Wrong = (0, $"'{named[0]}' may be a unit or a factor; write the numbers out") }
                : new(new Dictionary<string, double>(), $", without '{Table.Shorten(named[0])}'") { Name = named[0] };
        int first = 0, other = 1;
        while (cells[other].Unit == cells[first].Unit) other++;
        return new(new Dictionary<string, double>(), "")
        {
            Wrong = (other, $"other cells of the column have {Quoted(cells[first])} beside the number and this one has {Quoted(cells[other])}; " +
                "write all in one unit"),
        };
    }

    private static string Quoted(NumberCell cell) => cell.Unit.Length == 0 ? "nothing" : $"'{Table.Shorten(cell.Unit)}'";

    // Alone in its column a letter may be a unit (300 K, 5 m): k and M close to the digits are thousands and millions.
    private static bool IsMultipleAlone(IReadOnlyList<NumberCell> cells, string unit) =>
        unit is "k" or "K" or "M" or "bn" or "mn" or "Mio" or "Mrd" && cells.All(cell => !cell.Spaced || cell.Unit.Length > 1);

    private static double Multiple(string unit) => unit switch
    {
        "k" or "K" => 1e3,
        "M" or "m" or "mn" or "Mio" or "Mio." => 1e6,
        "B" or "b" or "bn" or "Mrd" or "Mrd." => 1e9,
        "T" or "tn" => 1e12,
        _ => 0,
    };
}
