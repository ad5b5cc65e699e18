using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>
/// The vocabulary of a text layer. It stands in the archive twice, once for the layer and once for its lookup, a symbol a line, the first line empty
/// (the mask) and the second <c>[UNK]</c>, in the encoding of the platform that wrote it (keras/src/layers/preprocessing/index_lookup.py:
/// save_assets); or in the configuration, without those two.
/// </summary>
internal static class KerasVocabulary
{
    private const string Unknown = "[UNK]";

    /// <summary>The model with the vocabulary that its file has.</summary>
    public static KerasModel Added(KerasModel model, KerasGraph graph, KerasArchive archive, string name)
    {
        if (graph.Chain.FirstOrDefault(one => one.Class is "TextVectorization" or "StringLookup") is not { } layer) return model;
        (List<string>? symbols, string? note) = Listed(layer) is { } listed ? (listed, null) : Stored(archive, name);
        string place = $"layer '{layer.Name}' ({layer.Class})";
        if (symbols is null) return model with { Notes = [.. model.Notes, $"{place}: the file has no vocabulary for it."] };
        List<string> notes = [.. model.Notes];
        if (note is not null) notes.Add(note);
        if (model.Spec.Layers is not [EmbeddingSpec embedding, ..])
            return model with { Notes = [.. notes, $"{place}: no embedding follows it, so that its vocabulary was left out."] };
        if (symbols.Count > embedding.Vocabulary)
            throw layer.Refused($"its vocabulary has {symbols.Count:N0} symbols, and the embedding '{embedding.Name}' {embedding.Vocabulary:N0} rows",
                "save the model again");
        HashSet<string> seen = [];
        if (symbols.Find(symbol => !seen.Add(symbol)) is { } twice)
            throw layer.Refused($"the symbol '{twice}' stands twice in its vocabulary", "save the model again");
        if (symbols.Count < embedding.Vocabulary)
            notes.Add($"{place}: its vocabulary has {symbols.Count:N0} symbols, and the other rows of the embedding "
                + $"'{embedding.Name}' are called [row {symbols.Count}] and so on.");
        for (int row = symbols.Count; row < embedding.Vocabulary; row++) symbols.Add(FormattableString.Invariant($"[row {row}]"));
        return model with { Symbols = symbols, Notes = notes };
    }

    private static List<string>? Listed(KerasLayer layer)
    {
        if (layer.Element("vocabulary") is not { } list) return null;
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(one => one.ValueKind != JsonValueKind.String))
            throw layer.Refused("its vocabulary is not a list of texts", "save the model again");
        List<string> symbols = [.. list.EnumerateArray().Select(one => one.GetString()!)];
        string unknown = layer.Text("oov_token") ?? Unknown;
        return symbols is ["", var second, ..] && second == unknown ? symbols : ["", unknown, .. symbols];
    }

    private static (List<string>?, string?) Stored(KerasArchive archive, string name)
    {
        string[] files = [.. archive.Names.Where(one => one.StartsWith("assets/", StringComparison.Ordinal)
            && one.EndsWith("/vocabulary.txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        if (files.Length == 0) return (null, null);
        byte[] bytes = archive.Read(files[0])!;
        foreach (string other in files.Skip(1))
            if (!archive.Read(other)!.AsSpan().SequenceEqual(bytes))
                throw new UserErrorException($"'{name}': '{files[0]}' and '{other}' differ, and both should be the vocabulary; "
                    + "save the model again.");
        bool utf8 = System.Text.Unicode.Utf8.IsValid(bytes);
        string text = utf8 ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
        // A last line that is empty is none; so Keras reads it.
        List<string> lines = [.. text.Split('\n').Select(line => line.TrimEnd('\r'))];
        while (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        return (lines, utf8 ? null : $"'{files[0]}' is not in UTF-8 and was read as Latin-1: it was written on a platform with another encoding.");
    }
}
