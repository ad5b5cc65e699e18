namespace Unroll.Serving.Sessions;

/// <summary>Where a session stands.</summary>
/// <param name="Position">Steps taken: the next request's position.</param>
/// <param name="Durable">Up to which step it would survive the end of the process.</param>
/// <param name="Kept">The positions that it can go back to.</param>
/// <param name="Last">The last request and its answer.</param>
public sealed record SessionStatus(long Position, long Durable, IReadOnlyList<long> Kept, LastAnswer Last)
{
    /// <summary>The last request and its answer, as they were when this was asked.</summary>
    public LastAnswer Last { get; } = Last with { Answer = Last.Answer.ToArray() };
}
