namespace Unroll.Tasks.Data.Labeled;

/// <summary>A sequence with its label, from a file or from memory: a text, tokens, or rows of numbers.</summary>
/// <param name="Source">What errors call the file.</param>
/// <param name="Line">Where it begins, from 1; for a file of bytes, and in memory, its place, from 1.</param>
public sealed record LabeledSequence(string Source, int Line)
{
    internal const string Memory = "data";

    /// <summary>A text.</summary>
    /// <param name="text">Words or letters.</param>
    /// <param name="label">The label of the whole; null: none.</param>
    public static LabeledSequence OfText(string text, string? label = null) => new(Memory, 1) { Text = text, Label = label };

    /// <summary>Steps that are told apart already, such as the words of a sentence.</summary>
    /// <param name="tokens">The steps.</param>
    /// <param name="labels">A label for each; null: none.</param>
    public static LabeledSequence OfTokens(IReadOnlyList<string> tokens, IReadOnlyList<string>? labels = null) =>
        new(Memory, 1) { Tokens = tokens, StepLabels = labels ?? [] };

    /// <summary>Rows of numbers with a label of the whole.</summary>
    /// <param name="numbers">[steps, <paramref name="features"/>].</param>
    /// <param name="features">Numbers of a step.</param>
    /// <param name="label">The label of the whole; null: none.</param>
    public static LabeledSequence OfNumbers(float[] numbers, int features = 1, string? label = null) =>
        new(Memory, 1) { Numbers = numbers, Features = features, Label = label };

    /// <summary>Rows of numbers with a label for each.</summary>
    /// <param name="numbers">[steps, <paramref name="features"/>].</param>
    /// <param name="features">Numbers of a step.</param>
    /// <param name="labels">A label for each step.</param>
    public static LabeledSequence OfNumbers(float[] numbers, int features, IReadOnlyList<string> labels) =>
        new(Memory, 1) { Numbers = numbers, Features = features, StepLabels = labels };

    /// <summary>What the file calls the sequence; empty where it has no name, or none that is needed.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where the sequence begins within the one of that name, from 0.</summary>
    public int Start { get; init; }

    /// <summary>Words or letters; empty for numbers and for tokens.</summary>
    public string Text { get; init; } = "";

    /// <summary>Steps that the file itself tells apart; empty for a text.</summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>[steps, <see cref="Features"/>]; empty for a text.</summary>
    public float[] Numbers { get; init; } = [];

    /// <summary>Numbers of a step; 0 for a text.</summary>
    public int Features { get; init; }

    /// <summary>
    /// The names of the table's columns that the numbers are from, by which a model's are found again: of the features, or of the steps where a step
    /// is one number. Empty: they have none.
    /// </summary>
    internal IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Whether there is nothing in it: a blank line.</summary>
    internal bool IsEmpty => Features == 0 && Tokens.Count == 0 && string.IsNullOrWhiteSpace(Text);

    /// <summary>Whether the numbers of a step are of one kind, as pixels are, and so have one scale.</summary>
    public bool OneScale { get; init; }

    /// <summary>The label of the whole; null where the file has none.</summary>
    public string? Label { get; init; }

    /// <summary>A label for each step; empty where there is one of the whole.</summary>
    public IReadOnlyList<string> StepLabels { get; init; } = [];

    /// <summary>The part or fold that the file puts it in; empty where it does not say.</summary>
    public string Part { get; init; } = "";

    /// <summary>How errors name it.</summary>
    public string Where => Source == Memory ? $"data, sequence {Line}" : $"{Source}, line {Line}";
}

/// <summary>Which columns of a table are what; null: found by their names.</summary>
/// <param name="Label">The label.</param>
/// <param name="Text">The text or the letters; null where no column has one of the names: all other columns are numbers.</param>
/// <param name="Part">Training, validation or test, or a fold.</param>
/// <param name="Group">Rows with the same value are the steps of one sequence; null: each row is a sequence.</param>
public sealed record LabelColumns(string? Label = null, string? Text = null, string? Part = null, string? Group = null)
{
    /// <summary>Whether the columns of labels and parts may be missing, as in a file that is to be given its labels.</summary>
    public bool LabelsOptional { get; init; }

    /// <summary>What a model reads; null: there is none yet.</summary>
    internal ModelColumns? Expected { get; init; }

    /// <summary>Whether a column was named, so that the data are a table.</summary>
    internal bool AreNamed => (Label ?? Text ?? Part ?? Group) is not null;

    /// <summary>Whether a column of that name was named.</summary>
    internal bool Names(string column) => column == Label || column == Text || column == Group;
}

/// <summary>What a model reads of a table.</summary>
/// <param name="Texts">Whether it reads texts, rather than numbers.</param>
/// <param name="Numbers">The names of its columns of numbers, in their order; empty: it reads texts, or it was not trained on a table.</param>
internal sealed record ModelColumns(bool Texts, IReadOnlyList<string> Numbers);
