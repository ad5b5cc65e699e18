using System.Globalization;

namespace Unroll.Tasks.Data.Tables;

/// <summary>Reads one cell of a number column: a number, a missing value, or text that does not belong there.</summary>
internal static class NumberText
{
    /// <summary>Reads a number with a decimal point; a missing value (empty, NA, NaN, infinity …) becomes NaN.</summary>
    /// <param name="text">The cell.</param>
    /// <param name="value">The number, or NaN when the value is missing or false is returned.</param>
    /// <returns>False when the text is neither, or the number is too large for float32.</returns>
    internal static bool TryParse(string text, out double value)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && InRange(value)) return true;
        value = double.NaN;
        return IsMissing(text);
    }

    internal const string TooLarge = "it is beyond the range of float32; scale the column";

    // Networks count in float32; what is read is kept in double, to its last digit, until it is scaled for one.
    internal static bool InRange(double value) => Math.Abs(value) <= float.MaxValue;

    /// <summary>Whether a cell says that there is no value; infinities count, because no mean or loss survives them.</summary>
    internal static bool IsMissing(string text) =>
        text.Length == 0 || text.ToUpperInvariant() is "NA" or "N/A" or "#N/A" or "NAN" or "NULL" or "NONE" or "?"
            or "INF" or "+INF" or "-INF" or "INFINITY" or "+INFINITY" or "-INFINITY";

    /// <summary>Whether a cell is a number, or would be one with its commas read in another way.</summary>
    internal static bool LooksLikeOne(string text) =>
        double.TryParse(text.Replace(",", ""), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && InRange(value);

    /// <summary>What to do about a cell that is no number.</summary>
    internal static string Advice(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            return TooLarge;
        bool numberish = text.Any(char.IsAsciiDigit) && text.All(c => char.IsAsciiDigit(c) || c is ',' or '.' or '-' or '+' or ' ' or '\'');
        return numberish
            ? "write plain numbers such as 1234.5, without separators of thousands"
            : "correct the cell, empty it, or choose another column";
    }
}
