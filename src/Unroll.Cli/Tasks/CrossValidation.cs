using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Files;
using Unroll.Inspection.Report;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>
/// Trains each fold in turn, each in a folder of its own within the run's: a run that was stopped goes on in the fold that it had come to.
/// </summary>
/// <param name="verb">The task.</param>
/// <param name="opened">The folder of a run that goes on; null: it is made once the first fold's data and options have been found good.</param>
/// <param name="create">Makes it: it holds <c>fold-0</c>, <c>fold-1</c> …</param>
/// <param name="terminal">Where to read, and to show progress.</param>
/// <param name="threads">Who does the work.</param>
internal sealed class CrossValidation<TOptions>(
    ITrainVerb<TOptions> verb, RunDirectory? opened, Func<RunDirectory> create, Terminal terminal, ThreadTeam threads)
{
    private readonly List<FoldResult> _done = [];
    private RunDirectory? _run = opened;

    private string Root => (_run ??= create()).Root;

    /// <summary>The folds that are done, in their order.</summary>
    internal IReadOnlyList<FoldResult> Done => _done;

    /// <summary>Trains those that are not done; false: it was interrupted.</summary>
    internal bool Train(IReadOnlyList<Fold<TOptions>> folds, TextWriter lines, CancellationToken stop)
    {
        for (int k = 0; k < folds.Count; k++)
        {
            string name = Path.Combine($"fold-{k}", "result.json");
            if (_run is null || TextFile.ReadIfThere(Path.Combine(Root, name)) is not { } text)
            {
                if (Train(folds[k], k, _done.Count == 0 ? lines : null, stop) is not { } end) return false;
                text = FoldResult.ToJson(folds[k].Name, end);
                TextFile.Write(Path.Combine(Root, name), text);
            }
            string path = Path.Combine(Root, name);
            // Not before the result is written: a run that dies in between goes on from them.
            foreach (string file in Folder.Files(Path.Combine(Root, $"fold-{k}", "checkpoints"), "")) Folder.Delete(file);
            FoldResult result = FoldResult.Read(text, path);
            if (result.Name != folds[k].Name)
                throw new UserErrorException($"'{path}': expected the result of fold '{folds[k].Name}', which the data have in that place, " +
                    $"found that of '{result.Name}': the data have changed; begin a run of another name.");
            _done.Add(result);
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"fold {result.Name}: {result.Count:N0} tested, {result.Errors:N0} errors, accuracy {100 * Accuracy(result):F2} %"));
        }
        return true;
    }

    private FoldEnd? Train(Fold<TOptions> fold, int index, TextWriter? lines, CancellationToken stop)
    {
        string name = $"fold-{index}";
        RunDirectory? own = _run is null || Folder.IsEmpty(Path.Combine(Root, name)) ? null : RunDirectory.Open(Root, name);
        ITaskTraining training = verb.Begin(fold.Options, new TrainingSite(terminal.In, threads,
            () => own ?? RunDirectory.Create(Root, name, verb.ToJson(fold.Options)), terminal.Error.WriteLine));
        if (own is not null) training.Loop.Resume();
        foreach (string line in lines is null ? [] : training.Lines()) lines!.WriteLine(line);
        if (terminal.Live) ProgressView.Show(training, training.Loop.Run(stop), terminal);
        else foreach (TrainingProgress _ in training.Loop.Run(stop)) { }
        if (training.Loop.Outcome == TrainingOutcome.Interrupted) return null;
        return training.Finish(measure: true)?.Fold ?? throw new UserErrorException($"cross-validate: fold {fold.Name} has nothing to test.");
    }

    private static double Accuracy(FoldResult fold) => 1 - fold.Errors / (double)Math.Max(1, fold.Count);

    /// <summary>Each measure that every fold has: its mean over the folds and its standard deviation, n − 1 below.</summary>
    internal IReadOnlyList<(string Name, double Mean, double Deviation)> Summary() => [.. Measures().Select(name =>
    {
        double[] values = [.. _done.Select(fold => Of(fold, name))];
        double mean = values.Average();
        return (name, mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Length - 1)));
    })];

    private IEnumerable<string> Measures() =>
        _done[0].Measures.Select(m => m.Name).Where(name => _done.All(fold => double.IsFinite(Of(fold, name))));

    private static double Of(FoldResult fold, string measure) =>
        fold.Measures.FirstOrDefault(m => m.Name == measure) is (not null, var value) ? value : double.NaN;

    internal IEnumerable<string> Lines()
    {
        yield return $"{_done.Count} folds, mean ± standard deviation over the folds:";
        foreach ((string name, double mean, double deviation) in Summary())
            yield return string.Create(CultureInfo.InvariantCulture, $"  {name,-34} {mean,8:F4} ± {deviation:F4}");
        yield return "all that was held out, together:";
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("folds");
        foreach (FoldResult fold in _done)
        {
            json.WriteStartObject();
            json.WriteString("fold", fold.Name);
            json.WriteNumber("count", fold.Count);
            json.WriteNumber("errors", fold.Errors);
            foreach ((string measure, double value) in fold.Measures) json.Number(measure, value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Column("mean", one => one.Mean);
        Column("deviation", one => one.Deviation);

        void Column(string name, Func<(string Name, double Mean, double Deviation), double> value)
        {
            json.WriteStartObject(name);
            foreach ((string Name, double Mean, double Deviation) one in Summary()) json.Number(one.Name, value(one));
            json.WriteEndObject();
        }
    }

    /// <summary>Writes <c>folds.csv</c> and <c>report.html</c>; returns the path of the page.</summary>
    internal string Save(TOptions options, PooledEnd pooled, double seconds)
    {
        string[] measures = [.. _done[0].Measures.Select(m => m.Name)];
        string[][] rows = [.. _done.Select(fold =>
            (string[])[fold.Name, $"{fold.Count}", $"{fold.Errors}", .. measures.Select(name => Text(Of(fold, name)))])];
        TextFile.Write(Path.Combine(Root, "folds.csv"),
            string.Concat(rows.Prepend(["fold", "count", "errors", .. measures]).Select(row => string.Join(',', row.Select(Cell)) + "\n")));
        ReportPage page = new()
        {
            Title = $"{verb.Task}: {Path.GetFileName(verb.DataOf(options))}, {_done.Count} folds",
            Subtitle = $"cross-validation; run {Path.GetFileName(Root)}",
            Sections =
            [
                new ReportSection("Result",
                    new KeyFigureBlock([.. Summary().Select(one =>
                        new KeyFigure(one.Name, Short(one.Mean), $"± {Short(one.Deviation)} over the folds")),
                        new KeyFigure("errors", $"{_done.Sum(fold => fold.Errors)} of {_done.Sum(fold => fold.Count)}"),
                        new KeyFigure("seconds", seconds.ToString("F1", CultureInfo.InvariantCulture))]),
                    new TextBlock([.. pooled.Lines]) { Title = "All that was held out, together", Verbatim = true }),
                .. pooled.Sections,
                new ReportSection("Folds", new TableBlock(["fold", "tested", "errors", .. measures], rows)),
                new ReportSection("Settings", new TableBlock(["", ""],
                    [.. RunFigures.Settings(verb.ToJson(options)).Select(setting => (IReadOnlyList<string>)[setting.Name, setting.Value])])),
            ],
        };
        string path = Path.Combine(Root, "report.html");
        page.Save(path);
        return path;
    }

    private static string Text(double value) => double.IsFinite(value) ? value.ToString("F4", CultureInfo.InvariantCulture) : "";

    private static string Short(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
}
