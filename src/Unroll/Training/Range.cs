using System.Globalization;
using Unroll.Core;

namespace Unroll.Training;

/// <summary>Checks of options where they are set.</summary>
internal static class Range
{
    public static double Share(double value, string what) => value is >= 0 and < 1 ? value : throw Wrong(what, "at least 0 and below 1", value);

    public static double NotNegative(double value, string what) =>
        value >= 0 && double.IsFinite(value) ? value : throw Wrong(what, "a number of at least 0", value);

    public static double Positive(double value, string what) =>
        value > 0 && double.IsFinite(value) ? value : throw Wrong(what, "a number above 0", value);

    public static float NotNegative(float value, string what) => (float)NotNegative((double)value, what);

    public static float Positive(float value, string what) => (float)Positive((double)value, what);

    public static int AtLeast(int least, int value, string what) =>
        value >= least ? value : throw Wrong(what, string.Create(CultureInfo.InvariantCulture, $"a whole number of at least {least}"), value);

    private static UserErrorException Wrong(string what, string expected, double found) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{what}: expected {expected}, got {found}."));
}
