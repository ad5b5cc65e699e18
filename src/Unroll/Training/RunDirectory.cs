using Unroll.Core;
using Unroll.Files;

namespace Unroll.Training;

/// <summary>
/// The folder of a run, <c>runs/NAME/</c>: <c>config.json</c>, <c>metrics.jsonl</c> (a line per epoch), <c>checkpoints/</c>,
/// <c>best.safetensors</c> and <c>model.safetensors</c>.
/// </summary>
public sealed class RunDirectory
{
    private RunDirectory(string path) => Root = path;

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The options of the run, as JSON.</summary>
    public string Config => Path.Combine(Root, "config.json");

    /// <summary>One JSON object per epoch.</summary>
    public string Metrics => Path.Combine(Root, "metrics.jsonl");

    /// <summary>One JSON object per inspection of the network, if the run has inspections.</summary>
    public string Inspection => Path.Combine(Root, "inspect.jsonl");

    /// <summary>Where the checkpoints are.</summary>
    public string Checkpoints => Path.Combine(Root, "checkpoints");

    /// <summary>The model with the lowest score so far.</summary>
    public string Best => Path.Combine(Root, "best.safetensors");

    /// <summary>The model that the run ends with.</summary>
    public string Model => Path.Combine(Root, "model.safetensors");

    /// <summary>Makes the folder of a new run.</summary>
    /// <param name="parent">Where runs are: <c>runs</c>.</param>
    /// <param name="name">1 to 100 letters, digits, '-', '_' and '.'; not a dot first.</param>
    /// <param name="config">The options of the run, as JSON.</param>
    /// <exception cref="UserErrorException">The name will not do, there is a run of that name, or the file system reported an error.</exception>
    public static RunDirectory Create(string parent, string name, string config)
    {
        RunDirectory run = new(PathOf(parent, name));
        if (!Folder.IsEmpty(run.Root))
            throw new UserErrorException($"run '{name}': '{run.Root}' already exists; resume it, give another name, or delete the folder.");
        Folder.Create(run.Root);
        TextFile.Write(run.Config, config);
        return run;
    }

    /// <summary>Opens the folder of a run that is to go on, and removes temporary files left there by a process that has ended.</summary>
    /// <param name="parent">Where runs are.</param>
    /// <param name="name">The run's name.</param>
    /// <exception cref="UserErrorException">The name will not do, or there is no run of that name.</exception>
    public static RunDirectory Open(string parent, string name)
    {
        RunDirectory run = new(PathOf(parent, name));
        if (!Folder.Exists(run.Root)) throw new UserErrorException($"run '{name}': there is no folder '{run.Root}' to resume; check the name.");
        AtomicFile.RemoveStale(run.Root);
        return run;
    }

    /// <summary>The options that the run began with, as JSON; null if the run was ended before it had written them.</summary>
    public string? ReadConfig() => TextFile.ReadIfThere(Config);

    private static string PathOf(string parent, string name)
    {
        bool sound = name.Length is > 0 and <= 100 && name[0] != '.' && name[^1] != '.'
            && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');
        return sound
            ? Path.Combine(parent, name)
            : throw new UserErrorException(
                $"run name '{Printable(name)}': expected 1 to 100 letters, digits, '-', '_' and '.', with no '.' first or last.");
    }

    private static string Printable(string name) => string.Concat(name.Take(100).Select(letter => char.IsControl(letter) ? '?' : letter));
}
