using System.Collections;
using System.Diagnostics;
using System.Globalization;
using Unroll.Numerics;
using Xunit.Sdk;

namespace Unroll.Tests.Native;

/// <summary>
/// Runs tests one after the other and counts them: the first case of every test, then the second of every test, …, so that where time is limited
/// every test has run with some of its cases.
/// </summary>
/// <param name="limit">Tests that have not begun then are counted as skipped.</param>
internal sealed class NativeRun(TimeSpan limit)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<(int Number, string Name, Action Test)> _cases = [];
    private readonly Dictionary<string, int> _numbers = [];
    private int _passed, _failed, _skipped, _late;

    /// <summary>
    /// <c>--only TEXT</c>, <c>--part 1/2</c>, <c>--minutes 8</c>. Ends with a summary like that of the managed test program, so that whoever counts
    /// reads both.
    /// </summary>
    private static int Main(string[] arguments)
    {
        string Of(string option, string otherwise) => Array.IndexOf(arguments, option) is >= 0 and { } i ? arguments[i + 1] : otherwise;
        int[] share = [.. Of("--part", "1/1").Split('/').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        NativeRun run = new(TimeSpan.FromMinutes(double.Parse(Of("--minutes", "1000"), CultureInfo.InvariantCulture)));
        BitsTests.All(run);
        int seen = 0;
        foreach ((int _, string name, Action test) in run._cases.OrderBy(one => one.Number))
            if (name.Contains(Of("--only", ""), StringComparison.Ordinal) && seen++ % share[1] == share[0] - 1) run.Run(name, test);
        if (run._late > 0) Console.WriteLine($"{run._late} tests [SKIP] had not begun when the time was up");
        double seconds = Stopwatch.GetElapsedTime(run._start).TotalSeconds;
        int total = run._passed + run._failed + run._skipped;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Unroll.Tests.Native ({Hardware.Path}, part {share[0]} of {share[1]})  "
            + $"Total: {total}, Errors: 0, Failed: {run._failed}, Skipped: {run._skipped}, Not Run: 0, Time: {seconds:f0}s"));
        return run._failed > 0 || run._passed == 0 ? 1 : 0;
    }

    /// <summary>Takes a test.</summary>
    /// <param name="name">Its name and its arguments.</param>
    /// <param name="test">What it does.</param>
    internal void Case(string name, Action test)
    {
        int number = _numbers[name.Split('(')[0]] = _numbers.GetValueOrDefault(name.Split('(')[0]) + 1;
        _cases.Add((number, name, test));
    }

    /// <summary>Takes a test that only the runtime can run.</summary>
    internal void Skip(string name, string reason) => Case(name, () => Assert.Skip(reason));

    private void Run(string name, Action test)
    {
        if (Stopwatch.GetElapsedTime(_start) > limit)
        {
            _skipped++;
            _late++;
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
            _skipped++;
            Console.WriteLine($"{name} [SKIP] {skipped.Message.Replace("$XunitDynamicSkip$", "", StringComparison.Ordinal)}");
        }
        // Assert.Equal of lists of structs. Of code of our own it would be a failure.
        catch (Exception e) when (e.GetBaseException() is NotSupportedException missing
            && missing.Message.StartsWith("'Xunit.", StringComparison.Ordinal))
        {
            _skipped++;
            Console.WriteLine($"{name} [SKIP] xunit makes this comparison at run time: {missing.Message.Split(' ')[0]}");
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

    /// <summary>The rows of a theory's member.</summary>
    internal static IEnumerable<object?[]> Rows(IEnumerable rows) =>
        rows.Cast<object>().Select(row => row as object?[] ?? ((ITheoryDataRow)row).GetData());

    /// <summary>A row as it stands in the name of its test.</summary>
    internal static string Text(object?[] row) => $"({string.Join(", ", row)})";
}
