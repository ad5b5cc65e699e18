using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Training;

//  √Σ (a gᵢ)²: blocks of 4,096 in the defined order of Reduce, each summed by one worker; then the blocks in order

/// <summary>The norm of all gradients in one pass that only reads, shared among threads: the same bits for any number of them.</summary>
internal sealed class GradientNorm : IWork
{
    private const int WorthSharing = 8 * Reduce.Block;                   // with fewer weights one worker is as fast
    private const int Cost = 24;                                         // of a weight, in multiply-adds
    private double[] _squares = [];
    private ParameterStore? _parameters;
    private float _factor;
    private int _workers;

    /// <summary>The norm of the gradients, each multiplied by <paramref name="factor"/>; finite whenever they are.</summary>
    public double Of(ParameterStore parameters, float factor, ThreadTeam threads)
    {
        int blocks = (parameters.Length + Reduce.Block - 1) / Reduce.Block;
        if (_squares.Length < blocks) _squares = new double[blocks];
        (_parameters, _factor) = (parameters, factor);
        _workers = parameters.Length < WorthSharing ? 1 : threads.WorkersFor((long)Cost * parameters.Length);
        if (_workers == 1) Run(0);
        else threads.Run(this, _workers);

        double sum = 0;
        for (int i = 0; i < blocks; i++) sum += _squares[i];
        return double.IsFinite(sum) ? Math.Sqrt(sum) : OfHuge(parameters.Gradients, factor);
    }

    public void Run(int worker)
    {
        (int from, int to) = Reduce.Share(_parameters!.Length, worker, _workers);
        Reduce.SumScaledSquares(_parameters.Gradients, _factor, from, to, _squares);
    }

    // A float's square overflows from 1.8e19 on: once more in double, whose squares do not. NaN and infinity stay.
    internal static double OfHuge(ReadOnlySpan<float> gradients, float factor)
    {
        double squares = 0;
        foreach (float gradient in gradients)
        {
            float scaled = gradient * factor;
            squares += (double)scaled * scaled;
        }
        return Math.Sqrt(squares);
    }
}

/// <summary>Sets all gradients to zero, shared among threads as the norm is: a worker keeps its part in its own cache.</summary>
internal sealed class GradientClearing : IWork
{
    private const int WorthSharing = 1 << 16;                            // with fewer gradients one worker is as fast
    private const int Cost = 8;                                          // of a gradient, in multiply-adds
    private ParameterStore? _parameters;
    private int _workers;

    public void Clear(ParameterStore parameters, ThreadTeam threads)
    {
        (_parameters, _workers) = (parameters, parameters.Length < WorthSharing ? 1 : threads.WorkersFor((long)Cost * parameters.Length));
        if (_workers == 1) parameters.ClearGradients();
        else threads.Run(this, _workers);
    }

    public void Run(int worker)
    {
        (int from, int to) = Reduce.Share(_parameters!.Length, worker, _workers);
        _parameters.Gradients[from..to].Clear();
    }
}
