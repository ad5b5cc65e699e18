using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data;
using Unroll.Training;

namespace Unroll.Tasks.Shared;

/// <summary>
/// Trains each fold in turn, each in its own folder within the run's: a run that was stopped continues with the fold that it had reached.
/// </summary>
/// <param name="task">The task.</param>
/// <param name="files">What names of data refer to.</param>
/// <param name="settings">Threads and notes; <see cref="RunSettings.Folder"/> makes the folder that holds <c>fold-0</c>, <c>fold-1</c> ….</param>
/// <param name="opened">The folder of a run that is resumed; null: it is made once the first fold's data and options have been checked.</param>
public sealed class CrossValidation(ITask task, DataFiles files, RunSettings settings, RunDirectory? opened = null)
{
    private readonly List<(string Name, FoldScore Score)> _done = [];
    private RunDirectory? _run = opened;
    private IDisposable? _held;
    private long _began;

    /// <summary>The finished folds, in order.</summary>
    public IReadOnlyList<(string Name, FoldScore Score)> Done => _done;

    /// <summary>The run's folder.</summary>
    /// <exception cref="InvalidOperationException">No folder is made: the settings have none.</exception>
    public RunDirectory Folder => _run ??= (settings.Folder ?? throw new InvalidOperationException("a cross-validation needs a folder"))();

    /// <summary>How the training ended.</summary>
    public TrainingOutcome Outcome { get; private set; }

    /// <summary>
    /// Trains the folds that are not finished. <see cref="RunSettings.TimeLimit"/> is for all of them together. The run's folder is held meanwhile.
    /// </summary>
    /// <param name="folds">From <see cref="ITask.Folds"/>.</param>
    /// <param name="train">Runs one fold's loop to its end and reports its progress.</param>
    /// <param name="done">Called after each fold.</param>
    /// <param name="stop">Stops: the current fold is saved and ends.</param>
    /// <returns>False: it was interrupted, or the time limit was reached.</returns>
    /// <exception cref="UserErrorException">The data changed since the first fold, or another process trains this run.</exception>
    public bool Train(IReadOnlyList<Fold> folds, Action<ITaskRun, CancellationToken> train, Action<string, FoldScore> done, CancellationToken stop)
    {
        (Outcome, _began) = (TrainingOutcome.Unfinished, Environment.TickCount64);
        _held = _run?.Hold();
        try
        {
            if (_run is not null) RequireSameData(folds[0]);
            return TrainAll(folds, train, done, stop);
        }
        finally
        {
            _held?.Dispose();
        }
    }

    private string DataFile => Path.Combine(Folder.Root, "data.json");

    private bool TrainAll(
        IReadOnlyList<Fold> folds, Action<ITaskRun, CancellationToken> train, Action<string, FoldScore> done, CancellationToken stop)
    {
        for (int k = 0; k < folds.Count; k++)
        {
            string name = Path.Combine($"fold-{k}", "result.json");
            if (_run is null || TextFile.ReadIfThere(Path.Combine(Folder.Root, name)) is not { } text)
            {
                if (Train(folds[k], k, train, stop) is not { } score) return false;
                TextFile.Write(Path.Combine(Folder.Root, name), text = score.ToJson(folds[k].Name));
            }
            string path = Path.Combine(Folder.Root, name);
            // Not before the result is written: a run that dies in between goes on from them.
            foreach (string folder in MemberLoop.FoldersOf(Path.Combine(Folder.Root, $"fold-{k}"), folds[k].Options.Members))
                foreach (string file in Files.Folder.Files(Path.Combine(folder, "checkpoints"), "")) Files.Folder.Delete(file);
            (string Name, FoldScore Score) result = FoldScore.Read(text, path);
            if (result.Name != folds[k].Name)
                throw new UserErrorException($"'{path}': expected the result of fold '{folds[k].Name}', which the data have in that place, " +
                    $"found that of '{result.Name}': the data have changed; begin a run of another name.");
            _done.Add(result);
            done(result.Name, result.Score);
        }
        Outcome = TrainingOutcome.Finished;
        return true;
    }

    /// <summary>All folds together.</summary>
    public TaskEvaluation Pool() => task.Pool([.. _done.Select(fold => fold.Score)]);

    /// <summary>Each measure that every fold has: its mean over the folds and its standard deviation, n − 1 below.</summary>
    public IReadOnlyList<(string Name, double Mean, double Deviation)> Summary() =>
    [
        .. _done[0].Score.Measures.Select(m => m.Name).Where(name => _done.All(fold => double.IsFinite(fold.Score.Of(name)))).Select(name =>
        {
            double[] values = [.. _done.Select(fold => fold.Score.Of(name))];
            double mean = values.Average();
            return (name, mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Length - 1)));
        }),
    ];

    /// <summary>Writes the members <c>folds</c>, <c>mean</c> and <c>deviation</c>.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.Objects("folds", _done, (own, fold) =>
        {
            own.WriteString("fold", fold.Name);
            own.WriteNumber("count", fold.Score.Count);
            own.WriteNumber("errors", fold.Score.Errors);
            foreach ((string measure, double value) in fold.Score.Measures) own.Number(measure, value);
        });
        json.Numbers("mean", Summary().Select(one => (one.Name, one.Mean)));
        json.Numbers("deviation", Summary().Select(one => (one.Name, one.Deviation)));
    }

    /// <summary>Writes <c>folds.csv</c> into the run's folder: a row for each fold.</summary>
    public void SaveTable()
    {
        string[] measures = [.. _done[0].Score.Measures.Select(m => m.Name)];
        IEnumerable<string[]> rows = _done.Select(fold =>
            (string[])[fold.Name, $"{fold.Score.Count}", $"{fold.Score.Errors}", .. measures.Select(name => Text(fold.Score.Of(name)))]);
        TextFile.Write(Path.Combine(Folder.Root, "folds.csv"),
            string.Concat(rows.Prepend(["fold", "count", "errors", .. measures]).Select(row => string.Join(',', row.Select(Cell)) + "\n")));
    }

    // The parts of the first fold are all data. Those of a fold under way are checked by its checkpoint; this is for folds that are finished.
    private void RequireSameData(Fold first)
    {
        if (TextFile.ReadIfThere(DataFile) is not { } written) return;
        ITaskRun run = task.Begin(first.Options with { NonFinite = NonFinitePolicy.Stop }, files, settings with { Folder = null, Note = null });
        if (written != TextOf(run))
            throw new UserErrorException($"'{Folder.Root}': the data changed since its first fold was trained, so that its folds would not belong " +
                "together; give it the data of then, or begin a run of another name.");
    }

    private static string TextOf(ITaskRun run) => JsonText.Of(json =>
    {
        foreach (DataPart part in run.Loop.Data) json.WriteString(part.Name, part.Sha256);
    }, indented: false);

    private FoldScore? Train(Fold fold, int index, Action<ITaskRun, CancellationToken> train, CancellationToken stop)
    {
        TimeSpan? left = settings.TimeLimit - TimeSpan.FromMilliseconds(Environment.TickCount64 - _began);
        if (stop.IsCancellationRequested || left <= TimeSpan.Zero)
        {
            Outcome = stop.IsCancellationRequested ? TrainingOutcome.Interrupted : TrainingOutcome.TimeLimit;
            return null;
        }
        string name = $"fold-{index}";
        RunDirectory? own = _run is null || Files.Folder.IsEmpty(Path.Combine(Folder.Root, name)) ? null : RunDirectory.Open(Folder.Root, name);
        ITaskRun run = task.Begin(fold.Options, files,
            settings with { TimeLimit = left, Folder = () => own ?? RunDirectory.Create(Folder.Root, name, task.Options.ToJson(fold.Options)) });
        _held ??= Folder.Hold();
        if (index == 0) TextFile.Write(DataFile, TextOf(run));
        if (own is not null) run.Loop.Resume();
        train(run, stop);
        if (run.Loop.Outcome is TrainingOutcome.Interrupted or TrainingOutcome.TimeLimit)
        {
            Outcome = run.Loop.Outcome;
            return null;
        }
        return run.Finish()?.AsFold() ?? throw new UserErrorException($"cross-validate: fold {fold.Name} has nothing to test.");
    }

    private static string Text(double value) => double.IsFinite(value) ? value.ToString("F4", CultureInfo.InvariantCulture) : "";

    private static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
}
