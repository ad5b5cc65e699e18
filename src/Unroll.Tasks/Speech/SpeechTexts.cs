using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Speech;

/// <summary>Texts of words that a model knows, a line each: word lists, and what an n-gram counts.</summary>
internal static class SpeechTexts
{
    /// <summary>The lines of a file as labels; empty lines are passed over.</summary>
    /// <param name="name">The file.</param>
    /// <param name="description">The model's words.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">It cannot be read, has no line, or a word that the model does not know: which line.</exception>
    internal static int[][] Read(string name, SpeechDescription description, DataFiles files)
    {
        string[] lines = TextLines.Lines(PlainText.Read(name, files));
        List<int[]> texts = [];
        for (int i = 0; i < lines.Length; i++)
        {
            string[] words = lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            int[] labels = description.Labels(string.Join(' ', words));
            if (Array.IndexOf(labels, -1) is var at and >= 0)
                throw new UserErrorException($"{DataFiles.Called(name)}, line {i + 1}: '{Table.Shorten(words[at])}' is no word of the model; " +
                    $"expected words among {string.Join(", ", description.Words.Take(12))}{(description.Words.Count > 12 ? ", …" : "")}.");
            if (labels.Length > 0) texts.Add(labels);
        }
        return texts.Count > 0 ? [.. texts] : throw new UserErrorException($"{DataFiles.Called(name)}: expected words on each line, found none.");
    }
}
