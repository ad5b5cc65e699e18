using System.Text;
using System.Text.Unicode;
using CsvHelper;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data.Parts;

namespace Unroll.Tasks.Data.Tables;

/// <summary>From the bytes of a CSV file to a <see cref="Table"/>; strict where a lenient reader would shift or drop values.</summary>
internal static class TableReader
{
    /// <param name="bytes">The file; gzipped or not.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="note">Receives what is left out, filled in or doubted; also kept by the table, for what is read of it later.</param>
    internal static Table Read(byte[] bytes, string source, Action<string>? note = null)
    {
        bytes = InputFile.Unpacked(bytes, source);
        RefuseBinary(bytes, source);
        RefuseOtherEncodings(bytes, source);
        char separator = Separator(bytes);
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
        (string[] columns, HashSet<int> nameless) = Columns(csv, source);
        (List<string[]> rows, List<int> lines) = Rows(csv, columns, source);
        if (rows.Count == 0)
            throw new UserErrorException(
                $"{source}: there is a header line ({string.Join(", ", columns)}) and no row below it; expected at least one row.");
        return new Table(source, columns, rows, lines, nameless, note);
    }

    // Empty lines are passed over in a table of several columns, and at the end of any. In a table of one column, one between values is a value
    // that is missing: dropping it would move all later rows up by a step.
    private static (List<string[]>, List<int>) Rows(CsvReader csv, string[] columns, string source)
    {
        List<string[]> rows = [];
        List<int> lines = [], blank = [];
        while (csv.Read())
        {
            int line = (int)csv.LineNumber;
            if (IsBlank(csv))
            {
                if (columns.Length == 1) blank.Add(line);
                continue;
            }
            foreach (int missing in blank) Add([""], missing);
            blank.Clear();
            if (csv.FieldCount != columns.Length) RefuseRagged(csv, columns, line, source);
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
    internal static char SeparatorOf(string text) => Separator(Encoding.UTF8.GetBytes(text));

    private static bool IsBlank(CsvReader csv) => csv.FieldCount == 1 && csv.RawRecord.Trim(" \t"u8).IsEmpty;

    private static string[] Fields(CsvReader csv)
    {
        string[] fields = new string[csv.FieldCount];
        for (int i = 0; i < fields.Length; i++) fields[i] = csv.GetString(i);
        return fields;
    }

    private static (string[], HashSet<int>) Columns(CsvReader csv, string source)
    {
        string[] names = Fields(csv);
        HashSet<int> nameless = [];
        Dictionary<string, int> places = [];
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0)
            {
                names[i] = $"column{i + 1}";
                nameless.Add(i);
            }
            if (!places.TryAdd(names[i], i) && places[names[i]] is var first)
                throw new UserErrorException(
                    $"{source}, line {csv.LineNumber}: the column name '{Table.Shorten(names[i])}' stands twice in the header, " +
                    $"at fields {first + 1} and {i + 1}; names must differ, because columns are chosen by name.");
        }
        if (names.All(n => NumberText.TryParse(n, out _)))
            throw new UserErrorException($"{source}, line {csv.LineNumber}: expected a header with column names, found only numbers " +
                $"('{Table.Shorten(string.Join(", ", names))}'); put a line with names above them.");
        return (names, nameless);
    }

    private static void RefuseRagged(CsvReader csv, string[] columns, int line, string source)
    {
        string hint = csv.FieldCount > columns.Length && csv.Separator == ','
            ? " If the file has decimal commas, write decimal points or separate fields by semicolons."
            : " An empty cell still needs its separator.";
        throw new UserErrorException($"{source}, line {line}: expected {columns.Length} fields because the header names {columns.Length} columns " +
            $"({Table.Shorten(string.Join(", ", columns))}), got {csv.FieldCount}.{hint}");
    }

    // Other slips of quoting (5" pipe) are read as they stand; an open quote would swallow the rest of the file.
    private static void RefuseOpenQuote(CsvMalformedRecord record, string source)
    {
        if (record.Reason == CsvMalformedReason.UnterminatedQuote)
            throw new UserErrorException(
                $"{source}, line {record.LineNumber}: a quote (\") is opened and never closed; close it or double it (\"\").");
    }

    private static void RefuseBinary(byte[] bytes, string source)
    {
        bool utf16 = bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];
        if (!utf16 && bytes.AsSpan(0, Math.Min(bytes.Length, 4096)).Contains((byte)0))
            throw new UserErrorException($"{source}: expected CSV text, found a binary file (it holds zero bytes); give a table as .csv.");
    }

    // Bytes that are no UTF-8 would be read as U+FFFD, and two groups or columns could become one. Where they were read so already, as from
    // standard input, that character is what is left of them.
    private static void RefuseOtherEncodings(ReadOnlySpan<byte> bytes, string source)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || (Utf8.IsValid(bytes) && bytes.IndexOf("\uFFFD"u8) < 0)) return;
        int line = 1;
        foreach (Range range in bytes.Split((byte)'\n'))
        {
            if (!Utf8.IsValid(bytes[range]) || bytes[range].IndexOf("\uFFFD"u8) >= 0)
                throw new UserErrorException(
                    $"{source}, line {line}: expected text in UTF-8, found bytes of another encoding; save the file as UTF-8.");
            line++;
        }
    }

    // The separator that stands most often in the first line that is not blank, outside quotes; a comma when none does.
    private static char Separator(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> candidates = ",;\t|"u8;
        Span<int> counts = stackalloc int[4];
        bool quoted = false, seen = false;
        foreach (byte b in bytes)
        {
            if (b == '"') quoted = !quoted;
            if (b == '\n' && seen && !quoted) break;
            seen |= b > ' ' && b < 0x80;
            if (!quoted && candidates.IndexOf(b) is >= 0 and int which) counts[which]++;
        }
        int best = 0;
        for (int i = 1; i < counts.Length; i++)
            if (counts[i] > counts[best]) best = i;
        return (char)candidates[best];
    }
}
