using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Labels;

/// <summary>From the letters of a word to the numbers that a network reads beside the word: learned from the training part.</summary>
/// <param name="Characters">The known characters, each one of Unicode; their numbers begin at 2.</param>
/// <param name="Longest">Characters of a word at most; of a longer one its first and last are read.</param>
public sealed record CharacterEncoding(IReadOnlyList<string> Characters, int Longest)
{
    internal const int Unknown = 1;                          // 0 is none: the word has ended
    private const int Usual = 20, Rare = 3;                  // characters of a word; occurrences below which one stays unknown, to be learned as such
    private Dictionary<Rune, int>? _places;

    /// <summary>Numbers of characters: none, unknown, and the known ones.</summary>
    internal int Count => 2 + Characters.Count;

    /// <summary>The characters of the words of the training part, the most frequent first; capital letters are characters of their own.</summary>
    internal static CharacterEncoding Learn(IEnumerable<string> words)
    {
        Dictionary<Rune, int> counts = [];
        foreach (string word in words)
            foreach (Rune rune in word.EnumerateRunes()) counts[rune] = counts.GetValueOrDefault(rune) + 1;
        return new CharacterEncoding([.. counts.Where(c => c.Value >= Rare).Select(c => (Text: $"{c.Key}", Count: c.Value))
            .OrderByDescending(c => c.Count).ThenBy(c => c.Text, StringComparer.Ordinal).Select(c => c.Text)], Usual);
    }

    /// <summary>The characters of a word as the network sees them.</summary>
    /// <param name="word">With its capital letters.</param>
    /// <param name="x">[<see cref="Longest"/>], overwritten: numbers of characters, then 0.</param>
    internal void Encode(string word, Span<float> x)
    {
        _places ??= Characters.Select((character, k) => (character, k))
            .ToDictionary(one => Rune.GetRuneAt(one.character, 0), one => one.k + Unknown + 1);
        x.Clear();
        int length = 0, at = 0;
        foreach (Rune _ in word.EnumerateRunes()) length++;
        int head = length <= Longest ? length : (Longest + 1) / 2, tail = length <= Longest ? length : length - (Longest - head);
        int place = 0;
        foreach (Rune rune in word.EnumerateRunes())
        {
            if (at < head || at >= tail) x[place++] = _places.GetValueOrDefault(rune, Unknown);
            at++;
        }
    }

    /// <summary>The words of a sequence with their capital letters, one for each step.</summary>
    internal static IReadOnlyList<string> Words(LabeledSequence sequence, IReadOnlyList<string> steps)
    {
        IReadOnlyList<string> words = LabelUnits.Of(sequence, LabelUnit.Word, kmer: 1, cased: true);
        return words.Count == steps.Count ? words : steps;   // where small letters make other words of a text, they are the words
    }

    internal static void Write(Utf8JsonWriter json, CharacterEncoding encoding)
    {
        json.WriteTexts("characters", encoding.Characters);
        json.WriteNumber("longest", encoding.Longest);
    }

    internal static CharacterEncoding Read(JsonRecord json)
    {
        CharacterEncoding read = new(json.Texts("characters"), json.Between("longest", 1, SizeLimits.Features - 1));
        return read.Characters.Distinct().Count() == read.Characters.Count
            && read.Characters.All(one => Rune.TryGetRuneAt(one, 0, out Rune rune) && rune.Utf16SequenceLength == one.Length)
            ? read : throw new JsonException("expected single characters, each once");
    }
}
