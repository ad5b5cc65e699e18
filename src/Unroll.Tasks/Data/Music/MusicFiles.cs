using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tasks.Data.Music;

/// <summary>Files of music, and folders of them.</summary>
public static class MusicFiles
{
    /// <summary>
    /// The file itself, or the files of a folder and all folders in it (.abc, .json, .mid, .midi, .kar, .rmi), in the order of their names.
    /// </summary>
    /// <exception cref="UserErrorException">It is a folder without such files.</exception>
    public static IReadOnlyList<string> In(string path)
    {
        if (!Directory.Exists(path)) return [path];
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(file => Path.GetExtension(DataFiles.WithoutGz(file)).ToLowerInvariant()
                    is ".abc" or ".mid" or ".midi" or ".kar" or ".rmi" or ".json")
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw new UserErrorException($"{path}: a folder in it cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
        return files.Length > 0 ? files : throw new UserErrorException($"{path}: expected a folder with .mid, .abc or .json files, found none.");
    }
}
