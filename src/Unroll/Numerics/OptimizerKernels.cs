using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>One optimiser's rule for one weight, over any number of lanes.</summary>
internal interface IUpdate
{
    /// <summary>Updates weights k … k + V.Count − 1 and what is remembered of them.</summary>
    void At<V>(nint k) where V : struct, ILane<V>;
}

/// <summary>
/// The optimisers' element by element rules: one pass over memory each, every weight alone, so that neither the vector width nor the split over
/// threads changes a bit. p weight, g gradient, λ weight decay, η learning rate.
/// </summary>
/// <remarks>The spans of one call have one length; a velocity may be empty: then there is no momentum.</remarks>
internal static unsafe class OptimizerKernels
{
    public static void Sgd(
        Span<float> values, ReadOnlySpan<float> gradients, Span<float> velocity, float rate, float momentum, float decay, bool nesterov)
    {
        fixed (float* p = values, g = gradients, b = velocity) Run(new SgdRule(p, g, b, rate, momentum, decay, nesterov), values.Length);
    }

    public static void RmsProp(
        Span<float> values, ReadOnlySpan<float> gradients, Span<float> squares, Span<float> velocity, in RmsPropFactors factors)
    {
        fixed (float* p = values, g = gradients, v = squares, b = velocity) Run(new RmsPropRule(p, g, v, b, factors), values.Length);
    }

    public static void Adagrad(Span<float> values, ReadOnlySpan<float> gradients, Span<float> sums, float rate, float epsilon, float decay)
    {
        fixed (float* p = values, g = gradients, s = sums) Run(new AdagradRule(p, g, s, rate, epsilon, decay), values.Length);
    }

    public static void Adam(Span<float> values, ReadOnlySpan<float> gradients, Span<float> means, Span<float> squares, in AdamFactors factors)
    {
        fixed (float* p = values, g = gradients, m = means, v = squares) Run(new AdamRule(p, g, m, v, factors), values.Length);
    }

    /// <summary>Applies a rule to weights 0 … <paramref name="n"/> − 1.</summary>
    private static void Run<U>(in U update, nint n) where U : struct, IUpdate
    {
        nint done = 0;
        if (Hardware.Wide) done = Run<Lanes16, U>(update, 0, n);
        else if (Hardware.Half) done = Run<Lanes8, U>(update, 0, n);
        Run<Lanes1, U>(update, done, n);
    }

    /// <summary>Applies a rule from <paramref name="from"/> on, as far as whole vectors reach.</summary>
    /// <returns>The first weight that was left alone.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static nint Run<V, U>(U update, nint from, nint n) where V : struct, ILane<V> where U : struct, IUpdate
    {
        nint k = from;
        for (; k <= n - V.Count; k += V.Count) update.At<V>(k);
        return k;
    }

    //  d = g + λ p        b = μ b + d        plain: p −= η b        Nesterov: p −= η (d + μ b)        μ = 0: p −= η d
    internal readonly struct SgdRule(float* p, float* g, float* b, float rate, float momentum, float decay, bool nesterov) : IUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(nint k) where V : struct, ILane<V>
        {
            V w = V.Load(p + k), d = V.Fma(V.Of(decay), w, V.Load(g + k));
            if (b != null)
            {
                V velocity = V.Fma(V.Of(momentum), V.Load(b + k), d);
                velocity.Store(b + k);
                d = nesterov ? V.Fma(V.Of(momentum), velocity, d) : velocity;
            }
            V.Fma(V.Of(-rate), d, w).Store(p + k);
        }
    }

    //  d = g + λ p        v = α v + (1 − α) d²        u = d / (√v + ε)        plain: p −= η u        momentum: b = μ b + u, p −= η b
    internal readonly struct RmsPropRule(float* p, float* g, float* v, float* b, RmsPropFactors a) : IUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(nint k) where V : struct, ILane<V>
        {
            V w = V.Load(p + k), d = V.Fma(V.Of(a.Decay), w, V.Load(g + k));
            V square = V.Fma(V.Of(a.RestOfAlpha) * d, d, V.Of(a.Alpha) * V.Load(v + k));
            square.Store(v + k);
            V u = d / (V.Sqrt(square) + V.Of(a.Epsilon));
            if (b != null)
            {
                u = V.Fma(V.Of(a.Momentum), V.Load(b + k), u);
                u.Store(b + k);
            }
            V.Fma(V.Of(-a.Rate), u, w).Store(p + k);
        }
    }

    //  d = g + λ p        s = s + d²        p −= η d / (√s + ε)
    internal readonly struct AdagradRule(float* p, float* g, float* s, float rate, float epsilon, float decay) : IUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(nint k) where V : struct, ILane<V>
        {
            V w = V.Load(p + k), d = V.Fma(V.Of(decay), w, V.Load(g + k));
            V sum = V.Fma(d, d, V.Load(s + k));
            sum.Store(s + k);
            V.Fma(V.Of(-rate), d / (V.Sqrt(sum) + V.Of(epsilon)), w).Store(p + k);
        }
    }

    //  d = g + λ p        m = m + (1 − β₁)(d − m)        v = β₂ v + (1 − β₂) d²
    //  p = keep · p − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)          Adam: keep = 1          AdamW: λ = 0, keep = 1 − η · decay
    internal readonly struct AdamRule(float* p, float* g, float* m, float* v, AdamFactors a) : IUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(nint k) where V : struct, ILane<V>
        {
            V w = V.Load(p + k), d = V.Fma(V.Of(a.Decay), w, V.Load(g + k));
            V mean = V.Load(m + k);
            mean = V.Fma(V.Of(a.RestOfBeta1), d - mean, mean);
            mean.Store(m + k);
            V square = V.Fma(V.Of(a.RestOfBeta2) * d, d, V.Of(a.Beta2) * V.Load(v + k));
            square.Store(v + k);
            V size = V.Fma(V.Sqrt(square), V.Of(a.RootScale), V.Of(a.Epsilon));
            V.Fma(V.Of(-a.StepSize), mean / size, V.Of(a.Keep) * w).Store(p + k);
        }
    }
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
