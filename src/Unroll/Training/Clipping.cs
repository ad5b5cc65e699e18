using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>What is kept within a limit.</summary>
public enum ClipBy
{
    /// <summary>Nothing; the norm is measured all the same.</summary>
    None,

    /// <summary>The norm of all gradients together: they are scaled by limit ÷ norm where the norm is larger (Pascanu et al. 2013).</summary>
    GlobalNorm,

    /// <summary>The norm of each tensor's gradient, apart.</summary>
    TensorNorm,

    /// <summary>Each gradient: it is cut to ±limit.</summary>
    Value,
}

/// <summary>What clipping found and did.</summary>
/// <param name="Norm">√Σ(gradient²) over all weights, before clipping.</param>
/// <param name="Clipped">Whether anything was changed.</param>
public readonly record struct ClipResult(double Norm, bool Clipped);

/// <summary>Keeps gradients within a limit. It fixes explosion, not vanishing (study notes, S11).</summary>
public sealed record Clipping
{
    /// <summary>No limit.</summary>
    public static Clipping None { get; } = new() { By = ClipBy.None };

    /// <summary>What is limited.</summary>
    public ClipBy By { get; init; } = ClipBy.GlobalNorm;

    /// <summary>The limit, above 0.</summary>
    public float Limit { get; init => field = Range.Positive(value, "clipping limit"); } = 1;

    /// <summary>Measures the gradients, then overwrites them with what the limit leaves of them.</summary>
    /// <param name="parameters">Whose gradients.</param>
    /// <param name="tensorNorms">
    /// Receives the norm of each parameter's gradient before clipping, in the store's order; empty where it is not wanted.
    /// </param>
    /// <returns>The norm before clipping. It is NaN or infinite if a gradient is: then nothing is clipped.</returns>
    /// <exception cref="ArgumentException"><paramref name="tensorNorms"/> is neither empty nor one float per parameter.</exception>
    public ClipResult Apply(ParameterStore parameters, Span<double> tensorNorms = default)
    {
        if (tensorNorms.Length != 0 && tensorNorms.Length != parameters.All.Count)
            throw new ArgumentException($"{tensorNorms.Length} places for the norms of {parameters.All.Count} tensors", nameof(tensorNorms));
        for (int i = 0; i < tensorNorms.Length; i++) tensorNorms[i] = Norm(parameters.All[i].Gradients);

        double norm = Norm(parameters.Gradients);
        if (!double.IsFinite(norm)) return new(norm, Clipped: false);
        return new(norm, By switch
        {
            ClipBy.GlobalNorm => Limited(parameters.Gradients, norm),
            ClipBy.TensorNorm => LimitTensors(parameters),
            ClipBy.Value => LimitValues(parameters.Gradients),
            _ => false,
        });
    }

    /// <summary>
    /// What to multiply the gradients by, on their way into the update, for their mean to stay within the limit. No limit, or one of the norm of all,
    /// only reads the gradients, once; the other limits overwrite them as <see cref="Apply"/> does.
    /// </summary>
    /// <param name="parameters">Whose gradients: sums.</param>
    /// <param name="average">1 / count.</param>
    /// <param name="norm">Measures, and keeps its places from step to step.</param>
    /// <param name="threads">The threads.</param>
    /// <param name="result">The norm of the mean before clipping, and whether the limit changes it.</param>
    internal GradientScale Measure(ParameterStore parameters, float average, GradientNorm norm, ThreadTeam threads, out ClipResult result)
    {
        if (By is ClipBy.TensorNorm or ClipBy.Value)
        {
            Elementwise.Scale(parameters.Gradients, average);
            result = Apply(parameters);
            return GradientScale.One;
        }
        double before = norm.Of(parameters, average, threads);
        bool clipped = By == ClipBy.GlobalNorm && double.IsFinite(before) && before > Limit;
        result = new(before, clipped);
        return new(average, clipped ? (float)(Limit / before) : 1);
    }

    /// <summary>√Σ aᵢ² in the defined order of <see cref="Reduce"/>; finite whenever every element is.</summary>
    public static double Norm(ReadOnlySpan<float> a)
    {
        double squares = Reduce.SumSquares(a);
        return double.IsFinite(squares) ? Math.Sqrt(squares) : GradientNorm.OfHuge(a, 1);
    }

    private bool LimitTensors(ParameterStore parameters)
    {
        bool clipped = false;
        for (int i = 0; i < parameters.All.Count; i++)
        {
            Span<float> gradients = parameters.All[i].Gradients;
            clipped |= Limited(gradients, Norm(gradients));
        }
        return clipped;
    }

    private bool Limited(Span<float> gradients, double norm)
    {
        if (norm <= Limit) return false;
        Elementwise.Scale(gradients, (float)(Limit / norm));
        return true;
    }

    private bool LimitValues(Span<float> gradients)
    {
        if (Reduce.MaxAbs(gradients) <= Limit) return false;
        Elementwise.Clip(gradients, Limit);
        return true;
    }
}
