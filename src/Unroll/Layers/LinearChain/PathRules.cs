using Unroll.Core;

namespace Unroll.Layers.LinearChain;

/// <summary>Which labels may stand first, follow which, and stand last: what a search for a path keeps to.</summary>
public sealed class PathRules
{
    private readonly bool[] _start, _end, _follows;

    /// <summary>Takes the rules.</summary>
    /// <param name="start">[classes]: whether a label may stand first.</param>
    /// <param name="follows">[classes, classes]: whether a label (column) may follow another (row).</param>
    /// <param name="end">[classes]: whether a label may stand last.</param>
    /// <exception cref="ShapeException">The sizes do not fit each other.</exception>
    public PathRules(IReadOnlyList<bool> start, IReadOnlyList<bool> follows, IReadOnlyList<bool> end)
    {
        if (end.Count != start.Count) ShapeException.Throw(end.Count, start.Count, "labels that may stand last", "as many may stand first");
        if (follows.Count != start.Count * start.Count)
            ShapeException.Throw(follows.Count, start.Count * start.Count, "pairs of labels", $"there are {start.Count} labels");
        (_start, _follows, _end) = ([.. start], [.. follows], [.. end]);
    }

    /// <summary>How many labels there are.</summary>
    public int Classes => _start.Length;

    /// <summary>Whether a label may stand first.</summary>
    public bool Starts(int label) => _start[label];

    /// <summary>Whether a label may stand last.</summary>
    public bool Ends(int label) => _end[label];

    /// <summary>Whether a label may follow another.</summary>
    public bool Follows(int from, int to) => _follows[from * Classes + to];

    /// <summary>Whether a whole path keeps to the rules; an empty one does.</summary>
    public bool Allows(ReadOnlySpan<int> path)
    {
        if (path.Length == 0) return true;
        for (int t = 1; t < path.Length; t++)
            if (!Follows(path[t - 1], path[t])) return false;
        return Starts(path[0]) && Ends(path[^1]);
    }
}
