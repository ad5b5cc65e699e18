namespace Unroll.Tasks.Data.Labeled;

/// <summary>A sequence with its label, as a file has it: a text, or rows of numbers.</summary>
/// <param name="Source">What errors call the file.</param>
/// <param name="Line">Where it begins, from 1; for a file of bytes its place, from 1.</param>
public sealed record LabeledSequence(string Source, int Line)
{
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

    /// <summary>Whether the numbers of a step are of one kind, as pixels are, and so have one scale.</summary>
    public bool OneScale { get; init; }

    /// <summary>The label of the whole; null where the file has none.</summary>
    public string? Label { get; init; }

    /// <summary>A label for each step; empty where there is one of the whole.</summary>
    public IReadOnlyList<string> StepLabels { get; init; } = [];

    /// <summary>The part or fold that the file puts it in; empty where it does not say.</summary>
    public string Part { get; init; } = "";

    /// <summary>How errors name it.</summary>
    public string Where => $"{Source}, line {Line}";
}

/// <summary>Which columns of a table are what; null: found by the usual names.</summary>
/// <param name="Label">The label.</param>
/// <param name="Text">The text or the letters; null where no column has a usual name: all other columns are numbers.</param>
/// <param name="Part">Training, validation or test, or a fold.</param>
/// <param name="Group">Rows with the same value are the steps of one sequence; null: each row is a sequence.</param>
public sealed record LabelColumns(string? Label = null, string? Text = null, string? Part = null, string? Group = null)
{
    /// <summary>Whether the columns of labels and parts may be missing, as in a file that is to be given its labels.</summary>
    public bool LabelsOptional { get; init; }
}
