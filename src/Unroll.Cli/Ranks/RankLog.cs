using System.Globalization;
using System.Text;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Cli.Ranks;

/// <summary>
/// What one rank has to say, in a file beside the run's folder: <c>runs/NAME.ranks/rank-3.log</c>. Its last lines are written over after every step,
/// so that they are right whatever ends the process. A run that is resumed adds to it.
/// </summary>
internal sealed class RankLog : IDisposable
{
    private const int Width = 100;                                       // of a line that is written over
    private readonly FileStream _file;
    private readonly Lock _gate = new();
    private readonly long _began = Environment.TickCount64;
    private readonly long _state;
    private bool _broken;
    private long _end;

    private RankLog(FileStream file, string header)
    {
        _file = file;
        byte[] bytes = Encoding.UTF8.GetBytes(header);
        _file.Seek(0, SeekOrigin.End);
        _file.Write(bytes);
        _file.Flush();
        _state = _file.Position;
    }

    /// <summary>Opens the log of a rank.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="rank">Which rank.</param>
    /// <param name="lines">What it says of itself at the beginning.</param>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    internal static RankLog Open(string run, int rank, IEnumerable<string> lines)
    {
        string folder = FolderOf(run), path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"rank-{rank}.log"));
        Folder.Create(folder);
        try
        {
            FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            return new RankLog(file, (file.Length > 0 ? "\n" : "") + string.Concat(lines.Select(line => line + "\n")));
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Writing(path, e);
        }
    }

    /// <summary>Where the logs of a run's ranks are.</summary>
    internal static string FolderOf(string run) => Path.TrimEndingDirectorySeparator(run) + ".ranks";

    /// <summary>Writes where the rank is over what was written before.</summary>
    /// <param name="place">In words: <c>last finished step: 12</c>.</param>
    /// <param name="waited">How long its exchanges have taken so far.</param>
    internal void Write(string place, TimeSpan waited)
    {
        double seconds = Math.Max(0.001, (Environment.TickCount64 - _began) / 1000.0);
        string text = Line($"{place}")
            + Line($"in exchanges: {waited.TotalSeconds:F1} s of {seconds:F1} s, {100 * waited.TotalSeconds / seconds:F1} %");
        lock (_gate) Write(text, _state, keep: true);
    }

    /// <summary>Adds how the rank ended.</summary>
    internal void End(string how)
    {
        lock (_gate) Write(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC: {how}\n"),
            Math.Max(_end, _state));
    }

    public void Dispose() => _file.Dispose();

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture).PadRight(Width) + "\n";

    // Training is not to end because its log cannot be written.
    private void Write(string text, long at, bool keep = false)
    {
        if (_broken) return;
        try
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            RandomAccess.Write(_file.SafeFileHandle, bytes, at);
            _end = keep ? Math.Max(_end, at + bytes.Length) : at + bytes.Length;
        }
        catch (Exception e) when (FileErrors.Is(e) || e is ObjectDisposedException)
        {
            _broken = true;
        }
    }
}
