using System.Numerics;

namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>The weights of one direction of a recurrent node as ONNX has them, for the equations in double precision.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal readonly ref struct DirectionWeights<T> where T : unmanaged, INumberBase<T>
{
    private readonly ReadOnlySpan<T> _w, _r, _b, _p;
    private readonly double _clip;
    private readonly int _inputs, _rows;

    /// <summary>Those of one direction.</summary>
    public DirectionWeights(RecurrentInputs inputs, int direction)
    {
        RecurrentConvention convention = inputs.Convention;
        (_inputs, Hidden, _rows) = (inputs.InputSize, inputs.Hidden, convention.Gates * inputs.Hidden);
        _w = inputs.W.Values<T>().Slice(direction * _rows * _inputs, _rows * _inputs);
        _r = inputs.R.Values<T>().Slice(direction * _rows * Hidden, _rows * Hidden);
        _b = inputs.B is { } b ? b.Values<T>().Slice(direction * 2 * _rows, 2 * _rows) : default;
        _p = inputs.P is { } p ? p.Values<T>().Slice(direction * 3 * Hidden, 3 * Hidden) : default;
        _clip = convention.Clip ?? double.PositiveInfinity;
        Activations = convention.ActivationsOf(direction);
        (Coupled, LinearBeforeReset) = (convention.Coupled, convention.LinearBeforeReset);
    }

    /// <summary>H.</summary>
    public int Hidden { get; }

    /// <summary>f, g, h.</summary>
    public ReadOnlySpan<Activation> Activations { get; }

    /// <summary>f = 1 − i.</summary>
    public bool Coupled { get; }

    /// <summary>The reset gate acts on the product.</summary>
    public bool LinearBeforeReset { get; }

    /// <summary>W x + Wb of one unit of one gate, the gate by its place in ONNX's order.</summary>
    public double OfInput(int gate, int unit, ReadOnlySpan<T> x)
    {
        int row = gate * Hidden + unit;
        double sum = _b.IsEmpty ? 0 : double.CreateTruncating(_b[row]);
        ReadOnlySpan<T> w = _w.Slice(row * _inputs, _inputs);
        for (int i = 0; i < w.Length; i++) sum += double.CreateTruncating(w[i]) * double.CreateTruncating(x[i]);
        return sum;
    }

    /// <summary>R h + Rb of one unit of one gate.</summary>
    public double OfState(int gate, int unit, ReadOnlySpan<double> h)
    {
        int row = gate * Hidden + unit;
        double sum = _b.IsEmpty ? 0 : double.CreateTruncating(_b[_rows + row]);
        ReadOnlySpan<T> r = _r.Slice(row * Hidden, Hidden);
        for (int u = 0; u < r.Length; u++) sum += double.CreateTruncating(r[u]) * h[u];
        return sum;
    }

    /// <summary>P ⊙ c of one unit, the peephole by its place among i, o, f; 0 without peepholes.</summary>
    public double OfCell(int peephole, int unit, double c) => _p.IsEmpty ? 0 : double.CreateTruncating(_p[peephole * Hidden + unit]) * c;

    /// <summary>A gate's argument within ±clip, then the activation.</summary>
    public double Gate(int activation, double argument) => Activations[activation].Of(Math.Clamp(argument, -_clip, _clip));
}
