using System.Globalization;
using System.Text.RegularExpressions;

namespace Unroll.Cli;

/// <summary>Times as people write them: <c>90</c> (seconds), <c>90s</c>, <c>30m</c>, <c>1.5h</c>, <c>1h30m</c>, <c>1:30:00</c>.</summary>
internal static partial class Duration
{
    private const double LongestHours = 1000;

    /// <summary>The time, above 0 and at most 1000 hours; null: it is none.</summary>
    internal static TimeSpan? Parse(string text)
    {
        if (Written().Match(text) is not { Success: true } match) return null;
        double Of(string group, double seconds) =>
            match.Groups[group] is { Success: true } found ? seconds * double.Parse(found.Value, CultureInfo.InvariantCulture) : 0;
        double all = Of("h", 3600) + Of("m", 60) + Of("s", 1);
        return all > 0 && all <= 3600 * LongestHours ? TimeSpan.FromSeconds(all) : null;
    }

    /// <summary>As <see cref="Parse"/> reads it: <c>30m</c>, <c>1h30m</c>, <c>90s</c> … in the largest units without a rest.</summary>
    internal static string Text(TimeSpan time)
    {
        double seconds = time.TotalSeconds;
        if (seconds % 60 != 0) return string.Create(CultureInfo.InvariantCulture, $"{seconds}s");
        (int hours, int minutes) = ((int)(seconds / 3600), (int)(seconds / 60) % 60);
        return string.Create(CultureInfo.InvariantCulture, $"{(hours > 0 ? $"{hours}h" : "")}{(minutes > 0 ? $"{minutes}m" : "")}");
    }

    // h:mm:ss, or numbers with their units, from hours to seconds, the last one perhaps bare
    [GeneratedRegex("^(?:(?<h>[0-9]{1,4}):(?<m>[0-5][0-9]):(?<s>[0-5][0-9])|(?!\\z)" +
        "(?:(?<h>[0-9]{1,9}(?:[.][0-9]{1,9})?)h)?(?:(?<m>[0-9]{1,9}(?:[.][0-9]{1,9})?)m)?(?:(?<s>[0-9]{1,9}(?:[.][0-9]{1,9})?)s?)?)\\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Written();
}
