using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Labeled;

/// <summary>
/// A token and, in the last column, its label on each line, with an empty line after each sequence (as the CoNLL shared tasks have it).
/// </summary>
internal static class TokenLines
{
    public static IReadOnlyList<LabeledSequence> Read(string text, string source)
    {
        List<LabeledSequence> all = [];
        List<string> tokens = [], labels = [];
        string[] lines = text.Split('\n');
        int begin = 1, columns = 0, first = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line.StartsWith("-DOCSTART-", StringComparison.Ordinal))
            {
                End();
                continue;
            }
            if (line.StartsWith("# ", StringComparison.Ordinal) && tokens.Count == 0) continue;
            string[] fields = line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2)
                throw new UserErrorException($"{source}, line {i + 1}: expected a token and, in the last column, its label, found " +
                    $"'{Table.Shorten(line)}'.");
            if (columns == 0) (columns, first) = (fields.Length, i + 1);
            if (fields.Length != columns)
                throw new UserErrorException(
                    $"{source}, line {i + 1}: expected {columns} columns as on line {first}, a token first and its label last, found " +
                    $"{fields.Length}: '{Table.Shorten(line)}'.");
            if (tokens.Count == 0) begin = i + 1;
            tokens.Add(fields[0]);
            labels.Add(fields[^1]);
        }
        End();
        return all.Count > 0 ? all : throw new UserErrorException($"{source}: expected lines of token and label, found none.");

        void End()
        {
            if (tokens.Count > 0) all.Add(new LabeledSequence(source, begin) { Tokens = [.. tokens], StepLabels = [.. labels] });
            tokens.Clear();
            labels.Clear();
        }
    }
}
