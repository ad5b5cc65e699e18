using Unroll.Core;

namespace Unroll.Cli.Bench;

/// <summary>What was asked for.</summary>
internal sealed record BenchPlan
{
    /// <summary>Names of <see cref="BenchWorkloads"/>.</summary>
    public required IReadOnlyList<string> Workloads { get; init; }

    /// <summary>Names of cells; null: each workload's own.</summary>
    public IReadOnlyList<string>? Cells { get; init; }

    /// <summary>Null: each workload's own.</summary>
    public IReadOnlyList<BenchShape>? Shapes { get; init; }

    /// <summary>How many layers; null: each workload's own.</summary>
    public int? Layers { get; init; }

    /// <summary>Whether layers are bidirectional.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>Whether lengths are drawn from 1 … T.</summary>
    public bool Ragged { get; init; }

    /// <summary>How recurrent weights are multiplied, one after the other for each case of inference; null: in every way.</summary>
    public IReadOnlyList<WeightPrecision>? Weights { get; init; }

    /// <summary>What grows: of <c>T</c>, <c>B</c> and <c>H</c>.</summary>
    public IReadOnlyList<string> Axes { get; init; } = ["T", "B", "H"];

    /// <summary>Steps between updates of truncated backpropagation.</summary>
    public int Window { get; init; } = 50;

    /// <summary>Threads that compute all the time meanwhile.</summary>
    public int Load { get; init; }

    /// <summary>Minimum number of pairs, one thread and several in turn.</summary>
    public int Pairs { get; init; } = 31;

    /// <summary>How times are taken.</summary>
    public Timing Timing { get; init; } = new();

    /// <summary>Every cell on every shape.</summary>
    /// <param name="shapes">The workload's own.</param>
    /// <param name="cells">The workload's own.</param>
    /// <param name="layers">The workload's own.</param>
    internal IEnumerable<BenchCase> Cases(IReadOnlyList<BenchShape> shapes, IReadOnlyList<string> cells, int layers = 1)
    {
        foreach (string cell in Cells ?? cells)
            foreach (BenchShape shape in Shapes ?? shapes)
                yield return new BenchCase(cell, Layers ?? layers, Bidirectional, shape, Ragged);
    }

    /// <summary>The same for inference: every case with each kind of weights.</summary>
    /// <param name="shapes">The workload's own.</param>
    internal IEnumerable<BenchCase> InferenceCases(IReadOnlyList<BenchShape> shapes) =>
        from one in Cases(shapes, BenchCells.Plain)
        from weights in Weights ?? Enum.GetValues<WeightPrecision>()
        select one with { Weights = weights };

    /// <summary>Throws unless the workload can do what was asked for.</summary>
    /// <exception cref="UserErrorException">Names the option.</exception>
    internal void Check()
    {
        if (Weights is not null && Workloads.FirstOrDefault(workload => workload is not ("stream" or "infer")) is { } other)
            throw new UserErrorException($"--weights: expected stream or infer, not {other}, because only inference has other weights than floats; "
                + "leave it out.");
        if (Load > 0 && Workloads.FirstOrDefault(workload => workload != "threads") is { } idle)
            throw new UserErrorException($"--load: expected the workload threads alone, found {idle}; leave one of them out.");
        if (Workloads.Contains("stream") && (Bidirectional || Ragged))
            throw new UserErrorException($"{(Bidirectional ? "--bidir" : "--ragged")}: expected another workload than stream "
                + "because a step of a stream knows nothing of later ones; leave it out.");
        if (Workloads.Contains("growth") && Bidirectional)
            throw new UserErrorException("--bidir: expected another workload than growth "
                + "because truncated backpropagation needs layers that only look back; leave it out.");
    }
}

/// <summary>A run of benchmarks: what to do, on which threads, and where results go.</summary>
internal sealed record BenchRun(BenchPlan Plan, BenchMachine Machine, BenchOutput Output)
{
    /// <summary>The items; memory of one is collected before the next.</summary>
    internal IEnumerable<T> Each<T>(IEnumerable<T> items)
    {
        foreach (T item in items)
        {
            yield return item;
            GC.Collect();
        }
    }
}
