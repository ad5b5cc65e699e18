using System.Globalization;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Times that are written as one number: <c>20240131</c>, <c>202401</c>, days of a spreadsheet, seconds since 1970.</summary>
/// <param name="Option">The word of <c>time-format</c>.</param>
/// <param name="What">In a note: <c>days of a spreadsheet</c>.</param>
internal sealed record NumberedTimes(string Option, string What)
{
    internal static NumberedTimes Excel { get; } = new("excel", "days of a spreadsheet (since 1899-12-30)");

    internal static NumberedTimes[] All { get; } =
    [
        new("compact", "dates without separators"), Excel, new("epoch-s", "seconds since 1970"), new("epoch-ms", "milliseconds since 1970"),
        new("epoch-us", "microseconds since 1970"), new("epoch-ns", "nanoseconds since 1970"),
    ];

    /// <summary>The form that all texts have within the years in which data are measured; null where there is none.</summary>
    internal static NumberedTimes? Of(IReadOnlyList<string> texts) => All.FirstOrDefault(form => texts.All(form.IsUsual));

    /// <summary>The time; null where the text is no such number.</summary>
    internal (TimeKind Kind, double Value)? Read(string text)
    {
        if (Option == "compact") return Compact(text);
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)) return null;
        double seconds = (double)(Option switch
        {
            "excel" => Math.Round(number * 86400, 3), "epoch-s" => number, "epoch-ms" => number / 1000, "epoch-us" => number / 1_000_000,
            _ => number / 1_000_000_000,
        });
        double value = TimeText.SecondsOf(Option == "excel" ? new DateTime(1899, 12, 30) : DateTime.UnixEpoch) + seconds;
        if (value < 0 || value >= TimeText.SecondsOf(DateTime.MaxValue)) return null;
        return (value % 86400 == 0 ? TimeKind.Date : TimeKind.DateTime, value);
    }

    // 1954 to 2119 for days, 1980 to 2100 for the rest: below lie counts, years and prices.
    private bool IsUsual(string text)
    {
        if (Option == "compact") return text.Length is 8 or 12 or 14 && Compact(text) is not null;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)) return false;
        double scale = Option switch { "epoch-s" => 1, "epoch-ms" => 1e3, "epoch-us" => 1e6, _ => 1e9 };
        return Option == "excel" ? number is >= 20000 and < 80400 : number >= 315_532_800 * scale && number < 4_102_444_800 * scale;
    }

    private static (TimeKind, double)? Compact(string text)
    {
        string? format = text.Length switch { 6 => "yyyyMM", 8 => "yyyyMMdd", 12 => "yyyyMMddHHmm", 14 => "yyyyMMddHHmmss", _ => null };
        if (format is null || !text.All(char.IsAsciiDigit)
            || !DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime time)
            || time.Year is < 1900 or > 2100)
            return null;
        return text.Length == 6 ? (TimeKind.Month, TimeText.MonthOf(time))
            : (text.Length == 8 ? TimeKind.Date : TimeKind.DateTime, TimeText.SecondsOf(time));
    }
}
