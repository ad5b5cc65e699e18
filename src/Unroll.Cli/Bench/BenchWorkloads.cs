
namespace Unroll.Cli.Bench;

/// <summary>What <c>unroll bench</c> can time, by name.</summary>
internal static class BenchWorkloads
{
    internal static IReadOnlyList<(string Name, Action<BenchRun> Run)> All { get; } =
    [
        ("train", TrainingBench.Steps),
        ("fwdbwd", TrainingBench.ForwardBackward),
        ("infer", InferenceBench.Batches),
        ("stream", InferenceBench.Streams),
        ("charlm", CharacterBench.Run),
        ("matmul", ProductBench.Run),
        ("limits", LimitsBench.Run),
        ("growth", GrowthBench.Run),
        ("threads", ThreadsBench.Run),
        ("startup", StartupBench.Run),
    ];

    internal static IReadOnlyList<string> Names { get; } = [.. All.Select(workload => workload.Name)];

    /// <summary>The workload of a name.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    internal static Action<BenchRun> Of(string name)
    {
        foreach ((string known, Action<BenchRun> run) in All)
            if (known == name) return run;
        throw BenchNames.Unknown("--workload", name, Names);
    }
}
