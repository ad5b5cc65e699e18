using Unroll.Core;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>Series that are too short: named and passed over where others are long enough and somebody is told; else refused.</summary>
internal static class SeriesTooShort
{
    private const int Named = 5;

    /// <summary>Those that are long enough.</summary>
    /// <param name="series">At least one.</param>
    /// <param name="problem">What a series lacks, in a sentence with its name and what to do; null: nothing.</param>
    /// <param name="note">Told who is passed over, without <c>note:</c>; null: nobody, so that one is refused.</param>
    /// <exception cref="UserErrorException">All are too short, or one is and nobody is told: what the first one lacks.</exception>
    internal static IReadOnlyList<Series> PassOver(IReadOnlyList<Series> series, Func<Series, string?> problem, Action<string>? note)
    {
        List<Series> kept = [], left = [];
        string? first = null;
        foreach (Series one in series)
        {
            string? own = problem(one);
            (own is null ? kept : left).Add(one);
            first ??= own;
        }
        if (first is null) return series;
        if (kept.Count == 0 || note is null) throw new UserErrorException(first);
        note($"{series[0].Source}: {left.Count} of {series.Count} series {(left.Count == 1 ? "is" : "are")} too short and passed over: " +
            string.Join(", ", left.Take(Named).Select(one => $"'{Table.Shorten(one.Name)}' ({one.Length} rows)")) +
            $"{(left.Count > Named ? $" and {left.Count - Named} more" : "")}; {Why(first, left[0])}");
        return kept;
    }

    // The first one's sentence without its name.
    private static string Why(string problem, Series series) => problem[(ForecastFit.NameOf(series).Length + 2)..];
}
