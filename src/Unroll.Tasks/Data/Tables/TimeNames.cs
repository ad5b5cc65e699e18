using System.Text.RegularExpressions;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Tables;

/// <summary>Names of columns that are times: years, months by name in several languages, hours, dates.</summary>
internal static partial class TimeNames
{
    // How the names of months begin in English, French, German, Dutch, Italian, Spanish, Portuguese and the Scandinavian languages.
    private static readonly string[][] s_months =
    [
        ["jan", "ene", "gen"], ["feb", "fév", "fev"], ["mar", "mär", "mrz", "maa"], ["apr", "avr", "abr"], ["may", "mai", "mei", "mag", "maj"],
        ["jun", "juin", "giu"], ["jul", "juil", "lug"], ["aug", "aoû", "aou", "ago"], ["sep", "set"], ["oct", "okt", "out", "ott"], ["nov"],
        ["dec", "dez", "déc", "dic", "des"],
    ];

    /// <summary>Whether a name is a time: 2021 · X2021 · 2021 [YR2021] · 03/01/2022 · 13:00.</summary>
    internal static bool IsTime(string name) =>
        TimeFormGuess.LooksLikeDate(name) || Year().IsMatch(name) || Hour().IsMatch(name) || NumberedTimes.Of([name]) is not null;

    /// <summary>Whether the twelve months stand among names, one after another.</summary>
    internal static bool HoldMonths(IReadOnlyList<string> names)
    {
        for (int from = 0; from + s_months.Length <= names.Count; from++)
            if (Enumerable.Range(0, s_months.Length).All(m => s_months[m].Any(start =>
                names[from + m].StartsWith(start, StringComparison.OrdinalIgnoreCase)))) return true;
        return false;
    }

    /// <summary>Whether a cell is a time of day, a month or a quarter: 13:05 · M01 · Q1.</summary>
    internal static bool IsPart(string text) => Hour().IsMatch(text) || Period().IsMatch(text);

    // R writes X before names that begin with a digit; the World Bank writes the year twice.
    [GeneratedRegex(@"^[A-Za-z]{0,2}(?:1[5-9]|2[0-4])\d\d(?: \[YR\d{4}\])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Year();

    // Statistical offices call the mean of a year M13.
    [GeneratedRegex("^(?:M(?:0?[1-9]|1[0-3])|Q0?[1-4])$", RegexOptions.CultureInvariant)]
    private static partial Regex Period();

    [GeneratedRegex(@"^\d{1,2}:\d\d(?::\d\d)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Hour();
}
