using System.Text.Json;
using Unroll.Core;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>How a model is fitted, the same for many tasks: epochs, batches, rate, optimiser, limits, when to stop.</summary>
public sealed record FitOptions
{
    /// <summary>Passes over the training part, at most.</summary>
    public int Epochs { get; init => field = Check.Between(1, 1_000_000, value, "epochs"); } = 20;

    /// <summary>Sequences of a batch.</summary>
    public int Batch { get; init => field = Check.Between(1, 1_000_000, value, "batch"); } = 32;

    /// <summary>The learning rate.</summary>
    public double LearningRate { get; init => field = Check.Between(1e-9, 100, value, "lr"); } = 2e-3;

    /// <summary><c>constant</c>, <c>step</c>, <c>cosine</c> or <c>plateau</c>; a cosine ends at 0 with the last epoch.</summary>
    public string Schedule { get; init => field = Check.OneOf(Unroll.Training.Schedule.Kinds, value, "schedule"); } = "cosine";

    /// <summary><c>adam</c>, <c>adamw</c>, <c>sgd</c>, <c>rmsprop</c> or <c>adagrad</c>.</summary>
    public string Optimizer { get; init => field = Check.OneOf(OptimizerOptions.Kinds, value, "optimizer"); } = "adamw";

    /// <summary>Weight decay: decoupled for <c>adamw</c>, part of the gradient for the others.</summary>
    public double WeightDecay { get; init => field = Check.Between(0, 10, value, "weight-decay"); } = 1e-2;

    /// <summary>The limit of the norm of all gradients together; 0: none.</summary>
    public double Clip { get; init => field = Check.Between(0, 1e9, value, "clip"); } = 1;

    /// <summary>Epochs without a better validation score after which training stops; null: never.</summary>
    public int? Patience { get; init => field = value is int v ? Check.Between(1, 1_000_000, v, "patience") : null; }

    /// <summary>The seed of every random draw.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What the training loop takes.</summary>
    internal TrainingOptions ToTraining() => new()
    {
        Epochs = Epochs,
        Seed = Seed,
        Optimizer = OptimizerOptions.Of(Optimizer) switch
        {
            SgdOptions sgd => sgd with { WeightDecay = WeightDecay, Momentum = 0.9 },
            RmsPropOptions rmsProp => rmsProp with { WeightDecay = WeightDecay },
            AdagradOptions adagrad => adagrad with { WeightDecay = WeightDecay },
            AdamOptions adam => adam with { WeightDecay = WeightDecay },
            AdamWOptions adamW => adamW with { WeightDecay = WeightDecay },
            var other => other,
        },
        Step = new TrainerOptions
        {
            Schedule = Schedule switch
            {
                "cosine" => new CosineSchedule { Rate = (float)LearningRate, Total = Epochs },
                "step" => new StepSchedule { Rate = (float)LearningRate, Every = Math.Max(1, Epochs / 3) },
                "plateau" => new PlateauSchedule { Rate = (float)LearningRate, Patience = Math.Max(2, Epochs / 10) },
                _ => new ConstantSchedule { Rate = (float)LearningRate },
            },
            Clipping = Clip == 0 ? Clipping.None : new Clipping { Limit = (float)Clip, By = ClipBy.GlobalNorm },
        },
        EarlyStopping = Patience is { } patience ? new EarlyStopping { Patience = patience } : null,
    };

    internal static void Write(Utf8JsonWriter json, FitOptions options)
    {
        json.WriteNumber("epochs", options.Epochs);
        json.WriteNumber("batch", options.Batch);
        json.WriteNumber("lr", options.LearningRate);
        json.WriteString("schedule", options.Schedule);
        json.WriteString("optimizer", options.Optimizer);
        json.WriteNumber("weight-decay", options.WeightDecay);
        json.WriteNumber("clip", options.Clip);
        json.WriteUnlessNull("patience", options.Patience);
        json.WriteNumber("seed", options.Seed);
    }

    internal static FitOptions Read(JsonRecord json) => new()
    {
        Epochs = json.Whole("epochs"),
        Batch = json.Whole("batch"),
        LearningRate = json.Real("lr"),
        Schedule = json.Text("schedule"),
        Optimizer = json.Text("optimizer"),
        WeightDecay = json.Real("weight-decay"),
        Clip = json.Real("clip"),
        Patience = json.WholeOrNull("patience"),
        Seed = json.Unsigned("seed"),
    };
}
