using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>Word vectors of a text file (a word and its numbers on each line, as GloVe and word2vec write them), copied into an embedding.</summary>
internal static class WordVectors
{
    /// <summary>Overwrites the rows of the words that both know.</summary>
    /// <exception cref="UserErrorException">The file cannot be read, or a line has not as many numbers as the embedding.</exception>
    public static void Into(LabelModel model, string path, DataFiles files, Action<string>? note)
    {
        if (!model.Encoding.HasVocabulary)
            throw new OptionException("vectors", $"they are for words, and the unit is {model.Encoding.UnitWord}; leave it out.");
        Parameter table = model.Network.Parameters.Find("embedding.weight")!;
        int size = table.Shape[1], found = 0, number = 0;
        Dictionary<string, int> places = model.Encoding.Vocabulary.Select((word, place) => (word, place))
            .ToDictionary(pair => pair.word, pair => pair.place);
        using StreamReader lines = new(new MemoryStream(files.Bytes(path, "a file of word vectors")));
        using Edit edit = model.Network.Parameters.Edit();
        while (lines.ReadLine() is { } line)
        {
            number++;
            string[] fields = line.TrimEnd().Split(' ');
            if (number == 1 && fields.Length == 2) continue;                                     // word2vec: how many, how long
            if (!places.TryGetValue(fields[0], out int place)) continue;
            if (fields.Length != size + 1)
                throw new UserErrorException($"{path}, line {number}: expected a word and {size} numbers because the embedding has {size} " +
                    $"features, found {fields.Length - 1} numbers; give an embedding of {fields.Length - 1}.");
            Span<float> row = edit.Of(table).Slice(place * size, size);
            for (int k = 0; k < size; k++)
                if (!float.TryParse(fields[k + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out row[k]) || !float.IsFinite(row[k]))
                    throw new UserErrorException(
                        $"{path}, line {number}: expected a finite number, found '{Table.Shorten(fields[k + 1])}'.");
            found++;
        }
        note?.Invoke($"vectors: {found} of {places.Count - 1} words have one in {path}");
    }
}
