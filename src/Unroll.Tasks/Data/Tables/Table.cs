using System.Text;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Data.Tables;

/// <summary>
/// A CSV file as text: named columns, rows of equally many fields, and for every row the line it came from, so that each later
/// error can say where. Separated by commas, semicolons, tabs or bars (decided by the header line), quoted as RFC 4180 has it.
/// </summary>
public sealed class Table
{
    private readonly List<string[]> _rows;
    private readonly List<int> _lines;
    private readonly IReadOnlySet<int> _nameless;
    private readonly Dictionary<string, int> _places = [];
    private readonly Action<string>? _note;
    private readonly Lazy<bool> _decimalCommas;
    private MissingWords? _missing;

    /// <param name="source">What errors call the table.</param>
    /// <param name="columns">The names; all different.</param>
    /// <param name="rows">Each with as many fields.</param>
    /// <param name="lines">The line of each row.</param>
    /// <param name="nameless">The columns that the header gives no name.</param>
    /// <param name="note">Receives what reading left out, filled in or doubted; null: nobody is told.</param>
    internal Table(
        string source, string[] columns, List<string[]> rows, List<int> lines, IReadOnlySet<int>? nameless = null, Action<string>? note = null)
    {
        (Source, Columns, _rows, _lines, _nameless, _note) = (source, columns, rows, lines, nameless ?? new HashSet<int>(), note);
        for (int i = 0; i < columns.Length; i++) _places.Add(columns[i], i);
        _decimalCommas = new(() => rows.Exists(row => Array.Exists(row, DecimalMark.IsDecimalComma)));
    }

    /// <summary>What errors call the table: the file's path, or "standard input".</summary>
    public string Source { get; }

    /// <summary>The names of the header line, trimmed; a column without a name is called <c>column3</c> by its place.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>What separates the fields.</summary>
    internal char Separator { get; init; } = ',';

    /// <summary>The number of data rows; at least 1.</summary>
    public int Rows => _rows.Count;

    /// <summary>Reads a file.</summary>
    /// <param name="path">A UTF-8 file, with or without byte order mark (UTF-16 only with one); line ends LF or CRLF.</param>
    /// <exception cref="UserErrorException">
    /// The file cannot be read, is empty, has a header only, ragged rows, or two columns of one name.
    /// </exception>
    public static Table ReadFile(string path) => TableReader.Read(InputFile.Bytes(path, "a CSV file"), path);

    /// <summary>Reads CSV text to its end, for instance from standard input.</summary>
    /// <param name="text">The text; it stays open.</param>
    /// <param name="source">What errors call it, for instance <c>"standard input"</c>.</param>
    /// <exception cref="UserErrorException">The text is empty, has a header only, ragged rows, or two columns of one name.</exception>
    public static Table Read(TextReader text, string source) => TableReader.Read(Encoding.UTF8.GetBytes(text.ReadToEnd()), source);

    /// <summary>The index of a column.</summary>
    /// <param name="name">Its exact name.</param>
    /// <exception cref="UserErrorException">There is no such column; the message lists those there are.</exception>
    public int Column(string name)
    {
        if (_places.TryGetValue(name, out int place)) return place;
        string question = NearestName.Question(name, Columns) is { Length: > 0 } asked ? asked : ".";
        throw new UserErrorException($"{Source}: there is no column '{name}'{question} The columns are: {string.Join(", ", Columns)}.");
    }

    /// <summary>Whether the header gives a column no name, so that it is called by its place.</summary>
    internal bool IsNameless(int column) => _nameless.Contains(column);

    /// <summary>Says what reading left out, filled in or doubted.</summary>
    /// <param name="text">A sentence that begins with <see cref="Source"/>.</param>
    internal void Note(string text) => _note?.Invoke(text);

    /// <summary>The text of a cell, unquoted and trimmed.</summary>
    /// <param name="row">0 … Rows − 1.</param>
    /// <param name="column">0 … Columns.Count − 1.</param>
    public string Text(int row, int column) => _rows[row][column];

    /// <summary>The line of the file on which a row begins, counted from 1 with the header and empty lines.</summary>
    /// <param name="row">0 … Rows − 1.</param>
    public int Line(int row) => _lines[row];

    /// <summary>The same table, in which further words mean that there is no value.</summary>
    /// <param name="words">Such as <c>-999</c> or <c>missing</c>; case does not count, and numbers are compared by value.</param>
    public Table WithMissing(IReadOnlyList<string> words) =>
        new(Source, [.. Columns], _rows, _lines, _nameless, _note) { _missing = new MissingWords(words), Separator = Separator };

    /// <summary>Whether a cell has a comma that can only mark decimals.</summary>
    internal bool HasDecimalCommas => _decimalCommas.Value;

    /// <summary>Whether a user can name words for missing values; then errors say so.</summary>
    internal bool TakesMissingWords => _missing is not null;

    /// <summary>Whether a cell says that there is no value.</summary>
    internal bool IsMissing(string text) => NumberText.IsMissing(text) || _missing?.Contains(text) == true;

    /// <summary>
    /// A column as numbers; missing values (empty, NA, NaN, infinity …) are NaN. Numbers as people write them ($1,250.30, 51.2 %, 5 kg, yes) are read
    /// where all cells of the column fit one form, and a note says so.
    /// </summary>
    /// <param name="column">0 … Columns.Count − 1.</param>
    /// <returns>[Rows], a new array.</returns>
    /// <exception cref="UserErrorException">A cell is neither a number nor missing, or it can be read in two ways.</exception>
    public double[] Numbers(int column)
    {
        NumberForm form = NumberForm.Of(this, column, out Obstacle? obstacle) ?? throw obstacle!.Error(this, column);
        double[] values = new double[Rows];
        for (int row = 0; row < values.Length; row++)
        {
            string text = Text(row, column);
            values[row] = IsMissing(text) ? double.NaN : form.Read(text);
        }
        if (form.Told is { } told) Note($"{Source}: in the column '{Columns[column]}' {told}.");
        if (Sentinel.Note(this, column, values) is { } doubted) Note(doubted);
        return values;
    }

    /// <summary>How errors name a cell: <c>sales.csv, line 7, column 'units'</c>.</summary>
    /// <param name="row">0 … Rows − 1.</param>
    /// <param name="column">0 … Columns.Count − 1.</param>
    public string Where(int row, int column) => $"{Source}, line {Line(row)}, column '{Columns[column]}'";

    /// <summary>A cell's text made fit for one line of an error: control characters out, at most 40 characters.</summary>
    internal static string Shorten(string text) => Shortened(text, 40);

    /// <summary>The same, of another length.</summary>
    internal static string Shortened(string text, int length)
    {
        string plain = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return plain.Length <= length ? plain : plain[..(length - 1)] + "…";
    }
}
