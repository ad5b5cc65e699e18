using System.Globalization;
using Unroll.Core;
using Unroll.Mpi;
using Unroll.RankTimes;

// mpirun -n N dotnet exec Unroll.RankTimes.dll sum GIGABITS MEGABYTES…        the sum of gradients beside the time of the wire
// mpirun -n N dotnet exec Unroll.RankTimes.dll step HIDDEN…                   the units of the model of costs, and steps beside what it says
// dotnet exec Unroll.RankTimes.dll predict LATENCY MESSAGE H:f:c:MB…          what the model says of 1 to 1,024 ranks
// dotnet exec Unroll.RankTimes.dll shards S,… B,T,I,H ROUNDS [THREADS]        a step of an LSTM dealt to shards; also under mpirun
try
{
    double Number(int at) => double.Parse(args[at], CultureInfo.InvariantCulture);
    if (args[0] == "predict")
    {
        CostModel.Predict(Number(1), Number(2), args[3..]);
        return 0;
    }
    Launcher? launcher = Launcher.Find();
    if (args[0] == "shards")
    {
        int[] shards = [.. args[1].Split(',').Select(int.Parse)], sizes = [.. args[2].Split(',').Select(int.Parse)];
        int[] rounds = [.. args[3..].Select(int.Parse)];
        using MpiCollective? several = launcher is null ? null
            : MpiCollective.Join(launcher, MpiLibrary.Load(launcher), lost: (all, loss) => all.Abort(1));
        ShardTimes.Print(shards, sizes, rounds[0], rounds.Length > 1 ? rounds[1] : 1, several);
        return 0;
    }
    using MpiCollective ranks = MpiCollective.Join(launcher, MpiLibrary.Load(launcher), lost: (all, loss) => all.Abort(1));
    if (args[0] == "sum")
        SumTimes.Print(ranks, ranks.Library.Version, 1e9 * Number(1), args[2..].Select(size => double.Parse(size, CultureInfo.InvariantCulture)));
    else CostModel.Print(ranks, ranks.Library.Version, args[1..].Select(size => int.Parse(size, CultureInfo.InvariantCulture)));
    return 0;
}
catch (UserErrorException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 2;
}
