using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>From sequences to what a network sees, and from its outputs to labels: learned from the training part alone.</summary>
public sealed record LabelEncoding
{
    /// <summary>The place in <see cref="Vocabulary"/> of what is not in it.</summary>
    public const int Unknown = 0;

    private const string Half = "\uFFFD";

    private Dictionary<string, int>? _places;

    /// <summary>What a step is; never <see cref="LabelUnit.Auto"/>.</summary>
    public required LabelUnit Unit { get; init; }

    /// <summary>The labels, sorted; numbers by their size.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>
    /// The words, characters or k-mers that are known, after <c>&lt;unk&gt;</c>; empty for bases and numbers. A word that is written so too has a
    /// backslash before it.
    /// </summary>
    public IReadOnlyList<string> Vocabulary { get; init; } = [];

    /// <summary>Words whose characters are read beside them; null: they are not.</summary>
    public CharacterEncoding? Characters { get; init; }

    /// <summary>The scheme by which labels of steps mark stretches: <c>bio</c>, <c>bioes</c>; null: none that allows some paths only.</summary>
    public string? Scheme { get; init; }

    /// <summary>Letters of a k-mer.</summary>
    public int Kmer { get; init; } = 3;

    /// <summary>Whether capital letters are kept apart.</summary>
    public bool Cased { get; init; }

    /// <summary>Numbers: the mean of each feature over the training part.</summary>
    public IReadOnlyList<double> Means { get; init; } = [];

    /// <summary>Numbers: its deviation; 1 where it is constant.</summary>
    public IReadOnlyList<double> Deviations { get; init; } = [];

    /// <summary>
    /// The names of the table's columns that the numbers are from: of the features, or of the steps where a step is one number; empty: texts, images,
    /// or data in memory.
    /// </summary>
    internal IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Numbers: the smallest of each of <see cref="Columns"/> in the training part, else of each feature; empty: not kept.</summary>
    internal IReadOnlyList<double> Lowest { get; init; } = [];

    /// <summary>Numbers: the largest, as <see cref="Lowest"/>.</summary>
    internal IReadOnlyList<double> Highest { get; init; } = [];

    /// <summary>The steps of every sequence, where the pooling needs them alike; 0: any.</summary>
    public int Length { get; init; }

    /// <summary>The word of <see cref="Unit"/>, as files have it.</summary>
    internal string UnitWord => Unit.ToString().ToLowerInvariant();

    /// <summary>Whether steps are places in the vocabulary.</summary>
    public bool HasVocabulary => Unit is LabelUnit.Word or LabelUnit.Char or LabelUnit.Kmer;

    /// <summary>Features of a step before any embedding.</summary>
    public int Features => Unit == LabelUnit.Base ? 4 : Unit == LabelUnit.Number ? Means.Count : 1 + (Characters?.Longest ?? 0);

    /// <summary>Learns it: all but the labels from the training part.</summary>
    /// <param name="training">The training part, each with a label.</param>
    /// <param name="options">The run.</param>
    /// <param name="others">The other parts, whose labels are labels of the model too; null: there are none.</param>
    /// <exception cref="UserErrorException">There are fewer than two labels, or sequences do not fit each other.</exception>
    internal static LabelEncoding Learn(
        IReadOnlyList<LabeledSequence> training, LabelOptions options, IEnumerable<LabeledSequence>? others = null)
    {
        LabeledSequence[] all = [.. training, .. others ?? []];
        LabelUnit unit = options.Unit != LabelUnit.Auto ? options.Unit
            : LabelUnits.Choose(options.Labels.Count > 0 ? LabelKind.Dna : options.Task, training[0]);
        // Of all parts: which of them a rare label is drawn into may not decide whether a run begins.
        string[] classes = [.. Sorted(all.SelectMany(one => LabelsOf(one, options)))];
        if (classes.Length < 2)
            throw new UserErrorException($"{training[0].Source}: expected at least two different labels to learn from, found " +
                $"{(classes.Length == 0 ? "none" : $"'{classes[0]}' alone")}.");
        LabelEncoding encoding = new() { Unit = unit, Classes = classes, Kmer = options.Kmer, Cased = options.Cased };
        if (options.Wide != WidePathKind.None && unit != LabelUnit.Base)
            throw new OptionException("wide",
                $"the linear path weighs bases at positions (unit base), and the unit is {encoding.UnitWord}; leave it out, or choose a rule.");
        if (options is { PerStep: false, Pooling: PoolingKind.Flatten } || options.Wide != WidePathKind.None)
            encoding = encoding with { Length = encoding.CommonLength(all) };
        if (options.PerStep) encoding = encoding with { Scheme = TagScheme.Of(training.Select(one => one.StepLabels)) };
        if (unit == LabelUnit.Number) return encoding.WithScale(training);
        if (training.FirstOrDefault(one => one.Features > 0) is { } numbers)
            throw new UserErrorException($"{numbers.Where}: it has numbers, and the unit is '{encoding.UnitWord}'; leave the unit out.");
        if (!encoding.HasVocabulary) return encoding;
        Dictionary<string, int> counts = [];
        foreach (LabeledSequence one in training)
            foreach (string step in encoding.Steps(one).Select(OwnSymbols.Marked)) counts[step] = counts.GetValueOrDefault(step) + 1;
        // Most frequent first; of equally frequent ones the order of their letters.
        string[] known = [.. counts.Where(c => c.Value >= options.MinCount).OrderByDescending(c => c.Value)
            .ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Key)];
        if (unit == LabelUnit.Word && options.ReadsCharacters)
        {
            LabelEncoding plain = encoding;
            IEnumerable<string> words = training.SelectMany(one => CharacterEncoding.Words(one, plain.Steps(one)));
            encoding = plain with { Characters = CharacterEncoding.Learn(words) };
        }
        return encoding with { Vocabulary = [Data.Text.Vocabulary.UnknownSymbol, .. known] };
    }

    /// <summary>The labels of a sequence, or that of each of its steps.</summary>
    internal static IReadOnlyList<string> LabelsOf(LabeledSequence one, LabelOptions options) => options.PerStep ? one.StepLabels : [one.Label!];

    /// <summary>Labels in their order, each once.</summary>
    internal static IEnumerable<string> Sorted(IEnumerable<string> labels) =>
        labels.Distinct().OrderBy(label => double.TryParse(label, out double n) ? n : double.MaxValue).ThenBy(label => label, StringComparer.Ordinal);

    /// <summary>The steps of a sequence in words.</summary>
    internal IReadOnlyList<string> Steps(LabeledSequence sequence) => LabelUnits.Of(sequence, Unit, Kmer, Cased);

    // The commonest, so that it is the odd one that errors name.
    private int CommonLength(IEnumerable<LabeledSequence> all) =>
        Math.Max(1, all.CountBy(one => Steps(one).Count).OrderByDescending(length => length.Value).ThenBy(length => length.Key).First().Key);

    /// <summary>The sequence as the network sees it, [steps, <see cref="Features"/>].</summary>
    /// <exception cref="UserErrorException">It does not fit, or has no step.</exception>
    internal float[] Encode(LabeledSequence sequence)
    {
        if (Unit == LabelUnit.Number) return Fitting(sequence, Scaled(sequence));
        if (sequence.Features > 0)
            throw new UserErrorException($"{sequence.Where}: expected a text because the model reads steps of the unit {UnitWord}, found numbers.");
        if (Unit == LabelUnit.Base && sequence.Tokens.Count == 0 && Bases(sequence.Text) is { } bases) return Fitting(sequence, bases);
        IReadOnlyList<string> steps = Steps(sequence);
        if (steps.Count == 0)
            throw new UserErrorException($"{sequence.Where}: expected at least one {UnitWord}, found none; write one, or leave the sequence out.");
        float[] x = new float[steps.Count * Features];
        IReadOnlyList<string> words = Characters is null ? steps : CharacterEncoding.Words(sequence, steps);
        for (int t = 0; t < steps.Count; t++)
            if (!TryEncode(steps[t], words[t], x.AsSpan(t * Features, Features)))
                throw new UserErrorException(
                    $"{sequence.Where}: expected nucleotides (A, C, G, T, N …), found '{Table.Shorten(steps[t])}' at place {t + 1}.");
        return Fitting(sequence, x);
    }

    // Letter by letter, without a text for each; null where one is no nucleotide, or there is none.
    private static float[]? Bases(string letters)
    {
        if (letters.Length == 0) return null;
        float[] x = new float[letters.Length * Nucleotides.Bases.Length];
        for (int t = 0; t < letters.Length; t++)
        {
            if (!Nucleotides.IsCode(letters[t])) return null;
            Nucleotides.Encode(letters[t], x.AsSpan(t * Nucleotides.Bases.Length, Nucleotides.Bases.Length));
        }
        return x;
    }

    /// <summary>One step as the network sees it.</summary>
    /// <param name="step">A word, character, base or k-mer, in small letters unless the model is cased.</param>
    /// <param name="word">The same with its capital letters.</param>
    /// <param name="x">[<see cref="Features"/>], overwritten.</param>
    /// <returns>False: it is no nucleotide, and the model's steps are.</returns>
    internal bool TryEncode(string step, string word, Span<float> x)
    {
        Characters?.Encode(word, x[1..]);
        if (Unit != LabelUnit.Base) x[0] = Place(step);
        else if (step.Length == 1 && Nucleotides.IsCode(step[0])) Nucleotides.Encode(step[0], x);
        else return false;
        return true;
    }

    /// <summary>One row of numbers as the network sees it.</summary>
    /// <param name="numbers">[<see cref="Features"/>].</param>
    /// <param name="x">[<see cref="Features"/>], overwritten.</param>
    internal void Encode(ReadOnlySpan<float> numbers, Span<float> x)
    {
        for (int k = 0; k < x.Length; k++) x[k] = (float)((numbers[k] - Means[k]) / Deviations[k]);
    }

    private float[] Fitting(LabeledSequence sequence, float[] x) => Length == 0 || x.Length == Length * Features
        ? x
        : throw new UserErrorException($"{sequence.Where}: expected {Length:N0} steps because the model has weights for each place of a " +
            $"window (pooling flatten, wide), found {x.Length / Features:N0}; cut all sequences alike, or train with another pooling.");

    /// <summary>The place of a label.</summary>
    /// <exception cref="UserErrorException">The training part has no such label.</exception>
    internal int ClassOf(string label, LabeledSequence where)
    {
        for (int k = 0; k < Classes.Count; k++)
            if (Classes[k] == label) return k;
        throw new UserErrorException($"{where.Where}: the label '{Table.Shorten(label)}' is not one of those trained on: " +
            $"{Table.Shorten(string.Join(", ", Classes))}; correct it, or leave it out.");
    }

    /// <summary>Whether a step is in the vocabulary.</summary>
    internal bool Knows(string step) => Place(step) != Unknown;

    private int Place(string step)
    {
        return (_places ??= Places()).GetValueOrDefault(OwnSymbols.Marked(step), Unknown);
    }

    // Files of earlier builds have k-mers with U, which is T, and halves of characters beyond 16 bits, which all became U+FFFD: the first counts.
    private Dictionary<string, int> Places()
    {
        if (Vocabulary.Where(word => word != Half).GroupBy(word => word).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UserErrorException($"vocabulary: '{Table.Shorten(twice.Key)}' stands twice.");
        Dictionary<string, int> places = [];
        for (int place = 0; place < Vocabulary.Count; place++)
            places.TryAdd(Unit == LabelUnit.Kmer && place > Unknown ? Vocabulary[place].Replace('U', 'T') : Vocabulary[place], place);
        return places;
    }

    private LabelEncoding WithScale(IReadOnlyList<LabeledSequence> training)
    {
        int features = training[0].Features;
        if (features == 0) throw new UserErrorException($"{training[0].Where}: expected numbers because the unit is 'number', found a text.");
        double[] means = new double[features], squares = new double[features];
        long rows = 0;
        foreach (LabeledSequence one in training)
        {
            Require(one, features);
            for (int i = 0; i < one.Numbers.Length; i++) means[i % features] += one.Numbers[i];
            rows += one.Numbers.Length / features;
        }
        for (int k = 0; k < features; k++) means[k] /= rows;
        foreach (LabeledSequence one in training)
            for (int i = 0; i < one.Numbers.Length; i++) squares[i % features] += Math.Pow(one.Numbers[i] - means[i % features], 2);
        // Features of one kind (pixels of a row) keep their common scale: some of them are constant, and noise would be blown up.
        double common = training[0].OneScale ? Math.Sqrt(squares.Sum() / (rows * features)) : 0;
        (double[] lowest, double[] highest) = Ranges(training);
        return this with
        {
            Means = means, Deviations = [.. squares.Select((sum, k) => Scale(Math.Sqrt(sum / rows), means[k], common))],
            Columns = training[0].Columns, Lowest = lowest, Highest = highest,
        };
    }

    // Of each column of a table; of images all pixels alike; else of each feature.
    private static (double[] Lowest, double[] Highest) Ranges(IReadOnlyList<LabeledSequence> training)
    {
        LabeledSequence first = training[0];
        int count = first.OneScale ? 1 : first.Columns.Count > 0 ? first.Columns.Count : first.Features;
        double[] lowest = new double[count], highest = new double[count];
        Array.Fill(lowest, double.MaxValue);
        Array.Fill(highest, double.MinValue);
        foreach (LabeledSequence one in training)
            for (int i = 0; i < one.Numbers.Length; i++)
                (lowest[i % count], highest[i % count]) =
                    (Math.Min(lowest[i % count], one.Numbers[i]), Math.Max(highest[i % count], one.Numbers[i]));
        return (lowest, highest);
    }

    // What does not reach a millionth of the mean is rounding of float32: the feature is constant.
    private static double Scale(double deviation, double mean, double common) =>
        deviation > 0.1 * common && deviation > 1e-6 * Math.Abs(mean) ? deviation : common > 0 ? common : 1;

    private float[] Scaled(LabeledSequence sequence)
    {
        Require(sequence, Means.Count);
        float[] x = new float[sequence.Numbers.Length];
        for (int at = 0; at < x.Length; at += Means.Count) Encode(sequence.Numbers.AsSpan(at, Means.Count), x.AsSpan(at, Means.Count));
        return x;
    }

    private void Require(LabeledSequence one, int features)
    {
        if (one.Features != features || one.Numbers.Length == 0)
            throw new UserErrorException($"{one.Where}: expected steps of {features} number{(features == 1 ? "" : "s")} as in the training part" +
                $"{(Columns.Count > 0 ? $" (the columns {Table.Shorten(string.Join(", ", Columns))})" : "")}, found " +
                $"{(one.Features == 0 ? "a text" : $"{one.Features}")}.");
        if (one.Numbers.Length % features != 0)
            throw new UserErrorException($"{one.Where}: expected whole steps of {features} numbers, found {one.Numbers.Length} numbers.");
        if (Array.FindIndex(one.Numbers, number => !float.IsFinite(number)) is >= 0 and int at)
            throw new UserErrorException($"{one.Where}: expected finite numbers, found {one.Numbers[at]} in step {at / features + 1}.");
    }

    internal static void Write(Utf8JsonWriter json, LabelEncoding encoding)
    {
        json.WriteString("unit", encoding.UnitWord);
        json.WriteTexts("classes", encoding.Classes);
        json.WriteTexts("vocabulary", encoding.Vocabulary);
        if (encoding.Characters is { } characters) json.WriteObject("spelling", characters, CharacterEncoding.Write);
        if (encoding.Scheme is { } scheme) json.WriteString("scheme", scheme);
        json.WriteNumber("kmer", encoding.Kmer);
        json.WriteNumber("length", encoding.Length);
        json.WriteBoolean("cased", encoding.Cased);
        json.WriteNumbers("means", encoding.Means);
        json.WriteNumbers("deviations", encoding.Deviations);
        json.WriteTexts("columns", encoding.Columns);
        json.WriteNumbers("lowest", encoding.Lowest);
        json.WriteNumbers("highest", encoding.Highest);
    }

    internal static LabelEncoding Read(JsonRecord json)
    {
        LabelEncoding read = new()
        {
            Unit = json.Choice<LabelUnit>("unit"),
            Classes = json.Texts("classes"),
            Vocabulary = json.Texts("vocabulary"),
            Kmer = json.Between("kmer", 1, 8),
            Length = json.Between("length", 0, SizeLimits.Features, 0),
            Cased = json.Flag("cased"),
            Means = json.Reals("means"),
            Deviations = json.Reals("deviations"),
            // Earlier files have none of these.
            Characters = json.Absent("spelling") ? null : json.Object("spelling", CharacterEncoding.Read),
            Scheme = json.TextOrNull("scheme"),
            Columns = json.Absent("columns") ? [] : json.Texts("columns"),
            Lowest = json.Absent("lowest") ? [] : json.Reals("lowest"),
            Highest = json.Absent("highest") ? [] : json.Reals("highest"),
        };
        if (read.WhatIsWrong() is { } wrong) throw new JsonException(wrong);
        read._places = read.Places();
        return read;
    }

    private string? WhatIsWrong()
    {
        static bool Once(IReadOnlyList<string> words) => words.Distinct().Count() == words.Count;
        if (Unit == LabelUnit.Auto) return "the unit is not known";
        if (Classes.Count < 2 || !Once(Classes)) return "expected at least two labels, each once";
        if (HasVocabulary != Vocabulary.Count > 0 || !Once([.. Vocabulary.Where(word => word != Half)]))
            return $"the vocabulary is not that of the unit {UnitWord}, each word once";
        if ((Unit == LabelUnit.Number) != Means.Count > 0 || Deviations.Count != Means.Count || Deviations.Any(deviation => !(deviation > 0)))
            return "expected for each number of a step a mean and a deviation above 0";
        if (Characters is not null && Unit != LabelUnit.Word) return $"characters are those of words, and the unit is {UnitWord}";
        if (Scheme is not (null or TagScheme.Bio or TagScheme.Bioes)) return $"there is no scheme '{Scheme}' of labels";
        if (Lowest.Count != Highest.Count || (Lowest.Count > 1 && Lowest.Count != Columns.Count && Lowest.Count != Means.Count))
            return "the lowest and highest values are not those of its columns";
        return null;
    }
}
