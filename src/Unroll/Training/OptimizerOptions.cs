using System.Text.Json.Serialization;
using Unroll.Core;

namespace Unroll.Training;

/// <summary>Which optimizer, and its settings; each kind's defaults are PyTorch's.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SgdOptions), "sgd")]
[JsonDerivedType(typeof(RmsPropOptions), "rmsprop")]
[JsonDerivedType(typeof(AdagradOptions), "adagrad")]
[JsonDerivedType(typeof(AdamOptions), "adam")]
[JsonDerivedType(typeof(AdamWOptions), "adamw")]
public abstract record OptimizerOptions
{
    /// <summary>The kinds by the names that users write.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["sgd", "rmsprop", "adagrad", "adam", "adamw"];

    /// <summary>The options of a kind with its defaults.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <exception cref="UserErrorException">There is no such kind.</exception>
    public static OptimizerOptions Of(string kind) => kind switch
    {
        "sgd" => new SgdOptions(),
        "rmsprop" => new RmsPropOptions(),
        "adagrad" => new AdagradOptions(),
        "adam" => new AdamOptions(),
        "adamw" => new AdamWOptions(),
        _ => throw new UserErrorException($"optimizer '{kind}': expected one of {string.Join(", ", Kinds)}."),
    };

    /// <summary>The default learning rate of this kind.</summary>
    [JsonIgnore] public abstract float DefaultRate { get; }

    /// <summary>An optimizer with fresh state.</summary>
    /// <param name="length">How many weights it will update.</param>
    public abstract Optimizer Create(int length);
}

/// <summary>Stochastic gradient descent: p −= η d, with d = g + λ p; with momentum the velocity b = μ b + d takes d's place.</summary>
/// <remarks>Nesterov's variant as PyTorch defines it: p −= η (d + μ b). Source: Sutskever, Martens, Dahl, Hinton 2013.</remarks>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>μ in [0, 1).</summary>
    public double Momentum { get; init => field = Range.Share(value, "sgd momentum"); }

    /// <summary>Whether to look ahead by one step of momentum; needs <see cref="Momentum"/> above 0.</summary>
    public bool Nesterov { get; init; }

    /// <summary>λ, at least 0; part of the gradient.</summary>
    public double WeightDecay { get; init => field = Range.NotNegative(value, "sgd weight decay"); }

    /// <inheritdoc/>
    public override float DefaultRate => 1e-2f;

    /// <inheritdoc/>
    /// <exception cref="UserErrorException"><see cref="Nesterov"/> without momentum.</exception>
    public override Optimizer Create(int length) => !Nesterov || Momentum > 0
        ? new Sgd(this, length)
        : throw new UserErrorException("sgd with nesterov: expected a momentum above 0, got 0; give a momentum such as 0.9.");
}

/// <summary>v = α v + (1 − α) d², p −= η d / (√v + ε), with d = g + λ p. Source: Tieleman and Hinton 2012, lecture 6.5.</summary>
public sealed record RmsPropOptions : OptimizerOptions
{
    /// <summary>α in [0, 1).</summary>
    public double Alpha { get; init => field = Range.Share(value, "rmsprop alpha"); } = 0.99;

    /// <summary>ε above 0.</summary>
    public double Epsilon { get; init => field = Range.Positive(value, "rmsprop epsilon"); } = 1e-8;

    /// <summary>μ in [0, 1): above 0, b = μ b + d / (√v + ε) and p −= η b.</summary>
    public double Momentum { get; init => field = Range.Share(value, "rmsprop momentum"); }

    /// <summary>λ, at least 0; part of the gradient.</summary>
    public double WeightDecay { get; init => field = Range.NotNegative(value, "rmsprop weight decay"); }

    /// <inheritdoc/>
    public override float DefaultRate => 1e-2f;

    /// <inheritdoc/>
    public override Optimizer Create(int length) => new RmsProp(this, length);
}

/// <summary>s = s + d², p −= η d / (√s + ε), with d = g + λ p. Source: Duchi, Hazan, Singer 2011.</summary>
public sealed record AdagradOptions : OptimizerOptions
{
    /// <summary>ε above 0.</summary>
    public double Epsilon { get; init => field = Range.Positive(value, "adagrad epsilon"); } = 1e-10;

    /// <summary>λ, at least 0; part of the gradient.</summary>
    public double WeightDecay { get; init => field = Range.NotNegative(value, "adagrad weight decay"); }

    /// <inheritdoc/>
    public override float DefaultRate => 1e-2f;

    /// <inheritdoc/>
    public override Optimizer Create(int length) => new Adagrad(this, length);
}

/// <summary>
/// m = β₁ m + (1 − β₁) d, v = β₂ v + (1 − β₂) d², p −= η m̂ / (√v̂ + ε), with d = g + λ p, m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
/// Source: Kingma and Ba 2015, algorithm 1.
/// </summary>
public sealed record AdamOptions : OptimizerOptions
{
    /// <summary>β₁ in [0, 1).</summary>
    public double Beta1 { get; init => field = Range.Share(value, "adam beta1"); } = 0.9;

    /// <summary>β₂ in [0, 1).</summary>
    public double Beta2 { get; init => field = Range.Share(value, "adam beta2"); } = 0.999;

    /// <summary>ε above 0.</summary>
    public double Epsilon { get; init => field = Range.Positive(value, "adam epsilon"); } = 1e-8;

    /// <summary>λ, at least 0; part of the gradient.</summary>
    public double WeightDecay { get; init => field = Range.NotNegative(value, "adam weight decay"); }

    /// <inheritdoc/>
    public override float DefaultRate => 1e-3f;

    /// <inheritdoc/>
    public override Optimizer Create(int length) => new Adam("adam", Beta1, Beta2, Epsilon, WeightDecay, 0, length);
}

/// <summary>
/// Adam with the decay apart from the gradient: p = (1 − η λ) p, then Adam's step without decay. Source: Loshchilov and Hutter 2019, algorithm 2.
/// </summary>
public sealed record AdamWOptions : OptimizerOptions
{
    /// <summary>β₁ in [0, 1).</summary>
    public double Beta1 { get; init => field = Range.Share(value, "adamw beta1"); } = 0.9;

    /// <summary>β₂ in [0, 1).</summary>
    public double Beta2 { get; init => field = Range.Share(value, "adamw beta2"); } = 0.999;

    /// <summary>ε above 0.</summary>
    public double Epsilon { get; init => field = Range.Positive(value, "adamw epsilon"); } = 1e-8;

    /// <summary>λ, at least 0; multiplied by the learning rate, as PyTorch does.</summary>
    public double WeightDecay { get; init => field = Range.NotNegative(value, "adamw weight decay"); } = 1e-2;

    /// <inheritdoc/>
    public override float DefaultRate => 1e-3f;

    /// <inheritdoc/>
    public override Optimizer Create(int length) => new Adam("adamw", Beta1, Beta2, Epsilon, 0, WeightDecay, length);
}
