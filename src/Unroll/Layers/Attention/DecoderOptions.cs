using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Layers.Attention;

/// <summary>What an <see cref="AttentionDecoder"/> is made of.</summary>
public sealed record DecoderOptions
{
    private readonly float _dropout;

    /// <summary>How many symbols there are, those that begin and end a sequence included.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Features of a symbol's vector.</summary>
    public required int Embedding { get; init; }

    /// <summary>The cell of its layers.</summary>
    public CellOptions Cell { get; init; } = new();

    /// <summary>Units of each layer.</summary>
    public required int Hidden { get; init; }

    /// <summary>The number of stacked layers.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>How the attention compares.</summary>
    public AttentionScore Score { get; init; } = AttentionScore.General;

    /// <summary>Whether a step's attentional state is fed to the next step beside its symbol (Luong et al. 2015, section 3.3).</summary>
    public bool InputFeeding { get; init; } = true;

    /// <summary>Whether a sequence has one mask for all of its steps.</summary>
    public bool LockedDropout { get; init; }

    /// <summary>Probability that an element of a symbol's vector, or of what goes from layer to layer, is dropped in training; in [0, 1).</summary>
    /// <exception cref="UserErrorException">It is outside.</exception>
    public float Dropout
    {
        get => _dropout;
        init => _dropout = value >= 0 && value < 1
            ? value
            : throw new UserErrorException($"decoder dropout: expected a rate of at least 0 and below 1 because it is a probability, got {value}.");
    }
}
