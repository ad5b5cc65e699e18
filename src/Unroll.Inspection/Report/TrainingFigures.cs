namespace Unroll.Inspection.Report;

/// <summary>What is known of one epoch of training; NaN stands for what was not measured.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainingLoss">The mean loss over the epoch's batches.</param>
public sealed record EpochFigures(int Epoch, double TrainingLoss)
{
    /// <summary>The mean loss of the validation part after the epoch.</summary>
    public double ValidationLoss { get; init; } = double.NaN;

    /// <summary>The task's own measure on the validation part, named by <see cref="TrainingReport.MetricName"/>.</summary>
    public double Metric { get; init; } = double.NaN;

    /// <summary>The learning rate at the epoch's end.</summary>
    public double LearningRate { get; init; } = double.NaN;

    /// <summary>The mean norm of the gradient over the epoch's steps, before clipping.</summary>
    public double GradientNorm { get; init; } = double.NaN;

    /// <summary>The share of the steps whose gradient was clipped, 0 … 1.</summary>
    public double ClippedShare { get; init; } = double.NaN;
}

/// <summary>What one method reached on the test part.</summary>
/// <param name="Method">Its name: <c>"lstm, 32 units"</c>, <c>"persistence"</c>.</param>
/// <param name="Scores">One for each of <see cref="TrainingReport.Measures"/>; NaN where it has none.</param>
public sealed record MethodScores(string Method, params IReadOnlyList<double> Scores)
{
    /// <summary>
    /// The network against this method, tested on the same data: <c>+1.2, 95 % −0.3 … +2.7: no difference shown</c>; empty: said elsewhere on the
    /// page, or not tested.
    /// </summary>
    public string Against { get; init; } = "";

    /// <summary>What a test of the difference shows of the network; null: there was none, and the figures decide.</summary>
    public Verdict? Verdict { get; init; }
}

/// <summary>A prediction interval over the times of a <see cref="ForecastFigures"/>.</summary>
/// <param name="Level">The share of truths that it should cover, in (0, 1).</param>
/// <param name="Lower">One value a time.</param>
/// <param name="Upper">One value a time.</param>
public sealed record ForecastInterval(double Level, IReadOnlyList<double> Lower, IReadOnlyList<double> Upper);

/// <summary>A forecast against the truth.</summary>
/// <param name="Name">What is forecast: <c>"sunspots, one month ahead"</c>.</param>
/// <param name="Times">Labels of the times.</param>
/// <param name="Truth">One value a time; NaN where it is not known.</param>
/// <param name="Forecast">One value a time; NaN where there is none.</param>
public sealed record ForecastFigures(string Name, IReadOnlyList<string> Times, IReadOnlyList<double> Truth, IReadOnlyList<double> Forecast)
{
    /// <summary>Widest first.</summary>
    public IReadOnlyList<ForecastInterval> Intervals { get; init; } = [];

    /// <summary>The unit of the values; may be empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>How many of the truths lay within the interval, 0 … 1; NaN where no truth is known.</summary>
    public double Coverage(ForecastInterval interval)
    {
        int known = 0, covered = 0;
        for (int i = 0; i < Truth.Count; i++)
        {
            if (double.IsNaN(Truth[i]) || double.IsNaN(interval.Lower[i]) || double.IsNaN(interval.Upper[i])) continue;
            known++;
            if (interval.Lower[i] <= Truth[i] && Truth[i] <= interval.Upper[i]) covered++;
        }
        return known == 0 ? double.NaN : (double)covered / known;
    }
}

/// <summary>One line of the configuration.</summary>
/// <param name="Name">The option.</param>
/// <param name="Value">As it was in force.</param>
public sealed record Setting(string Name, string Value);
