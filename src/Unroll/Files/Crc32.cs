using System.Buffers.Binary;

namespace Unroll.Files;

/// <summary>The checksum of gzip and zip: the CRC-32 of IEEE 802.3, reflected, eight bytes at a time (Kounavis and Berry 2005).</summary>
/// <remarks>The framework has none in public: that of its own stream is checked where nobody asks for it.</remarks>
public struct Crc32
{
    private static readonly uint[] s_tables = Tables();
    private uint _notYet;                                        // the complement of the checksum, so that a new one is that of nothing

    /// <summary>The checksum of what was added.</summary>
    public readonly uint Value => _notYet;

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~_notYet;
        uint[] t = s_tables;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint a = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc, b = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = t[1792 + (a & 0xFF)] ^ t[1536 + (a >> 8 & 0xFF)] ^ t[1280 + (a >> 16 & 0xFF)] ^ t[1024 + (a >> 24)]
                ^ t[768 + (b & 0xFF)] ^ t[512 + (b >> 8 & 0xFF)] ^ t[256 + (b >> 16 & 0xFF)] ^ t[b >> 24];
        }
        foreach (byte one in bytes) crc = t[(crc ^ one) & 0xFF] ^ crc >> 8;
        _notYet = ~crc;
    }

    // [8, 256]: what a byte does to the checksum when 0 to 7 more bytes have followed it.
    private static uint[] Tables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
            tables[i] = crc;
        }
        for (int i = 256; i < tables.Length; i++) tables[i] = tables[tables[i - 256] & 0xFF] ^ tables[i - 256] >> 8;
        return tables;
    }
}
