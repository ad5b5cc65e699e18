using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Unroll.Mpi.Tests;

/// <summary>Whole runs: <c>mpirun -n N unroll train forecast --mpi</c>.</summary>
[Trait("Category", "Slow")]
public sealed class TrainTests : IDisposable
{
    private const string Train = "train forecast --mpi --threads 1 --hidden 6 --epochs 3 --json";
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-mpi-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Open MPI gives ranks a terminal, to which the runtime sends a command first.
    private static string HashOf(string output) =>
        JsonDocument.Parse(output[output.IndexOf("{\"", StringComparison.Ordinal)..].TrimEnd()).RootElement
            .GetProperty("weights_sha256").GetString()!;

    private string Log(string run, int rank) => File.ReadAllText(Path.Combine(_folder, "runs", $"{run}.ranks", $"rank-{rank}.log"));

    private string Alone(string run, string more = "") => HashOf(Mpirun.InThisProcess([.. Train.Replace("--mpi ", "").Split(' '),
        .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--shards", "8", "--run", run, "--runs", Path.Combine(_folder,
            "runs")]).Done().Out);

    [Fact]
    public void What_is_for_ranks_alone_is_refused_without_them()
    {
        Assert.Equal("error: --mpi-patience: it is for ranks, and this is one process; add --mpi, or leave it out.",
            Mpirun.InThisProcess("train", "forecast", "--mpi-patience", "9s").Refused());
        string config = Path.Combine(_folder, "config.json");
        File.WriteAllText(config, "{\"mpi\": true}");
        Assert.Equal("error: --mpi: expected on the command line, because ranks join before a file of options is read; type it.",
            Mpirun.InThisProcess("train", "forecast", "--config", config).Refused());
    }

    [Theory]
    [InlineData(MpiKind.OpenMpi)]
    [InlineData(MpiKind.Mpich)]
    public void Any_number_of_ranks_ends_with_the_same_weights_and_the_first_alone_speaks(MpiKind kind)
    {
        Mpirun mpirun = Mpirun.Of(kind);
        string expected = Alone("alone");
        foreach (int ranks in (int[])[1, 2, 3])
        {
            RankRun run = mpirun.Unroll(ranks, _folder, $"{Train} --run of-{ranks}").Done();
            Assert.Single(run.Out.TrimEnd().Split('\n'));
            Assert.Equal(expected, HashOf(run.Out));
            Assert.Contains($"ranks: {ranks}, 1 thread", run.Error);
            Assert.Equal(3, Regex.Count(run.Error, "^epoch ", RegexOptions.Multiline));
            for (int rank = 0; rank < ranks; rank++)
            {
                string log = Log($"of-{ranks}", rank);
                Assert.Matches(@"(?s)^rank \d of \d, started .* UTC\nhost .*, process \d+, threads 1\nprogram .*\nlast finished step: [1-9]", log);
                Assert.Contains("ended with exit code 0", log);
            }
        }
    }

    [Theory]
    [InlineData(MpiKind.OpenMpi)]
    [InlineData(MpiKind.Mpich)]
    public void A_signal_to_one_rank_ends_all_at_the_same_step_and_another_number_goes_on_to_the_same_weights(MpiKind kind)
    {
        const string @long = "--epochs 60 --patience 60";
        Mpirun mpirun = Mpirun.Of(kind);
        string expected = Alone("alone", @long);
        RankRun begun = mpirun.Run([$"-n 2 {Mpirun.Unroller} {Train} {@long} --run long"], _folder, meanwhile: said =>
            Mpirun.Send("TERM", ProcessOf("long", 1, said)));
        Assert.NotEqual(0, begun.Exit);
        Assert.Empty(begun.Errors);
        Assert.Contains("\"interrupted\":true", begun.Out);
        Assert.Equal(StepOf(Log("long", 0)), StepOf(Log("long", 1)));
        Assert.Equal(expected, HashOf(mpirun.Unroll(3, _folder, "train forecast --mpi --threads 1 --json --run long --resume").Done().Out));
    }

    // Of a rank that has finished ten steps.
    private int ProcessOf(string run, int rank, Func<string> said) => int.Parse(Mpirun.Soon(() =>
        Regex.Match(Log(run, rank), @"process (\d+)(?s:.*)last finished step: [1-9]\d") is { Success: true } found ? found.Groups[1].Value
            : null, said),
        CultureInfo.InvariantCulture);

    private static string StepOf(string log) => Regex.Match(log, @"last finished step: (\d+)").Groups[1].Value;

    [Fact]
    public void Ranks_with_other_data_are_refused_in_one_line_and_leave_no_run()
    {
        Mpirun mpirun = Mpirun.Any();
        foreach (string one in (string[])["a", "b"])
        {
            string folder = Directory.CreateDirectory(Path.Combine(_folder, one)).FullName;
            File.WriteAllText(Path.Combine(folder, "series.csv"), "t,value\n" + string.Concat(Enumerable.Range(0, 200).Select(t =>
                string.Create(CultureInfo.InvariantCulture, $"{t},{Math.Sin(t / 3.0) + (one == "b" && t == 17 ? 1 : 0):F3}\n"))));
        }
        string command = $"{Mpirun.Unroller} {Train} --data series.csv";
        RankRun run = mpirun.Run([$"-n 1 -wdir {_folder}/a {command}", $"-n 1 -wdir {_folder}/b {command}"], _folder);
        Assert.Equal("error: rank 1 has other data than rank 0: the training part; start all ranks with one command, on equal files.", run.Refused());
        Assert.False(Directory.Exists(Path.Combine(_folder, "a", "runs")) && Directory.EnumerateDirectories(Path.Combine(_folder, "a",
            "runs")).Any());
    }

    [Theory]
    [InlineData("--hidden 7", "error: rank 1 has other options than rank 0: \"hidden\": 7; start all ranks with one command, on equal files.")]
    [InlineData("--lr x", "rank 1: error: ")]
    public void Ranks_with_other_options_are_refused_in_one_line(string options, string said)
    {
        string command = $"-n 1 {Mpirun.Unroller} {Train}";
        Assert.StartsWith(said, Mpirun.Any().Run([command, $"{command} {options}"], _folder).Refused());
    }

    [Theory]
    [InlineData("--shards 2", "error: ranks: expected at most 2, as many as there are shards, got 3;")]
    [InlineData("--shards 6", "error: --shards: expected a power of two")]
    [InlineData("--data missing.csv", "error: ")]
    [InlineData("--members 2", "error: --members: ranks train one model together;")]
    [InlineData("--data -", "error: --data: standard input reaches one rank only;")]
    [InlineData("--wrong", "error: unroll train forecast: there is no option '--wrong'")]
    public void What_all_ranks_refuse_is_said_once(string options, string said) =>
        Assert.StartsWith(said, Mpirun.Any().Unroll(3, _folder, $"{Train} {options}").Refused());

    // Before any data are read.
    [Fact]
    public void Folds_are_refused_because_ranks_train_one_model() => Assert.StartsWith("error: --cross-validate: ranks train one model together, and "
        + "folds are one each; leave out --mpi, or train each fold by a command of its own with fold.",
        Mpirun.Any().Unroll(2, _folder, "train classify --mpi --cross-validate --data missing.tsv").Refused());

    [Fact]
    public void A_rank_that_cannot_write_its_log_is_named()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "runs", "full.ranks", "rank-1.log"));
        RankRun run = Mpirun.Any().Unroll(2, _folder, $"{Train} --run full");
        Assert.StartsWith("error: rank 1: cannot write '", run.Refused());
    }

    [Fact]
    public void A_rank_of_another_build_is_named()
    {
        string copy = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        string library = Path.Combine(copy, "Unroll.Mpi.dll");
        byte[] bytes = File.ReadAllBytes(library), id = typeof(MpiCollective).Module.ModuleVersionId.ToByteArray();
        bytes[bytes.AsSpan().IndexOf(id)] ^= 1;
        File.WriteAllBytes(library, bytes);
        RankRun run = Mpirun.Any().Run([$"-n 1 {Mpirun.Unroller} {Train}", $"-n 1 dotnet exec {copy}/Unroll.Cli.dll {Train}"], _folder);
        Assert.StartsWith("error: rank 1 is another program than rank 0, ", run.Refused());
    }

    [Fact]
    public void A_library_that_is_not_there_is_said_once()
    {
        RankRun run = Mpirun.Any().Run([$"-n 2 {Mpirun.Unroller} {Train}"], _folder, [("UNROLL_MPI_LIBRARY", "/nowhere/libmpi.so")]);
        Assert.Contains("error: MPI: '/nowhere/libmpi.so', which UNROLL_MPI_LIBRARY names, cannot be loaded: ", run.Refused());
    }

    [Fact]
    public void A_library_of_the_other_family_than_the_launcher_is_refused()
    {
        Mpirun.Of(MpiKind.Mpich);
        string library = MpiLibrary.Load(new Launcher("", 0, 1, MpiKind.Mpich)).Name;
        RankRun run = Mpirun.Of(MpiKind.OpenMpi).Run([$"-n 2 {Mpirun.Unroller} {Train}"], _folder, [("UNROLL_MPI_LIBRARY", library)]);
        Assert.Contains("error: MPI: this process was started by Open MPI's mpirun, and the library is MPICH ", run.Refused());
    }

    [Theory]
    [InlineData(MpiKind.OpenMpi)]
    [InlineData(MpiKind.Mpich)]
    public void A_rank_that_is_stopped_is_named_by_all_others_with_their_last_step(MpiKind kind)
    {
        RankRun run = Mpirun.Of(kind).Run([$"-n 3 {Mpirun.Unroller} {Train} --epochs 100000 --run silent"], _folder,
            meanwhile: said => Mpirun.Send("STOP", ProcessOf("silent", 1, said)));
        Assert.NotEqual(0, run.Exit);
        Assert.True(run.Took < TimeSpan.FromSeconds(5), $"{run.Took}");
        foreach (int rank in (int[])[0, 2])
        {
            Match said = Regex.Match(run.Error, $@"rank {rank}: error: rank 1 has given no sign of life for \d\.\d s; the last step that this rank "
                + @"finished is (\d+)");
            Assert.True(said.Success, run.Error);
            Assert.Equal(StepOf(Log("silent", rank)), said.Groups[1].Value);
            Assert.Contains("rank 1 has given no sign of life", Log("silent", rank));
        }
    }
}
