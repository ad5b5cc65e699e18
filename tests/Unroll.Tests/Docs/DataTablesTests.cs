using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Docs;

/// <summary>Every line of the tables of docs/data.md about dates, numbers and layouts happens as it says there.</summary>
public sealed partial class DataTablesTests
{
    public static TheoryData<string, string, string> Dates => Lines("### Dates");

    public static TheoryData<string, string, string> Numbers => Lines("### Numbers");

    public static TheoryData<string, string, string> Layouts => Lines("### Layouts");

    public static TheoryData<string, string, string> Futures => Lines("### Known futures");

    public static TheoryData<string, string, string> Holidays => Lines("### Holidays");

    [Theory, MemberData(nameof(Futures))]
    public void A_known_future_is_read_or_refused(string kind, string file, string outcome) => Check(kind, outcome, note =>
    {
        SeriesOptions options = new() { Targets = ["y"], Known = ["promo"], Time = "date" };
        DataFiles files = DataFiles.Of("t.csv", "date,y,promo\n2022-01-03,5,0\n2022-01-04,6,1\n2022-01-05,7,0\n")
            .With("f.csv", Cells(file).Single()).NotingTo(note);
        Series series = FutureTable.Read(TimeSeriesTable.Read(EmbeddedData.OpenOrRead("t.csv", files), options), options, "f.csv", files)[0];
        return series.Known[0].Values[3].ToString("R", CultureInfo.InvariantCulture);
    });

    [Theory, MemberData(nameof(Holidays))]
    public void Holidays_are_read_or_refused(string kind, string file, string outcome) => Check(kind, outcome, note =>
        HolidayTable.Read("h.csv", DataFiles.Of("h.csv", Cells(file).Single()).NotingTo(note))[0]
            .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    private static TheoryData<string, string, string> Lines(string heading)
    {
        string[] lines = File.ReadAllText(SourceTree.At("docs/data.md")).Split('\n');
        int begin = Array.FindIndex(lines, line => line.StartsWith(heading, StringComparison.Ordinal)) + 4;
        TheoryData<string, string, string> data = [];
        foreach (string line in lines.Skip(begin).TakeWhile(line => line.StartsWith('|')))
        {
            string[] cells = [.. line.Split(" | ").Select(cell => cell.Trim('|', ' '))];
            data.Add(cells[0], cells[1], cells[2]);
        }
        return data;
    }

    [Fact]
    public void There_are_at_least_sixty_kinds() => Assert.InRange(Dates.Count() + Numbers.Count() + Layouts.Count(), 60, 1000);

    [Theory, MemberData(nameof(Dates))]
    public void A_date_is_read_or_refused(string kind, string cells, string outcome) => Check(kind, outcome,
        "date;y\n" + string.Concat(Cells(cells).Select((cell, row) => $"{cell};{row + 1}\n")), series => series.Label(0));

    [Theory, MemberData(nameof(Numbers))]
    public void A_number_is_read_left_out_or_refused(string kind, string cells, string outcome) => Check(kind, outcome,
        "date;z;y\n" + string.Concat(Cells(cells).Select((cell, row) => $"{2001 + row};{row};{cell}\n")),
        series => series.Targets.FirstOrDefault(column => column.Name == "y")?.Values[0].ToString("R", CultureInfo.InvariantCulture));

    [Theory, MemberData(nameof(Layouts))]
    public void A_layout_is_read_or_refused(string kind, string file, string outcome) => Check(kind, outcome, Cells(file).Single(),
        series => series.Targets[0].Values[0].ToString("R", CultureInfo.InvariantCulture));

    private static void Check(string kind, string outcome, string text, Func<Series, string?> value) => Check(kind, outcome, note =>
    {
        Table table = TableReader.Read(System.Text.Encoding.UTF8.GetBytes(text), "t.csv", note).WithMissing([]);
        SeriesOptions roles = ColumnGuess.Roles(table);
        return value(Assert.Single(TimeSeriesTable.Read(table, roles with { Missing = MissingValues.Keep })));
    });

    private static void Check(string kind, string outcome, Func<Action<string>, string?> value)
    {
        List<string> notes = [];
        string? read = null, error = null;
        try
        {
            read = value(notes.Add);
        }
        catch (UserErrorException e)
        {
            error = e.Message;
        }
        string said = $"{kind}: {read ?? error ?? "left out"}, notes: {string.Join(" ", notes)}";
        string[] expected = Cells(outcome);
        if (outcome.StartsWith("refused", StringComparison.Ordinal))
        {
            Assert.True(error?.Contains(expected[0], StringComparison.Ordinal), said);
            Assert.True(error!.Length <= 500, said);
        }
        else
        {
            Assert.True(error is null && read == expected.FirstOrDefault(), said);
            Assert.True(notes.Count > 0 == outcome.EndsWith("noted", StringComparison.Ordinal), said);
        }
    }

    private static string[] Cells(string text) => [.. Code().Matches(text).Select(match => Escape().Replace(
        match.Groups[1].Value.Replace('⏎', '\n').Replace('⇥', '\t'),
        number => char.ConvertFromUtf32(int.Parse(number.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture))))];

    [GeneratedRegex("`([^`]*)`")]
    private static partial Regex Code();

    [GeneratedRegex("<U\\+([0-9A-F]{4})>")]
    private static partial Regex Escape();
}
