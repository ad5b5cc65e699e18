using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;
using Unroll.Tasks.Data.Tables;

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
    /// <param name="others">FASTA files on whose sequences the intervals may lie too, such as those to test on.</param>
    /// <exception cref="UserErrorException">
    /// A file is not as it should be, two sequences have one name, no interval lies on a sequence, or one lies beyond its sequence.
    /// </exception>
    public static IReadOnlyList<LabeledSequence> Read(
        IReadOnlyList<string> names, IReadOnlyList<string> beds, int length, DataFiles files, IReadOnlyList<string>? others = null)
    {
        Intervals intervals = new(beds, files);
        List<LabeledSequence> windows = [];
        Dictionary<string, string> seen = [];
        Dictionary<string, List<string>> read = [];
        foreach (string file in names)
            foreach (FastaRecord record in FastaReader.Each(file, files))
            {
                string where = $"{DataFiles.Called(file)}, line {record.Line}";
                if (!seen.TryAdd(record.Name, where))
                    throw new UserErrorException($"{where}: expected sequences of different names because intervals go by name, found " +
                        $"{(record.Name.Length == 0 ? "a second one without a name" : $"'{Table.Shorten(record.Name)}' again")}, as in " +
                        $"{seen[record.Name]}; rename one of them.");
                read.TryAdd(file, []);
                read[file].Add(record.Name);
                BaseLabels? labels = beds.Count > 0 ? intervals.LabelsOf(record, DataFiles.Called(file), Outside) : null;
                for (int at = 0; at < record.Letters.Length; at += length)
                {
                    int end = Math.Min(at + length, record.Letters.Length);
                    windows.Add(new LabeledSequence(DataFiles.Called(file), record.Line)
                    {
                        Name = record.Name, Start = at, Text = record.Letters[at..end], StepLabels = labels?.Of(at, end) ?? [],
                    });
                }
            }
        // Always in the order of the run, so that what is to be said is the same, and is said once.
        string[] all = [.. (others ?? []).Union(names)];
        if (beds.Count > 0)
            intervals.Check([.. all.SelectMany(file => read.TryGetValue(file, out List<string>? own) ? own : NamesIn(file, files))], all, files);
        return windows;
    }

    private static List<string> NamesIn(string file, DataFiles files) => [.. FastaReader.Each(file, files).Select(one => one.Name)];

    /// <summary>Runs of equal labels as intervals, those outside left out; a run that goes on in the next window is one.</summary>
    /// <param name="windows">As <see cref="Read"/> gave them.</param>
    /// <param name="labels">A label for each base of each; read once, in order.</param>
    public static IEnumerable<BedInterval> Intervals(IReadOnlyList<LabeledSequence> windows, IEnumerable<IReadOnlyList<string>> labels)
    {
        (string Name, int Start, int End, string Label)? open = null;
        foreach ((LabeledSequence window, IReadOnlyList<string> own) in windows.Zip(labels))
            for (int t = 0; t < own.Count; t++)
            {
                int at = window.Start + t;
                if (open is var (name, start, end, label))
                {
                    if (name == window.Name && end == at && label == own[t])
                    {
                        open = (name, start, at + 1, label);
                        continue;
                    }
                    if (label != Outside) yield return new BedInterval(name, start, end, label, 0);
                }
                open = (window.Name, at, at + 1, own[t]);
            }
        if (open is var (last, from, to, what) && what != Outside) yield return new BedInterval(last, from, to, what, 0);
    }
}
