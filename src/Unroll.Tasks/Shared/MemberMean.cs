namespace Unroll.Tasks.Shared;

/// <summary>The mean of what members say, one after the other, without allocation: in double; of one member to the bit what it says.</summary>
/// <param name="width">How many numbers each says.</param>
public sealed class MemberMean(int width)
{
    private readonly double[] _sum = new double[width];
    private int _count;

    /// <summary>Adds what a member says; call it in the order of the members.</summary>
    /// <param name="numbers">[width].</param>
    public void Add(ReadOnlySpan<float> numbers)
    {
        if (_count++ == 0) Array.Clear(_sum);
        for (int i = 0; i < _sum.Length; i++) _sum[i] += numbers[i];
    }

    /// <summary>Writes the mean, and begins anew.</summary>
    /// <param name="mean">[width], overwritten.</param>
    public void Take(Span<float> mean)
    {
        for (int i = 0; i < _sum.Length; i++) mean[i] = (float)(_sum[i] / _count);
        _count = 0;
    }
}
