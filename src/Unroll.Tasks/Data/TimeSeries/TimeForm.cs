using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Core;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>How the cells of a time column are read.</summary>
/// <param name="Option">The word of <c>time-format</c> that reads them so again; null: every cell says it by itself.</param>
/// <param name="Told">For a note, <c>day first</c>; null: as most files have it, so that there is nothing to say.</param>
/// <param name="Read">The time of a cell; null where it is none.</param>
internal sealed partial record TimeForm(string? Option, string? Told, Func<string, (TimeKind Kind, double Value)?> Read)
{
    internal const string Words =
        "dmy, mdy, ymd, iso, compact, excel, epoch-s, epoch-ms, epoch-us, epoch-ns, number, or a pattern such as dd.MM.yyyy";

    /// <summary>ISO 8601 and plain numbers.</summary>
    internal static TimeForm Iso { get; } =
        new(null, null, text => TimeText.TryParse(text, out TimeKind kind, out double value) ? (kind, value) : null);

    private static TimeForm Number { get; } = new("number", null, text => Iso.Read(text) is { Kind: TimeKind.Number } number ? number : null);

    /// <summary>Quarters, as their first month: 2022Q1, 2022-Q1, Q1 2022, 1Q2022.</summary>
    internal static TimeForm Quarters { get; } = new(null, "quarters, each by its first month", text =>
        Quarter().Match(text) is { Success: true } match
            ? (TimeKind.Month, 12.0 * Int(match, "y") + 3 * (Int(match, "q") - 1)) : null);

    /// <summary>Weeks and their days as ISO 8601 has them: 2022-W05, 2022W05, 2022-W05-3.</summary>
    internal static TimeForm Weeks { get; } = new(null, "weeks of ISO 8601, each by its Monday", text =>
    {
        if (Week().Match(text) is not { Success: true } match) return null;
        int year = Int(match, "y"), week = Int(match, "w"), day = match.Groups["d"].Success ? Int(match, "d") : 1;
        if (year < 1 || week < 1 || week > ISOWeek.GetWeeksInYear(year)) return null;
        return (TimeKind.Date, TimeText.SecondsOf(ISOWeek.ToDateTime(year, week, day == 7 ? DayOfWeek.Sunday : (DayOfWeek)day)));
    });

    /// <summary>Dates of numbers in an order; whatever says by itself what it is (ISO 8601, names of months, quarters, weeks) is read too.</summary>
    internal static TimeForm Of(DateOrder order) => order switch
    {
        DateOrder.DayFirst => new("dmy", "day first", text => Dated(text, DateText.Tokens(text), DateOrder.DayFirst)),
        DateOrder.MonthFirst => new("mdy", "month first", text => Dated(text, DateText.Tokens(text), DateOrder.MonthFirst)),
        _ => new("ymd", "year first", text => Dated(text, DateText.Tokens(text), DateOrder.YearFirst)),
    };

    internal static TimeForm Of(NumberedTimes numbers) => new(numbers.Option, numbers.What, numbers.Read);

    /// <summary>The form that an option names.</summary>
    /// <exception cref="UserErrorException">It names none.</exception>
    internal static TimeForm Named(string option) => option switch
    {
        "dmy" => Of(DateOrder.DayFirst),
        "mdy" => Of(DateOrder.MonthFirst),
        "ymd" => Of(DateOrder.YearFirst),
        "iso" => new("iso", null, text => Iso.Read(text) is { Kind: not TimeKind.Number } time ? time : null),
        "number" => Number,
        _ => NumberedTimes.All.FirstOrDefault(form => form.Option == option) is { } numbers ? Of(numbers) : Pattern(option),
    };

    /// <summary>Why a text names no form; null where it does.</summary>
    internal static string? Wrong(string option)
    {
        try
        {
            Named(option);
            return null;
        }
        catch (UserErrorException e)
        {
            return e.Message;
        }
    }

    private static TimeForm Pattern(string option)
    {
        string pattern = option.Contains('%') ? FromC(option) : option;
        bool day = pattern.Contains('d'), hour = pattern.Contains('H') || pattern.Contains('h');
        bool known = pattern.Contains('y') && pattern.Contains('M') && pattern.Length > 3 && !pattern.Contains('%') && (day || !hour);
        if (!known) throw new UserErrorException($"expected {Words}, got {Tables.Table.Shorten(option)}.");
        return new(option, null, text =>
        {
            if (!DateTime.TryParseExact(text, pattern, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out DateTime time))
                return null;
            return !day ? (TimeKind.Month, TimeText.MonthOf(time)) : (hour ? TimeKind.DateTime : TimeKind.Date, TimeText.SecondsOf(time));
        });
    }

    // The signs of C's strftime, which pandas and R have too.
    private static string FromC(string format) => format
        .Replace("%Y", "yyyy").Replace("%y", "yy").Replace("%m", "MM").Replace("%d", "dd").Replace("%b", "MMM").Replace("%B", "MMMM")
        .Replace("%H", "HH").Replace("%I", "hh").Replace("%M", "mm").Replace("%S", "ss").Replace("%f", "FFFFFF").Replace("%p", "tt")
        .Replace("%z", "zzz");

    /// <summary>The time of a cell that was taken apart already.</summary>
    internal static (TimeKind Kind, double Value)? Dated(string text, DateText? tokens, DateOrder order) =>
        tokens?.In(order) ?? (Iso.Read(text) is { Kind: not TimeKind.Number } iso ? iso : Quarters.Read(text) ?? Weeks.Read(text));

    private static int Int(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?:(?<y>\d{4})[-/ .]?[qQ](?<q>[1-4])|[qQ](?<q>[1-4])[-/ .]?(?<y>\d{4})|(?<q>[1-4])[qQ][-/ .]?(?<y>\d{4}))$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Quarter();

    [GeneratedRegex(@"^(?<y>\d{4})[- ]?[wW](?<w>\d{2})(?:-?(?<d>[1-7]))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Week();
}
