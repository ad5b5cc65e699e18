using System.Collections;
using System.Diagnostics;
using System.Globalization;
using Unroll.Numerics;
using Xunit.Sdk;

namespace Unroll.Tests.Native;

/// <summary>Runs tests one after the other and counts them.</summary>
/// <param name="only">Takes those whose names contain it.</param>
/// <param name="part">Takes each of these…</param>
/// <param name="parts">… of so many: several processes divide the tests among them.</param>
/// <param name="limit">Tests that have not begun then are counted as skipped.</param>
internal sealed class NativeRun(string only, int part, int parts, TimeSpan limit)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _seen, _passed, _failed, _skipped;

    /// <summary>
    /// <c>--only TEXT</c>, <c>--part 1/2</c>, <c>--minutes 8</c>. Ends with a summary like that of the managed test program, so that whoever counts
    /// reads both.
    /// </summary>
    private static int Main(string[] arguments)
    {
        string Of(string option, string otherwise) => Array.IndexOf(arguments, option) is >= 0 and { } i ? arguments[i + 1] : otherwise;
        int[] share = [.. Of("--part", "1/1").Split('/').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        TimeSpan limit = TimeSpan.FromMinutes(int.Parse(Of("--minutes", "1000"), CultureInfo.InvariantCulture));
        NativeRun run = new(Of("--only", ""), share[0], share[1], limit);
        BitsTests.All(run);
        double seconds = Stopwatch.GetElapsedTime(run._start).TotalSeconds;
        int total = run._passed + run._failed + run._skipped;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Unroll.Tests.Native ({Hardware.Path}, part {share[0]} of {share[1]})  "
            + $"Total: {total}, Errors: 0, Failed: {run._failed}, Skipped: {run._skipped}, Not Run: 0, Time: {seconds:f0}s"));
        return run._failed > 0 || run._passed == 0 ? 1 : 0;
    }

    /// <summary>Runs a test.</summary>
    /// <param name="name">Its name and its arguments.</param>
    /// <param name="test">What it does.</param>
    internal void Case(string name, Action test)
    {
        if (!Mine(name)) return;
        if (Stopwatch.GetElapsedTime(_start) > limit)
        {
            CountSkipped(name, "the time is up");
            return;
        }
        long start = Stopwatch.GetTimestamp();
        try
        {
            test();
            _passed++;
        }
        catch (SkipException skipped)
        {
            CountSkipped(name, skipped.Message.Replace("$XunitDynamicSkip$", "", StringComparison.Ordinal));
        }
        // Assert.Equal of lists whose elements are no classes. Of code of our own it would be a failure.
        catch (Exception e) when (e.GetBaseException() is NotSupportedException missing
            && missing.Message.StartsWith("'Xunit.", StringComparison.Ordinal))
        {
            CountSkipped(name, "xunit makes this comparison at run time");
        }
        catch (Exception failure)
        {
            _failed++;
            Console.WriteLine($"{name} [FAIL]\n{failure}");
        }
        int done = _passed + _failed + _skipped;
        if (done % 100 == 0) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} tests, {_failed} of them failed"));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (seconds >= 10) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {seconds:f0} s"));
    }

    /// <summary>Counts a test that only the runtime can run.</summary>
    internal void Skip(string name, string reason)
    {
        if (Mine(name)) CountSkipped(name, reason);
    }

    /// <summary>The rows of a theory's member.</summary>
    internal static IEnumerable<object?[]> Rows(IEnumerable rows) =>
        rows.Cast<object>().Select(row => row as object?[] ?? ((ITheoryDataRow)row).GetData());

    /// <summary>A row as it stands in the name of its test.</summary>
    internal static string Text(object?[] row) => $"({string.Join(", ", row)})";

    private bool Mine(string name) => name.Contains(only, StringComparison.Ordinal) && _seen++ % parts == part - 1;

    private void CountSkipped(string name, string reason)
    {
        _skipped++;
        Console.WriteLine($"{name} [SKIP] {reason}");
    }
}
