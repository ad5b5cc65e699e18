using System.Text.RegularExpressions;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Decides from all cells of a column how its times are written; where they can be read in two ways it does not decide.</summary>
internal static partial class TimeFormGuess
{
    private static readonly DateOrder[] s_orders = [DateOrder.DayFirst, DateOrder.MonthFirst, DateOrder.YearFirst];

    /// <summary>Whether a cell is a date by itself, in whatever order: anything but a plain number.</summary>
    internal static bool LooksLikeDate(string text) =>
        text.Length is >= 5 and <= 64 && !NumberText.TryParse(text, out _) && s_orders.Any(order => TimeForm.Of(order).Read(text) is not null);

    /// <summary>Whether a column is called a time: <c>date</c>, <c>order_date</c>, <c>Timestamp</c>, <c>createdTime</c>.</summary>
    internal static bool IsTimeName(string name) => Words(name).Any(word => word
        is "time" or "date" or "datetime" or "timestamp" or "ts" or "epoch" or "unixtime" or "datum" or "day" or "month" or "week" or "quarter");

    /// <summary>The numbers of a column as times, where its name and all of them say so; null: plain numbers.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="cells">Its cells.</param>
    /// <param name="doubted">What they might be, where that is not certain.</param>
    internal static NumberedTimes? Numbered(string name, IReadOnlyList<string> cells, out NumberedTimes? doubted)
    {
        doubted = null;
        if (cells.Count == 0 || NumberedTimes.Of(cells) is not { } form)
            return cells.Count > 0 && IsMonths(name, cells) ? NumberedTimes.All[0] : null;
        string[] words = Words(name);
        bool date = words.Any(word => word is "date" or "datum" or "day"), time = words.Any(word => word is "time" or "timestamp" or "ts" or "epoch");
        bool certain = form.Option switch
        {
            "compact" => date || time || cells.Distinct().Take(3).Count() == 3,
            "excel" => date,
            _ => date || time || words.Any(word => word is "datetime" or "unixtime"),
        };
        if (certain) return form;
        doubted = form;
        return null;
    }

    /// <summary>The form of a column's cells; null where none reads them all, or several do and differ.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="cells">Its cells.</param>
    /// <param name="doubt">Where it is null: the place of a cell, and why it does not say its time; no reason: no form reads it.</param>
    internal static TimeForm? Of(string name, IReadOnlyList<string> cells, out (int Place, string? Why)? doubt)
    {
        doubt = null;
        if (cells.All(cell => TimeForm.Iso.Read(cell) is not null))
            return cells.All(cell => TimeForm.Iso.Read(cell)!.Value.Kind == TimeKind.Number) ? OfNumbers(name, cells) : TimeForm.Iso;
        if (cells.All(cell => TimeForm.Quarters.Read(cell) is not null)) return TimeForm.Quarters;
        if (cells.All(cell => TimeForm.Weeks.Read(cell) is not null)) return TimeForm.Weeks;

        DateText?[] tokens = [.. cells.Select(DateText.Tokens)];
        Dictionary<DateOrder, (TimeKind, double)?[]> times = s_orders.ToDictionary(order => order,
            order => tokens.Select((t, i) => TimeForm.Dated(cells[i], t, order)).ToArray());
        DateOrder[] fitting = [.. s_orders.Where(order => times[order].All(time => time is not null))];
        if (fitting.Length == 0)
        {
            DateOrder best = s_orders.MaxBy(order => times[order].Count(time => time is not null));
            doubt = (Array.FindIndex(times[best], time => time is null), null);
            return null;
        }
        if (AreDaysWithoutYear(tokens))
        {
            doubt = (0, "whether its number is a day or a year of two digits cannot be said; write dates with their year, in four digits");
            return null;
        }
        int offset = Array.FindIndex(tokens, t => t?.Offset is not null), bare = Array.FindIndex(tokens, t => t is not null && t.Offset is null);
        if (offset >= 0 && bare >= 0)
        {
            doubt = (Math.Max(offset, bare),
                $"unlike others of the column it has {(bare > offset ? "no" : "an")} offset from UTC; write all in one way");
            return null;
        }
        fitting = Sensible(fitting, tokens);
        int place = Enumerable.Range(0, cells.Count).FirstOrDefault(i => fitting.Any(order => times[order][i] != times[fitting[0]][i]), -1);
        if (place >= 0)
        {
            string readings = string.Join(" or ", fitting.Select(order => TimeText.Format(times[order][place]!.Value)));
            string options = string.Join(" or ", fitting.Select(order => TimeForm.Of(order).Option));
            doubt = (place, $"it is {readings}, and every date of the column fits both; say which (time-format {options})");
            return null;
        }
        bool byItself = s_orders.All(order => times[order].AsSpan().SequenceEqual(times[fitting[0]]));
        string told = offset >= 0 ? "as UTC" : byItself ? "as dates" : TimeForm.Of(fitting[0]).Told!;
        if (tokens.Any(t => t is { Parts.Length: 3, HasShortYear: true } || t?.Parts is [{ Digits: 0 }, { Digits: 2 }]))
            told += ", years of two digits from 1969 to 2068";
        bool zulu = offset >= 0 && byItself && tokens.All(t => t!.Offset == TimeSpan.Zero && t.Mark == '-');
        return TimeForm.Of(fitting[0]) with { Option = byItself ? null : TimeForm.Of(fitting[0]).Option, Told = zulu ? null : told };
    }

    private static TimeForm OfNumbers(string name, IReadOnlyList<string> cells)
    {
        if (Numbered(name, cells, out NumberedTimes? doubted) is { } numbers) return TimeForm.Of(numbers);
        return IsDottedMonths(name, cells) ? TimeForm.Of(DateOrder.DayFirst) with { Option = "dmy", Told = "as months" }
            : doubted is null ? TimeForm.Iso
            : TimeForm.Iso with { Told = $"as plain numbers; if they are {doubted.What}, say so (time-format {doubted.Option})" };
    }

    // 202401 … and 01.2024 or 2024.01 …, in a column that is called a time.
    private static bool IsMonths(string name, IReadOnlyList<string> cells) =>
        IsTimeName(name) && cells.All(cell => cell.Length == 6 && NumberedTimes.All[0].Read(cell) is not null);

    private static bool IsDottedMonths(string name, IReadOnlyList<string> cells) =>
        IsTimeName(name) && cells.All(cell => DottedMonth().IsMatch(cell) && DateText.Tokens(cell)?.In(DateOrder.DayFirst) is not null);

    // Points stand between the numbers of day-first dates alone. With years of two digits an order is out in which the year runs faster than the
    // month, or the month faster than the day where the day runs at all.
    private static DateOrder[] Sensible(DateOrder[] fitting, DateText?[] tokens)
    {
        DatePart[][] dates = [.. tokens.OfType<DateText>().Select(t => t.Parts).Where(parts => parts is [{ Digits: 1 or 2 }, { Digits: > 0 }, _])];
        if (dates.Length == 0) return fitting;
        if (fitting.Contains(DateOrder.DayFirst) && tokens.All(t => t?.Mark is null or '.')) return [DateOrder.DayFirst];
        if (!dates.Any(parts => parts[2].Digits < 3)) return fitting;
        int[] runs = [.. Enumerable.Range(0, 3)
            .Select(part => Enumerable.Range(1, dates.Length - 1).Count(i => dates[i][part] != dates[i - 1][part]))];
        DateOrder[] kept = [.. fitting.Where(order => order switch
        {
            DateOrder.DayFirst => Runs(runs[2], runs[1], runs[0]), DateOrder.MonthFirst => Runs(runs[2], runs[0], runs[1]),
            _ => Runs(runs[0], runs[1], runs[2]),
        })];
        return kept.Length > 0 ? kept : fitting;

        static bool Runs(int year, int month, int day) => year <= Math.Max(month, day) && (day == 0 ? year <= month : month <= day);
    }

    // Jan 01, Jan 02, Jan 03: where the name of the month mostly stays, the number is a day.
    private static bool AreDaysWithoutYear(DateText?[] tokens)
    {
        if (tokens.Length < 2 || !tokens.All(t => t?.Parts is [{ Digits: 0 }, { Digits: 1 or 2 }] or [{ Digits: 1 or 2 }, { Digits: 0 }]))
            return false;
        int[] months = [.. tokens.Select(t => t!.Parts.First(part => part.Digits == 0).Value)];
        return 2 * Enumerable.Range(1, months.Length - 1).Count(i => months[i] == months[i - 1]) > months.Length - 1;
    }

    // order_date, orderDate, Order Date → order, date
    private static string[] Words(string name) =>
        [.. Word().Matches(name).Select(match => match.Value.ToLowerInvariant())];

    [GeneratedRegex(@"\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"^(?:\d{2}\.\d{4}|\d{4}\.\d{2})$", RegexOptions.CultureInvariant)]
    private static partial Regex DottedMonth();
}
