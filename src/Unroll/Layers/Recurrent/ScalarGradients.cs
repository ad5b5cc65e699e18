using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

//  δα = Σ over units of (Σ over rows of δ), units as Reduce sums them

/// <summary>The gradient of a number that every unit uses: unit by unit in the pass, so that threads change no bit, then their sum.</summary>
/// <param name="parameter">[1].</param>
/// <param name="hidden">Units.</param>
internal sealed class ScalarGradients(Parameter parameter, int hidden)
{
    private readonly float[] _row = new float[hidden];

    /// <summary>[units].</summary>
    public Span<float> Row => _row;

    /// <summary>Adds their sum to the parameter's gradient.</summary>
    public void Add() => parameter.Gradients[0] += (float)Reduce.Sum(_row);
}
