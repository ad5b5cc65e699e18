using System.Text;
using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Language;

//  symbol → embedding → dropout → recurrent layers → dropout → (linear to the embedding's size, if tied and another) → scores of the next symbol

/// <summary>
/// A language model: the probability of the next symbol after those before it. It scores texts, writes texts, and can be asked symbol by symbol.
/// </summary>
/// <example><code>
/// LanguageModel model = LanguageModel.Train(text);
/// double perplexity = model.Score("To be, or not to be").Perplexity;
/// string more = model.Sample("To be", symbols: 200);
/// </code></example>
public sealed class LanguageModel : ITaskModel
{
    private readonly HashOnce _hash = new();

    internal LanguageModel(LanguageDescription description, NetworkSpec? spec = null, CellCatalog? cells = null)
    {
        Description = description;
        Members = Options.Members == 1 ? [this]
            : [.. Ensemble.OptionsOfEach(Options).Select(own => new LanguageModel(description with { Options = own }, spec, cells))];
        Network = Options.Members == 1 ? Network.Build(spec ?? SpecOf(description), cells) : Members[0].Network;
    }

    /// <inheritdoc/>
    public string Task => LanguageTask.Instance.Name;

    /// <summary>What it knows beside its weights.</summary>
    public LanguageDescription Description { get; }

    /// <summary>The options of the run it came from.</summary>
    public LanguageOptions Options => Description.Options;

    TaskOptions ITaskModel.Options => Options;

    /// <inheritdoc cref="ITaskModel.Members"/>
    public IReadOnlyList<LanguageModel> Members { get; }

    IReadOnlyList<ITaskModel> ITaskModel.Members => Members;

    /// <inheritdoc/>
    public ModelFront? Front => new(this, Description.Vocabulary.Symbols, "rnn", Options.Reverse) { Head = Options.TieWeights ? null : "head" };

    /// <inheritdoc/>
    public Network Network { get; }

    /// <inheritdoc/>
    public string WeightsSha256 => _hash.Of(this);

    /// <summary>Trains a model on a text in memory.</summary>
    /// <param name="text">The text; the shares of the options cut it into parts.</param>
    /// <param name="options">The run; null: the defaults for characters.</param>
    /// <param name="progress">Told of every step and epoch; null: nobody.</param>
    /// <param name="stop">Asks the run to end after the step under way; what was learned is kept.</param>
    /// <returns>The model with the weights of the best epoch.</returns>
    /// <exception cref="UserErrorException">The text or the options will not do.</exception>
    public static LanguageModel Train(
        string text, LanguageOptions? options = null, IProgress<TrainingProgress>? progress = null, CancellationToken stop = default)
    {
        options ??= new LanguageOptions();
        LanguageRun run = LanguageRun.Begin(options, LanguageData.Of(text, options));
        foreach (TrainingProgress one in run.Loop.Run(stop)) progress?.Report(one);
        return run.Model;
    }

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <param name="cells">The cells that its network may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, of a cell that is not among those, or damaged.</exception>
    public static LanguageModel Open(string path, CellCatalog? cells = null) => Of(ModelFile.Load(path, cells));

    /// <inheritdoc/>
    public void Save(string path) =>
        ModelFile.Save(path, Network.Spec, Description.ToJson(), Ensemble.Weights(this), Network.Precision, Network.Cells);

    /// <inheritdoc/>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("unit", Description.Unit.ToString().ToLowerInvariant());
        json.WriteNumber("vocabulary", Description.Vocabulary.Size);
    }

    /// <inheritdoc/>
    /// <remarks>80 characters or 40 words of the test part, or of <paramref name="data"/>; the next 80 for sequence 1, and so on.</remarks>
    public InspectionSubject Subject(string? data, int sequence, DataFiles files) => LanguageExample.Of(this, data, sequence, files);

    /// <inheritdoc cref="LanguageDescription.Encode"/>
    public int[] Encode(ReadOnlySpan<char> text, bool openEnd = false) => Description.Encode(text, openEnd);

    /// <summary>−ln P of each symbol of a text after all those before it; the first follows <see cref="LanguageDescription.Start"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="threads">The threads; null: as many as the size of the work deserves.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    public LanguageScores Score(string text, ThreadTeam? threads = null, CancellationToken stop = default) =>
        Score(Encode(PlainText.Unify(text)), threads, stop).InTextOrder();

    /// <inheritdoc cref="Score(string, ThreadTeam?, CancellationToken)"/>
    /// <param name="symbols">Numbered, in the order in which they are read; see <see cref="Encode"/>.</param>
    /// <param name="threads">The threads; null: as many as the size of the work deserves.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    public LanguageScores Score(int[] symbols, ThreadTeam? threads = null, CancellationToken stop = default) =>
        new LanguageScorer(this, streams: 1).Score(symbols, TaskThreads.Or(threads), new Workspace(), stop);

    /// <summary>Continues a text.</summary>
    /// <param name="prompt">
    /// What the text begins with; empty: the beginning of a line. Of a model that reads from the end what it ends with.
    /// </param>
    /// <param name="symbols">How many characters or words to write.</param>
    /// <param name="options">How they are drawn; null: by the model's own probabilities.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The prompt and what the model writes after it, or before it where it reads from the end.</returns>
    /// <exception cref="OptionException">An option of drawing is out of its range.</exception>
    public string Sample(string prompt, int symbols, SamplingOptions? options = null, CancellationToken stop = default)
    {
        LanguageSession session = new(this, options);
        session.Read(Encode(PlainText.Unify(prompt), openEnd: true));
        int[] drawn = new int[symbols];
        for (int i = 0; i < symbols; i++)
        {
            stop.ThrowIfCancellationRequested();
            drawn[i] = session.Draw();
        }
        if (!Options.Reverse) return Written(prompt, drawn);
        string before = Written("", drawn);
        bool joined = Description.Unit == TextUnit.Char || prompt.Length == 0 || before.Length == 0 || before[^1] == '\n';
        return before + (joined ? "" : " ") + prompt;
    }

    /// <summary>Symbols as text, after another text.</summary>
    /// <param name="before">The other text.</param>
    /// <param name="symbols">Numbered, in the order in which they are read.</param>
    internal string Written(string before, IEnumerable<int> symbols)
    {
        StringBuilder text = new(before);
        foreach (int symbol in Options.Reverse ? symbols.Reverse() : symbols)
            TextSymbols.Append(text, Description.Vocabulary.Symbols[symbol], Description.Unit);
        return text.ToString();
    }

    /// <summary>Begins a session at the beginning of a line.</summary>
    /// <param name="sampling">How <see cref="LanguageSession.Draw"/> draws; null: by the model's own probabilities.</param>
    /// <exception cref="OptionException">An option of drawing is out of its range.</exception>
    /// <param name="reading">What is done beside the network: a cache with its numbers; null: nothing.</param>
    /// <exception cref="UserErrorException">Sessions have no such reading, or a number is open.</exception>
    public LanguageSession NewSession(SamplingOptions? sampling = null, ReadingOptions? reading = null) => new(this, sampling, reading);

    ITaskSession ITaskModel.NewSession() => NewSession();

    ITaskSession ITaskModel.NewSession(SessionSettings settings)
    {
        settings.Require("a language model", sampling: true);
        return NewSession(settings.Sampling);
    }

    internal static LanguageModel Of(ModelFile file)
    {
        LanguageDescription description = LanguageDescription.FromJson(file.TaskJson, file.Name);
        Ensemble.Require(file, description.Options);
        LanguageModel model = new(description, file.Spec, file.Cells);
        int symbols = model.Description.Vocabulary.Size;
        if (model.Network.InputSize != 1 || model.Network.OutputSize != symbols || !model.Network.Causal)
            throw new UserErrorException($"'{file.Name}' is a damaged language model: its vocabulary has {symbols} symbols, and its network maps " +
                $"{model.Network.InputSize} features to {model.Network.OutputSize} outputs; fetch or train it again.");
        foreach ((int k, LanguageModel member) in model.Members.Index())
        {
            file.CopyInto(member.Network.Parameters, k + 1);
            member.Network.Quantize(file.Precision);
        }
        return model;
    }

    private static NetworkSpec SpecOf(LanguageDescription description)
    {
        LanguageOptions o = description.Options;
        float input = (float)(o.DropoutInput ?? o.Dropout), hidden = (float)(o.DropoutHidden ?? o.Dropout),
            output = (float)(o.DropoutOutput ?? o.Dropout);
        List<LayerSpec> layers =
        [
            new EmbeddingSpec
            {
                Name = "embedding", Vocabulary = description.Vocabulary.Size, Size = o.Embedding, Dropout = (float)o.DropoutEmbedding,
            },
        ];
        if (input > 0) layers.Add(new DropoutSpec { Name = "dropout-in", Rate = input, Locked = o.LockedDropout });
        layers.Add(new RecurrentSpec
        {
            Name = "rnn", Cell = CellChoice.Of(o.Cell), Hidden = o.Hidden, Layers = o.Layers, Dropout = hidden,
            LockedDropout = o.LockedDropout, WeightDrop = (float)o.WeightDrop, InitialState = o.InitialState,
        });
        if (output > 0) layers.Add(new DropoutSpec { Name = "dropout-out", Rate = output, Locked = o.LockedDropout });
        if (o.TieWeights && o.Hidden != o.Embedding) layers.Add(new DenseSpec { Name = "projection", Outputs = o.Embedding });
        layers.Add(o.TieWeights
            ? new TiedSpec { Name = "head", Embedding = "embedding" }
            : new DenseSpec { Name = "head", Outputs = description.Vocabulary.Size });
        return new NetworkSpec(1, layers);
    }
}
