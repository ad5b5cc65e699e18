using Unroll.Core;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Labels;

/// <summary>Reads sequences for a model that is trained.</summary>
public static class LabelReading
{
    /// <summary>Sequences with their labels.</summary>
    /// <exception cref="UserErrorException">A file is not as it should be, or a label is missing.</exception>
    public static IReadOnlyList<LabeledSequence> Labeled(LabelModel model, IReadOnlyList<string> files, TextReader standardInput) =>
        LabelData.Files(files, model.Options, standardInput);

    /// <summary>The test part that the run was split into, measured beside the rules learned from its training part.</summary>
    /// <exception cref="UserErrorException">The files that the model was trained on are no longer as they were, or have no test part.</exception>
    public static LabelEvaluation TestPart(LabelModel model, TextReader standardInput, ThreadTeam threads)
    {
        LabelData data = LabelData.Read(model.Options, standardInput);
        return data.Test.Count > 0 ? LabelEvaluation.Of(model, data.Training, data.Test, threads)
            : throw new UserErrorException("evaluate: the run has no test part; name labeled sequences with --data.");
    }

    private static UserErrorException NotAFile() => new("data: the model tags the bases of FASTA files; name one with --data.");

    /// <summary>Sequences that need no label: as in training, or lines of plain text, each a sequence.</summary>
    /// <exception cref="UserErrorException">The file is not as it should be, or empty.</exception>
    public static IReadOnlyList<LabeledSequence> Bare(LabelModel model, string path, TextReader standardInput)
    {
        if (model.Options.Labels.Count > 0) return GenomeWindows.Read([path == "-" ? throw NotAFile() : path], [], model.Options.Window);
        bool plain = model.Encoding.Unit is not "number" && path is "-" || path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);
        if (!plain) return LabelData.Files([path], model.Options, standardInput, labels: false);
        string source = path == "-" ? "standard input" : path;
        string text = path == "-" ? standardInput.ReadToEnd() : PlainText.Decode(InputFile.Bytes(path, "a text file"), path);
        if (text.TrimStart().StartsWith('>')) return LabelData.Files([path], model.Options, new StringReader(text), labels: false);
        if (HasLabels(model, text)) return LabelData.Files([path], model.Options, new StringReader(text), labels: false);
        LabeledSequence[] lines = [.. text.TrimStart('\uFEFF').Split('\n')
            .Select((line, i) => new LabeledSequence(source, i + 1) { Text = line.Trim() }).Where(one => one.Text.Length > 0)];
        return lines.Length > 0 ? lines : throw new UserErrorException($"{source}: expected a sequence on each line, found none.");
    }

    // Lines as in training: each begins with a label of the model and a tab, or ends with one where each step has a label.
    private static bool HasLabels(LabelModel model, string text)
    {
        string[] lines = [.. text.TrimStart('\uFEFF').Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        return lines.Length > 0 && lines.All(line => model.Options.PerStep
            ? line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries) is [_, .., var last] && model.Encoding.Classes.Contains(last)
            : line.IndexOf('\t') is > 0 and int tab && model.Encoding.Classes.Contains(line[..tab].Trim()));
    }
}

/// <summary>What a model says of one sequence.</summary>
/// <param name="Name">The sequence: its text, else where it stands.</param>
/// <param name="Labels">One label, or one for each step.</param>
/// <param name="Probabilities">Of each label.</param>
public sealed record LabelPrediction(string Name, IReadOnlyList<string> Labels, IReadOnlyList<float> Probabilities)
{
    /// <summary>The name on one short line.</summary>
    public string Shown => Table.Shorten(Name);

    /// <summary>Labels for sequences.</summary>
    /// <exception cref="UserErrorException">A sequence does not fit the model.</exception>
    public static IReadOnlyList<LabelPrediction> Of(LabelModel model, IReadOnlyList<LabeledSequence> sequences, ThreadTeam threads)
    {
        int classes = model.Encoding.Classes.Count;
        return [.. model.Probabilities(sequences, threads).Select((shares, i) =>
        {
            int[] said = [.. Enumerable.Range(0, shares.Length / classes).Select(row => LabelScores.Most(shares.AsSpan(row * classes, classes)))];
            string name = sequences[i].Text.Length > 0 ? sequences[i].Text : sequences[i].Where;
            return new LabelPrediction(name, [.. said.Select(k => model.Encoding.Classes[k])],
                [.. said.Select((k, row) => shares[row * classes + k])]);
        })];
    }
}
