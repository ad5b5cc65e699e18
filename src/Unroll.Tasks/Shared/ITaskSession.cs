using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>
/// A model that is asked step by step: one step in, an answer out, in the time of one step of the network however long the past is.
/// </summary>
/// <remarks>For one thread at a time; any number of sessions may share a model. Steps give the same bits as the whole sequence at once.</remarks>
public interface ITaskSession
{
    /// <summary>Where it stands: position, snapshots, restore, rewind.</summary>
    SessionState State { get; }

    /// <summary>Takes one step.</summary>
    /// <param name="input">The step as JSON: what one is, the task's session says.</param>
    /// <exception cref="UserErrorException">It is no step of this task; the session stays as it was.</exception>
    TaskAnswer Step(JsonElement input);

    /// <summary>A session of its own that goes on from here.</summary>
    ITaskSession Fork();
}
