namespace Unroll.Inspection.Flow;

/// <summary>One part of the gradient of a state, by the name of the path on which it arrives, for every step of a sequence.</summary>
public sealed class FlowTerm
{
    private readonly double[] _values;
    private readonly int _width;

    internal FlowTerm(string name, int steps, int width) => (Name, _values, _width, Norms) = (name, new double[steps * width], width,
        new double[steps]);

    /// <summary>The path, as in <see cref="Textbook.Paths"/>: <c>"output"</c>, <c>"direct"</c>, <c>"through z"</c>.</summary>
    public string Name { get; }

    /// <summary>[steps]: the Euclidean norm of each step's vector, in the order of time.</summary>
    public IReadOnlyList<double> Norms { get; private set; }

    /// <summary>[width of the state]: the term at one step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step.</exception>
    public ReadOnlySpan<double> At(int step) => Row(step);

    internal Span<double> Row(int step) => _values.AsSpan(step * _width, _width);

    internal bool IsZero => Array.TrueForAll(_values, value => value == 0);

    internal FlowTerm Finished()
    {
        double[] norms = new double[Norms.Count];
        for (int t = 0; t < norms.Length; t++) norms[t] = Norm(Row(t));
        Norms = norms;
        return this;
    }

    /// <summary>√Σv², without overflow or underflow on the way.</summary>
    internal static double Norm(ReadOnlySpan<double> v)
    {
        double sum = 0;
        foreach (double x in v) sum += x * x;
        return Math.Sqrt(sum);
    }
}
