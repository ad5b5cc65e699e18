using System.Text;
using Unroll.Core;

namespace Unroll.Tasks.Data.Text;

/// <summary>
/// A text that this library generates: sentences of a small grammar of English, with agreement between noun and verb across a clause in between.
/// It is nobody's writing; it is there so that a first language model needs no file.
/// </summary>
public static class GrammarText
{
    /// <summary>The name it goes by as data.</summary>
    public const string Name = "grammar";

    private static readonly string[] s_adjectives = ["old", "young", "quiet", "bright", "green", "tall", "small", "tired", "clever", "gentle"],
        s_nouns = ["sailor", "farmer", "teacher", "dog", "bird", "painter", "child", "river", "ship", "garden", "cat", "neighbour"],
        s_goes = ["sleep", "sing", "wait", "work", "return", "smile"], s_acts = ["see", "follow", "call", "know", "help", "remember", "paint"],
        s_places = ["near the harbour", "in the morning", "behind the house", "under the bridge", "at night", "by the sea"];

    /// <summary>Generates the text.</summary>
    /// <param name="sentences">Lines, at least 1.</param>
    /// <param name="seed">Equal seeds give equal texts.</param>
    public static string Generate(int sentences = 6000, ulong seed = 1)
    {
        StringBuilder text = new();
        Rng random = new Rng(seed).For("grammar");
        for (int i = 0; i < sentences; i++) new Sentence(text, random.At((ulong)i)).Write();
        return text.ToString();
    }

    /// <summary>A text by name: what was handed over, a file, or this one.</summary>
    /// <param name="name">The name; a file of that name comes before this text.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">The file cannot be read or is no text.</exception>
    public static string GenerateOrRead(string name, DataFiles files) =>
        name == Name && !files.Exists(name) ? Generate() : PlainText.Read(name, files);

    //  S → NP VP [place] .      NP → the [adjective] noun [that VP-of-one-object]      VP → verb | verb NP      noun and verb agree in number
    private sealed class Sentence(StringBuilder text, Rng random)
    {
        private ulong _draws;

        public void Write()
        {
            int start = text.Length;
            bool many = Noun(clause: true);
            Verb(many, clause: true);
            if (Chance(3)) text.Append(' ').Append(Any(s_places));
            text[start] = char.ToUpperInvariant(text[start]);
            text.Append(".\n");
        }

        private bool Noun(bool clause)
        {
            bool many = Chance(2);
            text.Append(many && Chance(3) ? "some" : "the");
            if (Chance(2)) text.Append(' ').Append(Any(s_adjectives));
            string noun = Any(s_nouns);
            text.Append(' ').Append((noun, many) switch { ("child", true) => "children", (_, true) => noun + "s", _ => noun });
            if (!clause || !Chance(3)) return many;
            text.Append(" that ");
            bool inner = Noun(clause: false);
            text.Append(' ').Append(Any(s_acts)).Append(inner ? "" : "s");
            return many;
        }

        private void Verb(bool many, bool clause)
        {
            bool acts = Chance(2);
            text.Append(' ').Append(Any(acts ? s_acts : s_goes)).Append(many ? "" : "s");
            if (!acts) return;
            text.Append(' ');
            Noun(clause && Chance(4));
        }

        private bool Chance(int oneIn) => random.Below(oneIn, _draws++) == 0;

        private string Any(string[] words) => words[random.Below(words.Length, _draws++)];
    }
}
