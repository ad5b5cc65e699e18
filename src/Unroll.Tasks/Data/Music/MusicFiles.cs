using Unroll.Core;

namespace Unroll.Tasks.Data.Music;

/// <summary>Files of music, and folders of them.</summary>
public static class MusicFiles
{
    /// <summary>The file itself, or the files of a folder and all folders in it (.abc, .json, .mid, .midi), in the order of their names.</summary>
    /// <exception cref="UserErrorException">It is a folder without such files.</exception>
    public static IReadOnlyList<string> In(string path)
    {
        if (!Directory.Exists(path)) return [path];
        string[] files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file).ToLowerInvariant() is ".abc" or ".mid" or ".midi" or ".json").Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new UserErrorException($"{path}: expected a folder with .mid, .abc or .json files, found none.");
    }
}
