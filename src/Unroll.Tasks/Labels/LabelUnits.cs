using System.Text;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Labels;

/// <summary>What the steps of a sequence are: words, characters, bases, k-mers, or rows of numbers.</summary>
internal static class LabelUnits
{
    // A string for each letter that bases have: a genome has millions of them.
    private static readonly string[] s_letters = [.. Enumerable.Range(0, 128).Select(letter => $"{(char)letter}")];

    /// <summary>The unit that <see cref="LabelUnit.Auto"/> stands for.</summary>
    public static LabelUnit Choose(LabelKind task, LabeledSequence example) =>
        example.Features > 0 ? LabelUnit.Number : task == LabelKind.Dna ? LabelUnit.Base : LabelUnit.Word;

    /// <summary>The steps of a sequence as text; of numbers, their places from 1.</summary>
    public static IReadOnlyList<string> Of(LabeledSequence sequence, LabelUnit unit, int kmer, bool cased)
    {
        if (unit == LabelUnit.Number)
            return [.. Enumerable.Range(1, sequence.Numbers.Length / Math.Max(1, sequence.Features)).Select(t => $"{t}")];
        if (sequence.Tokens.Count > 0) return [.. sequence.Tokens.Select(token => Normal(token, unit, cased))];
        string text = Normal(sequence.Text, unit, cased);
        return unit switch
        {
            LabelUnit.Char or LabelUnit.Base => [.. text.EnumerateRunes().Select(Letter)],
            LabelUnit.Kmer => [.. Enumerable.Range(0, Math.Max(0, text.Length - kmer + 1)).Select(t => text.Substring(t, kmer))],
            _ => [.. Words.Of(text, clitics: true).Select(word => word.Text)],
        };
    }

    /// <summary>
    /// A text as steps have it: in form C; nucleotides in capital letters, with T for the U of RNA; others in small letters unless they are cased.
    /// </summary>
    public static string Normal(string text, LabelUnit unit, bool cased)
    {
        text = PlainText.Composed(text);
        return unit is LabelUnit.Base or LabelUnit.Kmer ? text.ToUpperInvariant().Replace('U', 'T') : cased ? text : text.ToLowerInvariant();
    }

    /// <summary>The same sequence on the other strand.</summary>
    public static LabeledSequence OtherStrand(LabeledSequence sequence) => sequence with { Text = Nucleotides.ReverseComplement(sequence.Text) };

    private static string Letter(Rune rune) => rune.IsAscii ? s_letters[rune.Value] : rune.ToString();
}
