using System.Globalization;
using System.Text.RegularExpressions;

namespace Unroll.Mpi.Tests;

/// <summary>Whole sweeps: <c>mpirun -n N unroll sweep train forecast --mpi</c>.</summary>
[Trait("Category", "Slow")]
public sealed class SweepTests : IDisposable
{
    private const string Sweep = "sweep train forecast --mpi --data airline --window 6 --space lr=log:1e-3..1e-1 --space hidden=3..8", Few =
        " --epochs 9 --trials 9 --halving", Long = " --epochs 40 --patience 40 --trials 9";
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-mpi-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Table(string run) => File.ReadAllText(Path.Combine(_folder, "runs", run, "trials.csv"));

    private string Log(string run, int rank) => File.ReadAllText(Path.Combine(_folder, "runs", $"{run}.ranks", $"rank-{rank}.log"));

    private string Alone(string run, string args)
    {
        Mpirun.InThisProcess([.. args.Replace("--mpi ", "").Split(' '), "--run", run, "--runs", Path.Combine(_folder, "runs")]).Done();
        return Table(run);
    }

    // The lines that say that a trial has come to the end of a rung.
    private static string[] Ended(string said) =>
        [.. Regex.Matches(said, @"^trial (\d+)  .* (epoch \d+) ", RegexOptions.Multiline).Select(one => $"{one.Groups[1]} {one.Groups[2]}")];

    [Theory]
    [InlineData(MpiKind.OpenMpi)]
    [InlineData(MpiKind.Mpich)]
    public void Any_number_of_ranks_ends_with_the_table_of_jobs(MpiKind kind)
    {
        Mpirun mpirun = Mpirun.Of(kind);
        string expected = Alone("alone", Sweep + Few + " --jobs 2");
        foreach (int ranks in (int[])[1, 2, 3])
        {
            RankRun run = mpirun.Unroll(ranks, _folder, $"{Sweep}{Few} --run of-{ranks}").Done();
            Assert.Equal(expected, Table($"of-{ranks}"));
            Assert.Contains($"ranks: {ranks}, 1 thread", run.Out);
            Assert.Equal(1, Regex.Count(run.Out, "sweep: 9 trials of "));
            string[] ended = Ended(run.Error);
            Assert.Equal(9 + 3 + 1, ended.Length);
            Assert.Equal(ended.Length, ended.Distinct().Count());
            for (int rank = 0; rank < ranks; rank++)
                Assert.Matches(@"(?s)\nlast trial: \d{4}.*, ended .*ended with exit code 0", Log($"of-{ranks}", rank));
        }
    }

    // A rank that has a trial under way is killed, another number goes on and is killed as well, and threads of one process do the rest.
    [Theory]
    [InlineData(MpiKind.OpenMpi)]
    [InlineData(MpiKind.Mpich)]
    public void A_rank_that_is_killed_ends_all_and_others_go_on_to_the_same_table(MpiKind kind)
    {
        Mpirun mpirun = Mpirun.Of(kind);
        string expected = Alone("alone", Sweep + Long);
        List<string> ended = [];
        foreach ((int ranks, int victim, string args) in
            ((int, int, string)[])[(2, 1, $"{Sweep}{Long} --run killed"), (3, 0, "sweep train forecast --mpi --resume --run killed")])
        {
            Directory.CreateDirectory(Path.Combine(_folder, "runs", "killed.ranks"));
            foreach (string log in Directory.EnumerateFiles(Path.Combine(_folder, "runs", "killed.ranks"))) File.Delete(log);
            RankRun run = mpirun.Run([$"-n {ranks} {Mpirun.Unroller} {args}"], _folder, meanwhile: said =>
                Mpirun.Send("KILL", ProcessOf("killed", victim, ended.Count + 2, said)));
            Assert.NotEqual(0, run.Exit);
            Assert.True(run.Took < TimeSpan.FromSeconds(5), $"{run.Took}");
            Assert.Contains("last trial: 0", Log("killed", victim));
            ended.AddRange(Ended(run.Error));
        }
        RankRun rest = Mpirun.InThisProcess("sweep", "train", "forecast", "--resume", "--run", "killed", "--jobs", "2", "--runs",
            Path.Combine(_folder, "runs")).Done();
        ended.AddRange(Ended(rest.Error));
        Assert.Equal(expected, Table("killed"));
        Assert.Equal(ended.Count, ended.Distinct().Count());
    }

    // Of a rank in a sweep some of whose trials have come to their end.
    private int ProcessOf(string run, int rank, int trials, Func<string> said) => int.Parse(Mpirun.Soon(() =>
        Directory.EnumerateFiles(Path.Combine(_folder, "runs", run, "trials"), "result.json", SearchOption.AllDirectories).Count() >= trials
        && Regex.Match(Log(run, rank), @"process (\d+)(?s:.*)last trial: \d{4}, under way") is { Success: true } found ? found.Groups[1].Value
            : null, said), CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(MpiKind.OpenMpi)]
    [InlineData(MpiKind.Mpich)]
    public void A_signal_to_any_rank_stops_the_sweep_with_what_it_has(MpiKind kind)
    {
        Mpirun mpirun = Mpirun.Of(kind);
        string expected = Alone("alone", Sweep + Long);
        RankRun begun = mpirun.Run([$"-n 2 {Mpirun.Unroller} {Sweep}{Long} --run asked"], _folder, meanwhile: said =>
            Mpirun.Send("TERM", ProcessOf("asked", 1, 1, said)));
        Assert.NotEqual(0, begun.Exit);
        Assert.Empty(begun.Errors);
        Assert.Matches(@"(?m)^interrupted after [1-8] of 9 trials, .*; go on with: unroll sweep train forecast --resume --run asked$", begun.Out);
        mpirun.Unroll(3, _folder, "sweep train forecast --mpi --resume --run asked").Done();
        Assert.Equal(expected, Table("asked"));
    }

    [Fact]
    public void A_rank_that_is_stopped_is_named_by_the_others_with_their_trials()
    {
        RankRun run = Mpirun.Any().Run([$"-n 3 {Mpirun.Unroller} {Sweep}{Long} --run silent"], _folder,
            meanwhile: said => Mpirun.Send("STOP", ProcessOf("silent", 1, 1, said)));
        Assert.NotEqual(0, run.Exit);
        foreach (int rank in (int[])[0, 2])
            Assert.Matches($@"rank {rank}: error: rank 1 has given no sign of life for \d\.\d s; the last trial of this rank is \d{{4}}, ",
                run.Error);
    }

    [Theory]
    [InlineData("--jobs 2", "error: --jobs: each rank has one trial at a time;")]
    [InlineData("--data -", "error: --data: standard input reaches one rank only;")]
    [InlineData("--data missing.csv", "error: ")]
    [InlineData("--cross-validate", "error: unroll sweep train forecast: there is no option '--cross-validate'")]
    [InlineData("--split 0.9,0", "error: --split: a sweep chooses by the validation part, and there is none;")]
    public void What_all_ranks_refuse_is_said_once(string options, string said) =>
        Assert.StartsWith(said, Mpirun.Any().Unroll(2, _folder, $"{Sweep}{Few} {options}").Refused());

    [Fact]
    public void Ranks_with_another_space_are_refused_in_one_line_and_leave_no_sweep()
    {
        string command = $"-n 1 {Mpirun.Unroller} {Sweep}{Few} --run other";
        Assert.StartsWith("error: rank 1 has other options than rank 0: \"space\": ",
            Mpirun.Any().Run([command, command.Replace("3..8", "3..9")], _folder).Refused());
        Assert.False(Directory.Exists(Path.Combine(_folder, "runs", "other")));
    }

    // Only the first rank finds out; the others say nothing of their own.
    [Fact]
    public void Data_that_have_changed_are_refused_in_one_line()
    {
        string data = Path.Combine(_folder, "series.csv"), args = Sweep.Replace("airline", data) + " --epochs 1 --trials 2 --run changed";
        string Text(int t, double more) => string.Create(CultureInfo.InvariantCulture, $"{t},{Math.Sin(t / 3.0) + more:F3}\n");
        File.WriteAllText(data, "t,value\n" + string.Concat(Enumerable.Range(0, 200).Select(t => Text(t, 0))));
        Mpirun.Any().Unroll(2, _folder, args).Done();
        File.WriteAllText(data, "t,value\n" + string.Concat(Enumerable.Range(0, 200).Select(t => Text(t, t == 17 ? 1 : 0))));
        Assert.Contains("the data changed since the sweep began",
            Mpirun.Any().Unroll(2, _folder, "sweep train forecast --mpi --resume --run changed").Refused());
    }
}
