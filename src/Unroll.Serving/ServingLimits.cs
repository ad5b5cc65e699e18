using Unroll.Core;

namespace Unroll.Serving;

/// <summary>What a server takes on at most; beyond it requests are refused and told when to come again.</summary>
public sealed record ServingLimits
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(24);      // as long as a timer can wait

    /// <summary>Sessions in memory.</summary>
    public int Sessions { get; init; } = 10_000;

    /// <summary>Requests that wait for one model.</summary>
    public int Queue { get; init; } = 10_000;

    /// <summary>Steps of one request.</summary>
    public int Steps { get; init; } = 1_000;

    /// <summary>Sessions that take a step at once.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>Bytes of an answer to one request; a longer one is refused and nothing of it taken.</summary>
    public int AnswerBytes { get; init; } = 16 << 20;

    /// <summary>Sounds that are heard over WebSockets at once.</summary>
    public int Sounds { get; init; } = 100;

    /// <summary>How long an answer may take, but for those that come as events or messages; nothing of a longer one is taken.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a session may rest in memory: then it is saved if it is durable, and else ends.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Throws where a limit is below 1.</summary>
    /// <exception cref="UserErrorException">One is.</exception>
    public void Check()
    {
        (string, int)[] all = [("sessions", Sessions), ("queue", Queue), ("steps", Steps), ("batch", Batch), ("answer", AnswerBytes),
            ("sounds", Sounds)];
        foreach ((string name, int value) in all)
            if (value < 1) throw new UserErrorException($"limits, {name}: expected at least 1, got {value}.");
        foreach ((string name, TimeSpan value) in ((string, TimeSpan)[])[("idle", Idle), ("time", Time)])
            if (value <= TimeSpan.Zero || value > s_longest)
                throw new UserErrorException($"limits, {name}: expected a time above 0 and up to {s_longest.Days} days, got {value}.");
    }
}
