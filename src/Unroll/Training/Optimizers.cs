using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>See <see cref="SgdOptions"/>.</summary>
internal sealed class Sgd(SgdOptions options, int length) : Optimizer
{
    public override string Name => "sgd";

    public override OptimizerState State { get; } = options.Momentum > 0 ? new(length, "momentum_buffer") : new(length);

    internal override void Update(Span<float> values, ReadOnlySpan<float> gradients, int start, float learningRate, GradientScale scale)
    {
        Span<float> velocity = options.Momentum > 0 ? State[0].Slice(start, values.Length) : default;
        OptimizerKernels.Sgd(
            values, gradients, velocity, scale, learningRate, (float)options.Momentum, (float)options.WeightDecay, options.Nesterov);
    }
}

/// <summary>See <see cref="RmsPropOptions"/>.</summary>
internal sealed class RmsProp(RmsPropOptions options, int length) : Optimizer
{
    public override string Name => "rmsprop";

    public override OptimizerState State { get; } =
        options.Momentum > 0 ? new(length, "square_avg", "momentum_buffer") : new(length, "square_avg");

    internal override void Update(Span<float> values, ReadOnlySpan<float> gradients, int start, float learningRate, GradientScale scale)
    {
        Span<float> velocity = options.Momentum > 0 ? State[1].Slice(start, values.Length) : default;
        RmsPropFactors factors = new(
            learningRate, (float)options.Alpha, (float)(1 - options.Alpha), (float)options.Epsilon, (float)options.Momentum,
            (float)options.WeightDecay);
        OptimizerKernels.RmsProp(values, gradients, State[0].Slice(start, values.Length), velocity, scale, factors);
    }
}

/// <summary>See <see cref="AdagradOptions"/>.</summary>
internal sealed class Adagrad(AdagradOptions options, int length) : Optimizer
{
    public override string Name => "adagrad";

    public override OptimizerState State { get; } = new(length, "sum");

    internal override void Update(Span<float> values, ReadOnlySpan<float> gradients, int start, float learningRate, GradientScale scale)
    {
        Span<float> sums = State[0].Slice(start, values.Length);
        OptimizerKernels.Adagrad(values, gradients, sums, scale, learningRate, (float)options.Epsilon, (float)options.WeightDecay);
    }
}

/// <summary>Both Adams, see <see cref="AdamOptions"/> and <see cref="AdamWOptions"/>: they differ in where the decay goes.</summary>
/// <param name="name">adam or adamw.</param>
/// <param name="beta1">β₁.</param>
/// <param name="beta2">β₂.</param>
/// <param name="epsilon">ε.</param>
/// <param name="decay">λ of a decay that is part of the gradient.</param>
/// <param name="apart">λ of a decay apart from the gradient.</param>
/// <param name="length">How many weights.</param>
internal sealed class Adam(string name, double beta1, double beta2, double epsilon, double decay, double apart, int length) : Optimizer
{
    public override string Name => name;

    public override OptimizerState State { get; } = new(length, "exp_avg", "exp_avg_sq");

    internal override void Update(Span<float> values, ReadOnlySpan<float> gradients, int start, float learningRate, GradientScale scale)
    {
        AdamFactors factors = new(
            RestOfBeta1: (float)(1 - beta1), Beta2: (float)beta2, RestOfBeta2: (float)(1 - beta2),
            StepSize: (float)(learningRate / (1 - Exact.Power(beta1, State.Steps))),
            RootScale: (float)(1 / Math.Sqrt(1 - Exact.Power(beta2, State.Steps))),
            Epsilon: (float)epsilon, Decay: (float)decay, Keep: (float)(1 - learningRate * apart));
        OptimizerKernels.Adam(
            values, gradients, State[0].Slice(start, values.Length), State[1].Slice(start, values.Length), scale, factors);
    }
}
