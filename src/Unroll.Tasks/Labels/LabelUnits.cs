using System.Text.RegularExpressions;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;

namespace Unroll.Tasks.Labels;

/// <summary>What the steps of a sequence are: words, characters, bases, k-mers, or rows of numbers.</summary>
internal static partial class LabelUnits
{
    /// <summary>The unit that <c>auto</c> stands for.</summary>
    public static string Choose(string task, LabeledSequence example) =>
        example.Features > 0 ? "number" : task == "dna" ? "base" : "word";

    /// <summary>The steps of a sequence as text; of numbers, their places from 1.</summary>
    public static IReadOnlyList<string> Of(LabeledSequence sequence, string unit, int kmer, bool cased)
    {
        if (unit == "number") return [.. Enumerable.Range(1, sequence.Numbers.Length / Math.Max(1, sequence.Features)).Select(t => $"{t}")];
        if (sequence.Tokens.Count > 0) return cased ? sequence.Tokens : [.. sequence.Tokens.Select(token => token.ToLowerInvariant())];
        string text = unit is "base" or "kmer" ? sequence.Text.ToUpperInvariant() : cased ? sequence.Text : sequence.Text.ToLowerInvariant();
        return unit switch
        {
            "char" or "base" => [.. text.EnumerateRunes().Select(rune => rune.ToString())],
            "kmer" => [.. Enumerable.Range(0, Math.Max(0, text.Length - kmer + 1)).Select(t => text.Substring(t, kmer))],
            _ => [.. Word().Matches(text).Select(match => match.Value)],
        };
    }

    /// <summary>The same sequence on the other strand.</summary>
    public static LabeledSequence OtherStrand(LabeledSequence sequence) => sequence with { Text = Nucleotides.ReverseComplement(sequence.Text) };

    // Words with what is inside them (don't, co-op), clitics of texts that are split already ('s), numbers, and every other sign for itself.
    [GeneratedRegex(@"[\p{L}\p{M}\p{Nd}_]+(?:['’\-][\p{L}\p{M}\p{Nd}]+)*|['’]\p{L}+|\S")]
    private static partial Regex Word();
}
