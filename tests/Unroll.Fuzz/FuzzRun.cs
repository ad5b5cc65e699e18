using System.Diagnostics;
using Unroll.Core;

namespace Unroll.Fuzz;

/// <summary>What became of the inputs of one reader.</summary>
/// <param name="Inputs">How many there were.</param>
/// <param name="Refused">How many the reader refused with a message.</param>
/// <param name="Slowest">The longest time of one.</param>
/// <param name="MostBytes">The most memory that one asked for, in all.</param>
/// <param name="Longest">The longest message of a refusal.</param>
/// <param name="Findings">What is wrong, with the number of the input.</param>
internal sealed record FuzzResult(
    int Inputs, int Refused, TimeSpan Slowest, long MostBytes, string Longest, IReadOnlyList<string> Findings);

/// <summary>Gives a reader changed files, one after the other, and looks at what it does.</summary>
internal static class FuzzRun
{
    private const int LongestMessage = 500;
    private const long MemoryLimit = 512L << 20;
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(2), s_hang = TimeSpan.FromMinutes(2);

    /// <param name="target">The reader.</param>
    /// <param name="inputs">How many changed files.</param>
    /// <param name="atMost">Ends earlier once this time has passed; null: never.</param>
    /// <param name="findings">Ends earlier after as many findings.</param>
    public static FuzzResult Of(FuzzTarget target, int inputs, TimeSpan? atMost = null, int findings = 10)
    {
        Watch watch = new();
        Thread thread = new(() => Run(target, inputs, atMost, findings, watch), maxStackSize: 1 << 20) { IsBackground = true };
        thread.Start();
        // A reader that never comes back is a finding too: its thread is left behind.
        while (!thread.Join(TimeSpan.FromSeconds(1)))
            if (watch.Since is { } since && Stopwatch.GetElapsedTime(since) > s_hang)
            {
                watch.Add($"input {watch.Input} does not come back", watch.Bytes, target);
                break;
            }
        return watch.Result;
    }

    private static void Run(FuzzTarget target, int inputs, TimeSpan? atMost, int findings, Watch watch)
    {
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < target.Seeds.Count; i++)         // what is made once, at first use, is nobody's
            Look(target, [.. target.Seeds[i]], -1 - i, watch, mustRead: true);
        for (int i = 0; i < inputs && watch.Findings < findings; i++)
        {
            if (atMost is { } most && Stopwatch.GetElapsedTime(begin) > most) break;
            byte[] bytes = InputOf(target, i);
            Look(target, bytes, i, watch, mustRead: false);
        }
    }

    private const int Cuts = 64;

    /// <summary>The input of a number, the same each time: the first are the seeds cut at 64 places each, then doubled; all others are
    /// mutations.</summary>
    public static byte[] InputOf(FuzzTarget target, int input)
    {
        if (input < target.Seeds.Count * (Cuts + 1))
        {
            byte[] seed = target.Seeds[input / (Cuts + 1)];
            int place = input % (Cuts + 1);
            return place < Cuts ? seed[..(int)((long)seed.Length * place / Cuts)] : [.. seed, .. seed];
        }
        FuzzRandom random = new((ulong)input * 0x2545F4914F6CDD1D + 1);
        return target.IsJson && input % 2 == 0 ? JsonMutation.Of(random.Of(target.Seeds), random) : Mutation.Of(target.Seeds, target.Words, random);
    }

    private static void Look(FuzzTarget target, byte[] bytes, int input, Watch watch, bool mustRead)
    {
        string name = input < 0 ? $"seed {-input}" : $"input {input}";
        watch.Begin(input, bytes);
        long memory = GC.GetAllocatedBytesForCurrentThread();
        UserErrorException? refused = null;
        try
        {
            target.Read(bytes);
        }
        catch (UserErrorException e)
        {
            refused = e;
        }
#pragma warning disable CA1031 // any other exception is what is looked for
        catch (Exception e)
#pragma warning restore CA1031
        {
            watch.Add($"{name}: {e.GetType().Name}: {e.Message} {Where(e)}", bytes, target);
        }
        memory = GC.GetAllocatedBytesForCurrentThread() - memory;
        TimeSpan took = watch.End(memory, refused);
        if (mustRead)
        {
            if (refused is not null) watch.Add($"{name} is refused: {refused.Message}", bytes, target);
            return;
        }
        if (memory > MemoryLimit && Peak(target, bytes) is var peak && peak > MemoryLimit)
            watch.Add($"{name} takes {peak >> 20} MB", bytes, target);
        if (took > s_timeLimit && Fewest(target, bytes) is var again && again > s_timeLimit)
            watch.Add($"{name} takes {again.TotalSeconds:F1} s", bytes, target);
        if (refused is not null && (refused.Message.Length > LongestMessage || refused.Message.Contains('\n')))
        {
            string begin = refused.Message[..Math.Min(200, refused.Message.Length)];
            watch.Add($"{name}: a message of {refused.Message.Length} characters, or of several lines: {begin}", bytes, target);
        }
    }

    // All that was asked for in turn may be more than what is held at once.
    private static long Peak(FuzzTarget target, byte[] bytes)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true), most = before;
        using CancellationTokenSource done = new();
        Thread looks = new(() =>
        {
            while (!done.IsCancellationRequested)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));
                Thread.Sleep(1);
            }
        });
        looks.Start();
        _ = Fewest(target, bytes, times: 1);
        done.Cancel();
        looks.Join();
        return most - before;
    }

    private static string Where(Exception e) =>
        string.Join(" < ", (e.StackTrace ?? "").Split('\n').Take(3).Select(line => line.Trim().Split(" in ")[0]));

    // The machine may have been busy: a slow input is slow each time.
    private static TimeSpan Fewest(FuzzTarget target, byte[] bytes, int times = 2)
    {
        TimeSpan fewest = TimeSpan.MaxValue;
        for (int i = 0; i < times && fewest > s_timeLimit; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            try
            {
                target.Read(bytes);
            }
            catch (UserErrorException)
            {
            }
            TimeSpan took = Stopwatch.GetElapsedTime(begin);
            if (took < fewest) fewest = took;
        }
        return fewest;
    }

    // What both threads look at.
    private sealed class Watch
    {
        private readonly Lock _lock = new();
        private readonly List<string> _findings = [];
        private int _inputs, _refused;
        private TimeSpan _slowest;
        private long _most;
        private string _longest = "";

        public long? Since { get; private set; }

        public int Input { get; private set; }

        public byte[] Bytes { get; private set; } = [];

        public int Findings
        {
            get { lock (_lock) return _findings.Count; }
        }

        public FuzzResult Result
        {
            get { lock (_lock) return new FuzzResult(_inputs, _refused, _slowest, _most, _longest, [.. _findings]); }
        }

        public void Begin(int input, byte[] bytes)
        {
            lock (_lock) (Input, Bytes, Since) = (input, bytes, Stopwatch.GetTimestamp());
        }

        public TimeSpan End(long memory, UserErrorException? refused)
        {
            lock (_lock)
            {
                TimeSpan took = Stopwatch.GetElapsedTime(Since!.Value);
                Since = null;
                _inputs++;
                if (took > _slowest) _slowest = took;
                _most = Math.Max(_most, memory);
                if (refused is null) return took;
                _refused++;
                if (refused.Message.Length > _longest.Length) _longest = refused.Message;
                return took;
            }
        }

        // The input is kept beside the tests, so that it can be looked at.
        public void Add(string finding, byte[] bytes, FuzzTarget target)
        {
            string folder = Path.Combine(AppContext.BaseDirectory, "findings");
            Directory.CreateDirectory(folder);
            string file = Path.Combine(folder, $"{target.Name.Replace(' ', '-').Replace('/', '-')}-{Input}.bin");
            File.WriteAllBytes(file, bytes);
            lock (_lock) _findings.Add($"{finding} [{file}]");
        }
    }
}
