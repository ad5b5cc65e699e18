using System.Diagnostics;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tests.Formats;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_created_and_replaced_and_leaves_nothing_beside_it()
    {
        AtomicFile.Write(_folder["a.txt"], stream => stream.Write("old and long"u8));
        AtomicFile.Write(_folder["a.txt"], stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(_folder["a.txt"]));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_writer_that_throws_leaves_the_old_file_and_no_temporary_one()
    {
        File.WriteAllText(_folder["a.txt"], "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(_folder["a.txt"], stream =>
        {
            stream.Write("half"u8);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(_folder["a.txt"]));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void While_it_is_written_the_old_file_is_still_there()
    {
        File.WriteAllText(_folder["a.txt"], "old");
        AtomicFile.Write(_folder["a.txt"], stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(_folder["a.txt"]));
            Assert.True(File.Exists(_folder[$"a.txt.{Environment.ProcessId}.partial"]));
        });
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        string error = ErrorOf(_folder["none/a.txt"]);
        Assert.StartsWith($"cannot write '{_folder["none/a.txt"]}': the folder '{_folder["none"]}' does not exist; create it", error);
    }

    [Fact]
    public void A_folder_is_not_a_file() => Assert.Contains("it is a folder; give the name of a file", ErrorOf(_folder.Path));

    [Fact]
    public void A_file_is_not_a_folder()
    {
        File.WriteAllText(_folder["file"], "");
        Assert.Contains($"'{_folder["file"]}' is a file, not a folder", ErrorOf(_folder["file/a.txt"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\0b")]
    public void A_name_that_no_file_can_have_is_refused(string path) => Assert.Contains("give", ErrorOf(path));

    [Fact]
    public void A_folder_without_permission_is_named()
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() =>
            AtomicFile.Write(_folder["a.txt"], stream => stream.Write("x"u8), _ => throw new UnauthorizedAccessException("Access denied.")));
        Assert.Contains($"no permission to write in '{_folder.Path}'", e.Message);
    }

    [Fact]
    public void A_full_disk_is_said_so_and_leaves_no_temporary_file()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "this system has no /dev/full");
        string partial = "";
        Stream OpenFull(string name)
        {
            File.WriteAllText(partial = name, "");
            return new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
        }

        UserErrorException e = Assert.Throws<UserErrorException>(
            () => AtomicFile.Write(_folder["a.txt"], stream => stream.Write(new byte[100]), OpenFull));
        Assert.Equal($"cannot write '{_folder["a.txt"]}': the disk is full; free some space or choose another disk.", e.Message);
        Assert.False(File.Exists(partial));
        Assert.False(File.Exists(_folder["a.txt"]));
    }

    [Fact]
    public void A_device_is_never_replaced_by_a_file()
    {
        if (OperatingSystem.IsWindows()) return;
        File.CreateSymbolicLink(_folder["out"], "/dev/stdout");           // leads to a common file where the output of the tests is redirected to one
        foreach (string device in (string[])["/dev/full", "/dev/stdout", "/proc/none", _folder["out"]])
        {
            Assert.Contains($"cannot write '{device}': it is a device", ErrorOf(device));
            Assert.Throws<UserErrorException>(() => AtomicFile.RequireWritable(device));
        }
    }

    [Fact]
    public void A_symbolic_link_stays_and_its_file_is_replaced()
    {
        if (OperatingSystem.IsWindows()) return;
        File.WriteAllText(_folder["real.txt"], "old");
        File.CreateSymbolicLink(_folder["link.txt"], "real.txt");
        AtomicFile.Write(_folder["link.txt"], stream => stream.Write("new"u8));
        Assert.Equal("real.txt", new FileInfo(_folder["link.txt"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(_folder["real.txt"]));
    }

    [Fact]
    public void A_path_is_tried_beforehand_and_left_as_it_is()
    {
        File.WriteAllText(_folder["a.txt"], "old");
        AtomicFile.RequireWritable(_folder["a.txt"]);
        AtomicFile.RequireWritable(_folder["b.txt"]);
        Assert.Equal([_folder["a.txt"]], Directory.GetFiles(_folder.Path));
        Assert.Equal("old", File.ReadAllText(_folder["a.txt"]));
        Assert.Contains("does not exist; create it",
            Assert.Throws<UserErrorException>(() => AtomicFile.RequireWritable(_folder["none/a.txt"])).Message);
    }

    [Fact]
    public void Temporary_files_of_dead_processes_are_removed_and_no_others()
    {
        int dead = NumberOfADeadProcess(), own = Environment.ProcessId;
        string stale = _folder[$"model.{dead}.partial"], mine = _folder[$"model.{own}.partial"];
        string foreign = _folder["download.partial"], reborn = _folder[$"other.{own}.partial"];
        foreach (string path in (string[])[stale, mine, foreign, reborn]) File.WriteAllText(path, "");
        File.SetLastWriteTimeUtc(reborn, DateTime.UtcNow.AddDays(-400));       // this number was another process's then

        Assert.Equal([reborn, stale], AtomicFile.RemoveStale(_folder.Path).OrderByDescending(path => path));
        Assert.Equal([foreign, mine], Directory.GetFiles(_folder.Path).Order());
    }

    [Fact]
    public void A_folder_that_does_not_exist_has_nothing_stale() => Assert.Empty(AtomicFile.RemoveStale(_folder["none"]));

    private static string ErrorOf(string path) =>
        Assert.Throws<UserErrorException>(() => AtomicFile.Write(path, stream => stream.Write("x"u8))).Message;

    // Numbers are handed out upwards, so that the largest possible one is the last to be taken.
    private static int NumberOfADeadProcess()
    {
        int number = 4_194_303;
        while (Process.GetProcesses().Any(process => process.Id == number)) number--;
        return number;
    }
}
