namespace Unroll.Tasks.Data.Text;

/// <summary>
/// Pieces of words learned from words: again and again the two neighbors that stand side by side most often become one piece (Gage 1994; Sennrich,
/// Haddow, Birch 2016, arXiv:1508.07909). Every piece of a word but the first begins with <see cref="Glue"/>, so that pieces know where in a word
/// they stand and text comes back as it was.
/// </summary>
internal sealed class BytePairs
{
    /// <summary>Before what has no space before it.</summary>
    public const char Glue = '\uFFED';

    /// <summary>A symbol as people are shown it: few fonts have the mark.</summary>
    public static string Shown(string symbol) => symbol.Replace(Glue, '·');

    private readonly Dictionary<(string, string), int> _ranks;
    private readonly Dictionary<string, string[]> _known = [];

    /// <summary>Merges as a model file has them.</summary>
    /// <param name="merges">Two pieces with a space between them each, in the order in which they were learned.</param>
    public BytePairs(IReadOnlyList<string> merges)
    {
        Merges = merges;
        _ranks = new(merges.Count);
        foreach (string merge in merges)
        {
            int space = merge.IndexOf(' ');
            if (space <= 0 || space == merge.Length - 1)
                throw new Core.UserErrorException($"merges: expected two pieces with a space between them, found '{merge}'.");
            _ranks.TryAdd((merge[..space], merge[(space + 1)..]), _ranks.Count);
        }
    }

    /// <summary>The merges in the order in which they were learned.</summary>
    public IReadOnlyList<string> Merges { get; }

    /// <summary>Learns merges.</summary>
    /// <param name="words">Words with how often each stands in the training part; no spaces in them.</param>
    /// <param name="count">Merges at the maximum; fewer where no two neighbors stand side by side twice.</param>
    public static BytePairs Learn(IReadOnlyDictionary<string, long> words, int count)
    {
        (List<string> Pieces, long Count)[] all = [.. words.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (Letters(pair.Key).ToList(), pair.Value))];
        Dictionary<(string, string), long> counts = [];
        Dictionary<(string, string), HashSet<int>> places = [];
        for (int w = 0; w < all.Length; w++) Tally(w, +1);
        List<string> merges = [];
        while (merges.Count < count && counts.Count > 0)
        {
            ((string A, string B) best, long most) = (default, 1);
            foreach (((string, string) pair, long times) in counts)
                if (times > most || (times == most && most > 1 && Compare(pair, best) < 0)) (best, most) = (pair, times);
            if (most < 2) break;
            merges.Add($"{best.A} {best.B}");
            foreach (int w in places[best].Order().ToArray())
            {
                Tally(w, -1);
                Join(all[w].Pieces, best);
                Tally(w, +1);
            }
        }
        return new BytePairs(merges);

        void Tally(int w, int sign)
        {
            List<string> pieces = all[w].Pieces;
            for (int i = 0; i + 1 < pieces.Count; i++)
            {
                (string, string) pair = (pieces[i], pieces[i + 1]);
                long left = counts.GetValueOrDefault(pair) + sign * all[w].Count;
                if (left == 0) counts.Remove(pair);
                else counts[pair] = left;
                if (!places.TryGetValue(pair, out HashSet<int>? own)) places[pair] = own = [];
                if (sign > 0) own.Add(w);
                else own.Remove(w);
            }
        }
    }

    /// <summary>The pieces of a word: the merges applied in the order in which they were learned.</summary>
    public IReadOnlyList<string> Split(string word)
    {
        lock (_known)
            if (_known.TryGetValue(word, out string[]? known)) return known;
        List<string> pieces = [.. Letters(word)];
        while (pieces.Count > 1)
        {
            (int rank, int at) = (int.MaxValue, 0);
            for (int i = 0; i + 1 < pieces.Count; i++)
                if (_ranks.TryGetValue((pieces[i], pieces[i + 1]), out int own) && own < rank) (rank, at) = (own, i);
            if (rank == int.MaxValue) break;
            Join(pieces, (pieces[at], pieces[at + 1]));
        }
        string[] result = [.. pieces];
        lock (_known) _known.TryAdd(word, result);
        return result;
    }

    /// <summary>The letters of a word as pieces.</summary>
    internal static IEnumerable<string> Letters(string word)
    {
        bool glued = word.StartsWith(Glue), first = true;
        foreach (System.Text.Rune letter in (glued ? word[1..] : word).EnumerateRunes())
        {
            yield return first && !glued ? letter.ToString() : $"{Glue}{letter}";
            first = false;
        }
    }

    private static void Join(List<string> pieces, (string A, string B) pair)
    {
        for (int i = 0; i + 1 < pieces.Count; i++)
            if (pieces[i] == pair.A && pieces[i + 1] == pair.B)
            {
                pieces[i] = pair.A + pair.B[1..];
                pieces.RemoveAt(i + 1);
            }
    }

    private static int Compare((string A, string B) x, (string A, string B) y) =>
        string.CompareOrdinal(x.A, y.A) is not 0 and int a ? a : string.CompareOrdinal(x.B, y.B);
}
