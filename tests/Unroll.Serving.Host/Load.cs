using Unroll.Core;

namespace Unroll.Serving.Host;

/// <summary>The rows that sessions are given: a function of the session and the position.</summary>
public static class Load
{
    /// <summary>Numbers of a row.</summary>
    public const int Features = 3;

    /// <summary>What a session is called.</summary>
    public static string NameOf(int session) => $"s{session}";

    /// <summary>Writes the row of a session at a position.</summary>
    public static void Fill(int session, long position, Span<float> row)
    {
        Rng draws = new Rng((ulong)session + 1).At((ulong)position);
        for (int i = 0; i < row.Length; i++) row[i] = (float)draws.Normal((ulong)i);
    }
}
