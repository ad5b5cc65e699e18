using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Derivation;

/// <summary>A summand of a printed gradient.</summary>
/// <param name="Value">Its value without the sign.</param>
/// <param name="Path">By which path it arrives: <c>direct</c>, <c>through z</c>; empty where there is only one.</param>
/// <param name="IsNegative">Whether it is subtracted.</param>
internal sealed record PrintedTerm(CellExpression Value, string Path, bool IsNegative = false);

/// <summary>A line of a printed derivation: left = the sum of the terms.</summary>
/// <param name="Left">The left side.</param>
/// <param name="Terms">The summands; none: zero.</param>
internal sealed record PrintedEquation(CellExpression Left, params IReadOnlyList<PrintedTerm> Terms)
{
    /// <summary>Whether every step adds to it: <c>+=</c>.</summary>
    public bool Adds { get; init; }

    /// <summary>What the left side is called, <c>reset gate</c>; may be empty.</summary>
    public string Note { get; init; } = "";
}

/// <summary>Equations below a heading.</summary>
/// <param name="Heading">The heading.</param>
/// <param name="Explanation">What is to be known about the signs; may be empty.</param>
/// <param name="Equations">The equations.</param>
internal sealed record PrintedSection(string Heading, string Explanation, IReadOnlyList<PrintedEquation> Equations);
