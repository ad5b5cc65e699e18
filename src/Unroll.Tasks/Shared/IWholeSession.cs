using Unroll.Inspection;

namespace Unroll.Tasks.Shared;

/// <summary>A session whose answer comes from a whole sequence of its own rather than from a state that is carried on.</summary>
public interface IWholeSession : ITaskSession
{
    /// <summary>The sequence of the last answer, to be inspected; null: there was none, or a state is carried on after all.</summary>
    InspectionSubject? Subject();
}
