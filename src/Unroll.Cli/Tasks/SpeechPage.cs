using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Tasks.Speech;

namespace Unroll.Cli.Tasks;

/// <summary>The page of a speech run: figures, curves, the confusion matrix, and spectrograms with what was heard over them.</summary>
internal static class SpeechPage
{
    private const string Measure = "word error rate, %";

    internal static RunPage Of(SpeechEvaluation figures) => new(
        figures.Mode == SpeechMode.Ctc ? "Speech: strings of words" : "Speech: one word a recording", "validation_error", "share of wrong words",
            [Measure],
        [
            new MethodScores(figures.Mode == SpeechMode.Ctc ? "this model, greedy" : "this model", 100 * figures.ErrorRate),
            .. figures.Baselines.Select(rule =>
                RunPage.Beside(rule.Name, figures.Mode == SpeechMode.Ctc ? rule.Test : null, 100, 100 * rule.ErrorRate)),
        ])
    {
        Figures =
        [
            .. figures.BeamErrorRate is double beam ? [new KeyFigure($"{Measure}, by beam search", Number(100 * beam))] : (KeyFigure[])[],
            new KeyFigure("recordings or strings without error", SpeechView.Percent(figures.Right), $"{figures.Examples} in the {figures.Part} part"),
        ],
        Sections =
        [
            new ReportSection("What was heard as what", [Confusion(figures), .. Speakers(figures)]),
            new ReportSection("Sound and words", [.. figures.Pictures.SelectMany(Picture)]),
        ],
    };

    private static HeatmapChart Confusion(SpeechEvaluation figures)
    {
        int count = figures.Mode == SpeechMode.Ctc ? figures.Labels.Count : figures.Labels.Count - 1;     // only strings have words heard for nothing
        string[] labels = [.. figures.Labels.Take(count)];
        IReadOnlyList<double>[] counts = [.. figures.Confusion.Take(count).Select(row => (double[])[.. row.Take(count).Select(v => (double)v)])];
        return new HeatmapChart(labels, labels, counts)
        {
            Title = "Confusion matrix",
            Caption = "Rows: what was said; columns: what was heard; the number of times.",
            XName = "heard",
            YName = "said",
            Minimum = 0,
            Wide = true,
        };
    }

    private static IEnumerable<ReportBlock> Speakers(SpeechEvaluation figures)
    {
        if (figures.Speakers.Count > 1)
            yield return new TableBlock(["speaker", Measure, "words"], [.. figures.Speakers.Select(s => (IReadOnlyList<string>)
                [s.Speaker, Number(100 * s.ErrorRate), s.Words.ToString(CultureInfo.InvariantCulture)])])
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
            yield return new LineChart(times,
                [.. picture.Outputs.Select((name, k) => new Line(name, picture.Probabilities[k]))
                    .Where((line, k) => k == 0 || line.Values.Max() > 0.05)])
            {
                Title = "What the network says at each step",
                XName = "time",
                YName = "probability",
                FromZero = true,
                Marks = marks,
                Wide = true,
            };
        else
            yield return new BarChart([.. picture.Outputs], new Bars("probability", [.. picture.Probabilities.Select(p => p[0])]))
            {
                Title = "What the network says",
            };
    }

    private static int Step(SpeechPicture picture, double seconds)
    {
        int best = 0;
        for (int t = 1; t < picture.Seconds.Count; t++)
            if (Math.Abs(picture.Seconds[t] - seconds) < Math.Abs(picture.Seconds[best] - seconds)) best = t;
        return best;
    }

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
