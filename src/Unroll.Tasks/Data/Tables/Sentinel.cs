using System.Globalization;

namespace Unroll.Tasks.Data.Tables;

/// <summary>Finds a number that stands for "no value", as −999 does: far outside all others, and the same to the last digit.</summary>
internal static class Sentinel
{
    // As many times the width of all other values lie between them and it.
    private const double Far = 2;

    /// <summary>A note about it; null where there is none.</summary>
    internal static string? Note(Table table, int column, double[] values)
    {
        double least = double.PositiveInfinity, most = double.NegativeInfinity;
        foreach (double value in values)
            if (double.IsFinite(value)) (least, most) = (Math.Min(least, value), Math.Max(most, value));
        if (!(least < most)) return null;
        return Of(least) ?? Of(most);

        string? Of(double outer)
        {
            double low = double.PositiveInfinity, high = double.NegativeInfinity;
            int count = 0, first = -1;
            HashSet<double> others = [];
            for (int row = 0; row < values.Length; row++)
            {
                if (!double.IsFinite(values[row])) continue;
                if (values[row] == outer)
                {
                    if (count++ == 0) first = row;
                    continue;
                }
                (low, high) = (Math.Min(low, values[row]), Math.Max(high, values[row]));
                if (others.Count < 4) others.Add(values[row]);
            }
            double gap = outer < low ? low - outer : outer - high;
            if (others.Count < 4 || gap <= Far * (high - low) || (count < 2 && !IsCustomary(outer))) return null;
            string text = table.Text(first, column);
            return $"{table.Where(first, column)}: {Table.Shorten(text)} stands {(count == 1 ? "once" : $"{count} times")}, far outside all other " +
                $"values ({Short(low)} to {Short(high)}); if it means that there is no value, " +
                (table.TakesMissingWords ? $"say so (missing-values {Table.Shorten(text)})." : "leave those rows out, or fill them in.");
        }
    }

    // Nines alone, what a whole number of 16 or 32 bits begins or ends with, and powers of ten beyond all measure.
    private static bool IsCustomary(double value)
    {
        double size = Math.Abs(value);
        string digits = size.ToString("R", CultureInfo.InvariantCulture);
        return (size >= 99 && digits.All(c => c is '9' or '.')) || size is 32767 or 32768 or 2147483647 or 2147483648 || size >= 1e29;
    }

    private static string Short(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
