using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Lifting;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Formats;
using Unroll.Networks;

namespace Unroll.Exchange.Importing;

/// <summary>Makes a network of an ONNX model whose graph is one of this library's: embedding, recurrent layers, poolings, dense layers.</summary>
public static class OnnxImport
{
    /// <summary>Makes the network.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="options">Of these only <see cref="ImportOptions.GruReset"/>: the graph itself says the rest.</param>
    /// <exception cref="UserErrorException">It is no ONNX file, or no network of this library; the message names the node.</exception>
    public static ImportedNetwork Read(string path, ImportOptions? options = null)
    {
        options ??= new ImportOptions();
        RefuseOthers(options);
        List<string> notes = [];
        OnnxModel model = OnnxModel.Load(path, notes.Add);
        if (options.GruReset is { } place) model = SuspectGru.With(model, place);
        else notes.AddRange(SuspectGru.Warnings(model));
        Network network = WrittenNetwork.TryRead(model, out string other) ?? Lifted(model, path, other, notes);
        if (other.Length > 0) notes.Add($"'{path}' says that this library wrote it, but {other}; it was read as any other graph.");
        if (model.Description.Metadata.TryGetValue(ModelMetadata.Notes, out string? said)) notes.AddRange(said.Split('\n'));
        return new ImportedNetwork(network, "onnx",
            network.Parameters.All.ToDictionary(one => one.Name, one => Tensor.Of(one.Name, one.Shape, one.Values)),
            GraphUse.UnusedWeights(model.Graph), notes) { Symbols = Symbols(model, network) };
    }

    private static Network Lifted(OnnxModel model, string path, string other, List<string> notes)
    {
        LiftedNetwork lifted = LiftedNetwork.TryLift(model, out string why) ?? throw new UserErrorException(
            $"'{path}' cannot become a network of this library: {(other.Length > 0 ? $"{other}; {why}" : why)}; 'unroll run' runs it as it is.");
        notes.Add(FormattableString.Invariant($"on a probe input the graph and the network differ by {lifted.LargestDifference:G2} at most."));
        OnnxPort[] rows = [.. model.Inputs.Where(port => port != lifted.Parts.Lengths)];
        notes.Add($"a network takes rows as [sequences, steps, features] or [sequences, steps] of indices; the graph takes '{rows[0].Name}' as "
            + $"{rows[0].Text}.");
        if (lifted.Parts.Lengths is { } lengths)
            notes.Add($"the graph takes the length of each sequence, '{lengths.Name}': give the network sequences of their own lengths, or run it "
                + "with lengths beside padded rows; without them what fills a sequence up is read too.");
        if (rows.Length > 1)
            notes.Add($"the graph takes {Names(rows[1..])} too; the network begins every sequence at zero, and takes first states "
                + "in programs alone.");
        if (model.Outputs.Count > 1) notes.Add($"of the graph's outputs {Names(model.Outputs)} the network gives the rows of one.");
        foreach (OutputMeaning meaning in lifted.Meanings.Where(meaning => meaning != OutputMeaning.Plain).Distinct())
            notes.Add($"the graph ends with {Words(meaning)}, which is not a part of the network: its outputs are the numbers before it.");
        return lifted.Network;
    }

    private static string Names(IEnumerable<OnnxPort> ports) => string.Join(", ", ports.Select(port => $"'{port.Name}'"));

    /// <summary>What a graph does to scores at its end.</summary>
    private static string Words(OutputMeaning meaning) => meaning switch
    {
        OutputMeaning.Probabilities => "a softmax",
        OutputMeaning.LogProbabilities => "a log-softmax",
        OutputMeaning.Logistic => "the logistic function",
        _ => "a tanh",
    };

    private static void RefuseOthers(ImportOptions options)
    {
        string? given = options.Prefix is not null ? "prefix" : options.Embedding is not null ? "embedding" : options.Recurrent.Count > 0
            ? "recurrent"
            : options.Heads.Count > 0 ? "head" : options.Cell is not null ? "cell" : options.Activation is not null ? "activation"
            : options.Between is not null ? "between" : options.Pooling is not null ? "pooling" : null;
        if (given is not null) throw new UserErrorException($"{given}: an ONNX graph says itself what its layers are; leave it out.");
    }

    // What a file of this library says of its vocabulary: a symbol for each row of the embedding.
    private static IReadOnlyList<string> Symbols(OnnxModel model, Network network)
    {
        if (!model.Description.Metadata.TryGetValue("vocabulary", out string? text)) return [];
        try
        {
            string[] symbols = JsonRecord.Parse(text, root => root.EnumerateArray().Select(one => one.GetString() ?? "").ToArray());
            return network.Spec.Layers.OfType<EmbeddingSpec>().FirstOrDefault()?.Vocabulary == symbols.Length
                && symbols.Distinct().Count() == symbols.Length
                ? symbols : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }
}
