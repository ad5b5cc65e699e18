using System.Globalization;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Training;

/// <summary>
/// The folder of a run, <c>runs/NAME/</c>: <c>config.json</c>, <c>metrics.jsonl</c> (a line per epoch), <c>checkpoints/</c>,
/// <c>best.safetensors</c> and <c>model.safetensors</c>. One process at a time trains in it.
/// </summary>
public sealed class RunDirectory
{
    private static readonly string[] s_devices =
    [
        "CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(i => (string[])[$"COM{i}", $"LPT{i}"]),
    ];

    private readonly Lock _gate = new();
    private FolderLock? _lock;
    private int _holds;

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
    /// <param name="name">
    /// 1 to 100 letters, digits, '-', '_' and '.'; with a letter, a digit or '_' first, no '.' last, and no name of a device of Windows.
    /// </param>
    /// <param name="config">The options of the run, as JSON.</param>
    /// <exception cref="UserErrorException">The name will not do, there is a run of that name, or the file system reported an error.</exception>
    public static RunDirectory Create(string parent, string name, string config) => TryCreate(parent, name, config) ?? throw new UserErrorException(
        $"run '{name}': '{PathOf(parent, name)}' already exists; resume it, give another name, or delete the folder.");

    /// <summary>
    /// Makes the folder of a new run with the first free number: <c>forecast-sales-1</c>, <c>forecast-sales-2</c> …. Processes that do so in the same
    /// instant get different ones.
    /// </summary>
    /// <param name="parent">Where runs are: <c>runs</c>.</param>
    /// <param name="stem">What the name begins with.</param>
    /// <param name="config">The options of the run, as JSON.</param>
    /// <exception cref="UserErrorException">The name will not do, or the file system reported an error.</exception>
    public static RunDirectory CreateNumbered(string parent, string stem, string config)
    {
        for (int i = 1; ; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{i}");
            if (!Path.Exists(PathOf(parent, name)) && TryCreate(parent, name, config) is { } run) return run;
        }
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

    /// <summary>
    /// Holds the folder until the result is disposed of: no other process may train this run meanwhile, nor may this one through another
    /// <see cref="RunDirectory"/>. A loop does it by itself while it runs; it may be done several times over.
    /// </summary>
    /// <exception cref="UserErrorException">Somebody else holds it; the message says which process and since when.</exception>
    public IDisposable Hold()
    {
        lock (_gate)
        {
            _lock ??= FolderLock.Take(Root, out string holder) ?? throw new UserErrorException(
                $"run '{Path.GetFileName(Root)}': it is being trained in '{Root}' by {holder}; wait until that ends, or end it.");
            _holds++;
            return new Held(this);
        }
    }

    /// <summary>The options that the run began with, as JSON; null if the run was ended before it had written them.</summary>
    public string? ReadConfig() => TextFile.ReadIfThere(Config);

    // Whoever locks the folder first and finds nothing else in it has made the run.
    private static RunDirectory? TryCreate(string parent, string name, string config)
    {
        RunDirectory run = new(PathOf(parent, name));
        AtomicFile.RemoveStale(run.Root);
        if (!Folder.IsEmpty(run.Root)) return null;
        Folder.Create(run.Root);
        using FolderLock? held = FolderLock.Take(run.Root, out _);
        if (held is null || !Folder.IsEmpty(run.Root)) return null;
        TextFile.Write(run.Config, config);
        return run;
    }

    private static string PathOf(string parent, string name)
    {
        bool sound = name.Length is > 0 and <= 100 && name[0] is not ('.' or '-') && name[^1] != '.'
            && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');
        if (!sound)
            throw new UserErrorException($"run name '{Printable(name)}': expected 1 to 100 letters, digits, '-', '_' and '.', " +
                "with no '-' first and no '.' first or last.");
        if (s_devices.Contains(name.Split('.')[0].ToUpperInvariant()))
            throw new UserErrorException($"run name '{name}': Windows takes '{name.Split('.')[0]}' for a device, in any folder; give another name.");
        return Path.Combine(parent, name);
    }

    private void Release()
    {
        lock (_gate)
        {
            if (--_holds > 0) return;
            _lock?.Dispose();
            _lock = null;
        }
    }

    private static string Printable(string name) => string.Concat(name.Take(100).Select(letter => char.IsControl(letter) ? '?' : letter));

    private sealed class Held(RunDirectory run) : IDisposable
    {
        private RunDirectory? _run = run;

        public void Dispose() => Interlocked.Exchange(ref _run, null)?.Release();
    }
}
