namespace Unroll.Tasks.Data.Music;

/// <summary>The order in which parts are played: <c>AABB</c>, <c>A3.B</c>, <c>((AB)3(CD)3)2</c> (the standard, 3.1.9).</summary>
internal static class AbcOrder
{
    /// <summary>The most parts that are played.</summary>
    public const int MaxParts = 10_000;

    private const int MaxDepth = 50;

    /// <summary>The parts one by one; empty where it is no order; null where there are more than <see cref="MaxParts"/>.</summary>
    public static IReadOnlyList<char>? Of(string text)
    {
        Stack<List<char>> open = new([[]]);
        for (int at = 0; at < text.Length;)
        {
            char c = text[at++];
            if (c is '.' or ' ' or ',') continue;
            if (c == '(')
            {
                if (open.Count > MaxDepth) return null;
                open.Push([]);
                continue;
            }
            if (c == ')' ? open.Count == 1 : !char.IsAsciiLetter(c)) return [];
            List<char> some = c == ')' ? open.Pop() : [c];
            int begin = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            if (at - begin > 5) return null;
            int times = at > begin ? int.Parse(text.AsSpan(begin, at - begin)) : 1;
            if ((long)some.Count * times + open.Peek().Count > MaxParts) return null;
            for (int i = 0; i < times; i++) open.Peek().AddRange(some);
        }
        return open.Count == 1 ? open.Pop() : [];
    }
}
