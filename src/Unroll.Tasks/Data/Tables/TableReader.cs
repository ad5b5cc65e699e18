using System.Text;
using CsvHelper;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Tables;

/// <summary>From the bytes of a CSV file to a <see cref="Table"/>; strict where a lenient reader would shift or drop values.</summary>
internal static class TableReader
{
    /// <param name="bytes">The file; gzipped or not.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="note">Receives what is left out, filled in or doubted; also kept by the table, for what is read of it later.</param>
    internal static Table Read(byte[] bytes, string source, Action<string>? note = null)
    {
        bytes = TableText.Of(InputFile.Unpacked(bytes, source), source, note, out char separator);
        using CsvReader csv = CsvReader.Create(bytes, new CsvReaderOptions
        {
            HasHeader = false,                                  // the header is checked here, so it is read as a record
            Separator = separator,
            Mode = QuotingOf(bytes, separator).Quotes ? CsvMode.Rfc4180 : CsvMode.NoEscape,
            SkipEmptyLines = false,                             // in a table of one column an empty line is a missing value
            TrimWhitespace = true,
            TrackLineNumbers = true,
            OnMalformedRecord = record => RefuseOpenQuote(record, source),
        });

        bool any;
        while ((any = csv.Read()) && IsBlank(csv)) { }
        if (!any) throw new UserErrorException($"{source}: the file is empty; expected a header line and rows of numbers.");
        string[] header = Fields(csv);
        int headerLine = (int)csv.LineNumber;
        (List<string[]> rows, List<int> lines) = Rows(csv, header.Length, out int further);
        TableShape shape = TableShape.Of(header, headerLine, rows, lines, further, separator, source);
        (header, HashSet<int> nameless) = Names(shape.Header, headerLine, source);
        RefuseRowsAsHeader(header, nameless, rows, headerLine, source);
        DropHeaders(shape.Header, rows, lines, source, note);
        DropEmptyEnd(rows, lines, source, note);
        if (rows.Count == 0)
            throw new UserErrorException(
                $"{source}: there is a header line ({Table.Shorten(string.Join(", ", header))}) and no row below it; expected at least one row.");
        Table table = new(source, header, rows, lines, nameless, note) { Separator = separator };
        if (shape.Told is { } told) table.Note(told);
        foreach (int column in nameless)
            if (!RowIndex.Is(table, column))
                table.Note($"{source}, line {headerLine}: field {column + 1} of the header has no name, and its column is called " +
                    $"'{header[column]}'; give it a name.");
        return table;
    }

    // Empty lines are passed over in a table of several columns, and at the end of any. In a table of one column, one between values is a value
    // that is missing: dropping it would move all later rows up by a step.
    private static (List<string[]>, List<int>) Rows(CsvReader csv, int columns, out int further)
    {
        List<string[]> rows = [];
        List<int> lines = [], blank = [];
        further = 0;
        while (csv.Read())
        {
            int line = (int)csv.LineNumber;
            if (IsBlank(csv))
            {
                if (columns == 1) blank.Add(line);
                continue;
            }
            foreach (int missing in blank) Add([""], missing);
            blank.Clear();
            if (csv.FieldCount == columns + 1) further++;
            Add(Fields(csv), line);
        }
        return (rows, lines);

        void Add(string[] fields, int line)
        {
            rows.Add(fields);
            lines.Add(line);
        }
    }

    // Other separators are those of programs, which quote by the rules.
    private static Quoting QuotingOf(byte[] bytes, char separator) =>
        separator == '\t' && bytes.AsSpan().Contains((byte)'"') ? Quoting.Of(Encoding.UTF8.GetString(bytes), separator) : new(true, 0, 0);

    /// <summary>What separates the fields of a text.</summary>
    internal static char SeparatorOf(string text) => TableText.Separator(Encoding.UTF8.GetBytes(text));

    private static bool IsBlank(CsvReader csv) => csv.FieldCount == 1 && csv.RawRecord.Trim(" \t"u8).IsEmpty;

    // Blanks of any kind around a field are no part of it, and equal texts are equal however they were typed.
    private static string[] Fields(CsvReader csv)
    {
        string[] fields = new string[csv.FieldCount];
        for (int i = 0; i < fields.Length; i++) fields[i] = Nfc.Of(csv.GetString(i).Trim().Trim('\uFEFF', '\u200B'));
        return fields;
    }

    private static (string[], HashSet<int>) Names(string[] names, int line, string source)
    {
        names = [.. names];
        HashSet<int> nameless = [];
        Dictionary<string, int> places = [];
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0)
            {
                names[i] = $"column{i + 1}";
                nameless.Add(i);
            }
            if (!places.TryAdd(names[i], i))
                throw new UserErrorException(
                    $"{source}, line {line}: the column name '{Table.Shorten(names[i])}' stands twice in the header, " +
                    $"at fields {places[names[i]] + 1} and {i + 1}; names must differ, because columns are chosen by name.");
        }
        return (names, nameless);
    }

    // Numbers alone, or a day above days in the same place: values, and no names. A year above numbers may be a name (one column a year).
    private static void RefuseRowsAsHeader(string[] names, HashSet<int> nameless, List<string[]> rows, int line, string source)
    {
        bool numbers = names.Where((_, i) => !nameless.Contains(i)).All(name => NumberText.TryParse(name, out _)) && nameless.Count == 0;
        bool days = !numbers && rows.Count > 0 && names.Count(IsDay) is 1 or 2
            && names.Where((name, i) => IsDay(name) && i < rows[0].Length && IsDay(rows[0][i])).Any();
        if (numbers || days)
            throw new UserErrorException(
                $"{source}, line {line}: expected a header with column names, found {(numbers ? "only numbers" : "values")} " +
                $"('{Table.Shorten(string.Join(", ", names))}'); put a line with names above them.");
    }

    private static bool IsDay(string text) => !NumberText.TryParse(text, out _) && DateText.Tokens(text) is { Parts.Length: 3 };

    // Files that were put together from several keep the header of each.
    private static void DropHeaders(string[] header, List<string[]> rows, List<int> lines, string source, Action<string>? note)
    {
        int first = -1, count = 0, kept = 0;
        for (int row = 0; row < rows.Count; row++)
        {
            if (rows[row].AsSpan().SequenceEqual(header))
            {
                if (count++ == 0) first = lines[row];
                continue;
            }
            (rows[kept], lines[kept]) = (rows[row], lines[row]);
            kept++;
        }
        if (count == 0) return;
        rows.RemoveRange(kept, count);
        lines.RemoveRange(kept, count);
        string equal = count == 1 ? "1 line equal to the header is" : $"{count} lines equal to the header are";
        note?.Invoke($"{source}, line {first}: {equal} passed over.");
    }

    // Spreadsheets write the empty rows below a table, with separators. In a table of one column they are missing values.
    private static void DropEmptyEnd(List<string[]> rows, List<int> lines, string source, Action<string>? note)
    {
        int kept = rows.Count;
        while (kept > 0 && rows[kept - 1].Length > 1 && Array.TrueForAll(rows[kept - 1], cell => cell.Length == 0)) kept--;
        int count = rows.Count - kept;
        if (count == 0 || kept == 0) return;
        note?.Invoke($"{source}, line {lines[kept]}: {(count == 1 ? "1 line" : $"{count} lines")} of separators alone at the end " +
            $"{(count == 1 ? "is" : "are")} passed over.");
        rows.RemoveRange(kept, count);
        lines.RemoveRange(kept, count);
    }

    // Other slips of quoting (5" pipe) are read as they stand; an open quote would swallow the rest of the file.
    private static void RefuseOpenQuote(CsvMalformedRecord record, string source)
    {
        if (record.Reason == CsvMalformedReason.UnterminatedQuote)
            throw new UserErrorException(
                $"{source}, line {record.LineNumber}: a quote (\") is opened and never closed; close it or double it (\"\").");
    }
}
