using Unroll.Core;

namespace Unroll.Cli.Exchange;

/// <summary>The files of named arrays in a folder.</summary>
internal static class OutputFiles
{
    private static readonly char[] s_elsewhere = ['/', '\\', ':', '*', '?', '"', '<', '>', '|', '\0'];

    /// <summary>A file for each name, <c>FOLDER/NAME.npy</c>; what no file's name may hold becomes <c>_</c>.</summary>
    /// <exception cref="UserErrorException">Two names would be one file.</exception>
    public static string[] Of(IEnumerable<string> names, string folder)
    {
        Dictionary<string, string> taken = new(StringComparer.OrdinalIgnoreCase);      // as on Windows and macOS
        return [.. names.Select(name =>
        {
            string file = string.Concat(name.Select(c => s_elsewhere.Contains(c) || char.IsControl(c) ? '_' : c)) + ".npy";
            return taken.TryAdd(file, name) ? Path.Combine(folder, file)
                : throw new UserErrorException($"--output-dir: the outputs '{taken[file]}' and '{name}' would both be written to '{file}'; rename one in the model.");
        })];
    }
}
