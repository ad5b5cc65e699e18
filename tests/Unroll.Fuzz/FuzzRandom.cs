namespace Unroll.Fuzz;

/// <summary>Numbers that look random and are the same on every machine: SplitMix64 (Steele, Lea and Flood 2014).</summary>
internal sealed class FuzzRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to <paramref name="end"/> − 1; 0 where there is no such number.</summary>
    public int Below(int end) => end <= 1 ? 0 : (int)(Next() % (ulong)end);

    public T Of<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];
}
