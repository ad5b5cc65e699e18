using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Language;

/// <summary>A training run of a language model, from text to a measured model.</summary>
public sealed class LanguageRun : ITaskRun
{
    private const int DefaultEpochs = 12;
    private readonly LanguageObjective[] _objectives;
    private readonly LanguageData _data;

    private LanguageRun(LanguageModel model, LanguageData data, int[] train, RunSettings settings)
    {
        int[] valid = model.Encode(data.Valid);
        (Model, _data, Threads, Epochs) = (model, data, TaskThreads.Or(settings.Threads), model.Options.Epochs ?? DefaultEpochs);
        Parts = new PartCounts(train.Length, valid.Length, model.Encode(data.Test).Length);
        _objectives = [.. model.Members.Select(member => new LanguageObjective(member, data, train, valid))];
        Learning.NoteUnused(model.Options, LanguageOptions.Defaults(model.Options.Unit), settings.Note);
        Loop = MemberLoop.Of(model.Members, settings, Threads, LanguageOptions.Table, (k, own) =>
            new TrainingLoop<TruncatedUpdate>(_objectives[k], Learning.Of(model.Members[k].Options, DefaultEpochs, own), own.Threads!,
                own.Folder?.Invoke(), own.Note, own.Ranks), model.Save);
    }

    /// <summary>The model that is trained.</summary>
    public LanguageModel Model { get; }

    ITaskModel ITaskRun.Model => Model;

    /// <inheritdoc/>
    public ITrainingLoop Loop { get; }

    /// <inheritdoc/>
    public int Epochs { get; }

    /// <inheritdoc/>
    public long Examples => _objectives[0].Examples;

    /// <inheritdoc/>
    public string ExamplesName => Model.Description.Symbols;

    /// <inheritdoc/>
    public PartCounts Parts { get; }

    /// <inheritdoc/>
    public ThreadTeam Threads { get; }

    /// <summary>Makes the vocabulary and the network, and initializes it; or copies those of the model that is trained on.</summary>
    /// <param name="options">The run; names of data in it are not looked at, and the model has none.</param>
    /// <param name="data">The text.</param>
    /// <param name="settings">Threads, folder, notes, cells; null: the defaults.</param>
    /// <exception cref="UserErrorException">The text or the options will not do; one line that says why.</exception>
    public static LanguageRun Begin(LanguageOptions options, LanguageData data, RunSettings? settings = null) =>
        Of(options with { Data = [], Valid = [], Test = [] }, data, settings ?? new RunSettings());

    internal static LanguageRun Of(LanguageOptions options, LanguageData data, RunSettings settings)
    {
        LanguageOptions.Table.Check(options);
        options = Check.Cell(options, settings.Cells);
        _ = Learning.Of(Ensemble.Options(options, 1), DefaultEpochs);
        ITaskModel? front = settings.From is { } given && TakesFront(given) ? given : null;
        LanguageModel? from = front is null ? From(options, settings) : null;
        LanguageDescription description = from is null ? LanguageDescription.Learn(options, data.Train)
            : from.Description with { Options = options, Vocabulary = from.Description.Vocabulary.CountedIn(from.Encode(data.Train)) };
        LanguageModel model = new(description, cells: settings.Cells);
        int[] train = model.Encode(data.Train);
        Require(options, model.Description, train.Length);
        foreach (string note in Notes(options, model.Description, train, data)) settings.Note?.Invoke($"note: {note}");
        bool small = options.TieWeights || options.Unit != TextUnit.Char;            // rows that are also output weights begin small
        InitializationOptions first = new() { EmbeddingBound = small ? 0.1f : null };
        foreach (LanguageModel member in model.Members)
            if (from is not null) TrainingOn.Copy(from.Network.Parameters, member.Network.Parameters);
            else
            {
                Initialization.Apply(member.Network, first, new Rng(member.Options.LearningSeed).For("weights"));
                if (front is not null)
                    TrainingOn.FrontOf(front, options, LanguageTask.Instance.Name).CopyTo(member.Front!, null,
                        member == model.Members[0] ? settings.Note : null);
            }
        return new LanguageRun(model, data, train, settings);
    }

    /// <summary>Measures the best weights: on the test part, else on the validation part, else on the training part.</summary>
    /// <param name="measure">Whether to measure; an interrupted run is not.</param>
    /// <returns>Null where nothing was measured.</returns>
    public LanguageEvaluation? Finish(bool measure = true) => measure ? LanguageEvaluation.Of(Model, _data, Threads) : null;

    TaskEvaluation? ITaskRun.Finish(bool measure) => Finish(measure);

    /// <inheritdoc cref="ITaskRun.Train"/>
    public LanguageEvaluation? Train(IProgress<TrainingProgress>? progress = null, CancellationToken stop = default) =>
        (LanguageEvaluation?)((ITaskRun)this).Train(progress, stop);

    /// <summary>Whether a run takes only the front of a model: one of another task that has one.</summary>
    internal static bool TakesFront(ITaskModel model) => model is not LanguageModel && model.Front is not null;

    private static LanguageModel? From(LanguageOptions options, RunSettings settings)
    {
        LanguageModel? model = TrainingOn.ModelOf(options, settings, LanguageTask.Instance.Name, LanguageModel.Open);
        if (model is not null) TrainingOn.Require(model, LanguageOptions.Table, model.Options, options);
        return model;
    }

    private static void Require(LanguageOptions options, LanguageDescription description, int symbols)
    {
        string what = $"the training part has {symbols:N0} {description.Symbols}";
        if (symbols < 2 * options.Batch + 1)
            throw new UserErrorException(
                $"{what}, expected at least {2 * options.Batch + 1:N0} because {options.Batch} streams of it are read side by side; " +
                "give more text, or a smaller batch.");
        if (description.Vocabulary.Size < 3)
            throw new UserErrorException($"{what} and {(description.Vocabulary.Size == 1 ? "none" : "only one")} of them is in the vocabulary; " +
                "expected two different ones at least; give other text, or a smaller min-count.");
    }

    // Matrices of states and of what a step makes that lie under names of their own.
    private static string[] Undropped(CellDefinition definition) =>
        [.. definition.Cell.Layout.Stored.Where(one => one is { Kind: ParameterKind.Matrix, Name: not DefinedLayout.OfState }
            && one.Of is not InputExpression).Select(one => one.Name)];

    private static IEnumerable<string> Notes(LanguageOptions options, LanguageDescription description, int[] train, LanguageData data)
    {
        if (options.WeightDrop > 0 && CellChoice.Of(options.Cell).Definition is { } definition && Undropped(definition) is { Length: > 0 } kept)
            yield return $"weight-drop drops weights of weight_hh; the recurrent matrices {string.Join(", ", kept)} of cell '{definition.Name}' keep "
                + "all of theirs.";
        int symbols = train.Length;
        if (symbols / options.Batch < options.Bptt[0])
            yield return $"the training part has {symbols:N0} {description.Symbols}, {symbols / options.Batch:N0} for each of {options.Batch} " +
                $"streams, fewer than the {options.Bptt[0]} of an update.";
        if (options.From is not null && train.Count(symbol => symbol == Vocabulary.Unknown) is > 0 and int unknown)
            yield return $"{unknown:N0} of {symbols:N0} {description.Symbols} are not in the vocabulary of the model that is trained on.";
        Vocabulary known = description.Vocabulary;
        if (known[OwnSymbols.Marked(Vocabulary.UnknownSymbol)] is > Vocabulary.Unknown and int word)
            yield return $"the word {Vocabulary.UnknownSymbol} stands {known.Counts[word]:N0} times in the training part and is a word like any " +
                $"other; where the text has it for words that it does not know, choose unknown-word {Vocabulary.UnknownSymbol}.";
        if (options.UnknownWord is { } unread && known.Counts[Vocabulary.Unknown] == 0)
            yield return $"the word '{unread}' (unknown-word) does not stand in the training part.";
        if (description.Start == Vocabulary.Unknown)
            yield return "the training part has no line break, so that the beginning of a text is not known to the model; give samples a prompt.";
        if (options.Unit == TextUnit.Word && NearEqual.Unseen(known.Symbols) is { } pairs) yield return $"of the words, {pairs}.";
        if (data.Valid.Length == 0) yield return "nothing validates, so that the epoch with the lowest training loss is kept.";
        if (data.Test.Length == 0) yield return $"nothing tests, so that the {data.Measured.Part} part is measured.";
        if (options is { LockedDropout: true, Dropout: 0 } && !(options.DropoutInput > 0 || options.DropoutHidden > 0 || options.DropoutOutput > 0))
            yield return "there is no dropout to be locked; set dropout too.";
    }
}
