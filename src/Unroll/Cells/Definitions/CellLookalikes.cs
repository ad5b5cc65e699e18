using System.Globalization;
using System.Text;
using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>Names that a reader takes for one and that are two, because a letter of one is drawn like another of another alphabet.</summary>
internal static class CellLookalikes
{
    // Each letter of the first line is drawn as the one below it.
    private const string Letters =
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿϒϜονυϲϳϵϕϴ" + "АВЕЅІЈКМНОРСТУХԜԚԌҮѴӀҺԀЬГПФЛѲѰѠаеорсухѕіјһԁԛԝѵӏкьүгтпфєԑѳѱѡѯә"
        + "ɩƖɪıȷɑɡƒſĸƿᴄᴏᴠᴡᴢᴜꜱɛɸɣʋßƩƲƐ" + "օհոսցյզՏՕԼ"
        + "µʹʼ\u0305\u0342",
        DrawnAs = "ABEZHIKMNOPTYXCJYFovucjεφΘ" + "ABESIJKMHOPCTYXWQGYVIhdbΓΠΦΛΘΨωaeopcyxsijhdqwvlkbyrτπφεεθψωξǝ"
        + "iIIijagffkpcovwzusεφγuβΣUE" + "ohnugjqSOL"
        + "μ′′\u0304\u0303";

    // These are drawn as a Greek letter too, which stands for itself beside the Latin one.
    private const string GreekToo = "кɑү", DrawnAsGreek = "καγ";

    private static readonly Dictionary<int, int> s_drawn = Letters.Zip(DrawnAs).ToDictionary(pair => (int)pair.First, pair => (int)pair.Second);

    /// <summary>Refuses a name that looks like another one, or like a word of the language, or has a letter that only a paper prints so.</summary>
    /// <param name="names">Every name, and where it stands.</param>
    /// <param name="source">For the message.</param>
    /// <exception cref="UserErrorException">Two look alike: which letters they are, and what to write.</exception>
    public static void Check(IEnumerable<(string Name, SourcePlace Place)> names, CellSource source)
    {
        (string Name, SourcePlace Place)[] all = [.. names];
        Compare(Drawn);
        Compare(DrawnInGreek);
        foreach ((string name, SourcePlace place) in all)
            foreach (Rune rune in name.EnumerateRunes())
                if (MathLetters.IsPlainOne(rune)) throw source.Error(place, $"a letter of '{name}' {Said(rune)}; expected the plain one, since "
                    + $"each makes a name of its own; write {Drawn(name)}.");

        void Compare(Func<string, string> drawing)
        {
            Dictionary<string, (string Name, SourcePlace? Place)> seen = [];
            foreach (string word in CellWords.All) seen.TryAdd(drawing(word), (word, null));
            foreach ((string name, SourcePlace place) in all)
            {
                if (seen.TryAdd(drawing(name), (name, place))) continue;
                (string other, SourcePlace? there) = seen[drawing(name)];
                if (other == name) continue;
                (Rune own, Rune others) = name.EnumerateRunes().Zip(other.EnumerateRunes()).First(pair => pair.First != pair.Second);
                bool isOwn = there is null || IsLookalike(own) || !IsLookalike(others);
                throw isOwn ? Error(place, name, own, other, others, there is { } line ? CellSource.In(line) : ", a word of the language,")
                    : Error(there!.Value, other, others, name, own, CellSource.In(place));
            }
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

    private static bool IsLookalike(Rune rune) => Drawn(rune.ToString()) != rune.ToString();

    private static string DrawnInGreek(string name) =>
        Drawn(string.Concat(name.Select(c => GreekToo.IndexOf(c, StringComparison.Ordinal) is >= 0 and var at ? DrawnAsGreek[at] : c)));

    // Letter by letter, without the marks above them: ё as ë.
    private static string Drawn(string name)
    {
        StringBuilder drawn = new();
        foreach (Rune rune in Nfc.Decomposed(name).EnumerateRunes())
        {
            int plain = MathLetters.Plain(rune);
            drawn.Append(new Rune(s_drawn.GetValueOrDefault(plain, plain)));
        }
        return Nfc.Of(drawn.ToString());
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
        >= 0x1C80 and < 0x1C90 or >= 0xA640 and < 0xA6A0 => "Cyrillic",
        >= 0x1D00 and < 0x1DC0 => "phonetic",
        >= 0x1E00 and < 0x1F00 or >= 0xA720 and < 0xA800 => "Latin",
        >= 0x1F00 and < 0x2000 => "Greek",
        0x2032 => "a prime",
        >= 0x2100 and < 0x2150 or >= 0x1D400 and < 0x1D800 => "mathematical",
        > 0xFF00 and < 0xFF5F => "fullwidth Latin",
        _ => "of another alphabet",
    };
}
