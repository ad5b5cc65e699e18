using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>A run's folder is one process's at a time, and its name is one run's.</summary>
public sealed class RunLockTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ThreadTeam _threads = new(1);

    public void Dispose()
    {
        _threads.Dispose();
        _folder.Dispose();
    }

    private RunDirectory Opened() => RunDirectory.Open(_folder.Path, "a");

    private TrainingLoop<int[]> Loop(RunDirectory run) => new(new LineTask(), new TrainingOptions { Epochs = 2 }, _threads, run);

    [Fact]
    public void Whoever_comes_second_is_told_who_holds_the_folder_and_since_when()
    {
        RunDirectory first = RunDirectory.Create(_folder.Path, "a", "{}");
        using (first.Hold())
        {
            using IDisposable again = first.Hold();
            Assert.Matches($"^run 'a': it is being trained in '.*' by process {Environment.ProcessId}, since \\d{{4}}-\\d\\d-\\d\\d " +
                "\\d\\d:\\d\\d:\\d\\d UTC; wait until that ends, or end it\\.$", Assert.Throws<UserErrorException>(() => Opened().Hold()).Message);
        }
        using IDisposable free = Opened().Hold();
    }

    [Fact]
    public void A_loop_holds_the_folder_from_resuming_to_its_end_and_when_it_is_left()
    {
        RunDirectory run = RunDirectory.Create(_folder.Path, "a", "{}");
        foreach (TrainingProgress _ in Loop(run).Run(TestContext.Current.CancellationToken)) Assert.Throws<UserErrorException>(() => Opened().Hold());
        TrainingLoop<int[]> resumed = Loop(Opened());
        resumed.Resume();
        Assert.Throws<UserErrorException>(Loop(Opened()).Resume);
        foreach (TrainingProgress _ in resumed.Run(TestContext.Current.CancellationToken)) break;
        Opened().Hold().Dispose();
        Assert.Equal(2, File.ReadAllLines(run.Metrics).Length);
    }

    [Fact]
    public void What_a_dead_process_left_holds_nobody_up()
    {
        Directory.CreateDirectory(_folder["a"]);
        File.WriteAllText(_folder["a/.lock"], "");
        File.WriteAllText(_folder["a/.running"], "process 1, since 2020-01-01 00:00:00 UTC");
        RunDirectory run = RunDirectory.Create(_folder.Path, "a", "{}");
        run.Hold().Dispose();
        Assert.False(File.Exists(_folder["a/.running"]));
    }

    [Fact]
    public void Runs_without_a_name_that_begin_in_one_instant_get_names_of_their_own()
    {
        string[] roots = new string[16];
        Parallel.For(0, roots.Length, i => roots[i] = RunDirectory.CreateNumbered(_folder.Path, "tag-words", $"{{\"run\": {i}}}").Root);
        Assert.Equal(roots.Length, roots.Distinct().Count());
        for (int i = 0; i < roots.Length; i++) Assert.Equal($"{{\"run\": {i}}}", File.ReadAllText(Path.Combine(roots[i], "config.json")));
    }

    [Theory]
    [InlineData("--resume"), InlineData("-"), InlineData("."), InlineData("CON"), InlineData("nul"), InlineData("com1.txt"), InlineData("LPT9")]
    [InlineData("a "), InlineData("a\u202eb"), InlineData("ä")]
    public void Names_that_are_options_or_devices_are_refused(string name)
    {
        string message = Assert.Throws<UserErrorException>(() => RunDirectory.Create(_folder.Path, name, "{}")).Message;
        Assert.StartsWith("run name '", message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_name_of_more_than_100_letters_is_refused() => Assert.StartsWith("run name 'aaaa",
        Assert.Throws<UserErrorException>(() => RunDirectory.Create(_folder.Path, new string('a', 101), "{}")).Message);
}
