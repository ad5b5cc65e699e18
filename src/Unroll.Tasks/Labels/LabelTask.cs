using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>A label for each sequence or for each step: <c>classify</c>, <c>dna</c> and <c>tag</c>.</summary>
public sealed class LabelTask : ITask
{
    private const int WindowsAtOnce = 4096;                  // of a genome: what is said of its bases need not lie in memory

    private LabelTask(LabelKind kind, string help) => (Kind, Help, Defaults) = (kind, help, LabelOptions.Of(kind));

    /// <summary>A label for each text, image or sequence of numbers.</summary>
    public static LabelTask Classify { get; } = new(LabelKind.Classify,
        "Train a model that gives a text, an image or a sequence of numbers one of some labels.");

    /// <summary>A label for each window of nucleotides.</summary>
    public static LabelTask Dna { get; } = new(LabelKind.Dna, "Train a model that gives a window of nucleotides one of some labels.");

    /// <summary>A label for each step.</summary>
    public static LabelTask Tag { get; } = new(LabelKind.Tag, "Train a model that gives each step one of some labels.");

    /// <summary>The three.</summary>
    public static IReadOnlyList<LabelTask> All { get; } = [Classify, Dna, Tag];

    /// <summary>Which of the three.</summary>
    public LabelKind Kind { get; }

    /// <inheritdoc/>
    public string Name => WordOf(Kind);

    /// <inheritdoc/>
    public string ModelName => Kind switch { LabelKind.Dna => "DNA classifier", LabelKind.Tag => "tagger", _ => "classifier" };

    /// <inheritdoc/>
    public string Help { get; }

    /// <inheritdoc/>
    public IOptionTable Options => LabelOptions.Table;

    /// <inheritdoc/>
    public TaskOptions Defaults { get; }

    /// <inheritdoc/>
    public TaskVerb Evaluate => field ??= TaskVerb.Of<LabelModel, Measure>("Measure a model on labeled sequences.", new OptionTable<Measure>()
        .Strings("data", "FILE[,FILE…]", "labeled sequences, all of which are measured (default: the test part of the model's own data)",
            o => o.Data, (o, v) => o with { Data = v }), new Measure([]), Ask);

    /// <inheritdoc/>
    public TaskVerb Predict => field ??= TaskVerb.Of<LabelModel, Question>("Give sequences their labels.", new OptionTable<Question>()
        .String("data", "FILE|-", "sequences, with or without labels; lines of plain text are one sequence each",
            o => o.Data, (o, v) => o with { Data = v })
        .Int("explain", "N", "also say which N steps of each sequence decided, by hiding each in turn",
            o => o.Explain, (o, v) => o with { Explain = v }, 0, 1_000_000).Was("why").Only("classify", "dna"),
                new Question(DataFiles.StandardInput, 0), Ask);

    /// <summary>What is measured.</summary>
    /// <param name="Data">Names of data; empty: the test part of the run.</param>
    public sealed record Measure(IReadOnlyList<string> Data);

    /// <summary>What a model is asked.</summary>
    /// <param name="Data">The name of data.</param>
    /// <param name="Explain">How many of the steps that decided are shown; 0: none are looked for.</param>
    public sealed record Question(string Data, int Explain);

    /// <inheritdoc/>
    public ITaskRun Begin(TaskOptions options, DataFiles files, RunSettings? settings = null)
    {
        LabelOptions own = (LabelOptions)options;
        if (own.Task != Kind) throw new OptionException("task", $"the run is one of the task {WordOf(own.Task)}, and this is {Name}.");
        LabelOptions.Table.Check(own);
        files = files.NotingTo(settings?.Note);
        settings = TrainingOn.Opened(own, settings ?? new RunSettings(), LabelModel.Open);
        LabelModel? from = settings.From is { } model && TakesFront(own, model) ? null : TrainingOn.ModelOf(own, settings, Name, LabelModel.Open);
        return LabelRun.Begin(own, LabelData.Read(own, files, from?.Columns), settings, files);
    }

    /// <inheritdoc/>
    public bool TakesFront(TaskOptions options, ITaskModel model) => LabelRun.TakesFront((LabelOptions)options, model);

    /// <inheritdoc/>
    public ITaskModel Open(ModelFile file) => LabelModel.Open(file);

    /// <inheritdoc/>
    public IReadOnlyList<Fold>? Folds(TaskOptions options, DataFiles files) => LabelFolds.Of((LabelOptions)options, files);

    /// <inheritdoc/>
    public TaskEvaluation Pool(IReadOnlyList<FoldScore> folds) => LabelFolds.Pool(folds);

    internal static string WordOf(LabelKind kind) => kind.ToString().ToLowerInvariant();

    private static LabelEvaluation Ask(LabelModel model, Measure what, TaskCall call)
    {
        if (what.Data.Count > 0)
        {
            IReadOnlyList<LabeledSequence> all = LabelData.Read(what.Data, model, call.Files);
            string part = string.Join(", ", what.Data.Select(DataFiles.Called));
            LabelReach.RequireLabels(model, all, part);
            LabelEvaluation evaluation = Beside(model, all, call) with { Part = part };
            LabelReach.Note(model, all, part, call.Files.Note);
            return evaluation;
        }
        Partition<LabeledSequence> parts = LabelData.Read(model, call.Files).Deal(model.Options);
        OwnTraining.NoteChanged(model.TrainedOn, LabelObjective.Hashes(parts), model.Options.Data, call.Note);
        return parts.Test.Count > 0 ? LabelReach.Finite(LabelEvaluation.Of(model, parts.Train, parts.Test, call.Threads, call.Stop))
            : throw new UserErrorException("evaluate: the run has no test part; name labeled sequences as data.");
    }

    // The rules learn from what the model was trained on, never from what is measured.
    private static LabelEvaluation Beside(LabelModel model, IReadOnlyList<LabeledSequence> all, TaskCall call)
    {
        LabelEvaluation alone = LabelReach.Finite(LabelEvaluation.Of(model, [], all, call.Threads, call.Stop));
        return OwnTraining.Or(alone, () =>
        {
            IReadOnlyList<LabeledSequence> trained = LabelData.Read(model, call.Files).Deal(model.Options).Train;
            foreach (string line in Repetitions.Between("sequences", trained.Select(LabelData.Content), [], [.. all.Select(LabelData.Content)]))
                call.Note?.Invoke(line);
            return alone.Beside([.. LabelRules.Of(model, trained, all, alone.Scores)]);
        }, call.Note);
    }

    private static TaskAnswer Ask(LabelModel model, Question what, TaskCall call)
    {
        IReadOnlyList<LabeledSequence> sequences = LabelData.ReadBare(what.Data, model, call.Files);
        LabeledSequence[] full = [.. sequences.Where(one => !one.IsEmpty)];
        string source = DataFiles.Called(what.Data);
        if (model.Options.Labels.Count > 0)
            return new LabelIntervals([.. GenomeWindows.Intervals(full, full.Chunk(WindowsAtOnce)
                .SelectMany(some => LabelReach.Finite(model.Predict(some, call.Threads, call.Stop), some)).Select(one => one.Labels))]);
        IReadOnlyList<LabelPrediction> predictions = LabelReach.Finite(model.Predict(full, call.Threads, call.Stop), full);
        LabelReach.Note(model, full, source, call.Files.Note);
        if (full.Length < sequences.Count)
            call.Files.Note($"{source}: {sequences.Count - full.Length:N0} of {sequences.Count:N0} sequences are empty, the first in line " +
                $"{sequences.First(one => one.IsEmpty).Line}; each has an answer without a label in its place.");
        LabelReasons[] reasons = what.Explain > 0 ? [.. full.Select(one => model.Explain(one, call.Threads, call.Stop))] : [];
        if (full.Length == sequences.Count) return new LabelAnswer(predictions, reasons, what.Explain);
        int next = 0;
        int[] places = [.. sequences.Select(one => one.IsEmpty ? -1 : next++)];
        return new LabelAnswer([.. places.Select((at, i) => at < 0 ? LabelPrediction.None with { Record = sequences[i].Name } : predictions[at])],
            reasons.Length == 0 ? [] : [.. places.Select(at => at < 0 ? LabelReasons.None : reasons[at])], what.Explain);
    }
}
