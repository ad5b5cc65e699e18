namespace Unroll.Mpi;

/// <summary>A rank that the others do not hear any more.</summary>
/// <param name="Rank">Which.</param>
/// <param name="Silence">For how long it has given no sign.</param>
/// <param name="Error">What the library said when it could not be reached; null: nothing, it is merely silent.</param>
public sealed record RankLost(int Rank, TimeSpan Silence, string? Error)
{
    /// <summary>In a few words: <c>rank 2 has given no sign of life for 4.0 s</c>.</summary>
    public override string ToString() => Error is null
        ? FormattableString.Invariant($"rank {Rank} has given no sign of life for {Silence.TotalSeconds:F1} s")
        : $"rank {Rank} cannot be reached: {Error}";
}
