using System.Globalization;

namespace Unroll.Tasks.Data.Music;

/// <summary>What the tunes of a reading have that is left out, or read with a doubt: counted, and said once.</summary>
internal sealed class AbcRemarks
{
    public const string ChordSymbols = "chord symbol";

    private readonly Dictionary<string, Entry> _leftOut = [], _doubts = [];

    /// <summary>Something that is not heard.</summary>
    /// <param name="one">What it is called, which with an s is its plural.</param>
    /// <param name="source">The file.</param>
    /// <param name="line">Its line.</param>
    public void LeftOut(string one, string source, int line) => Count(_leftOut, one, source, line);

    /// <summary>Something that is read in a way that may not be meant.</summary>
    /// <param name="what">The end of <c>found 3 times:</c>, what is there and how it is read.</param>
    /// <param name="source">The file.</param>
    /// <param name="line">Its line.</param>
    public void Doubt(string what, string source, int line) => Count(_doubts, what, source, line);

    /// <summary>Says it: one line for all that is left out, and one for each doubt.</summary>
    /// <param name="note">Receives the lines.</param>
    /// <param name="withChords">Whether chord symbols are learned, and so not left out.</param>
    public void Say(Action<string> note, bool withChords)
    {
        KeyValuePair<string, Entry>[] left = [.. _leftOut.Where(entry => !(withChords && entry.Key == ChordSymbols))];
        if (left.Length > 0)
        {
            Entry first = left.Select(entry => entry.Value).MinBy(entry => entry.Order)!;
            note($"{Where(left.Select(entry => entry.Value))}: left out, as the notes alone are read: " +
                $"{string.Join(", ", left.Select(entry => Times(entry.Value.Count, entry.Key)))} (the first in line {first.Line}).");
        }
        foreach ((string what, Entry entry) in _doubts)
            note($"{Where([entry])}, line {entry.Line}{(entry.Count > 1 ? $" and {Times(entry.Count - 1, "more place")}" : "")}: {what}.");
    }

    private static string Times(int count, string one) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {one}{(count == 1 ? "" : "s")}");

    private static string Where(IEnumerable<Entry> entries)
    {
        string[] files = [.. entries.OrderBy(entry => entry.Order).SelectMany(entry => entry.Files).Distinct()];
        return files.Length == 1 ? files[0] : $"{files[0]} and {Times(files.Length - 1, "more file")}";
    }

    private void Count(Dictionary<string, Entry> entries, string what, string source, int line)
    {
        if (!entries.TryGetValue(what, out Entry? entry)) entries[what] = entry = new Entry(line, _leftOut.Count + _doubts.Count);
        entry.Count++;
        if (entry.Files.Count == 0 || entry.Files[^1] != source) entry.Files.Add(source);
    }

    private sealed record Entry(int Line, int Order)
    {
        public List<string> Files { get; } = [];

        public int Count { get; set; }
    }
}
