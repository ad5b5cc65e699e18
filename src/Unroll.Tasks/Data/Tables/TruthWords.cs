namespace Unroll.Tasks.Data.Tables;

/// <summary>Columns of TRUE and FALSE, yes and no, on and off: 1 and 0 to a network.</summary>
internal sealed record TruthWords(string Yes, string No)
{
    private static readonly TruthWords[] s_all = [new("true", "false"), new("yes", "no"), new("on", "off"), new("t", "f"), new("y", "n")];

    /// <summary>The pair that all cells belong to; null where there is none.</summary>
    internal static TruthWords? Of(IEnumerable<string> cells)
    {
        string[] words = [.. cells.Select(cell => cell.ToLowerInvariant()).Distinct().Take(3)];
        return words.Length is 1 or 2 ? s_all.FirstOrDefault(pair => words.All(word => word == pair.Yes || word == pair.No)) : null;
    }

    internal double? Read(string text) => text.ToLowerInvariant() is var word && word == Yes ? 1 : word == No ? 0 : null;

    internal string Told => $"'{Yes}' is read as 1 and '{No}' as 0";
}
