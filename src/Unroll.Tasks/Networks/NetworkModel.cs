using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Networks;

/// <summary>
/// A network by itself, such as one imported from another program: rows of numbers in (or indices, where it begins with an embedding), rows of
/// numbers out. It belongs to no problem, so that it is not trained as it is; models of other tasks begin with its layers.
/// </summary>
public sealed class NetworkModel : ITaskModel
{
    /// <summary>A model of a network.</summary>
    /// <param name="network">The network with its weights.</param>
    /// <param name="description">Where it came from.</param>
    /// <exception cref="UserErrorException">There are symbols, and the embedding has another number of rows.</exception>
    public NetworkModel(Network network, NetworkDescription description)
    {
        (Network, Description, Options) = (network, description, NetworkOptions.Of(network.Spec, description.Source));
        EmbeddingSpec? embedding = network.Spec.Layers.OfType<EmbeddingSpec>().FirstOrDefault();
        if (description.Symbols.Count > 0 && description.Symbols.Count != embedding?.Vocabulary)
            throw new UserErrorException(embedding is null
                ? $"vocabulary: it has {description.Symbols.Count:N0} symbols, and the network has no embedding for them; leave it out."
                : $"vocabulary: expected {embedding.Vocabulary:N0} symbols, one for each row of the embedding '{embedding.Name}', got " +
                    $"{description.Symbols.Count:N0}.");
    }

    /// <inheritdoc/>
    public string Task => NetworkTask.Word;

    /// <summary>Where the network came from.</summary>
    public NetworkDescription Description { get; }

    /// <summary>What follows from the network for tasks that begin with its layers.</summary>
    public NetworkOptions Options { get; }

    TaskOptions ITaskModel.Options => Options;

    /// <inheritdoc/>
    public Network Network { get; }

    /// <inheritdoc/>
    public string WeightsSha256 => WeightsHash.Compute([Network.Parameters]);

    /// <summary>Whether a step is an index of the embedding.</summary>
    public bool TakesIndices => Network.Spec.Layers is [EmbeddingSpec, ..];

    /// <summary>Whether an output is a score for each symbol, so that a text is both its input and, one symbol later, its target.</summary>
    public bool ScoresSymbols => TakesIndices && Description.Symbols.Count > 0 && Network.OutputSize == Description.Symbols.Count
        && !Network.Spec.Layers.Any(layer => layer is PoolingSpec);

    /// <inheritdoc/>
    public ModelFront? Front => NetworkFront.Of(this);

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What <c>unroll import</c> or <see cref="Save"/> wrote.</param>
    /// <param name="cells">The cells that it may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">It is no model, one of another task, or damaged.</exception>
    public static NetworkModel Open(string path, CellCatalog? cells = null) => Open(ModelFile.Load(path, cells));

    internal static NetworkModel Open(ModelFile file)
    {
        NetworkDescription description = NetworkDescription.FromJson(file.TaskJson, file.Name);
        if (file.Members != 1)
            throw new UserErrorException($"'{file.Name}' is a damaged model: it has {file.Members} members, and a network by itself has one.");
        Network network = Network.Build(file.Spec, file.Cells);
        file.CopyInto(network.Parameters);
        network.Quantize(file.Precision);
        try
        {
            return new NetworkModel(network, description);
        }
        catch (UserErrorException e)
        {
            throw new UserErrorException($"'{file.Name}' is a damaged model: {e.Message.TrimEnd('.')}; fetch it or import it again.", e);
        }
    }

    /// <inheritdoc/>
    public void Save(string path) =>
        ModelFile.Save(path, Network.Spec, Description.ToJson(), Network.Parameters, Network.Precision, Network.Cells);

    /// <inheritdoc/>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("source", Description.Source);
        json.WriteString("format", Description.Format);
        json.WriteNumber("inputs", Network.InputSize);
        json.WriteBoolean("indices", TakesIndices);
        json.WriteNumber("outputs", Network.OutputSize);
        json.WriteNumber("symbols", Description.Symbols.Count);
    }

    /// <summary>The outputs for some sequences.</summary>
    /// <param name="sequences">Each [steps, inputs], row-major; of an embedding the indices.</param>
    /// <param name="threads">The threads; null: by the size of the work.</param>
    /// <returns>Each [rows, outputs], row-major: a row for every step, or one where the network pools.</returns>
    /// <exception cref="UserErrorException">An index is none of the embedding's.</exception>
    public IReadOnlyList<float[]> Run(IReadOnlyList<float[]> sequences, ThreadTeam? threads = null)
    {
        SequenceBatch x = SequenceBatch.FromSequences(Network.InputSize, [.. sequences]);
        Pass pass = new(new Workspace(), TaskThreads.Or(threads), new Rng(0), Training: false) { InferenceOnly = true };
        SequenceBatch y = Network.Forward(x, null, pass).Output;
        float[][] rows = new float[sequences.Count][];
        for (int s = 0; s < rows.Length; s++)
        {
            int steps = y.Layout.Lengths[s];
            rows[s] = new float[steps * y.Features];
            for (int t = 0; t < steps; t++) y.Row(t, s).CopyTo(rows[s].AsSpan(t * y.Features));
        }
        return rows;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Data are rows, perhaps with targets behind a comma: <c>rows.npy,targets.npy</c>; the loss is then the squared difference. Of a text the
    /// target is its next symbol. Else the loss is the square of the outputs: it shows what their size depends on.
    /// </remarks>
    public InspectionSubject Subject(string? data, int sequence, DataFiles files) => NetworkExample.Of(this, data, sequence, files);
}
