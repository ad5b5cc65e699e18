using System.Globalization;

namespace Unroll.Tasks.Data.Music;

/// <summary>Meters, lengths and tempos as ABC writes them (the standard, 3.1.6 to 3.1.8).</summary>
internal static class AbcMeter
{
    private const int MaxAbove = 1000, MaxBelow = 1024;

    /// <summary>A bar's length in whole notes: <c>6/8</c>, <c>C</c>, <c>C|</c>, <c>(2+3)/8</c>, <c>3/4+2/4</c>; NaN for <c>none</c>.</summary>
    /// <returns>False where it is no meter.</returns>
    public static bool TryRead(string text, out double bar)
    {
        string plain = string.Concat(text.Where(c => !char.IsWhiteSpace(c) && c is not ('(' or ')')));
        bar = plain is "C" or "C|" ? 1 : double.NaN;
        if (plain is "C" or "C|" or "" || plain.Equals("none", StringComparison.OrdinalIgnoreCase)) return true;
        // 2+3/8 is five eighths: only the last number of a fraction stands below its line
        double sum = 0, above = 0;
        foreach (string part in plain.Split('+'))
        {
            string[] numbers = part.Split('/');
            if (numbers.Length > 2 || Whole(numbers[0], MaxAbove) is not { } number) return false;
            above += number;
            if (numbers.Length == 1) continue;
            if (Whole(numbers[1], MaxBelow) is not { } below) return false;
            (sum, above) = (sum + above / below, 0);
        }
        if (above > 0) return false;
        bar = sum;
        return true;
    }

    /// <summary>Whether 5, 7 and 9 notes of a tuplet take the time of three: in 6/8, 9/8, 12/8 and their like.</summary>
    public static bool IsCompound(string text) => text.Trim().Split('/') is [var above, _] && above.Trim() is "6" or "9" or "12";

    /// <summary>A length in whole notes: <c>1/8</c>, <c>1</c>; NaN where it is none.</summary>
    public static double Length(string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length > 2 || Whole(parts[0].Trim(), MaxAbove) is not { } above) return double.NaN;
        return parts.Length == 1 ? above : Whole(parts[1].Trim(), MaxBelow) is { } below ? (double)above / below : double.NaN;
    }

    /// <summary>A length back as text in lowest terms: <c>1/8</c>, <c>3/32</c>; the nearest one of at most 1,024 parts of a whole note.</summary>
    public static string LengthText(double value)
    {
        int below = 1;
        while (below < MaxBelow && Math.Abs(value * below - Math.Round(value * below)) > 1e-9 * below) below++;
        return FormattableString.Invariant($"{Math.Max(1, Math.Round(value * below)):0}/{below}");
    }

    /// <summary>
    /// Quarter notes of a minute: <c>1/4=120</c>, <c>"Slow" 1/4=60</c>, <c>1/4 3/8=40</c>, <c>120</c>, <c>C3=40</c> (three units); null where there
    /// is no number or it is none.
    /// </summary>
    /// <param name="text">What stands after <c>Q:</c>.</param>
    /// <param name="unit">The length of a note without a number, in whole notes.</param>
    public static double? Tempo(string text, double unit)
    {
        string[] quotes = text.Split('"');
        string[] sides = string.Join(' ', quotes.Where((_, i) => i % 2 == 0)).Split('=', StringSplitOptions.TrimEntries);
        if (sides.Length > 2 || !double.TryParse(sides[^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double beats)
            || beats is not (> 0 and < 10_000)) return null;
        double beat = sides.Length == 1 ? unit : 0;
        if (sides.Length == 2)
            foreach (string length in sides[0].Split(' ', StringSplitOptions.RemoveEmptyEntries))
                beat += length == "C" ? unit : length[0] == 'C' ? Length(length[1..]) * unit : Length(length);
        double quarters = beats * beat * 4;
        return quarters is > 0 and < 100_000 ? quarters : null;
    }

    private static int? Whole(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 && value <= most ? value : null;
}
