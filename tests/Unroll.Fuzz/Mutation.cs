using System.Buffers.Binary;
using System.Text;

namespace Unroll.Fuzz;

/// <summary>
/// Changes the bytes of a good file in the ways in which files go bad: bits and bytes, lengths, numbers and words exchanged, parts cut, doubled,
/// moved,
/// or taken from another file. A mutation is a function of its random numbers alone, so that a finding can be had again from its number.
/// </summary>
internal static class Mutation
{
    private const int Longest = 1 << 20;

    private static readonly byte[] s_bytes = [0, 1, 7, 9, 10, 13, 0x1B, 0x20, 0x22, 0x2C, 0x2D, 0x30, 0x39, 0x7F, 0x80, 0x81, 0xBF, 0xC0, 0xED, 0xEF,
        0xF0, 0xFE, 0xFF];

    private static readonly string[] s_words =
    [
        "", "0", "-1", "1", "2147483647", "2147483648", "-2147483649", "4294967296", "9223372036854775807", "9223372036854775808", "1e308", "1e309",
        "-1e999", "1e-400", "NaN", "Infinity", "null", "true", "[]", "{}", "[8]", "\"8\"", "\"\\ud800\"", "\\u0000", "😀", "é", "é", "\u200B",
            "\u2028",
        "\u202E", "\uFEFF", "\u001B[31m", "𠮷", ",", ";", "\t", "\"", "'", "\r", "\n", "\r\n", "\n\n", "=1+1", "%", "#", "<unk>", "  ", "\u00A0",
        "2024-02-30", "31.12.2023", "1,234", "99999999999999999999999999",
    ];

    /// <summary>A changed copy of one of the seeds.</summary>
    /// <param name="seeds">Good files.</param>
    /// <param name="words">What the format is made of, beside the words that every format may meet.</param>
    /// <param name="random">Decides.</param>
    public static byte[] Of(IReadOnlyList<byte[]> seeds, IReadOnlyList<string> words, FuzzRandom random)
    {
        byte[] bytes = random.Of(seeds);
        for (int changes = 1 + random.Below(random.Below(4) == 0 ? 16 : 3); changes > 0; changes--) bytes = Once(bytes, seeds, words, random);
        return bytes.Length <= Longest ? bytes : bytes[..Longest];
    }

    private static byte[] Once(byte[] bytes, IReadOnlyList<byte[]> seeds, IReadOnlyList<string> words, FuzzRandom random)
    {
        int at = random.Below(bytes.Length + 1), length = random.Below(1 + Math.Min(bytes.Length - at, 1 << random.Below(12)));
        switch (random.Below(12))
        {
            case 0: return Set(bytes, at, b => (byte)(b ^ (1 << random.Below(8))));
            case 1: return Set(bytes, at, _ => random.Of(s_bytes));
            case 2: return Set(bytes, at, _ => (byte)random.Below(256));
            case 3: return bytes[..at];
            case 4: return [.. bytes[..at], .. bytes[(at + length)..]];
            case 5: return Repeat(bytes, at, length, 1 + random.Below(random.Below(8) == 0 ? 200 : 3));
            case 6: return [.. bytes[..at], .. Part(random.Of(seeds), random), .. bytes[at..]];
            case 7: return [.. bytes[..at], .. Part(random.Of(seeds), random)];
            case 8: return Number(bytes, at, random);
            case 9: return [.. bytes[..at], .. Encoding.UTF8.GetBytes(Word(words, random)), .. bytes[at..]];
            case 10: return [.. bytes[..at], .. Encoding.UTF8.GetBytes(Word(words, random)), .. bytes[Math.Min(bytes.Length, at + length)..]];
            default: return Token(bytes, at, words, random);
        }
    }

    private static string Word(IReadOnlyList<string> words, FuzzRandom random) => random.Of(words.Count > 0 && random.Below(2) == 0 ? words
        : s_words);

    private static byte[] Set(byte[] bytes, int at, Func<byte, byte> change)
    {
        if (at >= bytes.Length) return bytes;
        byte[] changed = [.. bytes];
        changed[at] = change(changed[at]);
        return changed;
    }

    private static byte[] Repeat(byte[] bytes, int at, int length, int times)
    {
        List<byte> all = [.. bytes[..at]];
        for (int i = 0; i <= times && all.Count < Longest; i++) all.AddRange(bytes[at..(at + length)]);
        all.AddRange(bytes[(at + length)..]);
        return [.. all];
    }

    private static byte[] Part(byte[] other, FuzzRandom random)
    {
        int at = random.Below(other.Length + 1);
        return other[at..(at + random.Below(1 + other.Length - at))];
    }

    // A length or a count of a binary format: 2, 4 or 8 bytes, either end first.
    private static byte[] Number(byte[] bytes, int at, FuzzRandom random)
    {
        int size = random.Of([2, 4, 8]);
        if (at + size > bytes.Length) return bytes;
        byte[] changed = [.. bytes];
        long value = random.Of([0L, 1, -1, 127, 128, 255, 65535, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, bytes.Length, bytes.Length
            + 1L]);
        byte[] word = new byte[8];
        if (random.Below(2) == 0) BinaryPrimitives.WriteInt64LittleEndian(word, value);
        else BinaryPrimitives.WriteInt64BigEndian(word, size == 8 ? value : value << (64 - 8 * size));
        word.AsSpan(0, size).CopyTo(changed.AsSpan(at));
        return changed;
    }

    // The number or word that stands there, exchanged whole.
    private static byte[] Token(byte[] bytes, int at, IReadOnlyList<string> words, FuzzRandom random)
    {
        static bool Within(byte b) => b is (byte)'.' or (byte)'-' or (byte)'_' or >= 0x80 || char.IsAsciiLetterOrDigit((char)b);
        if (at >= bytes.Length || !Within(bytes[at])) return bytes;
        int begin = at, end = at;
        while (begin > 0 && Within(bytes[begin - 1])) begin--;
        while (end < bytes.Length && Within(bytes[end])) end++;
        return [.. bytes[..begin], .. Encoding.UTF8.GetBytes(Word(words, random)), .. bytes[end..]];
    }
}
