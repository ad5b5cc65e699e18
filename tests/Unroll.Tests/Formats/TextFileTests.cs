using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tests.Formats;

public sealed class TextFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_are_added_and_a_torn_last_one_is_left_out()
    {
        TextFile.AppendLine(_folder["log"], "one");
        TextFile.AppendLine(_folder["log"], "zwei ⊙");
        File.AppendAllText(_folder["log"], "tor");
        Assert.Equal(["one", "zwei ⊙"], TextFile.ReadLines(_folder["log"]));
    }

    [Theory]
    [InlineData("a\nb\nc\n", 2, "a\nb\n", 2)]
    [InlineData("a\nb\ntor", 2, "a\nb\n", 2)]
    [InlineData("a\nb\ntor", 3, "a\nb\n", 2)]
    [InlineData("tor", 0, "", 0)]
    [InlineData("a\n", 1, "a\n", 1)]
    public void The_first_lines_are_kept(string before, int count, string after, int kept)
    {
        File.WriteAllText(_folder["log"], before);
        Assert.Equal(kept, TextFile.KeepLines(_folder["log"], count));
        Assert.Equal(after, File.ReadAllText(_folder["log"]));
    }

    [Fact]
    public void A_file_that_is_not_there_has_no_lines()
    {
        Assert.Empty(TextFile.ReadLines(_folder["none"]));
        Assert.Equal(0, TextFile.KeepLines(_folder["none"], 3));
        Assert.Null(TextFile.ReadIfThere(_folder["none"]));
        Assert.False(File.Exists(_folder["none"]));
    }

    [Fact]
    public void A_folder_in_the_place_of_the_file_is_one_line()
    {
        Directory.CreateDirectory(_folder["log"]);
        Assert.Contains(_folder["log"], Assert.Throws<UserErrorException>(() => TextFile.AppendLine(_folder["log"], "x")).Message);
        Assert.Contains(_folder["log"], Assert.Throws<UserErrorException>(() => TextFile.Write(_folder["log"], "x")).Message);
    }
}
