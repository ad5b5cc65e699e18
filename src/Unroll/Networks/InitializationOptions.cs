using System.Text.Json.Serialization;
using Unroll.Core;

namespace Unroll.Networks;

/// <summary>How a weight matrix begins.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WeightScheme>))]
public enum WeightScheme
{
    /// <summary>Uniform in ±1/√H for a recurrent layer of H units, ±1/√inputs for a dense one: PyTorch's default.</summary>
    Uniform,
    /// <summary>Uniform in ±√(6 / (fan in + fan out)), for each gate alone.</summary>
    Glorot,
    /// <summary>Orthonormal rows or columns, for each gate alone.</summary>
    Orthogonal,
    /// <summary>1 on the diagonal, for each gate alone.</summary>
    Identity,
}

/// <summary>How the weights of a network begin. The default is PyTorch's, with a forget bias of 1 (Jozefowicz, Zaremba, Sutskever 2015).</summary>
public sealed record InitializationOptions
{
    private readonly float? _forgetBias = 1;
    private readonly int? _chrono;

    /// <summary>Weights of inputs: <c>weight_ih</c>, <c>weight_hr</c> and those of dense layers.</summary>
    public WeightScheme Input { get; init; } = WeightScheme.Uniform;

    /// <summary>Weights of states: <c>weight_hh</c>.</summary>
    public WeightScheme Recurrent { get; init; } = WeightScheme.Uniform;

    /// <summary>Whether biases begin at 0, those of forget gates apart; else uniform as PyTorch's.</summary>
    public bool ZeroBias { get; init; }

    /// <summary>
    /// The bias of an LSTM's forget gate, all of it in <c>bias_ih</c>; with coupled gates, minus the bias of the input gate. Null: like every other.
    /// </summary>
    /// <exception cref="UserErrorException">It is not finite.</exception>
    public float? ForgetBias
    {
        get => _forgetBias;
        init => _forgetBias = value is null || float.IsFinite(value.Value)
            ? value
            : throw new UserErrorException($"forget bias: expected a finite number because it is a weight, got {value}.");
    }

    /// <summary>Tmax of chrono initialization, in steps, above 2; it takes the place of <see cref="ForgetBias"/>. Null: none.</summary>
    /// <exception cref="UserErrorException">It is 2 or less.</exception>
    public int? Chrono
    {
        get => _chrono;
        init => _chrono = value is null or > 2
            ? value
            : throw new UserErrorException($"chrono: expected a longest dependency above 2 steps because biases are logarithms of 1 … it − 1, "
                + $"got {value}.");
    }

    /// <summary>Above 0: embeddings are uniform in ± it. Null: normal with deviation 1, as PyTorch's.</summary>
    /// <exception cref="UserErrorException">It is not above 0 or not finite.</exception>
    public float? EmbeddingBound
    {
        get;
        init => field = value is null || (value > 0 && float.IsFinite(value.Value))
            ? value
            : throw new UserErrorException($"embedding bound: expected a finite number above 0 because it is a width, got {value}.");
    }

    /// <summary>
    /// A plain network of rectified units that first copies its state: recurrent weights 1 on the diagonal, biases 0 (Le et al. 2015).
    /// </summary>
    public static InitializationOptions ReluIdentity { get; } = new() { Recurrent = WeightScheme.Identity, ZeroBias = true };
}
