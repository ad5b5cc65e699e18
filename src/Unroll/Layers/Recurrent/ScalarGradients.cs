using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

//  δα = Σ over units of (Σ over rows of δ), units as Reduce sums them

/// <summary>The gradient of a number that every unit uses: unit by unit in the pass, so that threads change no bit, then their sum.</summary>
/// <param name="parameter">[1].</param>
/// <param name="hidden">Units.</param>
internal sealed class ScalarGradients(Parameter parameter, int hidden)
{
    private float[] _rows = new float[hidden];

    /// <summary>Begins with zero.</summary>
    /// <param name="shards">How many have sums of their own.</param>
    public void Begin(int shards)
    {
        if (_rows.Length < shards * hidden) _rows = new float[shards * hidden];
        _rows.AsSpan(0, shards * hidden).Clear();
    }

    /// <summary>[units].</summary>
    public Span<float> Row(int shard) => _rows.AsSpan(shard * hidden, hidden);

    /// <summary>Adds their sum to the parameter's gradient.</summary>
    public void Add(in RowSums sums)
    {
        for (int shard = 0; shard < sums.Shards; shard++) sums.Gradients(parameter, shard)[0] += (float)Reduce.Sum(Row(shard));
    }
}
