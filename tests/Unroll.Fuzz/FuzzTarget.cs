namespace Unroll.Fuzz;

/// <summary>A reader under test.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Covers">The types of the product that it goes through: a test holds that every reader is in one of these lists.</param>
/// <param name="Seeds">Good files, which the reader takes: small, of different features.</param>
/// <param name="Read">
/// Reads bytes as the product does. What is refused as the product refuses things (<see cref="Core.UserErrorException"/>) is right; every other
/// exception is a finding.
/// </param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<Type> Covers, IReadOnlyList<byte[]> Seeds, Action<byte[]> Read)
{
    /// <summary>Words of the format, which mutations put in.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Whether the files are JSON: then every other mutation exchanges a value of it, so that it stays JSON.</summary>
    public bool IsJson { get; init; }
}
