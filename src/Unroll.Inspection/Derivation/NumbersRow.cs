namespace Unroll.Inspection.Derivation;

/// <summary>A row of numbers: a quantity, or a term of a gradient, at every step.</summary>
/// <param name="Name">What it is: <c>f</c>, <c>h₋</c>, <c>δf</c>.</param>
/// <param name="Path">Which term: <c>through z</c>, or <c>sum</c> of them all; empty where there is only one.</param>
/// <param name="Steps">The vector of each step.</param>
public sealed record NumbersRow(string Name, string Path, IReadOnlyList<IReadOnlyList<double>> Steps)
{
    /// <summary>The path of what is the sum of the rows above it.</summary>
    public const string Sum = "sum";
}

/// <summary>A number that is none: NaN, or an infinity.</summary>
/// <param name="Name">Of what: <c>f</c>, <c>L</c>, <c>δf</c>.</param>
/// <param name="Where">At which step and on which way, as words behind it; empty of the loss and of the gradient of a parameter.</param>
/// <param name="Value">It.</param>
public sealed record NotFiniteNumber(string Name, string Where, double Value)
{
    /// <summary>A sentence that says so.</summary>
    public string Sentence =>
        $"{Name} is {LiveCellHtml.Number(Value)}{Where}; what is computed from it may be no finite number either.";
}

/// <summary>A parameter in numbers, or its gradient.</summary>
/// <param name="Name">Its name in the equations.</param>
/// <param name="Columns">How many numbers a row has; 1 of a vector.</param>
/// <param name="Values">Row by row.</param>
public sealed record NumbersParameter(string Name, int Columns, IReadOnlyList<double> Values)
{
    /// <summary>The rows.</summary>
    public int Rows => Values.Count / Columns;
}
