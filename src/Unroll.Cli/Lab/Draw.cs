using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;

namespace Unroll.Cli.Lab;

/// <summary>Random vectors and matrices for experiments in double.</summary>
internal static class Draw
{
    /// <summary>Steps of independent normal inputs.</summary>
    internal static Vector[] Inputs(Rng random, int steps, int size, double deviation) =>
        [.. Enumerable.Range(0, steps).Select(t => Normal(random.At((ulong)t), size, deviation))];

    /// <summary>Independent normal elements.</summary>
    internal static Vector Normal(Rng random, int size, double deviation) =>
        new([.. Enumerable.Range(0, size).Select(i => deviation * random.Normal((ulong)i))]);

    /// <summary>Independent normal elements, scaled so that the largest |eigenvalue| is <paramref name="radius"/>.</summary>
    internal static Matrix OfRadius(Rng random, int size, double radius)
    {
        Matrix gauss = new([.. Normal(random, size * size, 1)], 0, size, size);
        double scale = radius / Spectrum.Radius(gauss);
        return gauss.Map(x => scale * x);
    }

    /// <summary><paramref name="radius"/> times an orthogonal matrix: every direction is lengthened alike (Gram and Schmidt, twice).</summary>
    internal static Matrix Orthogonal(Rng random, int size, double radius)
    {
        Vector[] rows = [.. Enumerable.Range(0, size).Select(row => Normal(random.At((ulong)row), size, 1))];
        for (int row = 0; row < size; row++)
        {
            for (int pass = 0; pass < 2; pass++)
                for (int before = 0; before < row; before++) rows[row] -= (rows[row] * rows[before]).Sum() * rows[before];
            rows[row] = 1 / Length(rows[row]) * rows[row];
        }
        return new Matrix([.. rows.SelectMany(row => row)], 0, size, size).Map(x => radius * x);
    }

    /// <summary>1 on the diagonal, times <paramref name="scale"/>.</summary>
    internal static Matrix Identity(int size, double scale = 1)
    {
        Matrix identity = new(size, size);
        for (int i = 0; i < size; i++) identity[i, i] = scale;
        return identity;
    }

    /// <summary>√Σ v².</summary>
    internal static double Length(IEnumerable<double> v) => Math.Sqrt(v.Sum(x => x * x));
}
