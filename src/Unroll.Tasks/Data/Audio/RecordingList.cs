using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Audio;

/// <summary>Lists of recordings: a folder of WAV files whose names say what is said, or a table that lists files.</summary>
public static class RecordingList
{
    private static readonly string[] s_otherSounds =
        [".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".au", ".wma", ".caf", ".w64", ".wave", ".bwf", ".sph"];

    private static readonly string[] s_paths = ["path", "file"], s_labels = ["label", "text"];

    /// <summary>Every file *.wav in a folder and below it, in the order of their paths; hidden ones are passed over.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="pattern">What the names say.</param>
    /// <param name="note">Told of sounds of other kinds, which are passed over; null: nobody.</param>
    /// <exception cref="UserErrorException">There is no such folder, no file in it, or a name that does not fit.</exception>
    public static IReadOnlyList<Recording> Folder(string folder, RecordingPattern pattern, Action<string>? note = null)
    {
        try
        {
            EnumerationOptions all = new() { RecurseSubdirectories = true, MatchType = MatchType.Simple, IgnoreInaccessible = false };
            ILookup<string, string> kinds = Directory.EnumerateFiles(folder, "*", all).Where(path => !Path.GetFileName(path).StartsWith('.'))
                .Order(StringComparer.Ordinal).ToLookup(path => Path.GetExtension(path).ToLowerInvariant());
            string[] files = [.. kinds[".wav"]], others = [.. s_otherSounds.SelectMany(kind => kinds[kind])];
            if (files.Length == 0)
                throw new UserErrorException($"{folder}: there is no file *.wav in this folder or below it; expected recordings" +
                    (others.Length == 0 ? "." : $", found sounds of other kinds such as {Path.GetFileName(others[0])}: convert them to WAV."));
            if (others.Length > 0)
                note?.Invoke(FormattableString.Invariant($"{folder}: sounds of other kinds are passed over, {others.Length:N0} files such as ") +
                    $"{Path.GetFileName(others[0])}; convert them to WAV.");
            Recording?[] found = [.. files.Select(path => pattern.Find(folder, path))];
            return found.Count(one => one is null) is > 0 and var wrong
                ? throw pattern.Mismatch(folder, files[Array.IndexOf(found, null)], wrong, files.Length)
                : [.. found.Select(one => one!)];
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UserErrorException($"{folder}: a folder in it cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Reading(folder, e);
        }
    }

    /// <summary>A manifest: a CSV file with a line for each recording.</summary>
    /// <param name="file">With the columns <c>path</c> (or <c>file</c>) and <c>label</c> (or <c>text</c>), perhaps <c>speaker</c> and
    /// <c>split</c>.</param>
    /// <param name="pathColumn">Another column with the paths; null: as above.</param>
    /// <param name="labelColumn">Another column with the words; null: as above.</param>
    /// <param name="folder">Where its paths begin; null: the folder of the manifest.</param>
    /// <param name="files">What names stand for, that of the manifest and those in it; null: the files of the disk alone.</param>
    /// <exception cref="UserErrorException">It cannot be read, lacks a column, or names a file that is not there: which line.</exception>
    public static IReadOnlyList<Recording> Manifest(
        string file, string? pathColumn = null, string? labelColumn = null, string? folder = null, DataFiles? files = null)
    {
        files ??= DataFiles.Disk;
        if (Path.GetExtension(file).ToLowerInvariant() is ".wav" or ".mp3" or ".flac" or ".ogg")
            throw new UserErrorException($"{file}: expected a folder of recordings or a manifest (CSV), found one recording; name the folder that " +
                "it lies in.");
        Table table = TableReader.Read(files.Bytes(file, "a CSV file"), DataFiles.Called(file), files.Note);
        int path = Column(table, pathColumn, s_paths, "the WAV files"), label = Column(table, labelColumn, s_labels, "what is said");
        int speaker = Find(table, "speaker"), split = Find(table, "split");
        string root = folder ?? Path.GetDirectoryName(Path.GetFullPath(file))!;
        Recording[] all = new Recording[table.Rows];
        for (int row = 0; row < all.Length; row++)
        {
            string written = table.Text(row, path), name = files.Has(written) ? written : Path.Combine(root, written);
            // Manifests of Windows have \ between folders, which is a letter like any other elsewhere.
            if (!files.Exists(name) && Path.Combine(root, written.Replace('\\', '/')) is var other && files.Exists(other)) name = other;
            if (files.Alone && !files.Exists(name))
                throw new UserErrorException($"{table.Where(row, path)}: recordings that lie in files cannot be sent; use them where the files lie.");
            if (!files.Exists(name))
                throw new UserErrorException($"{table.Where(row, path)}: there is no file '{name}'; paths begin at {root}, which the option folder " +
                    "changes.");
            string words = string.Join(' ', table.Text(row, label).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            all[row] = new Recording(name, words, speaker < 0 ? null : table.Text(row, speaker), split < 0 ? null : Part(table, row, split));
        }
        return all;
    }

    private static int Column(Table table, string? asked, string[] known, string what)
    {
        if (asked is not null) return table.Column(asked);
        foreach (string name in known)
            if (Find(table, name) is var found and >= 0) return found;
        throw new UserErrorException($"{table.Source}: expected a column '{known[0]}' or '{known[1]}' with {what}; the columns are: " +
            $"{string.Join(", ", table.Columns)}; name it by the option {(known == s_paths ? "path" : "label")}.");
    }

    private static int Find(Table table, string name)
    {
        for (int i = 0; i < table.Columns.Count; i++)
            if (table.Columns[i].Equals(name, StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }

    private static string Part(Table table, int row, int column) => PartName.Of(table.Text(row, column)) ?? throw new UserErrorException(
        $"{table.Where(row, column)}: expected train, valid or test, found '{Table.Shorten(table.Text(row, column))}'.");
}
