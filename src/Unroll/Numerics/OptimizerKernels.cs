using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>
/// The optimizers' element by element rules: one pass over memory each, every weight alone, so that neither the vector width nor the split over
/// threads changes a bit. p weight, g gradient (scaled), λ weight decay, η learning rate.
/// </summary>
/// <remarks>The spans of one call have one length; a velocity may be empty: then there is no momentum.</remarks>
internal static unsafe class OptimizerKernels
{
    public static void Sgd(
        Span<float> values, ReadOnlySpan<float> gradients, Span<float> velocity, GradientScale scale, float rate, float momentum, float decay,
        bool nesterov)
    {
        fixed (float* p = values, g = gradients, b = velocity)
            Kernel.Run(new SgdRule(p, g, b, scale, rate, momentum, decay, nesterov), values.Length);
    }

    public static void RmsProp(
        Span<float> values, ReadOnlySpan<float> gradients, Span<float> squares, Span<float> velocity, GradientScale scale, in RmsPropFactors factors)
    {
        fixed (float* p = values, g = gradients, v = squares, b = velocity) Kernel.Run(new RmsPropRule(p, g, v, b, scale, factors), values.Length);
    }

    public static void Adagrad(
        Span<float> values, ReadOnlySpan<float> gradients, Span<float> sums, GradientScale scale, float rate, float epsilon, float decay)
    {
        fixed (float* p = values, g = gradients, s = sums) Kernel.Run(new AdagradRule(p, g, s, scale, rate, epsilon, decay), values.Length);
    }

    public static void Adam(
        Span<float> values, ReadOnlySpan<float> gradients, Span<float> means, Span<float> squares, GradientScale scale, in AdamFactors factors)
    {
        fixed (float* p = values, g = gradients, m = means, v = squares) Kernel.Run(new AdamRule(p, g, m, v, scale, factors), values.Length);
    }

    public static void Dynamic(
        Span<float> values, ReadOnlySpan<float> gradients, ReadOnlySpan<float> start, ReadOnlySpan<float> scale, ReadOnlySpan<float> pull, float rate,
        float decay)
    {
        fixed (float* p = values, g = gradients, p0 = start, s = scale, r = pull)
            Kernel.Run(new DynamicRule(p, g, p0, s, r, rate, decay), values.Length);
    }

    // The factors of a rule are spread over lanes before its loop: the compiler would do it again for every vector.

    //  p += min(λ r, 1) (p₀ − p) − η s g
    internal readonly struct DynamicRule(float* p, float* g, float* start, float* s, float* r, float rate, float decay) : ILoop
    {
        [MethodImpl(Compilation.Kernel)]
        public nint Run<V>(nint k, nint n) where V : struct, ILane<V>
        {
            V down = V.Of(-rate), lambda = V.Of(decay), one = V.Of(1);
            for (; k <= n - V.Count; k += V.Count)
            {
                V w = V.Load(p + k), back = lambda * V.Load(r + k);
                back = V.WhereLess(back, one, back, one);
                V.Fma(down, V.Load(s + k) * V.Load(g + k), V.Fma(back, V.Load(start + k) - w, w)).Store(p + k);
            }
            return k;
        }
    }

    //  d = g + λ p        b = μ b + d        plain: p −= η b        Nesterov: p −= η (d + μ b)        μ = 0: p −= η d
    internal readonly struct SgdRule(
        float* p, float* g, float* b, GradientScale scale, float rate, float momentum, float decay, bool nesterov) : ILoop
    {
        [MethodImpl(Compilation.Kernel)]
        public nint Run<V>(nint k, nint n) where V : struct, ILane<V>
        {
            V average = V.Of(scale.Average), clip = V.Of(scale.Clip), lambda = V.Of(decay), mu = V.Of(momentum), down = V.Of(-rate);
            for (; k <= n - V.Count; k += V.Count)
            {
                V w = V.Load(p + k), d = V.Fma(lambda, w, V.Load(g + k) * average * clip);
                if (b != null)
                {
                    V velocity = V.Fma(mu, V.Load(b + k), d);
                    velocity.Store(b + k);
                    d = nesterov ? V.Fma(mu, velocity, d) : velocity;
                }
                V.Fma(down, d, w).Store(p + k);
            }
            return k;
        }
    }

    //  d = g + λ p        v = α v + (1 − α) d²        u = d / (√v + ε)        plain: p −= η u        momentum: b = μ b + u, p −= η b
    internal readonly struct RmsPropRule(float* p, float* g, float* v, float* b, GradientScale scale, RmsPropFactors a) : ILoop
    {
        [MethodImpl(Compilation.Kernel)]
        public nint Run<V>(nint k, nint n) where V : struct, ILane<V>
        {
            V average = V.Of(scale.Average), clip = V.Of(scale.Clip), lambda = V.Of(a.Decay), mu = V.Of(a.Momentum), down = V.Of(-a.Rate);
            V alpha = V.Of(a.Alpha), rest = V.Of(a.RestOfAlpha), epsilon = V.Of(a.Epsilon);
            for (; k <= n - V.Count; k += V.Count)
            {
                V w = V.Load(p + k), d = V.Fma(lambda, w, V.Load(g + k) * average * clip);
                V square = V.Fma(rest * d, d, alpha * V.Load(v + k));
                square.Store(v + k);
                V u = d / (V.Sqrt(square) + epsilon);
                if (b != null)
                {
                    u = V.Fma(mu, V.Load(b + k), u);
                    u.Store(b + k);
                }
                V.Fma(down, u, w).Store(p + k);
            }
            return k;
        }
    }

    //  d = g + λ p        s = s + d²        p −= η d / (√s + ε)
    internal readonly struct AdagradRule(float* p, float* g, float* s, GradientScale scale, float rate, float epsilon, float decay) : ILoop
    {
        [MethodImpl(Compilation.Kernel)]
        public nint Run<V>(nint k, nint n) where V : struct, ILane<V>
        {
            V average = V.Of(scale.Average), clip = V.Of(scale.Clip), lambda = V.Of(decay), small = V.Of(epsilon), down = V.Of(-rate);
            for (; k <= n - V.Count; k += V.Count)
            {
                V w = V.Load(p + k), d = V.Fma(lambda, w, V.Load(g + k) * average * clip);
                V sum = V.Fma(d, d, V.Load(s + k));
                sum.Store(s + k);
                V.Fma(down, d / (V.Sqrt(sum) + small), w).Store(p + k);
            }
            return k;
        }
    }

    //  d = g + λ p        m = m + (1 − β₁)(d − m)        v = β₂ v + (1 − β₂) d²
    //  p = keep · p − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)          Adam: keep = 1          AdamW: λ = 0, keep = 1 − η · decay
    internal readonly struct AdamRule(float* p, float* g, float* m, float* v, GradientScale scale, AdamFactors a) : ILoop
    {
        [MethodImpl(Compilation.Kernel)]
        public nint Run<V>(nint k, nint n) where V : struct, ILane<V>
        {
            V average = V.Of(scale.Average), clip = V.Of(scale.Clip), lambda = V.Of(a.Decay), rest1 = V.Of(a.RestOfBeta1), beta2 = V.Of(a.Beta2),
                rest2 = V.Of(a.RestOfBeta2), root = V.Of(a.RootScale), epsilon = V.Of(a.Epsilon), down = V.Of(-a.StepSize), keep = V.Of(a.Keep);
            for (; k <= n - V.Count; k += V.Count)
            {
                V w = V.Load(p + k), d = V.Fma(lambda, w, V.Load(g + k) * average * clip);
                V mean = V.Load(m + k);
                mean = V.Fma(rest1, d - mean, mean);
                mean.Store(m + k);
                V square = V.Fma(rest2 * d, d, beta2 * V.Load(v + k));
                square.Store(v + k);
                V.Fma(down, mean / V.Fma(V.Sqrt(square), root, epsilon), keep * w).Store(p + k);
            }
            return k;
        }
    }
}

/// <summary>What every gradient is multiplied by on its way into an update: first one factor, then the other.</summary>
/// <param name="Average">1 / count: makes a mean of a sum.</param>
/// <param name="Clip">Limit / norm where the norm is larger, else 1.</param>
internal readonly record struct GradientScale(float Average, float Clip)
{
    /// <summary>Gradients as they are.</summary>
    public static GradientScale One => new(1, 1);
}

/// <summary>What the weights of one RMSProp step have in common.</summary>
/// <param name="Rate">η.</param>
/// <param name="Alpha">α.</param>
/// <param name="RestOfAlpha">1 − α.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Momentum">μ.</param>
/// <param name="Decay">λ.</param>
internal readonly record struct RmsPropFactors(float Rate, float Alpha, float RestOfAlpha, float Epsilon, float Momentum, float Decay);

/// <summary>What the weights of one Adam step have in common.</summary>
/// <param name="RestOfBeta1">1 − β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="RestOfBeta2">1 − β₂.</param>
/// <param name="StepSize">η / (1 − β₁ᵗ).</param>
/// <param name="RootScale">1 / √(1 − β₂ᵗ).</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Decay">λ of a decay that is part of the gradient.</param>
/// <param name="Keep">1 − η λ of a decay apart from the gradient.</param>
internal readonly record struct AdamFactors(
    float RestOfBeta1, float Beta2, float RestOfBeta2, float StepSize, float RootScale, float Epsilon, float Decay, float Keep);
