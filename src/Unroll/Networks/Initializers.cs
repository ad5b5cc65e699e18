using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Networks;

/// <summary>
/// Ways to fill a tensor before training. Element i of a tensor gets draw i of the generator it is handed, so that tensors whose generators are
/// named after them (<c>rng.For(parameter.Name)</c>) do not change one another's numbers.
/// </summary>
public static class Initializers
{
    /// <summary>Uniform in [−<paramref name="bound"/>, <paramref name="bound"/>).</summary>
    public static void Uniform(Span<float> values, float bound, Rng random)
    {
        random.Uniform(0, values);
        for (int i = 0; i < values.Length; i++) values[i] = (2 * values[i] - 1) * bound;
    }

    /// <summary>Normal with mean 0.</summary>
    public static void Normal(Span<float> values, float deviation, Rng random)
    {
        for (int i = 0; i < values.Length; i++) values[i] = (float)(deviation * random.Normal((ulong)i));
    }

    /// <summary>Uniform in ±√(6 / (fan in + fan out)) (Glorot and Bengio 2010): keeps the variance of a signal forward and backward.</summary>
    /// <param name="values">[rows, columns], the weights of one product: of one gate.</param>
    /// <param name="fanIn">Columns.</param>
    /// <param name="fanOut">Rows.</param>
    /// <param name="random">See the class.</param>
    public static void Glorot(Span<float> values, int fanIn, int fanOut, Rng random) =>
        Uniform(values, MathF.Sqrt(6f / (fanIn + fanOut)), random);

    /// <summary>1 on the diagonal, 0 elsewhere: with relu a state that is first copied (Le, Jaitly, Hinton 2015, arXiv:1504.00941).</summary>
    /// <param name="values">[values.Length / columns, columns].</param>
    /// <param name="columns">Floats of a row.</param>
    public static void Identity(Span<float> values, int columns)
    {
        values.Clear();
        for (int i = 0; i < columns && i * columns + i < values.Length; i++) values[i * columns + i] = 1;
    }

    //  b_f = ln u,  u uniform in [1, Tmax − 1)        b_i = −b_f: a unit forgets at a rate of about 1 / u
    /// <summary>
    /// Biases of forget and input gates for memories of 1 … <paramref name="longest"/> steps (Tallec and Ollivier 2018, arXiv:1804.11188).
    /// </summary>
    /// <param name="forget">[hidden], overwritten.</param>
    /// <param name="input">[hidden], overwritten with the negative; or empty, for a cell with one gate for both.</param>
    /// <param name="longest">Tmax: the longest dependency expected, in steps, above 2.</param>
    /// <param name="random">See the class.</param>
    public static void Chrono(Span<float> forget, Span<float> input, int longest, Rng random)
    {
        for (int i = 0; i < forget.Length; i++)
        {
            forget[i] = (float)Logarithm.Ln(1 + (longest - 2.0) * random.Uniform((ulong)i));
            if (!input.IsEmpty) input[i] = -forget[i];
        }
    }

    /// <summary>
    /// A matrix whose rows or columns, whichever are fewer, are orthonormal, uniformly distributed among all such
    /// (Saxe, McClelland, Ganguli 2014, arXiv:1312.6120): a product with it keeps the length of a vector.
    /// </summary>
    /// <param name="values">[rows, columns], overwritten.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="random">See the class.</param>
    /// <remarks>
    /// Normal draws made orthonormal in double by Gram and Schmidt, each vector twice, lengths positive: the Q of QR with R's signs fixed.
    /// </remarks>
    public static void Orthogonal(Span<float> values, int rows, int columns, Rng random)
    {
        int vectors = Math.Min(rows, columns), length = Math.Max(rows, columns);
        double[] q = new double[vectors * length];
        for (int i = 0; i < q.Length; i++) q[i] = random.Normal((ulong)i);
        for (int v = 0; v < vectors; v++) MakeOrthonormal(q.AsSpan(0, (v + 1) * length), length);
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                values[r * columns + c] = (float)(rows <= columns ? q[r * length + c] : q[c * length + r]);
    }

    //  v ← v − Σ_u (u · v) u,  twice: once leaves a rest where v lies nearly in the span of the others        v ← v / |v|
    private static void MakeOrthonormal(Span<double> vectors, int length)
    {
        Span<double> last = vectors[^length..];
        for (int pass = 0; pass < 2; pass++)
            for (int u = 0; u < vectors.Length - length; u += length) AddScaled(vectors.Slice(u, length), -Dot(vectors.Slice(u, length), last), last);
        double perLength = 1 / Math.Sqrt(Dot(last, last));
        foreach (ref double x in last) x *= perLength;
    }

    // Four sums side by side: one addition need not wait for the other.
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int i = 0;
        for (; i <= a.Length - 4; i += 4)
        {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }
        for (; i < a.Length; i++) s0 += a[i] * b[i];
        return (s0 + s1) + (s2 + s3);
    }

    private static void AddScaled(ReadOnlySpan<double> x, double factor, Span<double> into)
    {
        for (int i = 0; i < x.Length; i++) into[i] += factor * x[i];
    }
}
