namespace Unroll.Cli.Lab.Zoo;

/// <summary>What was measured, and the statistics of it.</summary>
internal sealed record ZooFigures
{
    internal ZooFigures(ZooPlan plan, IReadOnlyList<IReadOnlyList<ZooResult>> results)
    {
        (Plan, Results) = (plan, results);
        Reference = Math.Max(0, plan.Cells.ToList().FindIndex(cell => cell.Name == "lstm"));
        Ranks = ZooRank.Of([.. results.Select(cell => (IReadOnlyList<IReadOnlyList<double>>)[.. cell.Select(result => result.Shares)])]);
        Order = [.. Enumerable.Range(0, results.Count).OrderBy(cell => Ranks[cell].Mean.Mean)];
        OfTask = [.. plan.Problems.Select((_, task) => ZooDifference.Of([.. results.Select(cell => cell[task].Shares)], Reference))];
        Overall = ZooDifference.Of([.. results.Select(OverTasks)], Reference);
    }

    internal ZooPlan Plan { get; }

    /// <summary>[cell][task], in the order of the plan.</summary>
    internal IReadOnlyList<IReadOnlyList<ZooResult>> Results { get; }

    /// <summary>The cell that all are compared with: lstm, or the first.</summary>
    internal int Reference { get; }

    /// <summary>Of each cell.</summary>
    internal IReadOnlyList<ZooRank> Ranks { get; }

    /// <summary>The cells, the best mean rank first.</summary>
    internal IReadOnlyList<int> Order { get; }

    /// <summary>[task][cell], against the reference.</summary>
    internal IReadOnlyList<IReadOnlyList<ZooDifference?>> OfTask { get; }

    /// <summary>[cell], of the mean over the tasks.</summary>
    internal IReadOnlyList<ZooDifference?> Overall { get; }

    /// <summary>Seconds of a training step of each cell.</summary>
    internal required IReadOnlyList<double> Seconds { get; init; }

    /// <summary>The task whose size the times are measured at.</summary>
    internal required int TimedTask { get; init; }

    /// <summary>The task that the decay of the gradient is measured on; null: there is none.</summary>
    internal required int? DecayTask { get; init; }

    internal string Name(int cell) => Plan.Cells[cell].Name;

    /// <summary>The mean error over the tasks and the seeds.</summary>
    internal double Share(int cell) => Results[cell].Average(result => result.Share);

    private static IReadOnlyList<double> OverTasks(IReadOnlyList<ZooResult> cell) =>
        [.. Enumerable.Range(0, cell[0].Outcomes.Count).Select(seed => cell.Average(result => result.Shares[seed]))];
}
