using System.Globalization;

namespace Unroll.Tasks.Data.Music;

/// <summary>A bar line of ABC: of any shape that is made of <c>|</c>, <c>[</c>, <c>]</c> and <c>:</c> (the standard, 4.8 to 4.10).</summary>
/// <param name="Ends">The dots before it: after so many repeats the section is over; 0: it ends none.</param>
/// <param name="Begins">The dots behind it: a section that is repeated so many times begins; 0: none does.</param>
/// <param name="Double">Whether it is a double or thick line, to which a repeat without begin goes back.</param>
/// <param name="Endings">The passes for which the music behind it is played; empty: for all.</param>
internal readonly record struct AbcBar(int Ends, int Begins, bool Double, IReadOnlyList<int> Endings)
{
    /// <summary>The most passes of a section.</summary>
    public const int MaxPasses = 99;

    /// <summary>Reads a token of kind <see cref="AbcKind.Bar"/>; endings that are no numbers are left out.</summary>
    public static AbcBar Of(string token)
    {
        int lines = token.IndexOfAny(['|', '[', ']']), digits = token.AsSpan().IndexOfAnyInRange('0', '9');
        IReadOnlyList<int> endings = digits < 0 ? [] : Numbers(token[digits..]) ?? [];
        ReadOnlySpan<char> shape = digits < 0 ? token : token.AsSpan(0, digits);
        if (lines < 0) return new AbcBar(1, 1, Double: true, endings);                                   // ::
        int begins = 0, run = 0;                                         // |:|||: is found in collections
        foreach (char c in shape[lines..]) begins = Math.Max(begins, run = c == ':' ? run + 1 : 0);
        ReadOnlySpan<char> bar = shape[lines..].TrimEnd(':');
        bool thick = bar.Contains("||", StringComparison.Ordinal) || bar is not ("[" or "|" or "[|]") && bar.IndexOfAny('[', ']') >= 0;
        return new AbcBar(lines, begins, thick, endings);
    }

    /// <summary>The numbers of <c>1</c>, <c>1,3</c>, <c>1-3</c>, <c>1,3,5-7</c>, ascending; null for anything else.</summary>
    public static IReadOnlyList<int>? Numbers(string text)
    {
        SortedSet<int> all = [];
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !ends.All(end => int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out _))) return null;
            int from = int.Parse(ends[0], CultureInfo.InvariantCulture), to = int.Parse(ends[^1], CultureInfo.InvariantCulture);
            if (from < 1 || to < from || to > MaxPasses) return null;
            all.UnionWith(Enumerable.Range(from, to - from + 1));
        }
        return [.. all];
    }
}
