using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Tasks.Speech;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary>The page of a speech run: figures, curves, the confusion matrix, and spectrograms with what was heard over them.</summary>
internal static class SpeechRunReport
{
    private const string Measure = "wrong words, %";

    internal static string Save(RunDirectory run, SpeechModel model, SpeechEvaluation evaluation, double seconds)
    {
        SpeechReport figures = evaluation.Report;
        SpeechOptions options = model.Description.Options;
        List<MethodScores> methods = [new MethodScores(figures.Mode == "ctc" ? "this model, greedy" : "this model", 100 * figures.ErrorRate)];
        methods.AddRange(figures.Baselines.Select(b => new MethodScores(b.Name, 100 * b.ErrorRate)));
        ReportPage page = new TrainingReport
        {
            Title = figures.Mode == "ctc" ? "Speech: strings of words" : "Speech: one word a recording",
            Subtitle = $"{options.Cell}, {options.Layers} × {options.Hidden} units; {options.Data}; run {Path.GetFileName(run.Root)}",
            Epochs = RunFigures.Epochs(run, "validation_error"),
            MetricName = "share of wrong words",
            Measures = [Measure],
            Methods = methods,
            Figures =
            [
                .. figures.BeamErrorRate is double beam ? [new KeyFigure($"{Measure}, by beam search", (100 * beam).ToString("0.0", CultureInfo.InvariantCulture))] : (KeyFigure[])[],
                new KeyFigure("recordings or strings without error", Percent(figures.Right), $"{figures.Examples} in the {figures.Part} part"),
                new KeyFigure("weights", model.Network.Parameters.Length.ToString("N0", CultureInfo.InvariantCulture), $"sha256 {model.WeightsSha256[..12]}…"),
                new KeyFigure("seconds", seconds.ToString("F1", CultureInfo.InvariantCulture)),
            ],
            Inside = TrainingInspectionSection.Read(run.Inspection),
            Settings = RunFigures.Settings(options.ToJson()),
        }.ToPage();
        ReportSection[] own =
        [
            new ReportSection("What was heard as what", [Confusion(figures), .. Speakers(figures)]),
            new ReportSection("Sound and words", [.. evaluation.PicturesOfSome.SelectMany(Picture)]),
        ];
        string path = Path.Combine(run.Root, "report.html");
        (page with { Sections = [page.Sections[0], .. own, .. page.Sections.Skip(1)] }).Save(path);
        return path;
    }

    private static HeatmapChart Confusion(SpeechReport figures)
    {
        int count = figures.Mode == "ctc" ? figures.Labels.Count : figures.Labels.Count - 1;     // only strings have words heard for nothing
        string[] labels = [.. figures.Labels.Take(count)];
        return new HeatmapChart(labels, labels, [.. figures.Confusion.Take(count).Select(row => (IReadOnlyList<double>)[.. row.Take(count).Select(v => (double)v)])])
        {
            Title = "Confusion matrix",
            Caption = "Rows: what was said; columns: what was heard; the number of times.",
            XName = "heard",
            YName = "said",
            Minimum = 0,
            Wide = true,
        };
    }

    private static IEnumerable<ReportBlock> Speakers(SpeechReport figures)
    {
        if (figures.Speakers.Count > 1)
            yield return new TableBlock(["speaker", Measure, "words"], [.. figures.Speakers.Select(s => (IReadOnlyList<string>)
                [s.Speaker, (100 * s.ErrorRate).ToString("0.0", CultureInfo.InvariantCulture), s.Words.ToString(CultureInfo.InvariantCulture)])])
            { Title = "By speaker" };
    }

    private static IEnumerable<ReportBlock> Picture(SpeechPicture picture)
    {
        string[] times = [.. picture.Seconds.Select(s => s.ToString("0.00", CultureInfo.InvariantCulture) + " s")];
        Mark[] marks = [.. picture.Heard.Words.Select(word => new Mark(Step(picture, (word.From + word.To) / 2), word.Word))];
        yield return new HeatmapChart(times, [.. picture.Names.Reverse()], [.. picture.Spectrogram.Reverse()])
        {
            Title = $"{picture.Name}: said '{picture.Said}', heard '{picture.Heard.Text}'",
            Caption = "The logarithm of the energy in each mel filter" + (marks.Length > 0 ? ", and the words where they were heard." : "."),
            XName = "time",
            Marks = marks,
            Wide = true,
        };
        if (picture.Probabilities[0].Count > 1)
            yield return new LineChart(times, [.. picture.Outputs.Select((name, k) => new Line(name, picture.Probabilities[k])).Where((line, k) => k == 0 || line.Values.Max() > 0.05)])
            {
                Title = "What the network says at each step",
                XName = "time",
                YName = "probability",
                FromZero = true,
                Marks = marks,
                Wide = true,
            };
        else
            yield return new BarChart([.. picture.Outputs], new Bars("probability", [.. picture.Probabilities.Select(p => p[0])])) { Title = "What the network says" };
    }

    private static int Step(SpeechPicture picture, double seconds)
    {
        int best = 0;
        for (int t = 1; t < picture.Seconds.Count; t++)
            if (Math.Abs(picture.Seconds[t] - seconds) < Math.Abs(picture.Seconds[best] - seconds)) best = t;
        return best;
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
