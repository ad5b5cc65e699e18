using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

//  symbol → embedding → dropout → recurrent layers → dropout → (linear to the embedding's size, if tied and another) → scores of the next symbol

/// <summary>A language model: the probability of the next symbol after those before it. Opened from a file, it scores texts and makes some up.</summary>
public sealed class LanguageModel : ITaskModel
{
    internal LanguageModel(LanguageDescription description, NetworkSpec? spec = null) =>
        (Description, Network) = (description, Network.Build(spec ?? SpecOf(description)));

    /// <inheritdoc/>
    public string Task => LanguageDescription.TaskName;

    /// <summary>What it knows beside its weights.</summary>
    public LanguageDescription Description { get; }

    /// <inheritdoc/>
    public Network Network { get; }

    /// <inheritdoc/>
    public string WeightsSha256 => WeightsHash.Compute(Network.Parameters);

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, or damaged.</exception>
    public static LanguageModel Open(string path)
    {
        ModelFile file = ModelFile.Load(path);
        LanguageModel model = new(LanguageDescription.FromJson(file.TaskJson, path), file.Spec);
        int symbols = model.Description.Vocabulary.Size;
        if (model.Network.InputSize != 1 || model.Network.OutputSize != symbols || !model.Network.Causal)
            throw new UserErrorException($"'{path}' is a damaged language model: its vocabulary has {symbols} symbols, and its network maps {model.Network.InputSize} " +
                $"features to {model.Network.OutputSize} outputs; fetch or train it again.");
        file.CopyInto(model.Network.Parameters);
        if (file.Precision == WeightPrecision.Int8) model.Network.Quantize();
        return model;
    }

    /// <inheritdoc/>
    public void Save(string path) => ModelFile.Save(path, Network.Spec, Description.ToJson(), Network.Parameters, Network.Precision);

    /// <inheritdoc/>
    /// <remarks>80 characters or 40 words of the test part, or of <paramref name="data"/>; the next 80 for sequence 1, and so on.</remarks>
    public InspectionSubject Subject(string? data, int sequence, TextReader standardInput) => LanguageSubject.Of(this, data, sequence, standardInput);

    /// <summary>The symbols of a text, numbered.</summary>
    /// <param name="text">The text.</param>
    /// <param name="openEnd">Whether a last line of words without its line break goes on.</param>
    public int[] Encode(ReadOnlySpan<char> text, bool openEnd = false) => Description.Vocabulary.Encode(text, Description.Unit, openEnd);

    /// <summary>−ln P of each symbol of a text after all those before it; the first follows <see cref="LanguageDescription.Start"/>.</summary>
    /// <param name="symbols">Numbered; see <see cref="Encode"/>.</param>
    /// <param name="threads">Who does the work.</param>
    public LanguageScores Score(int[] symbols, ThreadTeam threads) => new LanguageRun(this, streams: 1).Score(symbols, threads, new Workspace());

    private static NetworkSpec SpecOf(LanguageDescription description)
    {
        LanguageOptions options = description.Options;
        float dropout = (float)options.Dropout;
        List<LayerSpec> layers = [new EmbeddingSpec { Name = "embedding", Vocabulary = description.Vocabulary.Size, Size = options.Embedding }];
        if (dropout > 0) layers.Add(new DropoutSpec { Name = "dropout-in", Rate = dropout, Locked = options.Locked });
        layers.Add(new RecurrentSpec
        {
            Name = "rnn", Cell = new CellOptions { Kind = options.Cell }, Hidden = options.Hidden, Layers = options.Layers, Dropout = dropout, LockedDropout = options.Locked,
        });
        if (dropout > 0) layers.Add(new DropoutSpec { Name = "dropout-out", Rate = dropout, Locked = options.Locked });
        if (options.Tied && options.Hidden != options.Embedding) layers.Add(new DenseSpec { Name = "projection", Outputs = options.Embedding });
        layers.Add(options.Tied
            ? new TiedSpec { Name = "head", Embedding = "embedding" }
            : new DenseSpec { Name = "head", Outputs = description.Vocabulary.Size });
        return new NetworkSpec(1, layers);
    }
}
