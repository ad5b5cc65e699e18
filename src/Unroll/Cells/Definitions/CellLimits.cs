using System.Globalization;

namespace Unroll.Cells.Definitions;

/// <summary>How large a definition can be.</summary>
internal static class CellLimits
{
    /// <summary>Bytes of the text.</summary>
    public const int Bytes = 64 << 10;

    /// <summary>Operations of all equations together: every sign, function and product counts one.</summary>
    public const int Operations = 200;

    /// <summary>States.</summary>
    public const int States = 16;

    /// <summary>Parentheses within parentheses.</summary>
    public const int Depth = 100;

    /// <summary>Characters of what a quantity is called.</summary>
    public const int Called = 60;

    /// <summary>Whether a float can hold a number: it is finite, neither too large, nor so small that 0 would be in its place.</summary>
    /// <param name="value">The number.</param>
    public static bool IsFloat(double value) => Math.Abs(value) <= float.MaxValue && (value == 0 || (float)value != 0);

    /// <summary>The message about a text that is too long.</summary>
    /// <param name="bytes">How long it is.</param>
    public static string TooManyBytes(int bytes) => string.Create(CultureInfo.InvariantCulture,
        $"the text has {bytes:N0} bytes; expected at most {Bytes:N0}; shorten its comments, or check that it is a cell.");
}
