using System.Text;

namespace Unroll.Formats;

//  {"__metadata__":{"unroll.header_sha256":"9f86d081…","unroll.version":"2", …}, "encoder.weight_ih_l0":{…}, …}
//                                          └ SHA-256 of all these bytes, padding included, with 64 zeros in the place of its own digits
/// <summary>
/// The checksum that a header has of itself: over its bytes as they are, so that no bit of names, types, shapes, offsets and metadata can change
/// unnoticed. <see cref="WeightsHash"/> does the same for the numbers.
/// </summary>
internal static class HeaderSeal
{
    /// <summary>Its key in the metadata.</summary>
    public const string Key = "unroll.header_sha256";

    private const int Digits = 64;

    /// <summary>What stands in its place until the rest of the header is known.</summary>
    public static string Blank { get; } = new('0', Digits);

    private static ReadOnlySpan<byte> Before => "\"unroll.header_sha256\":\""u8;

    /// <summary>Writes it into a header that has the key.</summary>
    /// <param name="header">All of its bytes; the digits are overwritten.</param>
    public static void Stamp(Span<byte> header)
    {
        int at = PlaceIn(header);
        Encoding.ASCII.GetBytes(Of(header, at), header.Slice(at, Digits));
    }

    /// <summary>Whether it is that of the header; null where the header has none.</summary>
    /// <param name="header">All of its bytes.</param>
    public static bool? Holds(ReadOnlySpan<byte> header)
    {
        int at = PlaceIn(header);
        return at < 0 ? null : header.Slice(at, Digits).SequenceEqual(Encoding.ASCII.GetBytes(Of(header, at)));
    }

    // Quotes within texts are escaped, so that these bytes stand nowhere but before the value.
    private static int PlaceIn(ReadOnlySpan<byte> header)
    {
        int at = header.IndexOf(Before);
        return at >= 0 && at + Before.Length + Digits <= header.Length ? at + Before.Length : -1;
    }

    private static string Of(ReadOnlySpan<byte> header, int at)
    {
        Sha256 hash = new();
        hash.AppendData(header[..at]);
        hash.AppendData(Encoding.ASCII.GetBytes(Blank));
        hash.AppendData(header[(at + Digits)..]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
