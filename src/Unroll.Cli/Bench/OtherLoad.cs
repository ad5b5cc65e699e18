using System.Diagnostics;
using System.Globalization;

namespace Unroll.Cli.Bench;

/// <summary>
/// How many cores other processes used while something was timed, and how many the host of a virtual machine took: what makes times of different
/// moments incomparable. From <c>/proc/stat</c>, in ticks of 10 ms; not known on other systems.
/// </summary>
internal readonly struct OtherLoad
{
    private const string Path = "/proc/stat";
    private const double TicksPerSecond = 100;
    private readonly long _start;
    private readonly double _busy, _stolen, _own;

    private OtherLoad(double busy, double stolen)
    {
        using Process process = Process.GetCurrentProcess();
        (_start, _busy, _stolen, _own) = (Stopwatch.GetTimestamp(), busy, stolen, process.TotalProcessorTime.TotalSeconds);
    }

    /// <summary>The counters of now.</summary>
    internal static OtherLoad Now()
    {
        (double busy, double stolen) = Parse(File.Exists(Path) ? File.ReadLines(Path).FirstOrDefault() : null);
        return new OtherLoad(busy, stolen);
    }

    /// <summary>Seconds that all cores have worked and that were stolen; NaN where the line is not as expected.</summary>
    /// <param name="line"><c>cpu user nice system idle iowait irq softirq steal …</c></param>
    internal static (double Busy, double Stolen) Parse(string? line)
    {
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (words is not ["cpu", ..] || words.Length < 9) return (double.NaN, double.NaN);
        double[] ticks = [.. words[1..9].Select(word => double.TryParse(word, CultureInfo.InvariantCulture, out double value) ? value : double.NaN)];
        return ((ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / TicksPerSecond, ticks[7] / TicksPerSecond);
    }

    /// <summary>Since then: cores of other processes, and cores stolen; null where not known.</summary>
    internal (double? Others, double? Stolen) Since(OtherLoad before)
    {
        double seconds = Stopwatch.GetElapsedTime(before._start, _start).TotalSeconds;
        double others = (_busy - before._busy - (_own - before._own)) / seconds, stolen = (_stolen - before._stolen) / seconds;
        return double.IsFinite(others) && double.IsFinite(stolen) ? (Math.Max(0, others), Math.Max(0, stolen)) : (null, null);
    }
}
