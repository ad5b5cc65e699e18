using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Unroll.Serving.Stores;

namespace Unroll.Serving;

/// <summary>What all loops of a server share.</summary>
/// <param name="Limits">What is taken on at most.</param>
/// <param name="Writer">Who writes durable steps; null: there is no store.</param>
/// <param name="Log">The log.</param>
/// <param name="Figures">What is counted.</param>
internal sealed record ServingParts(ServingLimits Limits, SessionWriter? Writer, ILogger Log, ServingFigures Figures)
{
    private volatile bool _stopping;

    /// <summary>Whether the server is stopping: no request is begun, and every step is made durable.</summary>
    public bool Stopping { get => _stopping; set => _stopping = value; }
}

/// <summary>What a server counts, as a <see cref="Meter"/> called <c>Unroll.Serving</c>.</summary>
public sealed class ServingFigures : IDisposable
{
    /// <summary>The name of the meter and of the source of activities.</summary>
    public const string Name = "Unroll.Serving";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _steps, _rounds, _rows, _repeats, _refused;
    private long _stepsSoFar, _roundsSoFar, _rowsSoFar, _repeatsSoFar, _refusedSoFar;

    internal ServingFigures()
    {
        _steps = _meter.CreateCounter<long>("unroll.steps", description: "steps taken");
        _rounds = _meter.CreateCounter<long>("unroll.rounds", description: "rounds of the networks");
        _rows = _meter.CreateCounter<long>("unroll.rows", description: "rows of all rounds");
        _repeats = _meter.CreateCounter<long>("unroll.repeats", description: "requests answered again from what was stored");
        _refused = _meter.CreateCounter<long>("unroll.refused", description: "requests refused");
    }

    /// <summary>Steps taken.</summary>
    public long Steps => Interlocked.Read(ref _stepsSoFar);

    /// <summary>Rounds of the networks.</summary>
    public long Rounds => Interlocked.Read(ref _roundsSoFar);

    /// <summary>Rows of all rounds: with the rounds, how many sessions stepped at once.</summary>
    public long Rows => Interlocked.Read(ref _rowsSoFar);

    /// <summary>Requests answered again from what was stored.</summary>
    public long Repeats => Interlocked.Read(ref _repeatsSoFar);

    /// <summary>Requests refused.</summary>
    public long Refused => Interlocked.Read(ref _refusedSoFar);

    /// <summary>Traces of what the server does.</summary>
    internal ActivitySource Activities { get; } = new(Name);

    internal void Stepped(int steps) => Count(_steps, ref _stepsSoFar, steps);

    internal void Repeated() => Count(_repeats, ref _repeatsSoFar, 1);

    internal void Refuse() => Count(_refused, ref _refusedSoFar, 1);

    internal void Round(int rows)
    {
        Count(_rounds, ref _roundsSoFar, 1);
        Count(_rows, ref _rowsSoFar, rows);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _meter.Dispose();
        Activities.Dispose();
    }

    private static void Count(Counter<long> counter, ref long soFar, int by)
    {
        Interlocked.Add(ref soFar, by);
        counter.Add(by);
    }
}
