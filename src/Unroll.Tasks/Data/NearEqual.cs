using System.Globalization;
using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data;

/// <summary>Two names that a person would take for one: they differ in case, blanks, Unicode form or the form of a number alone.</summary>
/// <param name="First">The one that came first.</param>
/// <param name="Second">The other.</param>
/// <param name="Difference">In what alone they differ: <c>case</c>, <c>blanks</c>, <c>Unicode form</c>, <c>the form of a number</c>.</param>
internal sealed record NearEqual(string First, string Second, string Difference)
{
    /// <summary>The pairs among names: each name with the first one before it that it is near to.</summary>
    /// <param name="names">The names; equal ones are one.</param>
    internal static IReadOnlyList<NearEqual> Pairs(IEnumerable<string> names)
    {
        Dictionary<string, string> firsts = new(StringComparer.Ordinal);
        HashSet<string> seen = new(StringComparer.Ordinal);
        List<NearEqual> pairs = [];
        foreach (string name in names)
            if (seen.Add(name) && !firsts.TryAdd(Key(name), name)) pairs.Add(new(firsts[Key(name)], name, Between(firsts[Key(name)], name)));
        return pairs;
    }

    /// <summary>One sentence for a note; null where no two names are near.</summary>
    /// <param name="source">What notes call the file.</param>
    /// <param name="what">What the names are, in the plural: <c>"labels"</c>.</param>
    /// <param name="names">The names.</param>
    internal static string? Note(string source, string what, IEnumerable<string> names) => Pairs(names) switch
    {
        [] => null,
        [var one] => $"{source}: the {what} {one} and are taken for two; write them alike if they are one.",
        [var one, ..] all => $"{source}: the {what} {one} and are taken for two ({all.Count} such pairs in all); write them alike if they are one.",
    };

    /// <summary>Half a sentence about words that look alike: they differ in blanks or characters alone that are not seen; null: none do.</summary>
    internal static string? Unseen(IEnumerable<string> words)
    {
        NearEqual[] near = [.. Pairs(words).Where(pair => pair.Difference == "blanks")];
        return near.Length == 0 ? null : FormattableString.Invariant($"{near.Length:N0} pairs look alike and are different words ({near[0]})");
    }

    /// <summary><c>'North' and 'north' differ in case alone</c>.</summary>
    public override string ToString() => $"'{Visible(First)}' and '{Visible(Second)}' differ in {Difference} alone";

    private static string Between(string a, string b)
    {
        if (Nfc.Of(a) == Nfc.Of(b)) return "Unicode form";
        if (Blankless(a) == Blankless(b)) return "blanks";
        if (Number(a) is not null && Number(b) is not null) return "the form of a number";
        return Lower(a) == Lower(b) ? "case" : "case and blanks";
    }

    private static string Key(string name) => Number(name) ?? Lower(Blankless(name));

    private static string Lower(string text) => Nfc.Of(text).ToUpperInvariant().ToLowerInvariant();

    private static string? Number(string text) =>
        double.TryParse(Blankless(text), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? (value + 0.0).ToString("R", CultureInfo.InvariantCulture) : null;

    // Without blanks of any kind, and without what is not seen: zero-width characters, soft hyphens, marks of direction. An emoji keeps its joiners.
    private static string Blankless(string text)
    {
        StringBuilder kept = new(text.Length);
        foreach (char c in Nfc.Of(text))
            if (!char.IsWhiteSpace(c) && !char.IsControl(c)
                && c is not ('\u00AD' or '\u200B' or '\u200C' or '\u200E' or '\u200F' or '\u2060' or '\uFEFF'))
                kept.Append(c);
        return kept.Length == 0 ? text : kept.ToString();
    }

    // Blanks that are not the plain one, and what is not seen, as their numbers: or the two names of a pair would look the same.
    private static string Visible(string text)
    {
        StringBuilder shown = new();
        foreach (Rune rune in Table.Shorten(text).EnumerateRunes())
            if (rune.Value != ' ' && (Rune.IsWhiteSpace(rune)
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.Control))
                shown.Append(CultureInfo.InvariantCulture, $"<U+{rune.Value:X4}>");
            else
                shown.Append(rune.ToString());
        return shown.ToString();
    }
}
