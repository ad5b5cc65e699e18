using System.Globalization;

namespace Unroll.Inspection.Report;

/// <summary>The page of one training run: results compared with the baselines, training curves, the forecast, and the settings.</summary>
public sealed record TrainingReport
{
    /// <summary>The heading: <c>"sunspots: one month ahead"</c>.</summary>
    public required string Title { get; init; }

    /// <summary>One line: network, data, date.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>In the order of training.</summary>
    public IReadOnlyList<EpochFigures> Epochs { get; init; } = [];

    /// <summary>What <see cref="EpochFigures.Metric"/> is: <c>"RMSE"</c>.</summary>
    public string MetricName { get; init; } = "metric";

    /// <summary>What was measured: <c>test part</c>.</summary>
    public string Part { get; init; } = "test part";

    /// <summary>The names of the measures on the test part, the one that decides first.</summary>
    public IReadOnlyList<string> Measures { get; init; } = [];

    /// <summary>Whether the larger value of the measure that decides is better; else the smaller.</summary>
    public bool LargerIsBetter { get; init; }

    /// <summary>The network first, then what it is measured against.</summary>
    public IReadOnlyList<MethodScores> Methods { get; init; } = [];

    /// <summary>Figures besides the scores: parameters, seconds, the hash of the weights.</summary>
    public IReadOnlyList<KeyFigure> Figures { get; init; } = [];

    /// <summary>Each is drawn in a chart of its own.</summary>
    public IReadOnlyList<ForecastFigures> Forecasts { get; init; } = [];

    /// <summary>What was seen inside the network while it was trained; see <see cref="TrainingInspectionSection"/>.</summary>
    public IReadOnlyList<ReportSection> Inside { get; init; } = [];

    /// <summary>Every setting of the run.</summary>
    public IReadOnlyList<Setting> Settings { get; init; } = [];

    /// <summary>The page; see <see cref="ReportPage.Save"/>.</summary>
    public ReportPage ToPage()
    {
        List<ReportSection> sections = [];
        if (Methods.Count > 0 || Figures.Count > 0) sections.Add(Result());
        if (Forecasts.Count > 0) sections.Add(new ReportSection("Forecast and truth", [.. Forecasts.Select(Chart), .. Coverage()]));
        if (Epochs.Count > 0) sections.Add(new ReportSection("Training", [.. Curves()]));
        sections.AddRange(Inside);
        if (Settings.Count > 0)
            sections.Add(new ReportSection("Settings", new TableBlock(["", ""],
                [.. Settings.Select(setting => (IReadOnlyList<string>)[setting.Name, setting.Value])])));
        return new ReportPage { Title = Title, Subtitle = Subtitle, Sections = sections };
    }

    private ReportSection Result()
    {
        List<ReportBlock> blocks = [];
        List<KeyFigure> figures = [];
        if (Methods.Count > 0 && Measures.Count > 0)
        {
            blocks.Add(new TextBlock(Comparison()));
            figures.AddRange(Methods.Skip(1).Select(Against));
            figures.Insert(0, new KeyFigure($"{Measures[0]}, {Methods[0].Method}", Short(Methods[0].Scores[0]), Part));
        }
        figures.AddRange(Figures);
        blocks.Add(new KeyFigureBlock(figures));
        if (Methods.Count > 1 && Measures.Count > 0)
        {
            blocks.Add(new BarChart([.. Methods.Select(method => method.Method)],
                new Bars(Measures[0], [.. Methods.Select(method => method.Scores[0])]))
            {
                Title = $"{Measures[0]} on the {Part}", Caption = LargerIsBetter ? "Longer is better." : "Shorter is better.",
                ValueName = Measures[0], Highlight = 0,
            });
            bool tested = Methods.Any(method => method.Against.Length > 0);
            string[] more = tested ? [$"{Methods[0].Method} against it, {Measures[0]}"] : [];
            blocks.Add(new TableBlock(["method", .. Measures, .. more], [.. Methods.Select(method =>
                (IReadOnlyList<string>)[method.Method, .. method.Scores.Select(Short), .. tested ? [method.Against] : (string[])[]])])
            { Title = $"Every measure on the {Part}", Highlight = 0 });
        }
        return new ReportSection("Result", blocks);
    }

    private KeyFigure Against(MethodScores other)
    {
        double own = Methods[0].Scores[0], theirs = other.Scores[0];
        Verdict verdict = Of(other);
        string note = other.Verdict is Verdict.None ? ", no difference shown" : "";
        return new KeyFigure($"against {other.Method}", Change(own, theirs), $"{other.Method}: {Short(theirs)}{note}", verdict);
    }

    // By the test where there is one, else by the figures alone.
    private Verdict Of(MethodScores other)
    {
        if (other.Verdict is { } verdict) return verdict;
        double own = Methods[0].Scores[0], theirs = other.Scores[0];
        return own == theirs || !double.IsFinite(own) || !double.IsFinite(theirs) ? Verdict.None : own > theirs == LargerIsBetter ? Verdict.Good
            : Verdict.Bad;
    }

    // Said in words, so that a run that loses to a baseline cannot be read as a success, nor one that equals it as a failure.
    private string Comparison()
    {
        double own = Methods[0].Scores[0];
        List<string> said = [];
        void Say(string how, IEnumerable<MethodScores> which)
        {
            string[] names = [.. which.Select(other => other.Method)];
            if (names.Length > 0) said.Add($"{how} {List(names)}");
        }
        MethodScores[] others = [.. Methods.Skip(1)];
        Say("better than", others.Where(other => Of(other) == Verdict.Good));
        Say("worse than", others.Where(other => Of(other) == Verdict.Bad));
        Say("equal to", others.Where(other => Of(other) == Verdict.None && other.Scores[0] == own));
        Say("with no difference shown from", others.Where(other => Of(other) == Verdict.None && other.Scores[0] != own));
        string first = $"On the {Part}, {Methods[0].Method} reaches {Measures[0]} {Short(own)}";
        return said.Count == 0 ? $"{first}." : $"{first}, {(said.Count == 1 ? said[0] : $"{string.Join(", ", said.SkipLast(1))}, and {said[^1]}")}.";
    }

    private static LineChart Chart(ForecastFigures forecast) => new(forecast.Times,
        new Line("forecast", forecast.Forecast), new Line("truth", forecast.Truth, forecast.Times.Count > 400 ? Stroke.Solid : Stroke.Points))
    {
        Title = forecast.Name,
        YName = forecast.Unit,
        Wide = true,
        Bands = [.. forecast.Intervals.Select(interval => new Band($"{Percent(interval.Level)} interval", interval.Lower, interval.Upper))],
    };

    private IEnumerable<ReportBlock> Coverage()
    {
        IReadOnlyList<string>[] rows = [.. from forecast in Forecasts
                                           from interval in forecast.Intervals
                                           select (IReadOnlyList<string>)[forecast.Name, Percent(interval.Level),
                                               Percent(forecast.Coverage(interval))]];
        if (rows.Length > 0)
            yield return new TableBlock(["forecast", "nominal", "covered"], rows)
            { Title = "Intervals", Caption = "The share of truths within the interval, on the times shown above." };
    }

    private IEnumerable<ReportBlock> Curves()
    {
        string[] epochs = [.. Epochs.Select(epoch => epoch.Epoch.ToString(CultureInfo.InvariantCulture))];
        Mark[] best = [.. Best()];

        LineChart? Curve(string title, string unit, params (string Name, Func<EpochFigures, double> Value)[] lines)
        {
            Line[] measured = [.. lines.Select(line => new Line(line.Name, [.. Epochs.Select(line.Value)])).Where(line =>
                line.Values.Any(double.IsFinite))];
            return measured.Length == 0 ? null : new LineChart(epochs, measured)
            { Title = title, XName = "epoch", YName = unit, Logarithmic = SpansDecades(measured), Marks = best };
        }

        return new ReportBlock?[]
        {
            Curve("Loss", "", ("training", e => e.TrainingLoss), ("validation", e => e.ValidationLoss)),
            Curve($"{MetricName} on the validation part", "", (MetricName, e => e.Metric)),
            Curve("Norm of the gradient before clipping", "", ("mean norm", e => e.GradientNorm)),
            Curve("Steps whose gradient was clipped", "%", ("clipped", e => 100 * e.ClippedShare)) is LineChart clipped
                ? clipped with { FromZero = true, Logarithmic = false } : null,
            Curve("Learning rate", "", ("learning rate", e => e.LearningRate)) is LineChart rate
                ? rate with { FromZero = true, Logarithmic = false } : null,
        }.OfType<ReportBlock>();
    }

    // A logarithmic axis where the values are positive and far apart; nearer together it would have a single label.
    private static bool SpansDecades(Line[] lines)
    {
        double[] values = [.. lines.SelectMany(line => line.Values).Where(double.IsFinite)];
        return values.Min() > 0 && values.Max() / values.Min() >= 100;
    }

    private IEnumerable<Mark> Best()
    {
        int best = -1;
        for (int i = 0; i < Epochs.Count; i++)
            if (double.IsFinite(Epochs[i].ValidationLoss) && (best < 0 || Epochs[i].ValidationLoss < Epochs[best].ValidationLoss)) best = i;
        if (best >= 0) yield return new Mark(best, "best");
    }

    private static string Short(double value) => double.IsFinite(value) ? value.ToString("G4", CultureInfo.InvariantCulture) : "–";

    private static string Percent(double share) => double.IsFinite(share) ? (100 * share).ToString("0.#", CultureInfo.InvariantCulture) + " %" : "–";

    private static string Change(double own, double theirs) =>
        double.IsFinite(own) && theirs > 0 ? (100 * (own / theirs - 1)).ToString("+0.0;−0.0;±0.0", CultureInfo.InvariantCulture) + " %" : "–";

    private static string List(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
}
