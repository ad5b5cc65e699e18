using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tasks.Data.Music;

/// <summary>Files of music, and folders of them.</summary>
public static class MusicFiles
{
    /// <summary>
    /// The file itself, or the files of a folder and all folders in it (.abc, .json, .mid, .midi, .kar, .rmi), in the order of their names.
    /// </summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="note">Told of music of other kinds in a folder, which is passed over; null: nobody.</param>
    /// <exception cref="UserErrorException">It is a folder without such files, or may not be read.</exception>
    public static IReadOnlyList<string> In(string path, Action<string>? note = null)
    {
        if (!Directory.Exists(path)) return [path];
        string[] files, others;
        try
        {
            string[] all = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            files = [.. all.Where(file => Ending(file) is ".abc" or ".mid" or ".midi" or ".kar" or ".rmi" or ".json")];
            others = [.. all.Where(file => Ending(file) is ".mxl" or ".musicxml" or ".mscz" or ".mscx" or ".krn" or ".mus" or ".sib" or ".smf")];
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw new UserErrorException($"{path}: a folder in it cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
        if (files.Length > 0 && others.Length > 0)
            note?.Invoke(FormattableString.Invariant($"{path}: music of other kinds is passed over, {others.Length:N0} files such as ") +
                $"{Path.GetFileName(others[0])}; write it as MIDI or ABC.");
        return files.Length > 0 ? files : throw new UserErrorException($"{path}: expected a folder with .mid, .abc or .json files, found none.");
    }

    /// <summary>Whether it is a file of tunes in ABC, or a folder that has one.</summary>
    /// <param name="path">A file, a folder, or any other name.</param>
    /// <exception cref="UserErrorException">It is a folder without music, or may not be read.</exception>
    public static bool HasTunes(string path) => In(path).Any(file => Ending(file) == ".abc");

    private static string Ending(string file) => Path.GetExtension(DataFiles.WithoutGz(file)).ToLowerInvariant();
}
