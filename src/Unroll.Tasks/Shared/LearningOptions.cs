using Unroll.Core;
using Unroll.Tasks.Forecast;
using Unroll.Training;

namespace Unroll.Tasks.Shared;

/// <summary>How a run learns, whatever its task: optimizer, rate, limits, epochs, seed. Every property throws a <see cref="UserErrorException"/> for a value out of its range.</summary>
public sealed record LearningOptions
{
    /// <summary>Passes over the training part, at most; null: the task's own choice.</summary>
    public int? Epochs { get; init => field = value is int v ? Check.Between(1, 1_000_000, v, "epochs") : null; }

    /// <summary>Epochs without a better validation score after which training stops; null: a third of the epochs, at least 10.</summary>
    public int? Patience { get; init => field = value is int v ? Check.Between(1, 1_000_000, v, "patience") : null; }

    /// <summary>The learning rate.</summary>
    public double LearningRate { get; init => field = Check.Between(1e-9, 100, value, "lr"); } = 1e-3;

    /// <summary><c>constant</c>, <c>step</c>, <c>cosine</c> or <c>plateau</c>: how the learning rate goes; a cosine ends at 0 with the last epoch.</summary>
    public string Schedule { get; init => field = Check.OneOf(Unroll.Training.Schedule.Kinds, value, "schedule"); } = "cosine";

    /// <summary>What the schedules <c>step</c> and <c>plateau</c> multiply the rate by, in (0, 1).</summary>
    public double Decay { get; init => field = Check.Between(1e-6, 0.999999, value, "decay"); } = 0.1;

    /// <summary>Epochs without improvement that the schedule <c>plateau</c> bears before it lowers the rate; null: a tenth of the epochs, at least 2.</summary>
    public int? Plateau { get; init => field = value is int v ? Check.Between(0, 1_000_000, v, "plateau") : null; }

    /// <summary><c>adam</c>, <c>adamw</c>, <c>sgd</c>, <c>rmsprop</c> or <c>adagrad</c>.</summary>
    public string Optimizer { get; init => field = Check.OneOf(OptimizerOptions.Kinds, value, "optimizer"); } = "adam";

    /// <summary>μ of <c>sgd</c> and <c>rmsprop</c>, in [0, 1); 0: none.</summary>
    public double Momentum { get; init => field = Check.Between(0, 0.9999, value, "momentum"); }

    /// <summary>Whether <c>sgd</c> looks ahead by one step of its momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>λ of the optimizer, apart from the gradient with <c>adamw</c>; null: the optimizer's usual one.</summary>
    public double? WeightDecay { get; init => field = value is double v ? Check.Between(0, 10, v, "weight-decay") : null; }

    /// <summary>The limit of the gradients; 0: none.</summary>
    public double Clip { get; init => field = Check.Between(0, 1e9, value, "clip"); } = 1;

    /// <summary>What <see cref="Clip"/> limits: the <c>norm</c> of all gradients together, that of each <c>tensor</c>, or each <c>value</c>.</summary>
    public string ClipBy { get; init => field = Check.OneOf(ForecastOptions.ClipByWords, value, "clip-by"); } = "norm";

    /// <summary>
    /// After a loss or a gradient that is not finite: <c>stop</c> with its place, <c>skip</c> the batch, or go <c>back</c> to the last checkpoint at the
    /// beginning of an epoch, with half the learning rate.
    /// </summary>
    public string NonFinite { get; init => field = Check.OneOf(ForecastOptions.NonFiniteWords, value, "non-finite"); } = "stop";

    /// <summary>The seed of every random draw.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The options of the training loop.</summary>
    /// <param name="epochs">Where <see cref="Epochs"/> is null.</param>
    /// <exception cref="UserErrorException">Two options contradict each other.</exception>
    public TrainingOptions ForLoop(int epochs)
    {
        epochs = Epochs ?? epochs;
        return new TrainingOptions
        {
            Epochs = epochs,
            Seed = Seed,
            Optimizer = OptimizerOf(),
            Step = new TrainerOptions { Schedule = ScheduleOf(epochs), Clipping = ClippingOf(), NonFinite = NonFiniteOf() },
            EarlyStopping = new EarlyStopping { Patience = Patience ?? Math.Max(10, epochs / 3) },
        };
    }

    private OptimizerOptions OptimizerOf()
    {
        OptimizerOptions usual = OptimizerOptions.Of(Optimizer);
        if (Nesterov && usual is not SgdOptions)
            throw new UserErrorException($"nesterov: it is a form of sgd, and the optimizer is {Optimizer}; choose --optimizer sgd or leave it out.");
        if (Nesterov && Momentum == 0)
            throw new UserErrorException("nesterov: expected a momentum above 0 to look ahead by, got 0; give one, such as --momentum 0.9.");
        if (Momentum > 0 && usual is not (SgdOptions or RmsPropOptions))
            throw new UserErrorException($"momentum: {Optimizer} has none of this kind; choose --optimizer sgd or rmsprop, or leave it out.");
        return usual switch
        {
            SgdOptions sgd => sgd with { Momentum = Momentum, Nesterov = Nesterov, WeightDecay = WeightDecay ?? sgd.WeightDecay },
            RmsPropOptions rmsProp => rmsProp with { Momentum = Momentum, WeightDecay = WeightDecay ?? rmsProp.WeightDecay },
            AdagradOptions adagrad => adagrad with { WeightDecay = WeightDecay ?? adagrad.WeightDecay },
            AdamOptions adam => adam with { WeightDecay = WeightDecay ?? adam.WeightDecay },
            AdamWOptions adamW => adamW with { WeightDecay = WeightDecay ?? adamW.WeightDecay },
            _ => usual,
        };
    }

    private Clipping ClippingOf() => Clip == 0 ? Clipping.None : new Clipping
    {
        Limit = (float)Clip,
        By = ClipBy switch
        {
            "tensor" => Unroll.Training.ClipBy.TensorNorm,
            "value" => Unroll.Training.ClipBy.Value,
            _ => Unroll.Training.ClipBy.GlobalNorm,
        },
    };

    private NonFinitePolicy NonFiniteOf() => NonFinite switch
    {
        "skip" => NonFinitePolicy.SkipBatch,
        "back" => NonFinitePolicy.RestoreLastCheckpoint,
        _ => NonFinitePolicy.Stop,
    };

    private Schedule ScheduleOf(int epochs) => Schedule switch
    {
        "cosine" => new CosineSchedule { Rate = (float)LearningRate, Total = epochs },
        "step" => new StepSchedule { Rate = (float)LearningRate, Every = Math.Max(1, epochs / 3), Factor = Decay },
        "plateau" => new PlateauSchedule { Rate = (float)LearningRate, Patience = Plateau ?? Math.Max(2, epochs / 10), Factor = Decay },
        _ => new ConstantSchedule { Rate = (float)LearningRate },
    };
}
