using Unroll.Core;

namespace Unroll.Tasks.Data.Sequences;

/// <summary>
/// The letters of DNA and RNA with the codes for what was not read clearly (Nomenclature Committee of the International Union of Biochemistry 1985,
/// "Nomenclature for incompletely specified bases in nucleic acid sequences").
/// </summary>
public static class Nucleotides
{
    /// <summary>The features of a step in order: A, C, G, T.</summary>
    public const string Bases = "ACGT";

    // What each code may be, a bit each for A, C, G, T; U is T; the gap is nothing.
    private static ReadOnlySpan<byte> Codes => "ACGTUMRWSYKVHDBN-."u8;
    private static ReadOnlySpan<byte> Sets => [1, 2, 4, 8, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15, 0, 0];
    private static ReadOnlySpan<byte> Complements => "TGCAAKYWSRMBDHVN-."u8;

    /// <summary>Whether a letter, upper or lower case, is one of the codes.</summary>
    public static bool IsCode(char letter) => Find(letter) >= 0;

    /// <summary>
    /// A letter as four numbers: 1 for a base that is known, equal shares for one that is not (N: ¼ each), zeros for a gap.
    /// </summary>
    /// <param name="letter">Any code, upper or lower case.</param>
    /// <param name="shares">[4], in the order of <see cref="Bases"/>; overwritten.</param>
    /// <exception cref="UserErrorException">It is no code.</exception>
    public static void Encode(char letter, Span<float> shares)
    {
        int at = Find(letter);
        if (at < 0) throw new UserErrorException($"nucleotide '{letter}': expected one of A, C, G, T, U or a code for several of them (N, R, Y …).");
        int set = Sets[at], count = int.PopCount(set);
        for (int k = 0; k < 4; k++) shares[k] = (set >> k & 1) == 0 ? 0 : 1f / count;
    }

    /// <summary>Which of <see cref="Bases"/> a letter is; −1 for a code of several, a gap, or none.</summary>
    public static int IndexOf(char letter) => Find(letter) is >= 0 and int at && int.PopCount(Sets[at]) == 1 ? int.TrailingZeroCount(Sets[at]) : -1;

    /// <summary>The other strand, read in its own direction: the complements from the last to the first.</summary>
    /// <exception cref="UserErrorException">A letter is no code.</exception>
    public static string ReverseComplement(string sequence) => string.Create(sequence.Length, sequence, (result, from) =>
    {
        for (int i = 0; i < from.Length; i++)
        {
            char letter = from[^(i + 1)];
            int at = Find(letter);
            if (at < 0) throw new UserErrorException($"nucleotide '{letter}' at place {from.Length - i}: it has no complement.");
            char other = (char)Complements[at];
            result[i] = char.IsLower(letter) ? char.ToLowerInvariant(other) : other;
        }
    });

    private static int Find(char letter)
    {
        char upper = letter is >= 'a' and <= 'z' ? (char)(letter - 32) : letter;
        return upper < 128 ? Codes.IndexOf((byte)upper) : -1;
    }
}
