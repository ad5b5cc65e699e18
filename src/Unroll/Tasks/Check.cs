using System.Globalization;
using Unroll.Core;

namespace Unroll.Tasks;

/// <summary>Checks of options where they are set; each returns the value it was given.</summary>
internal static class Check
{
    internal static string OneOf(IReadOnlyList<string> words, string value, string option)
    {
        if (words.Contains(value)) return value;
        string question = NearestName.Of(value, words) is { } near ? $" (did you mean '{near}'?)" : "";
        throw new UserErrorException($"{option}: there is no '{value}'{question}; expected one of {string.Join(", ", words)}.");
    }

    internal static int Between(int least, int most, int value, string option) =>
        value >= least && value <= most ? value
            : throw new UserErrorException($"{option}: expected a whole number from {least} to {most}, got {value}.");

    internal static double Between(double least, double most, double value, string option) =>
        value >= least && value <= most
            ? value
            : throw new UserErrorException(string.Create(CultureInfo.InvariantCulture,
                $"{option}: expected a number from {least} to {most}, got {value}."));
}
