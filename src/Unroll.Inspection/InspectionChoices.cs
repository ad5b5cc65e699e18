using Unroll.Core;

namespace Unroll.Inspection;

/// <summary>What to show of a subject.</summary>
public sealed record InspectionChoices
{
    /// <summary>The output row whose loss is explained in addition to the total loss, from 0; null: the last one.</summary>
    public int? Step
    {
        get;
        init => field = value is null or >= 0 ? value : throw new UserErrorException($"step: expected a number of at least 0 because outputs are "
            + $"counted from 0, got {value}.");
    }

    /// <summary>The one recurrent layer and direction to show, <c>encoder.l0</c>; null: all of them.</summary>
    public string? Layer { get; init; }

    /// <summary>How many output rows the dependency map has at most; of more, every second, third … is taken. At least 1.</summary>
    public int MaxRows
    {
        get;
        init => field = value >= 1 ? value : throw new UserErrorException($"rows of the dependency map: expected at least 1, got {value}.");
    } = 100;
}
