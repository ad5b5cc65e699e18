using Unroll.Serving.Dispatch;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Models;

/// <summary>A model under a name: its weights are its version.</summary>
public sealed class ServedModel
{
    private int _sessions;

    internal ServedModel(string name, ITaskModel model, ServingParts parts)
    {
        (Name, Model, Weights, HasSessions) = (name, model, model.WeightsSha256, model.NewSession() is not null);
        Loop = new Dispatcher(this, parts);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The SHA-256 of its weights.</summary>
    public string Weights { get; }

    /// <summary>Since when it is there.</summary>
    public DateTimeOffset Since { get; } = DateTimeOffset.UtcNow;

    /// <summary>The model.</summary>
    public ITaskModel Model { get; }

    /// <summary>Sessions that are in memory.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>Whether it has been replaced or unloaded: it takes no new sessions.</summary>
    public bool Retired { get; internal set; }

    /// <summary>Whether it takes steps one by one; else it is asked for predictions alone.</summary>
    public bool HasSessions { get; }

    /// <summary>Requests that have not been answered.</summary>
    public int Waiting => Loop.Open;

    internal Dispatcher Loop { get; }

    internal int Count(int sessions) => Interlocked.Add(ref _sessions, sessions);
}
