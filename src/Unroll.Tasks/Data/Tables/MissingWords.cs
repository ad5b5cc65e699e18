using System.Globalization;

namespace Unroll.Tasks.Data.Tables;

/// <summary>Words of a user that mean a missing value, beside those that always do.</summary>
internal sealed class MissingWords(IReadOnlyList<string> words)
{
    private readonly HashSet<string> _texts = new(words, StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<double> _numbers = [.. words.Select(Number).OfType<double>()];

    /// <summary>Whether a cell is one of them, or the same number in another form (-999.0).</summary>
    internal bool Contains(string text) => _texts.Contains(text) || (_numbers.Count > 0 && Number(text) is { } number && _numbers.Contains(number));

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
}
