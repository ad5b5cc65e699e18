using System.IO.Compression;
using System.Text;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tests.Formats;

public class GzipReaderTests
{
    private static readonly byte[] s_plain = [.. Enumerable.Range(0, 40_000).Select(i => (byte)"ACGT\n"[i * i % 97 % 5])];

    private static byte[] Packed(byte[] plain, CompressionLevel level = CompressionLevel.Optimal)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, level)) gzip.Write(plain);
        return packed.ToArray();
    }

    private static string Refused(byte[] bytes) => Assert.Throws<UserErrorException>(() => InputFile.Unpacked(bytes, "g.gz")).Message;

    [Fact]
    public void What_is_not_gzipped_stays_as_it_is()
    {
        byte[] bytes = [1, 2, 3];
        Assert.Same(bytes, InputFile.Unpacked(bytes, "g"));
        Assert.Empty(InputFile.Unpacked([], "g"));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(8), InlineData(9), InlineData(8191), InlineData(8192), InlineData(40_000)]
    public void Members_one_after_the_other_and_zeros_after_them_are_read(int length)
    {
        foreach (CompressionLevel level in (CompressionLevel[])[CompressionLevel.Optimal, CompressionLevel.NoCompression])
        {
            byte[] first = s_plain[..length], second = Encoding.UTF8.GetBytes("the end");
            Assert.Equal(first, InputFile.Unpacked(Packed(first, level), "g.gz"));
            byte[] both = [.. Packed(first, level), .. Packed([]), .. Packed(second, level), .. new byte[700]];
            Assert.Equal([.. first, .. second], InputFile.Unpacked(both, "g.gz"));
        }
    }

    // Members of incompressible data of every length up to some: their ends fall on every place of the pieces that are read.
    [Fact]
    public void A_member_ends_where_it_ends_whatever_the_pieces_are()
    {
        byte[] noise = new byte[8300];
        for (int i = 0; i < noise.Length; i++) noise[i] = (byte)new Rng(5).UInt((ulong)i);
        for (int length = 8100; length < 8300; length++)
        {
            byte[] packed = Packed(noise[..length]);
            Assert.Equal([.. noise[..length], .. noise[..length]], InputFile.Unpacked([.. packed, .. packed], "g.gz"));
        }
    }

    [Fact]
    public void A_header_may_have_a_name_a_comment_more_fields_and_a_checksum()
    {
        byte[] packed = Packed(s_plain);
        byte[] header = [0x1F, 0x8B, 8, 2 | 4 | 8 | 16, 1, 2, 3, 4, 0, 3, 3, 0, 9, 9, 9, .. "name\0"u8, .. "why\0"u8];
        Crc32 checksum = new();
        checksum.Add(header);
        byte[] all = [.. header, (byte)checksum.Value, (byte)(checksum.Value >> 8), .. packed[10..]];
        Assert.Equal(s_plain, InputFile.Unpacked(all, "g.gz"));
        all[6] ^= 1;
        Assert.Contains("its header does not have the checksum that it names", Refused(all));
        all = [.. packed];
        all[3] = 0x80;
        Assert.Contains("its header is none that gzip writes", Refused(all));
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_is_refused_as_cut()
    {
        byte[] packed = Packed(s_plain);
        for (int end = 2; end < packed.Length; end += end > packed.Length - 30 || end < 40 ? 1 : 97)
        {
            string message = Refused(packed[..end]);
            Assert.StartsWith("g.gz: the gzipped file is cut short, ", message);
            if (end < 10) Assert.Contains("within a header", message);
            if (end >= packed.Length - 8) Assert.Contains("before the checksum and the length", message);
        }
        Assert.Contains("cut short", Refused([.. packed, .. packed[..^1]]));
    }

    [Fact]
    public void A_checksum_a_length_data_and_what_follows_are_told_apart()
    {
        byte[] packed = Packed(s_plain), other = [.. packed];
        other[^6] ^= 0x10;
        Assert.Contains("damaged: its checksum is ", Refused(other));
        other = [.. packed];
        other[^2] ^= 1;
        Assert.Contains("it says that it has 105,536 bytes unpacked, and it has 40,000", Refused(other));
        Assert.Contains($"something else follows it from byte {packed.Length:N0} on", Refused([.. packed, .. "more"u8]));
        Assert.Contains("something else follows", Refused([.. packed, 0, 0, 7]));
        Assert.Contains("something else follows", Refused([.. packed, 0x1F, 0x8C]));
    }

    [Fact]
    public void No_bit_of_the_data_and_their_trailer_flips_without_a_word()
    {
        byte[] packed = Packed(s_plain[..3000]);
        for (int bit = 80; bit < 8 * packed.Length; bit += 3)
        {
            byte[] other = [.. packed];
            other[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<UserErrorException>(() => InputFile.Unpacked(other, "g.gz"));
        }
    }

    [Fact]
    public void Much_from_little_is_refused_before_it_fills_the_memory()
    {
        byte[] packed;
        using (MemoryStream into = new())
        {
            using (GZipStream gzip = new(into, CompressionLevel.Fastest))
                for (int i = 0; i < 160; i++) gzip.Write(new byte[1 << 20]);
            packed = into.ToArray();
        }
        Assert.Contains("unpacks to more than 100 times its size", Refused(packed));
    }

    [Fact]
    public void A_stream_is_unpacked_while_it_is_read()
    {
        using StreamReader packed = new(InputFile.Unpacking(new MemoryStream(Packed("eins\nzwei"u8.ToArray())), "s"));
        Assert.Equal("eins", packed.ReadLine());
        Assert.Equal("zwei", packed.ReadToEnd());
        using StreamReader plain = new(InputFile.Unpacking(new MemoryStream("drei"u8.ToArray()), "s"));
        Assert.Equal("drei", plain.ReadToEnd());
        byte[] cut = Packed(s_plain)[..^9];
        using Stream pipe = InputFile.Unpacking(new OneWay(cut), "s");
        Assert.Contains("cut short, within its data", Assert.Throws<UserErrorException>(() => pipe.CopyTo(Stream.Null)).Message);
    }

    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xCBF43926u)]                       // the check value of the CRC catalogue
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void The_checksum_is_that_of_the_standard(string text, uint expected)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Crc32 checksum = new();
            checksum.Add(bytes.AsSpan(0, cut));
            checksum.Add(bytes.AsSpan(cut));
            Assert.Equal(expected, checksum.Value);
        }
    }

    private sealed class OneWay(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
