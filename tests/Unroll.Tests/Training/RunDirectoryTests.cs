using Unroll.Core;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Training;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_run_keeps_its_configuration_and_is_not_overwritten()
    {
        RunDirectory run = RunDirectory.Create(_folder["runs"], "first", "{\"a\": 1}");
        Assert.Equal("{\"a\": 1}", RunDirectory.Open(_folder["runs"], "first").ReadConfig());
        Assert.Equal(
            $"run 'first': '{run.Root}' already exists; resume it, give another name, or delete the folder.",
            Assert.Throws<UserErrorException>(() => RunDirectory.Create(_folder["runs"], "first", "{}")).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("dot.")]
    public void A_name_that_could_lead_elsewhere_is_refused(string name)
    {
        string message = Assert.Throws<UserErrorException>(() => RunDirectory.Create(_folder.Path, name, "{}")).Message;
        Assert.StartsWith("run name '", message);
        Assert.DoesNotContain('\n', message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_run_that_is_not_there_cannot_be_opened() =>
        Assert.Contains("no folder", Assert.Throws<UserErrorException>(() => RunDirectory.Open(_folder.Path, "none")).Message);

    [Fact]
    public void A_run_that_ended_before_its_configuration_was_written_can_be_opened()
    {
        Directory.CreateDirectory(_folder["r"]);
        File.WriteAllText(_folder["r/config.json.2147483647.partial"], "{");
        Assert.Null(RunDirectory.Open(_folder.Path, "r").ReadConfig());
        Assert.Empty(Directory.GetFiles(_folder["r"]));
    }

    [Fact]
    public void A_folder_where_nothing_may_be_made_is_one_line()
    {
        File.WriteAllText(_folder["file"], "");
        Assert.Contains("is a file, not a folder", Assert.Throws<UserErrorException>(() => RunDirectory.Create(_folder["file"], "r", "{}")).Message);
    }
}
