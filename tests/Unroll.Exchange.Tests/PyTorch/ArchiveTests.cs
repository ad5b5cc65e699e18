using System.Buffers.Binary;
using System.IO.Compression;
using Unroll.Core;
using Unroll.Exchange.Importing;
using Unroll.Exchange.PyTorch;
using Unroll.Formats;

namespace Unroll.Exchange.Tests.PyTorch;

/// <summary>Archives and the legacy form: what is read rightly, and what is refused by name.</summary>
public sealed class ArchiveTests
{
    private static readonly byte[] s_numbers = [.. new float[] { 1, 2, 3, 4, 5, 6 }.SelectMany(BitConverter.GetBytes)];

    private static byte[] Pickle(string key = "0") =>
        PickleBytes.Begin().Op('}').Text("w").Tensor(key, 6, [2, 3], [3, 1]).Op('s').End();

    private static (string, byte[])[] Records() => [("a/data.pkl", Pickle()), ("a/data/0", s_numbers)];

    private static WeightsFile Read(byte[] bytes) => PyTorchCheckpoint.Read(new MemoryStream(bytes), "x.pth");

    private static string Refused(byte[] bytes) => Assert.Throws<UserErrorException>(() => Read(bytes)).Message;

    private static float[] Only(WeightsFile file) => Assert.Single(file.Tensors).Float32.ToArray();

    [Fact]
    public void Compressed_records_are_read() =>
        Assert.Equal([1, 2, 3, 4, 5, 6], Only(Read(PickleBytes.Records(Records(), CompressionLevel.SmallestSize))));

    [Fact]
    public void The_other_byte_order_is_honored()
    {
        byte[] swapped = [.. s_numbers.Chunk(4).SelectMany(four => four.Reverse())];
        Assert.Equal([1, 2, 3, 4, 5, 6], Only(Read(PickleBytes.Records([("a/data.pkl", Pickle()), ("a/data/0", swapped), ("a/byteorder",
            "big"u8.ToArray())]))));
        Assert.Contains("its byte order is 'middle'", Refused(PickleBytes.Records([.. Records(), ("a/byteorder", "middle"u8.ToArray())])));
    }

    [Fact]
    public void A_checksum_of_0_means_none_and_another_one_is_checked()
    {
        byte[] zip = PickleBytes.Records(Records());
        int at = zip.AsSpan().IndexOf(s_numbers);
        zip[at] ^= 1;
        Assert.Contains("the checksum of its record 'a/data/0' is another one", Refused(zip));
        byte[] crc = zip.AsSpan(EntryOf(zip, "a/data/0") + 16, 4).ToArray();
        crc.AsSpan().Clear();
        crc.CopyTo(zip, EntryOf(zip, "a/data/0") + 16);
        Assert.NotEqual(1, Only(Read(zip))[0]);
    }

    [Fact]
    public void A_zip64_end_is_read()
    {
        byte[] zip = PickleBytes.Records(Records()), end = zip[^22..], end64 = new byte[56], locator = new byte[20];
        uint count = BinaryPrimitives.ReadUInt16LittleEndian(end.AsSpan(10)), size = BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(12)),
            offset = BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(16));
        BinaryPrimitives.WriteUInt32LittleEndian(end64, 0x06064b50);
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(4), 44);
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(24), count);
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(32), count);
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(40), size);
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(48), offset);
        BinaryPrimitives.WriteUInt32LittleEndian(locator, 0x07064b50);
        BinaryPrimitives.WriteInt64LittleEndian(locator.AsSpan(8), zip.Length - 22);
        BinaryPrimitives.WriteUInt32LittleEndian(locator.AsSpan(16), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), 0xFFFF);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), 0xFFFF);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), uint.MaxValue);
        Assert.Equal([1, 2, 3, 4, 5, 6], Only(Read([.. zip[..^22], .. end64, .. locator, .. end])));
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), size + 1);
        Assert.Contains("its two ends say different things", Refused([.. zip[..^22], .. end64, .. locator, .. end]));
    }

    [Fact]
    public void A_record_that_is_there_twice_is_refused() =>
        Assert.Contains("its record 'a/data/0' is there twice", Refused(PickleBytes.Records([.. Records(), ("a/data/0", s_numbers)])));

    [Theory]
    [InlineData("a/../b")]
    [InlineData("/etc/passwd")]
    [InlineData("a\\b")]
    public void Names_that_leave_the_archive_are_refused(string name) =>
        Assert.Contains("is no name of a record", Refused(PickleBytes.Records([.. Records(), (name, s_numbers)])));

    [Fact]
    public void Records_that_overlap_are_refused()
    {
        byte[] zip = PickleBytes.Records([("a/data.pkl", Pickle()), ("a/data/0", s_numbers), ("a/data/1", s_numbers)]);
        int one = EntryOf(zip, "a/data/0"), two = EntryOf(zip, "a/data/1");
        zip.AsSpan(one + 42, 4).CopyTo(zip.AsSpan(two + 42));           // both entries begin where the first one does
        Assert.Contains("is described otherwise where it stands", Refused(zip));
        zip = PickleBytes.Records([("a/data.pkl", Pickle()), ("a/data/0", s_numbers), ("a/data/1", s_numbers)]);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(EntryOf(zip, "a/data/0") + 20), 60);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(EntryOf(zip, "a/data/0") + 24), 60);
        Assert.Contains("its records 'a/data/0' and 'a/data/1' overlap", Refused(zip));
    }

    [Fact]
    public void A_size_that_nothing_can_unpack_to_is_refused_before_room_is_made()
    {
        byte[] zip = PickleBytes.Records(Records(), CompressionLevel.SmallestSize);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(EntryOf(zip, "a/data.pkl") + 24), 200_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("would become 200000000 bytes", Refused(zip));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void TorchScript_tar_and_other_archives_are_refused_by_name()
    {
        Assert.Contains("is a TorchScript program", Refused(PickleBytes.Records([.. Records(), ("a/constants.pkl", [0x80, 2, (byte)')',
            (byte)'.'])])));
        byte[] tar = new byte[1024];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Assert.Contains("is a tar archive", Refused(tar));
        Assert.Contains("it has no data.pkl", Refused(PickleBytes.Records([("readme.txt", s_numbers)])));
        Assert.Contains("is a pickle, but none of torch.save", Refused(Pickle()));
        Assert.Contains("is no file of torch.save", Refused("hello"u8.ToArray()));
        Assert.Contains("is no file of torch.save", Refused([]));
    }

    [Fact]
    public void A_checkpoint_that_is_cut_short_anywhere_is_refused()
    {
        byte[] legacy = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "PyTorch", "Fixtures", "legacy.2.6.pth"));
        byte[] zip = PickleBytes.Records(Records());
        foreach (byte[] whole in (byte[][])[legacy, zip])
            for (int length = 0; length < whole.Length; length += 1 + whole.Length / 300) Assert.DoesNotContain("\n", Refused(whole[..length]));
    }

    [Fact]
    public void Tensors_that_share_a_storage_are_read_each_for_itself()
    {
        PickleBytes two = PickleBytes.Begin().Ops("}(").Text("a").Tensor("0", 6, [3], [1], offset: 3).Text("b").Tensor("0", 6, [3, 2],
            [1, 3]).Op('u');
        IReadOnlyList<Tensor> tensors = Read(PickleBytes.Zip(two.End(), ("0", s_numbers))).Tensors;
        Assert.Equal([4, 5, 6], tensors[0].Float32.ToArray());
        Assert.Equal([1, 4, 2, 5, 3, 6], tensors[1].Float32.ToArray());
    }

    // Three times as much again would be a copy of all of it; the bound is the issue's, and the file's own bytes are not in memory here.
    [Fact, Trait("Category", "Slow")]
    public void A_hundred_megabytes_are_read_into_little_more_memory_than_they_need()
    {
        const int Rows = 1024, Tensors = 6;
        PickleBytes pickle = PickleBytes.Begin().Ops("}(");
        for (int i = 0; i < Tensors; i++) pickle.Text($"w{i}").Tensor($"{i}", Rows * 4096, [Rows, 4096], [4096, 1]);
        byte[] bytes = new byte[Rows * 4096 * 4];
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, PickleBytes.Zip(pickle.Op('u').End(), [.. Enumerable.Range(0, Tensors).Select(i => ($"{i}", bytes))]));
            long size = new FileInfo(path).Length, before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(Tensors, PyTorchCheckpoint.Read(path).Tensors.Count);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, size, 1.1 * size);
        }
        finally
        {
            File.Delete(path);
        }
    }

    // Where the directory has an entry of that name.
    private static int EntryOf(byte[] zip, string name)
    {
        byte[] own = System.Text.Encoding.UTF8.GetBytes(name);
        for (int at = zip.Length - 46; at >= 0; at--)
            if (BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(at)) == 0x02014b50 && BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(at +
                28)) == own.Length
                && zip.AsSpan(at + 46).StartsWith(own)) return at;
        throw new InvalidOperationException(name);
    }
}
