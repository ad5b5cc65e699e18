using System.Globalization;

namespace Unroll.Tasks.Data;

/// <summary>Something that a reader left out, filled in or doubted, and how often: what a note says.</summary>
/// <param name="One">The sentence for a count of one, without the file's name.</param>
/// <param name="Many">The sentence for more; # stands for the count.</param>
/// <param name="Count">How often, at least 1.</param>
internal sealed record Doubt(string One, string Many, long Count)
{
    public override string ToString() => Count == 1 ? One : Many.Replace("#", Count.ToString("N0", CultureInfo.InvariantCulture));
}

/// <summary>The doubts about many files: a line for each kind, not for each file.</summary>
internal sealed class DoubtTally
{
    private readonly Dictionary<string, (Doubt Sum, string First, HashSet<string> Sources)> _kinds = [];

    public void Add(string source, Doubt doubt)
    {
        if (_kinds.TryGetValue(doubt.Many, out var kind)) kind = (doubt with { Count = kind.Sum.Count + doubt.Count }, kind.First, kind.Sources);
        else kind = (doubt, source, []);
        kind.Sources.Add(source);
        _kinds[doubt.Many] = kind;
    }

    public void Add(string source, IEnumerable<Doubt> doubts)
    {
        foreach (Doubt doubt in doubts) Add(source, doubt);
    }

    /// <summary>A line for each kind, in the order in which they came.</summary>
    public IEnumerable<string> Lines() => _kinds.Values.Select(kind => $"{Sources(kind.First, kind.Sources.Count)}: {kind.Sum}");

    /// <summary>The first of some sources by its name, and how many others there are.</summary>
    public static string Sources(string first, int count) => count switch
    {
        1 => first,
        2 => $"{first} and another",
        _ => FormattableString.Invariant($"{first} and {count - 1:N0} others"),
    };
}
