using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>
/// A model that is used step by step: one step in, one answer out, in the time of one step of the network, however long the past is.
/// </summary>
/// <remarks>For one thread at a time; any number of sessions may share a model. Steps give the same bits as the whole sequence at once.</remarks>
public interface ITaskSession
{
    /// <summary>Its state: position, snapshots, restore, rewind.</summary>
    SessionState State { get; }

    /// <summary>Takes one step.</summary>
    /// <param name="input">The step as JSON, in the form that the task's session documents.</param>
    /// <exception cref="UserErrorException">It is not a step of this task; the session stays as it was.</exception>
    TaskAnswer Step(JsonElement input);

    /// <summary>An independent session that continues from here.</summary>
    ITaskSession Fork();
}
