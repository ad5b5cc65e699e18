namespace Unroll.Cells.Definitions;

/// <summary>What a token is.</summary>
internal enum CellTokenKind
{
    /// <summary>A name or a word.</summary>
    Name,
    /// <summary>The value of a state of the step before; the text is the state's name.</summary>
    Before,
    /// <summary>A number without a sign.</summary>
    Number,
    /// <summary>A sign, in the spelling that is written: − also for the ASCII one.</summary>
    Sign,
    /// <summary>The end of the line.</summary>
    End,
}

/// <summary>The smallest part of a line.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="Place">Where it begins.</param>
/// <param name="Joined">Whether no blank stands before it.</param>
internal readonly record struct CellToken(CellTokenKind Kind, string Text, SourcePlace Place, bool Joined)
{
    /// <summary>The number.</summary>
    public double Value { get; init; }

    /// <summary>Whether it is that sign.</summary>
    public bool Is(char sign) => Kind == CellTokenKind.Sign && Text[0] == sign;

    /// <summary>Whether an operand can begin with it.</summary>
    public bool BeginsOperand => Kind is CellTokenKind.Name or CellTokenKind.Before or CellTokenKind.Number || Is('(');

    /// <summary>As a message names it.</summary>
    public string Said => Kind switch
    {
        CellTokenKind.End => "the end of the line",
        CellTokenKind.Before => $"'{Text}{CellWords.Before}'",
        _ => $"'{Text}'",
    };
}
