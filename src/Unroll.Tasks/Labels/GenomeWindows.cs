using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;

namespace Unroll.Tasks.Labels;

/// <summary>Long sequences of nucleotides cut into windows, with a label for each base, and intervals from such labels.</summary>
public static class GenomeWindows
{
    /// <summary>The label of a base that no interval covers.</summary>
    public const string Outside = "outside";

    /// <summary>The windows of FASTA files, one after the other; the last of a sequence is as short as it comes.</summary>
    /// <param name="names">FASTA files.</param>
    /// <param name="beds">BED files: where intervals overlap, the later line counts. Empty: the windows have no labels.</param>
    /// <param name="length">Bases of a window.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">A file is not as it should be, or an interval lies beyond its sequence.</exception>
    public static IReadOnlyList<LabeledSequence> Read(
        IReadOnlyList<string> names, IReadOnlyList<string> beds, int length, DataFiles files)
    {
        ILookup<string, (string File, BedInterval Interval)> intervals =
            beds.SelectMany(file => BedReader.ReadFile(file, files).Select(one => (file, one))).ToLookup(one => one.one.Name);
        List<LabeledSequence> windows = [];
        bool met = false;
        foreach (string file in names)
            foreach (FastaRecord record in FastaReader.ReadFile(file, files))
            {
                string[] labels = beds.Count > 0 ? LabelsOf(record, intervals[record.Name], file) : [];
                met |= intervals.Contains(record.Name);
                for (int at = 0; at < record.Letters.Length; at += length)
                {
                    int end = Math.Min(at + length, record.Letters.Length);
                    windows.Add(new LabeledSequence(DataFiles.Called(file), record.Line)
                    {
                        Name = record.Name, Start = at, Text = record.Letters[at..end],
                        StepLabels = labels.Length > 0 ? new ArraySegment<string>(labels, at, end - at) : [],
                    });
                }
            }
        if (beds.Count > 0 && !met)
            throw new UserErrorException($"{beds[0]}: no interval lies on a sequence of {string.Join(", ", names)}; " +
                $"it names '{intervals.First().Key}', they begin with '{windows[0].Name}'.");
        return windows;
    }

    /// <summary>Runs of equal labels as intervals, those outside left out; a run that goes on in the next window is one.</summary>
    /// <param name="windows">As <see cref="Read"/> gave them.</param>
    /// <param name="labels">A label for each base of each.</param>
    public static IEnumerable<BedInterval> Intervals(IReadOnlyList<LabeledSequence> windows, IReadOnlyList<IReadOnlyList<string>> labels)
    {
        BedInterval? open = null;
        for (int i = 0; i < windows.Count; i++)
            for (int t = 0; t < labels[i].Count; t++)
            {
                int at = windows[i].Start + t;
                if (open is not null && open.Name == windows[i].Name && open.End == at && open.Label == labels[i][t])
                {
                    open = open with { End = at + 1 };
                    continue;
                }
                if (open is { Label: not Outside }) yield return open;
                open = new BedInterval(windows[i].Name, at, at + 1, labels[i][t], 0);
            }
        if (open is { Label: not Outside }) yield return open;
    }

    private static string[] LabelsOf(FastaRecord record, IEnumerable<(string File, BedInterval Interval)> intervals, string file)
    {
        string[] labels = new string[record.Letters.Length];
        Array.Fill(labels, Outside);
        foreach ((string bed, BedInterval one) in intervals)
        {
            if (one.End > labels.Length)
                throw new UserErrorException($"{bed}, line {one.Line}: expected an end of at most {labels.Length:N0} " +
                    $"because '{record.Name}' in {file} has that many bases, found {one.End:N0}.");
            Array.Fill(labels, one.Label, one.Start, one.End - one.Start);
        }
        return labels;
    }
}
