namespace Unroll.Serving.Http.Completions;

/// <summary>A symbol that was drawn.</summary>
/// <param name="Text">As text, after those before it.</param>
/// <param name="Offset">Where that begins in the prompt with its completion, in UTF-16 units.</param>
/// <param name="LogProbability">ln of the probability that the model gave it.</param>
/// <param name="Top">The most probable symbols that it was drawn among; null: not known.</param>
internal sealed record DrawnSymbol(string Text, int Offset, double LogProbability, IReadOnlyList<(string Symbol, double LogProbability)>? Top);

/// <summary>Ends a completion before the first of some texts: symbols that may be the beginning of one are held back.</summary>
/// <param name="stops">The texts; none is empty.</param>
internal sealed class StopTexts(IReadOnlyList<string> stops)
{
    private readonly List<DrawnSymbol> _held = [];

    /// <summary>Whether one of the texts has come.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes a symbol.</summary>
    /// <returns>The symbols that are certain now; of the last one before a stop only what comes before it.</returns>
    public List<DrawnSymbol> Push(DrawnSymbol symbol)
    {
        _held.Add(symbol);
        string text = string.Concat(_held.Select(one => one.Text));
        int[] found = [.. stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0)];
        if (found.Length == 0) return Release(text.Length - Beginning(text), cut: false);
        Stopped = true;
        return Release(found.Min(), cut: true);
    }

    /// <summary>Nothing more comes.</summary>
    /// <returns>The symbols that were held back.</returns>
    public List<DrawnSymbol> End() => Stopped ? [] : Release(int.MaxValue, cut: false);

    // How long the end of a text is that may be the beginning of a stop.
    private int Beginning(string text)
    {
        for (int length = Math.Min(text.Length, stops.Select(stop => stop.Length - 1).DefaultIfEmpty(0).Max()); length > 0; length--)
            if (stops.Any(stop => stop.Length > length && stop.AsSpan(0, length).SequenceEqual(text.AsSpan(text.Length - length)))) return length;
        return 0;
    }

    private List<DrawnSymbol> Release(int certain, bool cut)
    {
        List<DrawnSymbol> released = [];
        int at = 0;
        while (_held.Count > 0 && at + _held[0].Text.Length <= certain)
        {
            at += _held[0].Text.Length;
            released.Add(_held[0]);
            _held.RemoveAt(0);
        }
        if (cut && at < certain) released.Add(_held[0] with { Text = _held[0].Text[..(certain - at)] });
        return released;
    }
}
