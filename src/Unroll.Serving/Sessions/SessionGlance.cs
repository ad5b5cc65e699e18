namespace Unroll.Serving.Sessions;

/// <summary>Where a session stood when nobody asked it: a list of all sessions neither waits for their loop nor keeps them from resting.</summary>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Version">The SHA-256 of its model's weights.</param>
/// <param name="Position">Steps taken.</param>
/// <param name="Durable">Up to which step it would survive the end of the process.</param>
/// <param name="Options">How it began.</param>
public sealed record SessionGlance(string Name, string Version, long Position, long Durable, SessionConfiguration Options);
