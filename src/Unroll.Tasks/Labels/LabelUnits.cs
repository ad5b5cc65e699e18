using System.Text.RegularExpressions;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;

namespace Unroll.Tasks.Labels;

/// <summary>What the steps of a sequence are: words, characters, bases, k-mers, or rows of numbers.</summary>
internal static partial class LabelUnits
{
    /// <summary>The unit that <see cref="LabelUnit.Auto"/> stands for.</summary>
    public static LabelUnit Choose(LabelKind task, LabeledSequence example) =>
        example.Features > 0 ? LabelUnit.Number : task == LabelKind.Dna ? LabelUnit.Base : LabelUnit.Word;

    /// <summary>The steps of a sequence as text; of numbers, their places from 1.</summary>
    public static IReadOnlyList<string> Of(LabeledSequence sequence, LabelUnit unit, int kmer, bool cased)
    {
        if (unit == LabelUnit.Number)
            return [.. Enumerable.Range(1, sequence.Numbers.Length / Math.Max(1, sequence.Features)).Select(t => $"{t}")];
        if (sequence.Tokens.Count > 0) return cased ? sequence.Tokens : [.. sequence.Tokens.Select(token => token.ToLowerInvariant())];
        string text = unit is LabelUnit.Base or LabelUnit.Kmer ? sequence.Text.ToUpperInvariant()
            : cased ? sequence.Text : sequence.Text.ToLowerInvariant();
        return unit switch
        {
            LabelUnit.Char or LabelUnit.Base => [.. text.EnumerateRunes().Select(rune => rune.ToString())],
            LabelUnit.Kmer => [.. Enumerable.Range(0, Math.Max(0, text.Length - kmer + 1)).Select(t => text.Substring(t, kmer))],
            _ => [.. Word().Matches(text).Select(match => match.Value)],
        };
    }

    /// <summary>The same sequence on the other strand.</summary>
    public static LabeledSequence OtherStrand(LabeledSequence sequence) => sequence with { Text = Nucleotides.ReverseComplement(sequence.Text) };

    // Words with what is inside them (don't, co-op), clitics of texts that are split already ('s), numbers, and every other sign for itself.
    [GeneratedRegex(@"[\p{L}\p{M}\p{Nd}_]+(?:['’\-][\p{L}\p{M}\p{Nd}]+)*|['’]\p{L}+|\S")]
    private static partial Regex Word();
}
