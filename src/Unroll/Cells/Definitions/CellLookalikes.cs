using System.Globalization;
using System.Text;
using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>Names that a reader takes for one and that are two, because a letter of one is drawn like another of another alphabet.</summary>
internal static class CellLookalikes
{
    // Each letter of the first line is drawn as the one below it.
    private const string Letters = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονυАВЕЅІЈКМНОРСТУХаеорсухѕіјһԁԛԝѵӏıɑɡօµʹʼ\u0305\u0342",
        DrawnAs = "ABEZHIKMNOPTYXovuABESIJKMHOPCTYXaeopcyxsijhdqwvliagoμ′′\u0304\u0303";
    private static readonly Dictionary<int, int> s_drawn = Letters.Zip(DrawnAs).ToDictionary(pair => (int)pair.First, pair => (int)pair.Second);

    /// <summary>Refuses a name that looks like another one, or like a word of the language.</summary>
    /// <param name="names">Every name, and where it stands.</param>
    /// <param name="source">For the message.</param>
    /// <exception cref="UserErrorException">Two look alike: which letters they are, and what to write.</exception>
    public static void Check(IEnumerable<(string Name, SourcePlace Place)> names, CellSource source)
    {
        Dictionary<string, (string Name, SourcePlace? Place)> seen = [];
        foreach (string word in CellWords.All) seen.TryAdd(Drawn(word), (word, null));
        foreach ((string name, SourcePlace place) in names)
        {
            if (seen.TryAdd(Drawn(name), (name, place))) continue;
            (string other, SourcePlace? there) = seen[Drawn(name)];
            if (other == name) continue;
            (Rune own, Rune others) = name.EnumerateRunes().Zip(other.EnumerateRunes()).First(pair => pair.First != pair.Second);
            bool isOwn = there is null || s_drawn.ContainsKey(own.Value) || !s_drawn.ContainsKey(others.Value);
            throw isOwn ? Error(place, name, own, other, others, there is { } line ? CellSource.In(line) : ", a word of the language,")
                : Error(there!.Value, other, others, name, own, CellSource.In(place));
        }

        UserErrorException Error(SourcePlace at, string name, Rune letter, string other, Rune others, string where) => source.Error(at,
            $"'{name}' looks like '{other}'{where} and is another name: its letter {Said(letter)}, the other's {Said(others)}; expected one "
            + $"letter for one name; write {other}.");
    }

    /// <summary>The same of every name in the equations of a draft.</summary>
    /// <param name="draft">What was written, in a text or in C#.</param>
    /// <exception cref="UserErrorException">As above.</exception>
    public static void Check(CellDraft draft) => Check(draft.Assignments.SelectMany(one => one.Value.All()
        .Select(part => (Name: part is ProductExpression product ? product.Matrix : part.LeafName, part.Place)).Prepend((one.Name, one.Place)))
        .Where(one => one.Name is not null).Select(one => (one.Name!, one.Place)), draft.Source);

    private static string Drawn(string name)
    {
        StringBuilder drawn = new();
        foreach (Rune rune in name.EnumerateRunes())
            drawn.Append(s_drawn.TryGetValue(rune.Value, out int plain) ? new Rune(plain)
                : rune.Value is > 0xFF00 and < 0xFF5F ? new Rune(rune.Value - 0xFEE0) : rune);
        return drawn.ToString();
    }

    private static string Said(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"is U+{rune.Value:X4}, {Script(rune.Value)}");

    private static string Script(int rune) => rune switch
    {
        < 0x250 and not 0xB5 => "Latin",
        0xB5 => "the sign of micro",
        < 0x2B0 => "phonetic",
        < 0x300 => "a sign of a language's",
        < 0x370 => "a mark above a letter",
        < 0x400 => "Greek",
        < 0x530 => "Cyrillic",
        < 0x590 => "Armenian",
        0x2032 => "a prime",
        > 0xFF00 and < 0xFF5F => "fullwidth Latin",
        _ => "of another alphabet",
    };
}
