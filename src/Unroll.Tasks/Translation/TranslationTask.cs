using System.Text.Json;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Translation;

/// <summary>How a translation model is asked: what <c>evaluate</c> and <c>predict</c> take.</summary>
public sealed record TranslationQuestion
{
    /// <summary>
    /// To evaluate: a TSV file of pairs or two aligned files; empty: the test part of the model's run. To predict: a text, a source on each line.
    /// </summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Hypotheses of the search, from 1 to 1,000; null: as in training.</summary>
    public int? Beam { get; init; }

    /// <summary>Length normalization of the search, in [0, 10]; null: as in training.</summary>
    public double? LengthPenalty { get; init; }

    /// <summary>To predict: how many of the translations that the search found are shown for each source, from 1 to 1,000.</summary>
    public int NBest { get; init; } = 1;

    internal SearchOptions SearchOf(TranslationModel model) =>
        model.Search with { Beam = Math.Max(Beam ?? model.Options.Beam, NBest), LengthPenalty = LengthPenalty ?? model.Options.LengthPenalty };
}

/// <summary>Translations of some texts.</summary>
/// <param name="Translations">In the order of the texts.</param>
public sealed record TranslationAnswer(IReadOnlyList<Translation> Translations) : TaskAnswer
{
    /// <summary>How many of each text's translations a terminal shows; JSON has all that were found.</summary>
    public int NBest { get; init; } = 1;

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json) => json.Objects("translations", Translations, (own, one) =>
    {
        own.WriteString("source", one.Source);
        own.WriteString("translation", one.Text);
        own.Number("log_probability", one.LogProbability);
        own.Number("score", one.Score);
        own.WriteBoolean("ended", one.Ended);
        own.Objects("others", one.Others, (other, found) =>
        {
            other.WriteString("translation", found.Text);
            other.Number("score", found.Score);
        });
    });
}

/// <summary>From one sequence of symbols to another: sentences, numbers in words, spelling to sound.</summary>
public sealed class TranslationTask : ITask
{
    internal const string Word = "translate";
    private const string Read = "each is read as one and the same unknown symbol";

    private TranslationTask()
    {
    }

    /// <summary>The task.</summary>
    public static TranslationTask Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => Word;

    /// <inheritdoc/>
    public string ModelName => "translation model";

    /// <inheritdoc/>
    public string Help => "Train a model from one sequence of symbols to another: sentences, numbers in words, spelling to sound.";

    /// <inheritdoc/>
    public IOptionTable Options => TranslationOptions.Table;

    /// <inheritdoc/>
    public TaskOptions Defaults { get; } = new TranslationOptions();

    /// <inheritdoc/>
    public TaskVerb Evaluate => field ??= TaskVerb.Of<TranslationModel, TranslationQuestion>(
        "Measure a model by BLEU and chrF, beside simple rules.",
        Searching(new OptionTable<TranslationQuestion>().Strings("data", "FILE.tsv|SOURCE,TARGET",
            "pairs, all of which are measured (default: the test part of the pairs that the model was trained on)",
            o => o.Data, (o, v) => o with { Data = v })
            .Together(o => TranslationOptions.Files("data", o.Data))), new TranslationQuestion(), Measured);

    /// <inheritdoc/>
    public TaskVerb Predict => field ??= TaskVerb.Of<TranslationModel, TranslationQuestion>(
        "Translate the lines of a text.",
        Searching(new OptionTable<TranslationQuestion>()
            .String("data", "FILE|-", "a text on each line", o => o.Data[0], (o, v) => o with { Data = [v] })
            .Int("n-best", "N", "show the N best translations of each line, with scores; the search has N hypotheses at least",
                o => o.NBest, (o, v) => o with { NBest = v }, 1, 1000)),
        new TranslationQuestion { Data = [DataFiles.StandardInput] }, Translated);

    /// <inheritdoc/>
    public ITaskRun Begin(TaskOptions options, DataFiles files, RunSettings? settings = null) =>
        TranslationRun.Begin((TranslationOptions)options, files, settings);

    /// <inheritdoc/>
    public ITaskModel Open(ModelFile file) => TranslationModel.Open(file);

    /// <inheritdoc/>
    public IReadOnlyList<Fold>? Folds(TaskOptions options, DataFiles files)
    {
        if (options.Fold is not null) throw new OptionException("fold", "every fold tests in its turn in a cross-validation; leave it out.");
        if (options.Test.Count > 0) throw new OptionException("test", "every fold tests in its turn in a cross-validation; leave it out.");
        if (options.Folds < 2) throw new OptionException("folds", $"expected at least 2 to let each test in its turn, got {options.Folds}.");
        return [.. Enumerable.Range(0, options.Folds).Select(k => new Fold($"{k}", options with { Fold = $"{k}", CrossValidate = false }))];
    }

    /// <inheritdoc/>
    public TaskEvaluation Pool(IReadOnlyList<FoldScore> folds) => TranslationEvaluation.Pool(folds);

    private static OptionTable<TranslationQuestion> Searching(OptionTable<TranslationQuestion> table) => table
        .Int("beam", "N", "hypotheses of the search (default: as in training; 1: greedy)", o => o.Beam, (o, v) => o with { Beam = v }, 1, 1000)
        .Double("length-penalty", "length normalization of the search (default: as in training; 0: none)",
            o => o.LengthPenalty, (o, v) => o with { LengthPenalty = v }, 0, 10);

    private static TranslationEvaluation Measured(TranslationModel model, TranslationQuestion question, TaskCall call)
    {
        Translator translator = new(model, question.SearchOf(model), call.Threads);
        if (question.Data.Count == 0)
        {
            Partition<TranslationPair> parts = TranslationData.Read(model.Options, call.Files).Parts(model.Options);
            OwnTraining.NoteChanged(model.TrainedOn, PartHashes.Of(parts, TranslationData.Content), model.Options.Data, call.Note);
            if (parts.Test.Count > 0)
            {
                SayUnknown(model, parts.Test, "the test part", call);
                return TranslationEvaluation.Of(model, parts.Test, parts.Train, [], translator, call.Stop);
            }
            throw new OptionException("data", "the data that the model was trained on have no test part; name pairs to measure on.");
        }
        IReadOnlyList<TranslationPair> all = PairReader.Read(question.Data, call.Files);
        IReadOnlyList<TranslationPair> trained = OwnTraining.Or(
            [], () => TranslationData.Read(model.Options, call.Files).Parts(model.Options).Train, call.Note);
        if (TranslationData.Contradictions(trained, all) is { } other) call.Note?.Invoke(other);
        SayUnknown(model, all, string.Join(", ", question.Data.Select(DataFiles.Called)), call);
        foreach (string line in Repetitions.Between("pairs", trained.Select(TranslationData.Content), [], [.. all.Select(TranslationData.Content)]))
            call.Note?.Invoke(line);
        return TranslationEvaluation.Of(model, all, trained, [], translator, call.Stop) with
        {
            Part = string.Join(", ", question.Data.Select(DataFiles.Called)),
        };
    }

    private static void SayUnknown(TranslationModel model, IReadOnlyList<TranslationPair> pairs, string source, TaskCall call)
    {
        IEnumerable<(string, string)> Side(Func<TranslationPair, string> text) => pairs.Select((pair, i) => (text(pair), $"pair {i + 1}"));
        foreach (string? line in (string?[])[model.Source.Unknown(Side(pair => pair.Source)).Note($"{source}, sources", Read),
            model.Target.Unknown(Side(pair => pair.Target)).Note($"{source}, targets", "it cannot write them but by copying the source")])
            if (line is not null) call.Note?.Invoke(line);
    }

    private static TranslationAnswer Translated(TranslationModel model, TranslationQuestion question, TaskCall call)
    {
        string text = PlainText.Read(question.Data[0], call.Files);
        string[] lines = (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
        if (model.Source.Unknown(lines.Select((line, i) => (line, $"line {i + 1}"))).Note(DataFiles.Called(question.Data[0]), Read) is { } unknown)
            call.Note?.Invoke(unknown);
        if (lines.Count(line => line.Trim().Contains('\t')) is > 0 and int tabs)
            call.Note?.Invoke($"note: {DataFiles.Called(question.Data[0])}: " +
                FormattableString.Invariant($"{tabs:N0} of {lines.Length:N0} lines hold a TAB and ") +
                "are translated whole, with what stands behind it; give the sources alone if it is a column of its own.");
        return new TranslationAnswer(model.Translate(lines, question.SearchOf(model), call.Threads, call.Stop)) { NBest = question.NBest };
    }
}
