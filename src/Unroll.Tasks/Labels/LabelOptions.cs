using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels.Rules;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Labels;

/// <summary>Which of the labeling tasks.</summary>
public enum LabelKind
{
    /// <summary>A label for each text, image or sequence of numbers.</summary>
    Classify,

    /// <summary>A label for each window of nucleotides.</summary>
    Dna,

    /// <summary>A label for each step.</summary>
    Tag,
}

/// <summary>What a step of a sequence is.</summary>
public enum LabelUnit
{
    /// <summary>By the task and the data: a number, a base for DNA, else a word.</summary>
    Auto,

    /// <summary>A word, a sign for itself.</summary>
    Word,

    /// <summary>A character.</summary>
    Char,

    /// <summary>A nucleotide: four numbers.</summary>
    Base,

    /// <summary>Some nucleotides that follow each other, overlapping with the next.</summary>
    Kmer,

    /// <summary>A row of numbers.</summary>
    Number,
}

/// <summary>What a step of an image is.</summary>
public enum ImageStep
{
    /// <summary>A row of pixels.</summary>
    Rows,

    /// <summary>A pixel, row by row.</summary>
    Pixels,
}

/// <summary>A linear path around a network.</summary>
public enum WidePathKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>From the base at each position.</summary>
    Single,

    /// <summary>From each position's base, and from each two neighboring ones.</summary>
    Pairs,
}

/// <summary>How much the losses of the labels count.</summary>
public enum ClassWeights
{
    /// <summary>Alike.</summary>
    None,

    /// <summary>Of each label as much as of each other: n ÷ (labels · n of the label), as scikit-learn's.</summary>
    Balanced,
}

/// <summary>What the best epoch is chosen by on the validation part.</summary>
public enum EpochBy
{
    /// <summary>The share of wrong labels, then the loss.</summary>
    Errors,

    /// <summary>The loss: of few sequences it says more than the number of errors.</summary>
    Loss,

    /// <summary>The loss where the validation part has fewer than 500 labels, else errors.</summary>
    Auto,
}

/// <summary>Whether a tagger scores whole paths of labels.</summary>
public enum CrfChoice
{
    /// <summary>Where a network reads words from both ends, and so needs whole sequences anyway.</summary>
    Auto,

    /// <summary>It does.</summary>
    Yes,

    /// <summary>Each label by itself.</summary>
    No,
}

/// <summary>Everything that decides a run of <c>classify</c>, <c>dna</c> or <c>tag</c>: a label for each sequence, or for each step.</summary>
public sealed record LabelOptions : TaskOptions
{
    /// <summary>The defaults of <see cref="LabelKind.Classify"/>; those of the other tasks are <see cref="Of"/>'s.</summary>
    public LabelOptions()
    {
        (Direction, Pooling, Dropout, Batch) = (ReadingDirection.Both, PoolingKind.Mean, 0.5, 16);
        (LearningRate, Optimizer) = (2e-3, OptimizerKind.AdamW);
    }

    /// <summary>The defaults of a task.</summary>
    /// <param name="task">Which.</param>
    public static LabelOptions Of(LabelKind task) => task switch
    {
        LabelKind.Dna => new()
        {
            Task = task, Hidden = 48, Pooling = PoolingKind.Center, Dropout = 0.3, Embedding = 100, Batch = 32, LearningRate = 3e-3,
        },
        LabelKind.Tag => new() { Task = task, Hidden = 128, Pooling = PoolingKind.None, Embedding = 100 },
        _ => new(),
    };

    /// <summary>The task.</summary>
    public LabelKind Task { get; init; }

    /// <summary>The column of the label; null: found by its name (<c>label</c>, <c>class</c>, <c>tag</c> …).</summary>
    public string? Label { get; init; }

    /// <summary>
    /// BED files with the label of each base of FASTA files, for <see cref="LabelKind.Tag"/>; empty: the data have their labels themselves.
    /// </summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Bases of the windows that sequences with <see cref="Labels"/> are cut into, from 1.</summary>
    public int Window { get; init; } = 200;

    /// <summary>The column of the text or the letters; null: found by its name, else all other columns are numbers.</summary>
    public string? Text { get; init; }

    /// <summary>The column of training, validation and test, or of folds; null: found by its name.</summary>
    public string? Part { get; init; }

    /// <summary>The column whose equal values make the steps of one sequence; null: none.</summary>
    public string? Group { get; init; }

    /// <summary>What a step is.</summary>
    public LabelUnit Unit { get; init; }

    /// <summary>Letters of a k-mer, 1 to 8.</summary>
    public int Kmer { get; init; } = 3;

    /// <summary>What a step of an image is.</summary>
    public ImageStep Image { get; init; }

    /// <summary>Images: the side of the squares of pixels whose mean becomes one pixel; 1: as they are.</summary>
    public int Shrink { get; init; } = 1;

    /// <summary>Whether capital letters are kept apart from small ones.</summary>
    public bool Cased { get; init; }

    /// <summary>How often a word, character or k-mer must occur in the training part to be known.</summary>
    public int MinCount { get; init; } = 1;

    /// <summary>Features of an embedded word, character or k-mer.</summary>
    public int Embedding { get; init; } = 200;

    /// <summary>A text file of word vectors (GloVe, word2vec) that the embedding begins with; null: random ones.</summary>
    public string? Vectors { get; init; }

    /// <summary>
    /// Probability that a step is hidden in training, in [0, 0.99]: a word, character or k-mer becomes unknown, a base any of the four, numbers their
    /// means. Null: 0.3 for words, characters and k-mers that are classified, else 0.
    /// </summary>
    public double? WordDropout { get; init; }

    /// <summary>
    /// Probability that a feature of a step is dropped in training, in [0, 0.99]; null: <see cref="TaskOptions.Dropout"/> where steps are embedded,
    /// else 0.
    /// </summary>
    public double? InputDropout { get; init; }

    /// <summary>DNA: places by which a window is moved at random in training at most, either way; what comes in is unknown.</summary>
    public int Shift { get; init; }

    /// <summary>DNA: probability that a base becomes another one in training, in [0, 0.75].</summary>
    public double Mutation { get; init; }

    /// <summary>Filters of a convolution below the recurrent layers; 0: there is none.</summary>
    public int Filters { get; init; }

    /// <summary>Steps that a filter sees, from 1.</summary>
    public int FilterWidth { get; init; } = 9;

    /// <summary>Steps of the filters' output that become one, their largest; 1: all stay.</summary>
    public int FilterPool { get; init; } = 1;

    /// <summary>DNA: a linear path around the network, from the bases at their positions to the labels' scores.</summary>
    public WidePathKind Wide { get; init; }

    /// <summary>A simple rule that is fitted too and has a say in what the model says.</summary>
    public RuleKind Rule { get; init; }

    /// <summary>Whether the probabilities are calibrated by a temperature, on the validation part.</summary>
    public bool Calibrate { get; init; }

    /// <summary>Whether the loss of a sequence is divided by how common its label is.</summary>
    public ClassWeights ClassWeights { get; init; }

    /// <summary>What the best epoch is chosen by.</summary>
    public EpochBy EpochBy { get; init; }

    /// <summary>Taggers: whether a conditional random field scores whole paths of labels; see <see cref="Layers.LinearChain.Crf"/>.</summary>
    public CrfChoice Crf { get; init; }

    /// <summary>Taggers: whether predictions keep to the scheme of the labels (BIO, BIOES), where they follow one.</summary>
    public bool Legal { get; init; } = true;

    /// <summary>
    /// Taggers of words: features of an embedded character, which recurrent layers read beside the word; 0: no characters are read. Null:
    /// <see cref="UsualCharacters"/>.
    /// </summary>
    public int? Characters { get; init; }

    /// <summary>Units of each direction that reads the characters of a word.</summary>
    public int CharacterHidden { get; init; } = 50;

    internal const int UsualCharacters = 32;

    internal int CharacterSize => Characters ?? UsualCharacters;

    internal bool ReadsCharacters => PerStep && CharacterSize > 0;

    internal bool ScoresPaths(LabelEncoding encoding) => PerStep
        && (Crf == CrfChoice.Yes || (Crf == CrfChoice.Auto && encoding.Unit == LabelUnit.Word && Direction == ReadingDirection.Both && IsPlainLoss));

    // The loss of a path has neither smoothed labels nor weights for each of them.
    private bool IsPlainLoss => LabelSmoothing == 0 && ClassWeights == ClassWeights.None;

    /// <summary>DNA: whether the other strand is trained on too, and predictions are averaged over both.</summary>
    public bool BothStrands { get; init; }

    /// <summary>Whether the model to train on gives its embedding and recurrent layers alone, and the rest is new.</summary>
    public bool FromFront { get; init; }

    /// <summary>A language model that reads from the end, for the recurrent weights that do; null: none.</summary>
    public string? FromReverse { get; init; }

    /// <summary>Whether each step has a label, rather than the whole.</summary>
    public bool PerStep => Task == LabelKind.Tag;

    internal LabelColumns Columns => new(Label, Text, Part, Group);

    /// <summary>The options, a line each; those of one task alone say so.</summary>
    public static OptionTable<LabelOptions> Table { get; } = new OptionTable<LabelOptions>()
        .Choice("task", "the task", o => o.Task, (o, v) => o with { Task = v }).Only().OfModel()
        .Strings("data", "FILE[,FILE…]", "CSV or TSV with labels, lines of label TAB text, IDX images; dna: CSV, or a FASTA file for each label; " +
            "tag: lines of token and label, CSV with a group column, or FASTA with labels in BED files", o => o.Data, (o, v) => o with { Data = v })
            .NotSwept(Unswept.Data)
        .String("label", "COLUMN", "the column of the label (default: label, class, tag …)", o => o.Label!, (o, v) => o with { Label = v })
            .NotSwept(Unswept.Data)
        .Strings("labels", "FILE.bed[,…]", "BED files with the labels of the bases of FASTA files", o => o.Labels, (o, v) => o with { Labels = v })
            .Only("tag").MayBeAbsent().NotSwept(Unswept.Data)
        .Int("window", "N", "bases of the windows that such sequences are cut into", o => o.Window, (o, v) => o with { Window = v }, 1, 1_000_000)
            .Only("tag").MayBeAbsent().NotSwept(Unswept.Data)
        .String("text", "COLUMN", "the column of the text or letters (default: text, sequence …; none: all others are numbers)",
            o => o.Text!, (o, v) => o with { Text = v }).NotSwept(Unswept.Data)
        .String("part", "COLUMN", "the column of train, valid, test, or of folds (default: split, part, fold)",
            o => o.Part!, (o, v) => o with { Part = v }).NotSwept(Unswept.Data)
        .String("group", "COLUMN", "the column whose equal values make one sequence of several rows", o => o.Group!, (o, v) => o with { Group = v })
            .NotSwept(Unswept.Data)
        .Include(TaskOptionLines.Parts)
        .Choice("unit", "what a step is", o => o.Unit, (o, v) => o with { Unit = v }).OfModel()
        .Int("kmer", "N", "letters of a k-mer", o => o.Kmer, (o, v) => o with { Kmer = v }, 1, 8).OfModel()
        .Choice("image", "what a step of an image is", o => o.Image, (o, v) => o with { Image = v }).Only("classify").OfModel().MayBeAbsent()
        .Int("shrink", "N", "images: squares of N × N pixels become one, their mean", o => o.Shrink, (o, v) => o with { Shrink = v }, 1, 1_000)
            .Only("classify").OfModel().MayBeAbsent()
        .Bool("cased", "keep capital letters apart from small ones", o => o.Cased, (o, v) => o with { Cased = v }).OfModel()
        .Int("min-count", "N", "how often a word must occur to be known", o => o.MinCount, (o, v) => o with { MinCount = v }, 1, 1_000_000).OfModel()
        .Int("embedding", "N", "features of an embedded word", o => o.Embedding, (o, v) => o with { Embedding = v }, 1, 16_384).OfModel()
        .String("vectors", "FILE", "word vectors to begin with, as GloVe and word2vec write them in text",
            o => o.Vectors!, (o, v) => o with { Vectors = v }).OfModel()
        .Int("characters", "N", $"words: features of a character, read beside the word; 0: none (default: {UsualCharacters})",
            o => o.Characters, (o, v) => o with { Characters = v }, 0, 1_024).Only("tag").OfModel().MayBeAbsent()
        .Int("character-hidden", "N", "units of each direction that reads the characters of a word",
            o => o.CharacterHidden, (o, v) => o with { CharacterHidden = v }, 1, 4_096).Only("tag").OfModel().MayBeAbsent()
        .Include(TaskOptionLines.Network)
        .Choice("crf", "score whole paths of labels by a conditional random field", o => o.Crf, (o, v) => o with { Crf = v })
            .Alone("yes").Only("tag").OfModel().MayBeAbsent().NotSwept(Unswept.Measure)
        .Bool("legal", "predict only paths that the labels' scheme (BIO, BIOES) allows, where they follow one", o => o.Legal,
            (o, v) => o with { Legal = v }).Only("tag").MayBeAbsent()
        .Double("word-dropout", "probability that a step is hidden in training (default: classify 0.3 for words, characters and k-mers, else 0)",
            o => o.WordDropout, (o, v) => o with { WordDropout = v }, 0, 0.99)
        .Double("input-dropout", "probability that a feature of a step is dropped in training (default: as dropout for embedded steps, else 0)",
            o => o.InputDropout, (o, v) => o with { InputDropout = v }, 0, 0.99).MayBeAbsent()
        .Int("filters", "N", "filters of a convolution below the recurrent layers; 0: none", o => o.Filters, (o, v) => o with { Filters = v },
            0, SizeLimits.Hidden).Only("classify", "dna").OfModel().MayBeAbsent()
        .Int("filter-width", "N", "steps that a filter sees", o => o.FilterWidth, (o, v) => o with { FilterWidth = v }, 1, 1_000)
            .Only("classify", "dna").OfModel().MayBeAbsent()
        .Int("filter-pool", "N", "steps of the filters' output that become one, their largest", o => o.FilterPool,
            (o, v) => o with { FilterPool = v }, 1, 1_000).Only("classify", "dna").OfModel().MayBeAbsent()
        .Choice("wide", "a linear path around the network, from bases at positions to scores; pairs: from neighboring bases too", o => o.Wide,
            (o, v) => o with { Wide = v }).Only("dna").OfModel().MayBeAbsent()
        .Int("shift", "N", "places by which a window is moved at random in training at most", o => o.Shift, (o, v) => o with { Shift = v }, 0, 1_000)
            .Only("dna").MayBeAbsent()
        .Double("mutation", "probability that a base becomes another one in training", o => o.Mutation, (o, v) => o with { Mutation = v }, 0, 0.75)
            .Only("dna").MayBeAbsent()
        .Choice("rule", "a simple rule that has a say in what the model says; auto: the best of those in five folds of the training part",
            o => o.Rule, (o, v) => o with { Rule = v }).Only("classify", "dna").MayBeAbsent().NotSwept(Unswept.Afterwards)
        .Bool("calibrate", "calibrate probabilities by a temperature, on the validation part", o => o.Calibrate,
            (o, v) => o with { Calibrate = v }).MayBeAbsent().NotSwept(Unswept.Afterwards)
        .Choice("class-weights", "what the losses of the labels are weighted by", o => o.ClassWeights, (o, v) => o with { ClassWeights = v })
            .MayBeAbsent()
        .Include(TaskOptionLines.Smoothing)
        .Choice("epoch-by", "what the best epoch is chosen by; auto: errors, or the loss where fewer than 500 labels validate", o => o.EpochBy,
            (o, v) => o with { EpochBy = v }).MayBeAbsent().NotSwept(Unswept.Measure)
        .Bool("both-strands", "train on the other strand too, and average predictions over both", o => o.BothStrands,
            (o, v) => o with { BothStrands = v }).Only("dna").OfModel()
        .Include(TaskOptionLines.Learning)
        .Bool("from-front", "of the model to train on (from) take embedding and recurrent layers alone; the rest is new, and labels may be others",
            o => o.FromFront, (o, v) => o with { FromFront = v }).MayBeAbsent().NotSwept(Unswept.Start)
        .String("from-reverse", "MODEL", "a model of lm trained with the option reverse, for the recurrent weights that read from the end",
            o => o.FromReverse!, (o, v) => o with { FromReverse = v }).NotSwept(Unswept.Start)
        .Together(o => o.PerStep && o.Pooling != PoolingKind.None
            ? "pooling: each step has a label of its own, so that there is nothing to pool; leave it out." : null)
        .Together(o => !o.PerStep && o.Pooling == PoolingKind.None
            ? "pooling: a sequence has one label, so that its steps must become one row; choose last, mean, max, attention, center or flatten."
            : null)
        .Together(o => o.Crf == CrfChoice.Yes && !o.PerStep ? "crf: a sequence has one label, so that there are no paths; leave it out." : null)
        .Together(o => o.Crf == CrfChoice.Yes && !o.IsPlainLoss
            ? "crf: the loss of a path has neither label smoothing nor class weights; leave out one or the other." : null)
        .Together(o => o.Characters > 0 && !o.PerStep ? "characters: they are read by taggers of words alone (task tag); leave it out." : null)
        .Together(o => o.BothStrands && o.Task != LabelKind.Dna ? "both-strands: only windows of DNA have another strand; leave it out." : null)
        .Together(o => o.Labels.Count > 0 && !o.PerStep
            ? "labels: BED files have a label for each base, which is the task tag's; leave it out." : null);
}
