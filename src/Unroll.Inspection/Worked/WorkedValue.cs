using Unroll.Inspection.Textbook;

namespace Unroll.Inspection.Worked;

/// <summary>One vector or matrix of a worked example.</summary>
/// <param name="Section">Where in the computation: <c>step 2, backward</c>.</param>
/// <param name="Name">As in the derivation: <c>δh</c>, <c>W_hz</c>.</param>
/// <param name="Term">Which term of it, <c>through z</c>, or which step's share; <c>sum</c> of them all; empty where it has no terms.</param>
/// <param name="Values">The numbers, row by row.</param>
/// <param name="Columns">How many numbers a row has; all of them for a vector.</param>
public sealed record WorkedValue(string Section, string Name, string Term, IReadOnlyList<double> Values, int Columns)
{
    internal static WorkedValue Of(string section, string name, string term, Vector value) => new(section, name, term, [.. value], value.Count);

    internal static WorkedValue Of(string section, string name, string term, Matrix value) =>
        new(section, name, term, [.. Rows(value)], value.Columns);

    private static IEnumerable<double> Rows(Matrix value)
    {
        for (int row = 0; row < value.Rows; row++)
            for (int column = 0; column < value.Columns; column++)
                yield return value[row, column];
    }
}
