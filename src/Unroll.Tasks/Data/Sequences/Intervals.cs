using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Sequences;

/// <summary>The intervals of BED files, by the sequences on which they lie.</summary>
internal sealed class Intervals
{
    private const int Listed = 3;
    private readonly ILookup<string, (string File, BedInterval Interval)> _all;
    private readonly IReadOnlyList<string> _beds;
    private (int Count, string Where) _overlaps;

    /// <summary>Reads them.</summary>
    /// <param name="beds">Names of BED files; may be none.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">A file is not as it should be.</exception>
    public Intervals(IReadOnlyList<string> beds, DataFiles files)
    {
        _beds = beds;
        _all = beds.SelectMany(bed => BedReader.ReadFile(bed, files).Select(one => (DataFiles.Called(bed), one))).ToLookup(one => one.one.Name);
    }

    /// <summary>The labels of a sequence's bases; where intervals overlap, the later line counts.</summary>
    /// <param name="record">The sequence.</param>
    /// <param name="file">Its file, for errors.</param>
    /// <param name="outside">The label of bases that no interval covers.</param>
    /// <exception cref="UserErrorException">An interval lies beyond the sequence.</exception>
    public BaseLabels LabelsOf(FastaRecord record, string file, string outside)
    {
        BaseLabels labels = new(record.Letters.Length, outside);
        foreach ((string bed, BedInterval one) in _all[record.Name])
        {
            if (one.End > labels.Count)
                throw new UserErrorException($"{bed}, line {one.Line}: expected an end of at most {labels.Count:N0} " +
                    $"because '{record.Name}' in {file} has that many bases, found {one.End:N0}.");
            int others = labels.Cover(one.Start, one.End, one.Label);
            if (others > 0) _overlaps = (_overlaps.Count + others, _overlaps.Count == 0 ? $"{bed}, line {one.Line}" : _overlaps.Where);
        }
        return labels;
    }

    /// <summary>Refuses intervals that meet no sequence at all, and says which do not, which sequences have none, and where they overlap.</summary>
    /// <param name="sequences">The names of all sequences of the run, in their order.</param>
    /// <param name="fastas">The files that have them.</param>
    /// <param name="files">Receives the notes.</param>
    /// <exception cref="UserErrorException">No interval lies on a sequence.</exception>
    public void Check(IReadOnlyList<string> sequences, IReadOnlyList<string> fastas, DataFiles files)
    {
        if (_beds.Count == 0) return;
        HashSet<string> known = [.. sequences];
        (string File, BedInterval Interval)[] all = [.. _all.SelectMany(one => one)],
            lost = [.. all.Where(one => !known.Contains(one.Interval.Name))];
        string beds = string.Join(", ", _beds.Select(DataFiles.Called)), data = string.Join(", ", fastas.Select(DataFiles.Called));
        if (lost.Length == all.Length)
            throw new UserErrorException($"{beds}: no interval lies on a sequence of {data}; it names {Some(_all.Select(one => one.Key))}, " +
                $"and they are called {Some(sequences)}.");
        if (lost.Length > 0)
            files.Note(FormattableString.Invariant($"{lost[0].File}: {lost.Length:N0} of {all.Length:N0} intervals, ") +
                $"line {lost[0].Interval.Line} first, lie on sequences that {data} does not have " +
                $"({Some(lost.Select(one => one.Interval.Name).Distinct())}), and count for nothing; its sequences are " +
                $"called {Some(sequences)}{Likely(lost[0].Interval.Name, known)}.");
        string[] bare = [.. sequences.Where(name => !_all.Contains(name))];
        if (bare.Length > 0)
            files.Note(FormattableString.Invariant($"{data}: {bare.Length:N0} of {sequences.Count:N0} sequences ({Some(bare)}) ") +
                $"{(bare.Length == 1 ? "has" : "have")} no interval in {beds}: all their bases are outside.");
        if (_overlaps.Count > 0)
            files.Note(FormattableString.Invariant($"{_overlaps.Where}: {_overlaps.Count:N0} bases lie in intervals of different labels; ") +
                "the label of the later line counts.");
    }

    // chr2 and 2, Chr2 and chr2, chr2.1 and chr2 are often meant to be the same.
    private static string Likely(string name, HashSet<string> known) =>
        known.FirstOrDefault(one => Core(one) == Core(name)) is { } same ? $"; write '{same}' for '{Table.Shorten(name)}' if it is the same" : "";

    private static string Core(string name)
    {
        string small = name.ToLowerInvariant(), bare = small.StartsWith("chr", StringComparison.Ordinal) ? small[3..] : small;
        return bare.Split('.')[0] is "m" ? "mt" : bare.Split('.')[0];
    }

    private static string Some(IEnumerable<string> names)
    {
        string[] first = [.. names.Take(Listed + 1)];
        return string.Join(", ", first.Take(Listed).Select(name => $"'{Table.Shorten(name)}'")) + (first.Length > Listed ? " …" : "");
    }
}

/// <summary>A label for each base in two bytes: a genome has hundreds of millions of them, and few different labels.</summary>
/// <param name="length">Bases.</param>
/// <param name="outside">The label of all of them at first.</param>
internal sealed class BaseLabels(int length, string outside)
{
    private readonly ushort[] _places = new ushort[length];
    private readonly List<string> _names = [outside];

    /// <summary>How many bases there are.</summary>
    public int Count => length;

    /// <summary>Gives some bases a label.</summary>
    /// <returns>How many of them had another one already.</returns>
    public int Cover(int start, int end, string label)
    {
        int place = _names.IndexOf(label);
        if (place < 0)
        {
            if (_names.Count > ushort.MaxValue) throw new UserErrorException($"labels: expected at most {ushort.MaxValue:N0} different ones.");
            place = _names.Count;
            _names.Add(label);
        }
        Span<ushort> bases = _places.AsSpan(start, end - start);
        int others = bases.Length - bases.Count((ushort)0) - (place == 0 ? 0 : bases.Count((ushort)place));
        bases.Fill((ushort)place);
        return others;
    }

    /// <summary>The labels of some bases.</summary>
    public IReadOnlyList<string> Of(int start, int end) => new Part(this, start, end - start);

    private sealed class Part(BaseLabels all, int start, int count) : IReadOnlyList<string>
    {
        public int Count => count;

        public string this[int index]
        {
            get
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count, nameof(index));
                return all._names[all._places[start + index]];
            }
        }

        public IEnumerator<string> GetEnumerator()
        {
            for (int i = 0; i < count; i++) yield return this[i];
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
