namespace Unroll.Serving.Sessions;

/// <summary>The reply to a request for steps.</summary>
/// <param name="At">The position that it was for.</param>
/// <param name="Position">Steps taken: the next request's position.</param>
/// <param name="Durable">Up to which step the session would survive the end of the process.</param>
/// <param name="Repeated">Whether the answer is that of an earlier request.</param>
/// <param name="Answers">A list of JSON, one object for each step; empty where the answer is numbers.</param>
public readonly record struct StepReply(long At, long Position, long Durable, bool Repeated, ReadOnlyMemory<byte> Answers);
