using System.Runtime.InteropServices;
using System.Text;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>The sequences that a run learns from, before they are dealt into parts; from files or from memory.</summary>
/// <param name="All">Those of the data.</param>
/// <param name="Valid">Those of their own to validate on; empty: a part of <paramref name="All"/>.</param>
/// <param name="Test">Those of their own to test on; empty: a part of <paramref name="All"/>.</param>
public sealed record LabelData(IReadOnlyList<LabeledSequence> All, IReadOnlyList<LabeledSequence> Valid, IReadOnlyList<LabeledSequence> Test)
{
    /// <summary>Sequences in memory: texts, tokens, numbers, made by the methods of <see cref="LabeledSequence"/>; taken as they are.</summary>
    public static LabelData From(IEnumerable<LabeledSequence> sequences) =>
        new([.. sequences.Select((one, i) => one.Source == LabeledSequence.Memory ? one with { Line = i + 1 } : one)], [], []);

    /// <summary>Texts with a label each.</summary>
    public static LabelData From(IEnumerable<(string Text, string Label)> texts) =>
        From(texts.Select(one => LabeledSequence.OfText(one.Text, one.Label)));

    /// <summary>Texts of some records.</summary>
    /// <param name="records">The records.</param>
    /// <param name="text">The text of one.</param>
    /// <param name="label">The label of one.</param>
    /// <param name="part">Its part (<c>train</c>, <c>valid</c>, <c>test</c>) or fold; null: none says it.</param>
    public static LabelData From<T>(IEnumerable<T> records, Func<T, string> text, Func<T, string> label, Func<T, string>? part = null) =>
        From(records.Select(one => LabeledSequence.OfText(text(one), label(one)) with { Part = part?.Invoke(one) ?? "" }));

    /// <summary>Sequences of numbers, one a step, with a label each.</summary>
    public static LabelData From(IEnumerable<(float[] Numbers, string Label)> sequences) =>
        From(sequences.Select(one => LabeledSequence.OfNumbers(one.Numbers, 1, one.Label)));

    /// <summary>Tokens with a label each, for <see cref="LabelKind.Tag"/>.</summary>
    public static LabelData From(IEnumerable<(string[] Tokens, string[] Labels)> sequences) =>
        From(sequences.Select(one => LabeledSequence.OfTokens(one.Tokens, one.Labels)));

    /// <summary>Reads the data that the options name.</summary>
    /// <param name="options">The run.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">A file is not as it should be, or a label is missing.</exception>
    public static LabelData Read(LabelOptions options, DataFiles files) => Read(options, files, null);

    /// <summary>Reads the data that a model was trained on; columns are those that it reads, by their names.</summary>
    internal static LabelData Read(LabelModel model, DataFiles files) => Read(model.Options, files, model.Columns);

    /// <summary>Reads the data that the options name.</summary>
    /// <param name="options">The run.</param>
    /// <param name="files">What names stand for.</param>
    /// <param name="columns">What a model reads; null: what the first file has, which the others must have too.</param>
    internal static LabelData Read(LabelOptions options, DataFiles files, ModelColumns? columns)
    {
        if (options.Data.Count > 0)
        {
            IReadOnlyList<LabeledSequence> all = Read(options.Data, options, files, labels: true, columns);
            columns ??= ColumnsOf(all);
            return new(all, Read(options.Valid, options, files, labels: true, columns), Read(options.Test, options, files, labels: true, columns));
        }
        string example = options.Task switch { LabelKind.Dna => "sites.csv", LabelKind.Tag => "sentences.conll", _ => "reviews.tsv" };
        throw new OptionException("data", $"name the file to train on, such as {example}.");
    }

    /// <summary>The sequences of some files.</summary>
    /// <param name="names">The files.</param>
    /// <param name="options">The run: which columns are what, and what a step is.</param>
    /// <param name="files">What names stand for.</param>
    /// <param name="labels">Whether each must have its label or labels.</param>
    /// <exception cref="UserErrorException">A file is not as it should be, or a label is missing.</exception>
    public static IReadOnlyList<LabeledSequence> Read(IReadOnlyList<string> names, LabelOptions options, DataFiles files, bool labels = true) =>
        Read(names, options, files, labels, null);

    /// <summary>The sequences of some files for a model, which finds its columns by their names.</summary>
    internal static IReadOnlyList<LabeledSequence> Read(IReadOnlyList<string> names, LabelModel model, DataFiles files, bool labels = true) =>
        Read(names, model.Options, files, labels, model.Columns);

    private static IReadOnlyList<LabeledSequence> Read(
        IReadOnlyList<string> names, LabelOptions options, DataFiles files, bool labels, ModelColumns? columns)
    {
        if (options.Labels.Count > 0 && names.Count > 0)
            return GenomeWindows.Read(
                names, labels ? options.Labels : [], options.Window, files, [.. options.Data, .. options.Valid, .. options.Test]);
        List<LabeledSequence> all = [];
        foreach (string name in names)
        {
            all.AddRange(LabeledReader.Read(name, options.Columns with { LabelsOptional = !labels, Expected = columns }, options.PerStep, files)
                .Select(one => ImageSteps.Of(one, options)));
            columns ??= ColumnsOf(all);
        }
        if (labels) RequireLabels(all, options);
        foreach (IGrouping<string, LabeledSequence> file in all.Where(one => one.StepLabels.Count > 0).GroupBy(one => one.Source))
            if (TagScheme.Note(file.Key, [.. file]) is { } note) files.Note(note);
        return all;
    }

    // What is read of a first file is read of the next: a table's numbers by their names.
    private static ModelColumns? ColumnsOf(IReadOnlyList<LabeledSequence> all) =>
        all.Count > 0 && all[0].Columns.Count > 0 ? new ModelColumns(Texts: false, all[0].Columns) : null;

    /// <summary>The sequences of a file that need no label: as in training, or lines of plain text, each a sequence.</summary>
    /// <param name="name">The file.</param>
    /// <param name="model">The model that is to label them.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">The file is not as it should be, or empty.</exception>
    public static IReadOnlyList<LabeledSequence> ReadBare(string name, LabelModel model, DataFiles files)
    {
        LabelOptions options = model.Options;
        bool plain = model.Encoding.Unit != LabelUnit.Number && name == DataFiles.StandardInput
            || DataFiles.WithoutGz(name).EndsWith(".txt", StringComparison.OrdinalIgnoreCase);
        if (!plain || options.Labels.Count > 0) return Read([name], model, files, labels: false);
        string source = DataFiles.Called(name), text = Nfc.Of(PlainText.Decode(TableText.InUtf8(files.Bytes(name, "a text file")), source));
        if (text.TrimStart().StartsWith('>') || HasLabels(model, text, source, files)) return Read([name], model, files, labels: false);
        LabeledSequence[] lines = [.. TextLines.Lines(text).Select((line, i) => new LabeledSequence(source, i + 1) { Text = line.Trim() })];
        return lines.Any(one => !one.IsEmpty) ? lines : throw new UserErrorException($"{source}: expected a sequence on each line, found none.");
    }

    /// <summary>The parts: by files, by the part that each sequence names, by fold, else by drawn shares.</summary>
    /// <param name="options">The run.</param>
    /// <param name="note">Receives lines for the user; null: nobody.</param>
    /// <exception cref="UserErrorException">A part is unknown, a fold is not there, a label is missing, or nothing is left to train on.</exception>
    public Partition<LabeledSequence> Deal(LabelOptions options, Action<string>? note = null)
    {
        foreach (IReadOnlyList<LabeledSequence> part in (IReadOnlyList<LabeledSequence>[])[All, Valid, Test]) RequireLabels(part, options);
        PartitionKeys<LabeledSequence> keys = new(one => one.Part, one => one.Where, Content)
        {
            Label = one => options.PerStep ? Runs(one.StepLabels) : one.Label!,
        };
        return Partitioning.Of(All, Valid, Test, options, keys, "sequences", note);
    }

    private static void RequireLabels(IReadOnlyList<LabeledSequence> all, LabelOptions options)
    {
        foreach (LabeledSequence one in all)
            if (options.PerStep ? one.StepLabels.Count == 0 : string.IsNullOrEmpty(one.Label))
                throw new UserErrorException($"{one.Where}: expected a label{(options.PerStep ? " for each step" : "")}, found none; " +
                    "write one, leave it out, or name its column (label).");
    }

    /// <summary>What makes two sequences the same.</summary>
    internal static string Content(LabeledSequence one) => one.Features > 0
        ? Convert.ToHexString(Sha256.HashData(MemoryMarshal.AsBytes<float>(one.Numbers)))
        : one.Tokens.Count > 0 ? string.Join('\u001f', one.Tokens) : one.Text;

    // O×2 PRICE O
    private static string Runs(IReadOnlyList<string> labels)
    {
        StringBuilder runs = new();
        for (int from = 0, to; from < labels.Count; from = to)
        {
            for (to = from + 1; to < labels.Count && labels[to] == labels[from];) to++;
            runs.Append(from > 0 ? " " : "").Append(labels[from]).Append(to - from > 1 ? $"×{to - from}" : "");
        }
        return runs.ToString();
    }

    // Lines as in training: each begins with a label of the model and a tab, or ends with one where each step has a label.
    private static bool HasLabels(LabelModel model, string text, string source, DataFiles files)
    {
        string[] lines = TextLines.Lines(text);
        int[] full = [.. Enumerable.Range(0, lines.Length).Where(i => !string.IsNullOrWhiteSpace(lines[i]))];
        int[] bare = [.. full.Where(i => !HasLabel(model, lines[i].Trim()))];
        if (bare.Length > 0 && 2 * bare.Length < full.Length)
            files.Note($"{source}: {full.Length - bare.Length:N0} of {full.Length:N0} lines have a label of the model, and {bare.Length:N0} have " +
                $"none, the first is line {bare[0] + 1}: all lines are taken as texts as they stand; give all of them labels, or none.");
        return full.Length > 0 && bare.Length == 0;
    }

    private static bool HasLabel(LabelModel model, string line) => model.Options.PerStep
        ? line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries) is [_, .., var last] && model.Encoding.Classes.Contains(last)
        : line.IndexOf('\t') is > 0 and int tab && model.Encoding.Classes.Contains(line[..tab].Trim());
}
