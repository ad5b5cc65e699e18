using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks.Data;

public sealed class PlainTextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Refused(params byte[] bytes) => Assert.Throws<UserErrorException>(() => PlainText.Decode(bytes, "t.txt")).Message;

    [Fact]
    public void A_byte_order_mark_goes_and_every_line_break_becomes_one_character() =>
        Assert.Equal("a\nb\nc\nå", PlainText.Decode("\uFEFFa\r\nb\rc\nå"u8, "t.txt"));

    [Fact]
    public void Another_encoding_is_refused_with_its_line_and_byte() =>
        Assert.Contains("t.txt, line 2, byte 6: expected text in UTF-8, found the byte 0xE8", Refused([.. "ab\nGen"u8, 0xE8, (byte)'v', (byte)'e']));

    [Fact]
    public void A_character_that_is_cut_off_is_refused_where_it_begins() => Assert.Contains("line 1, byte 1", Refused((byte)'a', 0xC3));

    [Fact]
    public void A_binary_file_is_refused() => Assert.Contains("line 1, byte 1: expected text, found a zero byte", Refused(65, 0, 66));

    [Theory, InlineData(0xFF, 0xFE), InlineData(0xFE, 0xFF)]
    public void Sixteen_bit_text_is_refused(byte a, byte b) => Assert.Contains("found a file in UTF-16", Refused(a, b, 65, 0));

    [Fact]
    public void An_empty_text_a_missing_file_a_folder_and_an_empty_name_are_refused()
    {
        File.WriteAllText(_folder["empty.txt"], "");
        string Read(string path, string input = "") =>
            Assert.Throws<UserErrorException>(() => PlainText.Read(path, DataFiles.Of("-", input))).Message;
        Assert.Contains("empty.txt: the text is empty", Read(_folder["empty.txt"]));
        Assert.Contains("standard input: the text is empty", Read("-"));
        Assert.Contains("there is no such file", Read(_folder["none.txt"]));
        Assert.Contains("it is a folder", Read(_folder["."]));
        Assert.Contains("the name of the file is empty", Read(""));
        byte[] latin = [.. "a\nb"u8, 0xE4];
        Assert.Contains("standard input, line 2, byte 3: expected text in UTF-8",
            Assert.Throws<UserErrorException>(() => PlainText.Read("-", DataFiles.Disk.With("-", latin))).Message);
    }

    [Fact]
    public void A_file_and_standard_input_give_the_same_text()
    {
        File.WriteAllBytes(_folder["t.txt"], [.. "\uFEFF"u8, .. "eins\r\nzwei"u8]);
        Assert.Equal("eins\nzwei", PlainText.Read(_folder["t.txt"], DataFiles.Disk));
        Assert.Equal("eins\nzwei", PlainText.Read("-", DataFiles.Of("-", "\uFEFFeins\r\nzwei")));
    }
}
