using System.Text.RegularExpressions;

namespace Unroll.Cells.Definitions;

/// <summary>The names of a text as they are written, before a line of it is read: what they mean depends on what else there is.</summary>
internal sealed partial class CellWrittenNames
{
    private readonly Dictionary<string, int> _counts = [], _left = [], _indexed = [];
    private readonly HashSet<string> _declared = [];

    /// <param name="lines">The lines of the text.</param>
    public CellWrittenNames(IReadOnlyList<string> lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            string said = lines[i].Split('#')[0];
            foreach (Match word in Word().Matches(said)) _counts[word.Value] = _counts.GetValueOrDefault(word.Value) + 1;
            string left = said.Split('=')[0].Trim();
            if (Declaration().Match(left) is { Success: true } declared) _declared.Add(declared.Groups[1].Value);
            else if (said.Contains('=', StringComparison.Ordinal))
            {
                if (left.StartsWith("out ", StringComparison.Ordinal)) left = left[4..].Trim();
                _left.TryAdd(left, i + 1);
                if (CellIndices.StemOfPresent(left) is { } stem) _indexed.TryAdd(stem, i + 1);
            }
        }
    }

    /// <summary>The quantities that equations set, without an index of the step.</summary>
    public IEnumerable<string> Quantities => _left.Keys.Select(left => CellIndices.StemOfPresent(left) ?? left)
        .Where(name => CellWords.IsName(name) && !CellWords.IsMatrix(name));

    /// <summary>How often a name is written.</summary>
    public int Count(string name) => _counts.GetValueOrDefault(name);

    /// <summary>Whether a name stands on the left of a sign =, as it is written.</summary>
    public bool IsSet(string name) => _left.ContainsKey(name);

    /// <summary>Whether a line declares the name as a vector or a scalar.</summary>
    public bool IsDeclared(string name) => _declared.Contains(name);

    /// <summary>Whether a name and the same with the step as its index are both set, so that the index is a part of another name.</summary>
    public bool IsBoth(string name) => _indexed.ContainsKey(name) && (_left.ContainsKey(name) || name == CellWords.Input && Count(name) > 0);

    /// <summary>Whether a line above sets the name, with the step as its index or without.</summary>
    public bool IsSetAbove(string name, int line) => _left.GetValueOrDefault(name, line) < line || _indexed.GetValueOrDefault(name, line) < line;

    /// <summary>The first of some names that the text does not have.</summary>
    public string Free(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            if (Count(name) == 0 && !IsSet(name)) return name;
        return names[^1] + "_new";
    }

    [GeneratedRegex(@"\p{L}[\p{L}\p{M}\p{N}_′']*")]
    private static partial Regex Word();

    [GeneratedRegex(@"^(?:vector|scalar)\s+(\S+)$")]
    private static partial Regex Declaration();
}
