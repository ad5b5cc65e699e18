using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Labeled;

/// <summary>Which columns of a table are what; −1: the table has none of that role.</summary>
/// <param name="Label">The label.</param>
/// <param name="Text">The text or the letters.</param>
/// <param name="Part">Training, validation, test, or a fold.</param>
/// <param name="Group">What tells sequences of several rows apart.</param>
/// <param name="Name">What the rows are called.</param>
/// <param name="Numbers">The columns of numbers, in the order in which the model reads them; empty where there is a text.</param>
internal sealed record ColumnRoles(int Label, int Text, int Part, int Group, int Name, IReadOnlyList<int> Numbers)
{
    internal static readonly string[] LabelNames = ["label", "class", "tag", "category", "target", "sentiment", "y"];
    internal static readonly string[] TextNames = ["text", "sequence", "sentence", "message", "review", "document"];
    private const int Shown = 5, LeastCounted = 10;
    private static readonly string[] s_partNames = ["split", "part", "fold", "set"];
    private static readonly string[] s_otherNames = ["name", "id"];
    private static readonly string[] s_idEnds = ["_id", " id", "-id", "Id", "ID"];

    /// <summary>Finds them by the names that were given, by the model's, and by known ones; what is left out is said.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">What is asked for.</param>
    /// <param name="note">Receives what is left out or doubted.</param>
    /// <exception cref="UserErrorException">A column is missing, or several could have a role; the message names them.</exception>
    internal static ColumnRoles Of(Table table, LabelColumns columns, Action<string> note)
    {
        bool optional = columns.LabelsOptional;
        int label = Find(table, columns.Label, LabelNames, "label", optional), part = Find(table, columns.Part, s_partNames, "part", optional);
        int group = columns.Group is { } name ? table.Column(name) : -1;
        bool numbers = columns.Expected is { Texts: false };
        int text = numbers && columns.Text is null ? -1 : Find(table, columns.Text, TextNames, "text", optional: false);
        HashSet<int> taken = [label, part, group, text];
        int named = Enumerable.Range(0, table.Columns.Count).FirstOrDefault(c => !taken.Contains(c) && IsOther(table, c), -1);
        if (columns.Text is null && text >= 0 && IsNoText(table, text, taken, columns, note)) taken.Remove(text = -1);
        if (text < 0 && columns.Expected is { Texts: true })
            throw new UserErrorException($"{table.Source}: expected a column of texts because the model reads texts; the columns are " +
                $"{List(table.Columns)}; call it {columns.Text ?? TextNames[0]}.");
        ColumnRoles roles = new(label, text, part, group, named, []);
        int[] free = [.. Enumerable.Range(0, table.Columns.Count).Where(c => !taken.Contains(c) && c != named)];
        if (text < 0) roles = roles with { Numbers = columns.Expected is { Numbers.Count: > 0 } model
            ? Expected(table, model.Numbers) : Features(table, free, columns.Expected is not null, note) };
        bool known = text >= 0 || columns.Expected is not null;
        NoteLeftOut(table, [.. free.Where(c => !roles.Numbers.Contains(c) && (known || !IsNumbering(table, c)))], known, note);
        return roles;
    }

    private static int[] Expected(Table table, IReadOnlyList<string> names)
    {
        string[] missing = [.. names.Where(name => !table.Columns.Contains(name))], others = [.. table.Columns.Except(names)];
        if (missing.Length > 0)
            throw new UserErrorException($"{table.Source}: there is no column '{Table.Shorten(missing[0])}'" +
                $"{(NearestName.Of(missing[0], others) is { } near ? $" (did you mean '{Table.Shorten(near)}'?)" : "")}" +
                $"{(missing.Length > 1 ? $", and {missing.Length - 1} more are missing" : "")}; the model reads {List(names)}, by name, and the " +
                $"columns are {List(table.Columns)}.");
        return [.. names.Select(table.Column)];
    }

    private static int[] Features(Table table, int[] free, bool byPlace, Action<string> note)
    {
        int[] candidates = [.. free.Where(c => !IsOther(table, c))];
        int[] kept = byPlace ? candidates : [.. candidates.Where(c => !IsNumbering(table, c) && !IsWords(table, c))];
        if (kept.Length == 0)
            throw new UserErrorException($"{table.Source}: expected a column of texts or columns of numbers beside the label; the columns are " +
                $"{List(table.Columns)}; name that of the texts (text).");
        if (byPlace)
            note($"{table.Source}: the model keeps no names of columns, so that they are taken by their places: " +
                $"{List([.. kept.Select(c => table.Columns[c])])}; train it again to have them matched by name.");
        foreach (int c in byPlace ? [] : kept.Where(c => IsCounter(table, c)))
            note($"{table.Source}: the column '{Table.Shorten(table.Columns[c])}' grows by 1 from row to row and is read as numbers; if it " +
                "only numbers the rows, take it out: where rows are sorted by label it tells the labels.");
        foreach (int c in byPlace ? [] : candidates.Where(c => IsNumbering(table, c)))
            note($"{table.Source}: the column '{Table.Shorten(table.Columns[c])}' numbers the rows and is left out; give it another name if it " +
                "is data.");
        return kept;
    }

    // Names, ids and words are no features; where the text or the features are known, nothing else is.
    private static void NoteLeftOut(Table table, int[] left, bool known, Action<string> note)
    {
        if (left.Length == 0) return;
        string why = known ? "the model reads other columns" : "their cells are no numbers";
        string remedy = known ? "" : "; if one of them is the text, name it (text)";
        note($"{table.Source}: {left.Length:N0} of {table.Columns.Count:N0} columns are left out, because {why}{remedy}: " +
            $"{List([.. left.Select(c => table.Columns[c])])}.");
    }

    private static int Find(Table table, string? named, string[] known, string option, bool optional)
    {
        if (named is not null) return optional && !table.Columns.Contains(named) ? -1 : table.Column(named);
        int[] found = [.. Enumerable.Range(0, table.Columns.Count).Where(c => known.Contains(table.Columns[c].ToLowerInvariant()))];
        if (found.Length > 1 && !optional)
            throw new UserErrorException($"{table.Source}: the columns {List([.. found.Select(c => $"'{table.Columns[c]}'")])} could each be the " +
                $"{option}; say which one is ({option}).");
        return found.Length > 0 ? found[0] : -1;
    }

    // A column that is called as texts are and holds numbers beside columns of numbers, or single words beside texts, is no text.
    private static bool IsNoText(Table table, int text, HashSet<int> taken, LabelColumns columns, Action<string> note)
    {
        int[] free = [.. Enumerable.Range(0, table.Columns.Count).Where(c => !taken.Contains(c) && !IsOther(table, c))];
        if (All(table, text, cell => NumberText.IsMissing(cell) || NumberText.LooksLikeOne(cell)))
        {
            bool others = columns.Expected is null && free.Any(c => !IsWords(table, c));
            note($"{table.Source}: the column '{table.Columns[text]}' holds numbers, " + (others
                ? "and is left out, because other columns do too; name it if it is the text (text)."
                : "which are read as texts; name the column of the texts if it is another (text)."));
            return others;
        }
        int ids = columns.Group is null && columns.Expected is null && All(table, text, cell => !cell.Any(char.IsWhiteSpace) && !IsLetters(cell))
            ? free.FirstOrDefault(c => !All(table, c, cell => cell.Count(char.IsWhiteSpace) < 2), -1) : -1;
        return ids < 0 ? false
            : throw new UserErrorException($"{table.Source}: the column '{table.Columns[text]}' is called as texts are and holds single words, and " +
                $"'{Table.Shorten(table.Columns[ids])}' holds texts of several; say which one is the text (text).");
    }

    // Row numbers, and ids: whole numbers of which each stands once, in a column that is called so.
    private static bool IsNumbering(Table table, int c) => RowIndex.Is(table, c)
        || (s_idEnds.Any(end => table.Columns[c].EndsWith(end, StringComparison.Ordinal))
            && Wholes(table, c) is { } ids && ids.Distinct().Count() == ids.Length);

    private static bool IsCounter(Table table, int c) => table.Rows >= LeastCounted && Wholes(table, c) is { } numbers
        && numbers.Zip(numbers.Skip(1)).All(pair => pair.Second == pair.First + 1);

    // The cells as whole numbers; null: one is none.
    private static long[]? Wholes(Table table, int c)
    {
        long[] all = new long[table.Rows];
        for (int row = 0; row < all.Length; row++)
            if (!long.TryParse(table.Text(row, c), NumberStyles.None, CultureInfo.InvariantCulture, out all[row])) return null;
        return all;
    }

    private static bool IsLetters(string cell) => cell.Length > 0 && cell.All(char.IsLetter);

    private static bool IsOther(Table table, int c) => s_otherNames.Contains(table.Columns[c].ToLowerInvariant());

    private static bool IsWords(Table table, int c) => All(table, c, cell => !NumberText.LooksLikeOne(cell)) && !All(table, c, NumberText.IsMissing)
        && NumberForm.Of(table, c, out _) is null;

    private static bool All(Table table, int column, Func<string, bool> fits)
    {
        for (int row = 0; row < table.Rows; row++)
            if (!fits(table.Text(row, column))) return false;
        return true;
    }

    private static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(Shown).Select(Table.Shorten)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");
}
