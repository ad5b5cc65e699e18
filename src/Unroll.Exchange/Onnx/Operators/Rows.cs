namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Goes through a shape row by row, a row being the last size, and keeps where each of several tensors is that are read with
/// strides.</summary>
/// <param name="shape">The shape.</param>
/// <param name="strides">For each tensor, the elements from one index to the next, for each size.</param>
internal sealed class Rows(int[] shape, params int[][] strides)
{
    private readonly int[] _index = new int[shape.Length], _offsets = new int[strides.Length];

    /// <summary>The elements of a row.</summary>
    public int Length { get; } = shape.Length == 0 ? 1 : shape[^1];

    /// <summary>The elements from one to the next within a row of a tensor.</summary>
    public int Step(int tensor) => shape.Length == 0 ? 0 : strides[tensor][^1];

    /// <summary>Where the row begins in a tensor.</summary>
    public int Offset(int tensor) => _offsets[tensor];

    /// <summary>Goes on to the next row.</summary>
    public void Next()
    {
        for (int d = shape.Length - 2; d >= 0; d--)
        {
            for (int t = 0; t < strides.Length; t++) _offsets[t] += strides[t][d];
            if (++_index[d] < shape[d]) return;
            for (int t = 0; t < strides.Length; t++) _offsets[t] -= strides[t][d] * shape[d];
            _index[d] = 0;
        }
    }
}
