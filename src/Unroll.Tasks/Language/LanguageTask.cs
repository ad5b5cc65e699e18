using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>The text that a model is asked about.</summary>
public sealed record LanguageQuestion : ReadingOptions
{
    /// <summary>The name of a text; null: the default of what is asked.</summary>
    public string? Data { get; init; }
}

/// <summary>What a model is asked to write.</summary>
public sealed record LanguageSampleOptions : SamplingOptions
{
    /// <summary>What the text begins with; empty: the beginning of a line.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>Symbols to write; null: 500 characters or 100 words.</summary>
    public int? Length { get; init; }
}

/// <summary>Language models: the next character or word of a text.</summary>
public sealed class LanguageTask : ITask
{
    private LanguageTask()
    {
    }

    /// <summary>The task.</summary>
    public static LanguageTask Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "lm";

    /// <inheritdoc/>
    public string ModelName => "language model";

    /// <inheritdoc/>
    public string Help =>
        "Train a model that predicts the next character or word of a text. Without options: a generated text, character by character.";

    /// <inheritdoc/>
    public IOptionTable Options => LanguageOptions.Table;

    /// <inheritdoc/>
    public TaskOptions Defaults { get; } = new LanguageOptions();

    /// <inheritdoc/>
    public TaskOptions DefaultsFor(TaskOptions chosen) => LanguageOptions.Defaults(((LanguageOptions)chosen).Unit);

    /// <inheritdoc/>
    public ITaskRun Begin(TaskOptions options, DataFiles files, RunSettings? settings = null)
    {
        LanguageOptions own = (LanguageOptions)options;
        LanguageOptions.Table.Check(own);
        return LanguageRun.Of(own, LanguageData.Read(own, files.NotingTo(settings?.Note)), settings ?? new RunSettings());
    }

    /// <inheritdoc/>
    public ITaskModel Open(ModelFile file) => LanguageModel.Of(file);

    /// <inheritdoc/>
    public bool TakesFront(TaskOptions options, ITaskModel model) => LanguageRun.TakesFront(model);

    /// <inheritdoc/>
    public bool DealsBySeed => false;

    /// <inheritdoc/>
    public TaskVerb Evaluate => field ??= TaskVerb.Of<LanguageModel, LanguageQuestion>("Measure a model on a text, beside simple models.",
        Data("a text to measure it on, whole (default: the test part of the text it was trained on)").Include(ReadingOptions.Lines)
            .Include(ReadingOptions.NGramLines).Together(o => o.Wrong), new LanguageQuestion(), Measure);

    /// <inheritdoc/>
    public TaskVerb Predict => field ??= TaskVerb.Of<LanguageModel, LanguageQuestion>(
        "Score a text: −ln of the probability of each symbol after those before it.", Data("the text (default: standard input)")
            .Include(ReadingOptions.Lines).Together(o => o.Wrong),
        new LanguageQuestion(),
        (model, asked, call) =>
        {
            string name = asked.Data ?? DataFiles.StandardInput, text = GrammarText.GenerateOrRead(name, call.Files);
            SayUnknown(model, text, DataFiles.Called(name), call);
            return asked.Any ? Read(model, text, asked, call) : model.Score(text, call.Threads, call.Stop);
        });

    /// <inheritdoc/>
    public TaskVerb? Sample => field ??= TaskVerb.Of<LanguageModel, LanguageSampleOptions>("Let a model continue a prompt.",
        new OptionTable<LanguageSampleOptions>()
            .String("prompt", "TEXT", "what the text begins with (default: the beginning of a line)", o => o.Prompt, (o, v) => o with { Prompt = v })
            .Int("length", "N", "symbols to write (default: 500 characters, 100 words)",
                o => o.Length, (o, v) => o with { Length = v }, 0, 1_000_000_000)
            .Include(SamplingOptions.Lines),
        new LanguageSampleOptions(), Write);

    private static OptionTable<LanguageQuestion> Data(string help) =>
        new OptionTable<LanguageQuestion>().String("data", "FILE|-", help, o => o.Data!, (o, v) => o with { Data = v });

    private static LanguageEvaluation Measure(LanguageModel model, LanguageQuestion asked, TaskCall call)
    {
        if (asked.Data is not { } name)
        {
            LanguageData own = LanguageData.Read(model.Options, call.Files);
            if (asked.IsOpen && own.Test.Length == 0)
                call.Note?.Invoke("note: there is no test part, so that open numbers are chosen on the part that is measured.");
            return LanguageEvaluation.Of(
                model, own.Measured.Part, own.Measured.Text, own.Train, own.Valid, asked, call.Threads, call.Stop, call.Note);
        }
        string text = GrammarText.GenerateOrRead(name, call.Files);
        SayUnknown(model, text, DataFiles.Called(name), call);
        string training = TrainingPart(model, call);
        if (Repeated(text, training) is { } repeated)
            call.Note?.Invoke($"data: {DataFiles.Called(name)} {repeated}; what is measured on that is memory: measure on another text");
        string validation = asked.IsOpen && training.Length > 0 ? LanguageData.Read(model.Options, call.Files).Valid : "";
        return LanguageEvaluation.Of(model, DataFiles.Called(name), text, training, validation, asked, call.Threads, call.Stop, call.Note);
    }

    private static LanguageScores Read(LanguageModel model, string text, LanguageQuestion asked, TaskCall call)
    {
        string training = asked.Dynamic || asked.IsOpen ? TrainingPart(model, call) : "";
        string validation = asked.IsOpen && training.Length > 0 ? LanguageData.Read(model.Options, call.Files).Valid : "";
        ReadingScorer scorer = new(model, asked, model.Encode(training), TaskThreads.Or(call.Threads), call.Stop);
        ReadingOptions chosen = scorer.Choose(model.Encode(validation), call.Note);
        return scorer.Score(model.Encode(PlainText.Unify(text)), chosen).InTextOrder();
    }

    // Short lines, and some of those of verse and plays, come again in every text.
    private static string? Repeated(string text, string training)
    {
        const int leastCharacters = 20;
        if (training.Length > 0 && text.StartsWith(training, StringComparison.Ordinal)) return "begins with the text that the model was trained on";
        string[] Lines(string all) => [.. all.Split('\n').Select(line => line.Trim()).Where(line => line.Length >= leastCharacters)];
        HashSet<string> known = [.. Lines(training)];
        string[] lines = Lines(text);
        int again = lines.Count(known.Contains);
        return 2 * again <= lines.Length ? null : FormattableString.Invariant(
            $"has {again:N0} of its {lines.Length:N0} lines of {leastCharacters} characters or more in the training part too");
    }

    private static void SayUnknown(LanguageModel model, string text, string source, TaskCall call)
    {
        UnknownShare share = new(model.Description.Symbols);
        TextSymbols symbols = new(text, model.Description.Unit);
        int line = 1;
        if (model.Description.Unit == TextUnit.Bpe)
            foreach (string piece in model.Description.Pieces(text, openEnd: false))
            {
                int own = line;
                share.Add(BytePairs.Shown(piece), model.Description.Vocabulary[piece] != Vocabulary.Unknown, () => $"line {own}");
                if (piece == TextSymbols.EndOfLine) line++;
            }
        else while (symbols.Next())
        {
            int own = line;
            share.Add(symbols.Current, model.Description.Vocabulary[symbols.Current] != Vocabulary.Unknown, () => $"line {own}");
            if (symbols.Current is "\n" or TextSymbols.EndOfLine) line++;
        }
        if (share.Note(source, "each counts as the unknown symbol") is { } note) call.Note?.Invoke(note);
    }

    private static string TrainingPart(LanguageModel model, TaskCall call) => OwnTraining.Or("", () =>
    {
        LanguageOptions options = model.Options;
        if (options.Data.Contains(DataFiles.StandardInput)) throw new UserErrorException("it came from standard input.");
        string text = LanguageData.ReadTraining(options, call.Files);
        Vocabulary vocabulary = model.Description.Vocabulary;
        return vocabulary.CountedIn(model.Encode(text)).Counts.SequenceEqual(vocabulary.Counts)
            ? text : throw new UserErrorException($"{string.Join(", ", options.Data)}: the text has changed.");
    }, call.Note);

    private static LanguageSample Write(LanguageModel model, LanguageSampleOptions asked, TaskCall call)
    {
        int symbols = asked.Length ?? (model.Description.Unit == TextUnit.Char ? 500 : 100);
        if (model.Encode(PlainText.Unify(asked.Prompt), openEnd: true).Contains(Vocabulary.Unknown))
            call.Note?.Invoke("note: the prompt has symbols that the model does not know.");
        return new LanguageSample(asked.Prompt, model.Sample(asked.Prompt, symbols, asked, call.Stop), symbols, asked.Seed);
    }
}
