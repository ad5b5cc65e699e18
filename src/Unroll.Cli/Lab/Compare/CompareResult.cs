using Unroll.Cli.Lab.Statistics;

namespace Unroll.Cli.Lab.Compare;

/// <summary>The result of one training run.</summary>
/// <param name="Test">The measure on the test part.</param>
/// <param name="Best">The epoch, from 1, that was best on the validation part.</param>
/// <param name="Epochs">Epochs trained.</param>
internal sealed record CompareOutcome(double Test, int Best, int Epochs);

/// <summary>A cell and its trainings, one for each seed.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Hidden">Its units.</param>
/// <param name="Parameters">Of the whole network.</param>
/// <param name="Outcomes">In the order of the seeds.</param>
/// <param name="EpochSeconds">The median time of an epoch, by one thread with nothing beside it.</param>
internal sealed record CompareCell(LabNamedCell Cell, int Hidden, long Parameters, IReadOnlyList<CompareOutcome> Outcomes, double EpochSeconds)
{
    internal double Test => Outcomes.Average(outcome => outcome.Test);

    internal double Best => Outcomes.Average(outcome => outcome.Best);

    /// <summary>Seconds until the best epoch.</summary>
    internal double SecondsToBest => Best * EpochSeconds;
}

/// <summary>Two cells, by one measure.</summary>
/// <param name="A">The first.</param>
/// <param name="B">The second.</param>
/// <param name="Difference">A − B.</param>
/// <param name="Corrected">Its p after Holm's correction for all pairs of the measure.</param>
internal sealed record ComparePair(CompareCell A, CompareCell B, PairedDifference Difference, double Corrected)
{
    private const double Level = 0.05;

    /// <summary>Whether a difference was found.</summary>
    internal bool IsFound => Corrected < Level;

    /// <summary>The one with the smaller mean, where a difference was found.</summary>
    internal CompareCell? Better => !IsFound ? null : Difference.Mean < 0 ? A : B;

    internal CompareCell? Worse => !IsFound ? null : Difference.Mean < 0 ? B : A;

    /// <summary>Every pair of the cells, with Holm's correction over all of them.</summary>
    internal static IReadOnlyList<ComparePair> Of(IReadOnlyList<CompareCell> cells, Func<CompareOutcome, double> measure)
    {
        (CompareCell A, CompareCell B, PairedDifference Difference)[] pairs = [..
            from a in Enumerable.Range(0, cells.Count) from b in Enumerable.Range(a + 1, cells.Count - a - 1)
            select (cells[a], cells[b], PairedDifference.Of([.. cells[a].Outcomes.Select(measure)], [.. cells[b].Outcomes.Select(measure)]))];
        double[] corrected = Holm.Correct([.. pairs.Select(pair => pair.Difference.P)]);
        return [.. pairs.Select((pair, i) => new ComparePair(pair.A, pair.B, pair.Difference, corrected[i]))];
    }

    internal bool IsOf(string a, string b) => (A.Cell.Name, B.Cell.Name) == (a, b) || (A.Cell.Name, B.Cell.Name) == (b, a);
}
