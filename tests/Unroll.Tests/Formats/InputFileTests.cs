using System.Diagnostics;
using Unroll.Core;
using Unroll.Files;
using Unroll.Formats;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;
using Unroll.Training;

namespace Unroll.Tests.Formats;

/// <summary>What has no end, or is a hole, is refused at once by everything that reads.</summary>
public sealed class InputFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Readers =>
        ["bytes", "text", "plain text", "table", "midi", "abc", "wav", "model", "weights", "npy", "checkpoint"];

    [Theory, MemberData(nameof(Readers))]
    public void Devices_and_holes_are_refused_in_one_line_at_once(string reader)
    {
        if (!OperatingSystem.IsLinux()) return;
        string hole = _folder["hole.csv"];
        using (FileStream file = File.Create(hole)) file.SetLength(1L << 40);
        string small = _folder["small.csv"];
        using (FileStream file = File.Create(small)) file.SetLength(1L << 30);
        foreach (string path in (string[])["/dev/zero", hole, small])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            string error = Assert.Throws<UserErrorException>(() => Read(reader, path)).Message;
            Assert.Contains(path, error);
            Assert.DoesNotContain('\n', error);
            if (path != small) Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64_000_000);
        }
    }

    [Fact]
    public void A_stream_without_an_end_is_refused_when_it_has_gone_on_for_too_long()
    {
        string error = Assert.Throws<UserErrorException>(() => InputFile.Bytes(new Endless(), "pipe")).Message;
        Assert.Contains("pipe: it is still going on after 134,217,728 bytes", error);
        Assert.Contains("standard input: it is still going on", Assert.Throws<UserErrorException>(() =>
            DataFiles.Disk.With(DataFiles.StandardInput, () => new Endless()).Bytes(DataFiles.StandardInput, "a text")).Message);
        Assert.Throws<UserErrorException>(() => TensorFile.Read(new Endless(), "pipe"));
    }

    [Fact]
    public void A_stream_that_does_not_say_how_long_it_is_is_read_to_its_end()
    {
        byte[] all = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 7))];
        Assert.Equal(all, InputFile.Bytes(new Piped(all), "pipe"));
        Assert.Equal(all[..5], InputFile.Bytes(new Piped(all[..5]), "pipe"));
        Assert.Empty(InputFile.Bytes(new Piped([]), "pipe"));
        TensorFile file = new TensorFile().Add(Tensor.Of("w", [2], [1f, 2]));
        MemoryStream written = new();
        file.Write(written);
        Assert.Equal(2, TensorFile.Read(new Piped(written.ToArray()), "pipe").Find("w")!.Count);
        Assert.Contains("follow the last tensor", Assert.Throws<UserErrorException>(() =>
            TensorFile.Read(new Piped([.. written.ToArray(), 0]), "pipe")).Message);
        Assert.Contains("cut short", Assert.Throws<UserErrorException>(() => TensorFile.Read(new Piped(written.ToArray()[..^1]), "pipe")).Message);
    }

    [Fact]
    public void A_file_is_no_longer_than_it_may_be()
    {
        File.WriteAllText(_folder["a"], "12345678");
        Assert.Equal(8, InputFile.Bytes(_folder["a"], "a text", 8).Length);
        Assert.Contains("it has 8 bytes, expected at most 7",
            Assert.Throws<UserErrorException>(() => InputFile.Bytes(_folder["a"], "a text", 7)).Message);
    }

    [Fact]
    public void A_text_that_is_not_UTF_8_is_refused_with_its_line()
    {
        File.WriteAllBytes(_folder["a"], [.. "one\ntwo "u8, 0xFF]);
        Assert.Contains("a, line 2: expected text in UTF-8, found the byte 0xFF",
            Assert.Throws<UserErrorException>(() => TextFile.ReadIfThere(_folder["a"])).Message);
        File.WriteAllBytes(_folder["a"], [0xEF, 0xBB, 0xBF, .. "é"u8]);
        Assert.Equal("é", TextFile.ReadIfThere(_folder["a"]));
    }

    private static object? Read(string reader, string path) => reader switch
    {
        "bytes" => InputFile.Bytes(path, "a file"),
        "text" => TextFile.ReadIfThere(path),
        "plain text" => PlainText.Read(path, DataFiles.Disk),
        "table" => Table.ReadFile(path),
        "midi" => MidiReader.ReadFile(path),
        "abc" => AbcReader.ReadFile(path),
        "wav" => WavFile.Read(path),
        "model" => TaskList.Open(path),
        "weights" => PyTorchWeights.Load(path),
        "npy" => Npy.Read(path),
        _ => Checkpoint.Read(path),
    };

    // As a pipe is: nobody knows how much there is, and a read gives some of what was asked for.
    private class Piped(byte[] all) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int some = Math.Min(Math.Min(count, 65_536), all.Length - _at);
            all.AsSpan(_at, some).CopyTo(buffer.AsSpan(offset));
            _at += some;
            return some;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    // What yes(1) writes.
    private sealed class Endless() : Piped([])
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)'y');
            return count;
        }
    }
}
