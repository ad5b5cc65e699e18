using System.Globalization;
using System.Text;

namespace Unroll.Core;

/// <summary>
/// Normalization form C of Unicode (UAX #15): é as one character, however it was typed. Own code, because <see cref="string.Normalize()"/> does
/// nothing where a program runs with invariant globalization, as this one does, and the answer may not depend on that.
/// </summary>
public static class Nfc
{
    private const int HangulS = 0xAC00, HangulL = 0x1100, HangulV = 0x1161, HangulT = 0x11A7, VCount = 21, TCount = 28, SCount = 11172;

    private static readonly Lazy<Tables> s_tables = new(Tables.Read);

    /// <summary>The text in form C; the same object where it is already. Lone surrogates stay as they are.</summary>
    /// <param name="text">The text.</param>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\u0300', '\uFFFF')) return text;         // all below U+0300 is in form C
        Tables tables = s_tables.Value;
        string composed = Written(Compose(Parts(text, tables), tables));
        return composed == text ? text : composed;
    }

    /// <summary>The text in form D: é as e and the mark above it.</summary>
    /// <param name="text">The text.</param>
    public static string Decomposed(string text) =>
        text.AsSpan().ContainsAnyInRange('\u0080', '\uFFFF') ? Written(Parts(text, s_tables.Value)) : text;

    private static List<int> Parts(string text, Tables tables)
    {
        List<int> runes = [];
        for (int i = 0; i < text.Length; i++)
        {
            bool pair = char.IsSurrogatePair(text, i);
            Decompose(pair ? char.ConvertToUtf32(text, i) : text[i], runes, tables);
            if (pair) i++;
        }
        Reorder(runes, tables);
        return runes;
    }

    private static void Decompose(int rune, List<int> into, Tables tables)
    {
        int s = rune - HangulS;
        if (s is >= 0 and < SCount)
        {
            into.Add(HangulL + s / (VCount * TCount));
            into.Add(HangulV + s % (VCount * TCount) / TCount);
            if (s % TCount > 0) into.Add(HangulT + s % TCount);
        }
        else if (tables.Parts.TryGetValue(rune, out int[]? parts))
            foreach (int part in parts) Decompose(part, into, tables);
        else
            into.Add(rune);
    }

    // Marks after a base in the order of their classes; equal classes keep theirs.
    private static void Reorder(List<int> runes, Tables tables)
    {
        for (int i = 1; i < runes.Count; i++)
            for (int j = i; j > 0 && tables.Class(runes[j]) is > 0 and int own && tables.Class(runes[j - 1]) > own; j--)
                (runes[j - 1], runes[j]) = (runes[j], runes[j - 1]);
    }

    // A rune joins the last starter before it, unless a mark of its own class or a higher one stands between (UAX #15, D117).
    private static List<int> Compose(List<int> runes, Tables tables)
    {
        List<int> all = [];
        int starter = -1, between = 0;
        foreach (int rune in runes)
        {
            int own = tables.Class(rune);
            bool blocked = starter < 0 || (starter < all.Count - 1 && between >= own);
            if (!blocked && Pair(all[starter], rune, tables) is { } one)
            {
                all[starter] = one;
                continue;
            }
            if (own == 0) starter = all.Count;
            between = own;
            all.Add(rune);
        }
        return all;
    }

    private static string Written(List<int> runes)
    {
        StringBuilder text = new();
        foreach (int rune in runes)
            if (rune > 0xFFFF) text.Append(char.ConvertFromUtf32(rune));
            else text.Append((char)rune);
        return text.ToString();
    }

    private static int? Pair(int first, int second, Tables tables)
    {
        int l = first - HangulL, v = second - HangulV, s = first - HangulS, t = second - HangulT;
        if (l is >= 0 and < 19 && v is >= 0 and < VCount) return HangulS + (l * VCount + v) * TCount;
        if (s is >= 0 and < SCount && s % TCount == 0 && t is > 0 and < TCount) return first + t;
        return tables.Pairs.TryGetValue((first, second), out int one) ? one : null;
    }

    private sealed record Tables(
        IReadOnlyDictionary<int, int[]> Parts, IReadOnlyDictionary<(int, int), int> Pairs, IReadOnlyDictionary<int, int> Classes)
    {
        public int Class(int rune) => rune < 0x300 ? 0 : Classes.GetValueOrDefault(rune);

        public static Tables Read()
        {
            using Stream stream = typeof(Nfc).Assembly.GetManifestResourceStream("Decompositions.txt")
                ?? throw new InvalidOperationException("The resource Decompositions.txt is not in the assembly.");
            using StreamReader reader = new(stream);
            Dictionary<int, int[]> parts = [];
            Dictionary<(int, int), int> pairs = [];
            Dictionary<int, int> classes = [];
            foreach (string entry in reader.ReadToEnd().Split('\n').Where(line => !line.StartsWith('#')).SelectMany(line => line.Split(';')))
                if (entry.Split('=') is [var rune, var whole])
                {
                    int[] own = parts[Hex(rune)] = [.. whole.TrimStart('*').Split(' ').Select(Hex)];
                    if (own.Length == 2 && !whole.StartsWith('*')) pairs[(own[0], own[1])] = Hex(rune);
                }
                else if (entry.Split(['-', ':']) is [var first, var last, var number])
                    for (int r = Hex(first); r <= Hex(last); r++) classes[r] = int.Parse(number, CultureInfo.InvariantCulture);
            return new Tables(parts, pairs, classes);
        }

        private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
