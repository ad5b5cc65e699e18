namespace Unroll.Tasks.Speech;

/// <summary>A list of words as a tree of their beginnings; each word is a string of labels, and what may be said is any string of words.</summary>
internal sealed class WordTree
{
    private readonly Dictionary<int, WordTree> _next = [];
    private bool _isWord;

    /// <summary>The tree of some words.</summary>
    /// <param name="words">Each its labels, at least one.</param>
    internal static WordTree Of(IEnumerable<int[]> words)
    {
        WordTree root = new();
        foreach (int[] word in words)
        {
            WordTree at = root;
            foreach (int label in word)
                at = at._next.TryGetValue(label, out WordTree? next) ? next : at._next[label] = new WordTree();
            at._isWord = true;
        }
        return root;
    }

    /// <summary>Where in the tree one may be after one more label: in the word under way, or in the first label of the next one.</summary>
    /// <param name="places">Where one may be.</param>
    /// <param name="label">The label.</param>
    /// <returns>Each place once; none: the label may not follow.</returns>
    internal WordTree[] Follow(IReadOnlyList<WordTree> places, int label)
    {
        List<WordTree> found = [];
        foreach (WordTree place in places)
            if (place._next.TryGetValue(label, out WordTree? next)) found.Add(next);
        if (MayEnd(places) && _next.TryGetValue(label, out WordTree? first) && !found.Contains(first)) found.Add(first);
        return [.. found];
    }

    /// <summary>Whether a word ends at one of the places.</summary>
    internal static bool MayEnd(IReadOnlyList<WordTree> places) => places.Any(place => place._isWord);
}
