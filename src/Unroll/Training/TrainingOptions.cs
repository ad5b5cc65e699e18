using System.Text.Json;
using System.Text.Json.Serialization;

namespace Unroll.Training;

/// <summary>How a <see cref="TrainingLoop{TBatch}"/> trains.</summary>
public sealed record TrainingOptions
{
    /// <summary>The maximum number of passes through the data, at least 1.</summary>
    public int Epochs { get; init => field = Range.AtLeast(1, value, "epochs"); } = 100;

    /// <summary>What every random draw begins with: shuffles, dropout, noise.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The optimizer.</summary>
    public OptimizerOptions Optimizer { get; init; } = new AdamOptions();

    /// <summary>The step: rate, limit of the gradients, faults.</summary>
    public TrainerOptions Step { get; init; } = new();

    /// <summary>Which weights are averaged, to be validated and saved in place of the last ones; null: none.</summary>
    public Averaging? Averaging { get; init; }

    /// <summary>When to stop before the last epoch; null: never.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>
    /// Whether the weights that a run begins with are a candidate for the best: they are validated before the first update, and stay where no epoch
    /// is better (<see cref="TrainingState.BestEpoch"/> is 0 then). Without data to validate on there is nothing to compare, and they are none.
    /// </summary>
    public bool CountsStart { get; init; }

    /// <summary>Whether the weights of the last epoch are kept, rather than those of the epoch with the lowest score.</summary>
    public bool KeepLast { get; init; }

    /// <summary>A checkpoint after so many steps, beside the one after every epoch; null: none. At least 1.</summary>
    public int? CheckpointSteps { get; init => field = value is int steps ? Range.AtLeast(1, steps, "steps between checkpoints") : null; }

    /// <summary>A checkpoint after so many seconds without one, beside the one after every epoch; null: none. Above 0.</summary>
    public double? CheckpointSeconds
    {
        get;
        init => field = value is double seconds ? Range.Positive(seconds, "seconds between checkpoints") : null;
    } = 60;

    /// <summary>
    /// After how much time <see cref="TrainingLoop{TBatch}.Run"/> ends, with a checkpoint and the best weights so far; null: never. Above 0. Each
    /// <c>Run</c> has its own: the time before the run was resumed does not count.
    /// </summary>
    public TimeSpan? TimeLimit
    {
        get;
        init => field = value is { } limit ? TimeSpan.FromSeconds(Range.Positive(limit.TotalSeconds, "time limit in seconds")) : null;
    }

    /// <summary>The options as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TrainingJson.Default.TrainingOptions);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is not such options.</exception>
    /// <exception cref="Core.UserErrorException">A value is out of its range.</exception>
    public static TrainingOptions FromJson(string json) =>
        JsonSerializer.Deserialize(json, TrainingJson.Default.TrainingOptions) ?? throw new JsonException("training options are an object, got null");
}

[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    IgnoreReadOnlyProperties = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TrainingOptions))]
internal sealed partial class TrainingJson : JsonSerializerContext;
