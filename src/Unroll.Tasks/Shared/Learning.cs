using Unroll.Training;

namespace Unroll.Tasks.Shared;

/// <summary>From the options of a task to those of the training loop.</summary>
public static class Learning
{
    /// <summary>The options of the training loop of a run, or of one of its members.</summary>
    /// <param name="options">The task's; of one member (<see cref="Ensemble.Options"/>) where there are several.</param>
    /// <param name="epochs">Where <see cref="TaskOptions.Epochs"/> is null.</param>
    /// <param name="settings">The run's: a time limit, and a model that is trained on, whose own weights are then a candidate for the best.</param>
    /// <param name="countsStart">Whether the weights of the start are one in any case, such as those of a head that begins at a simple rule.</param>
    /// <exception cref="OptionException">Two options contradict each other.</exception>
    public static TrainingOptions Of(TaskOptions options, int epochs, RunSettings settings, bool countsStart = false) =>
        Of(options, epochs, settings.TimeLimit) with { CountsStart = countsStart || settings.From is not null || options.From is not null };

    /// <summary>The options of the training loop of one network.</summary>
    /// <param name="options">The task's; of one member (<see cref="Ensemble.Options"/>) where there are several.</param>
    /// <param name="epochs">Where <see cref="TaskOptions.Epochs"/> is null.</param>
    /// <param name="timeLimit">After how much time training ends; null: never.</param>
    /// <exception cref="OptionException">Two options contradict each other.</exception>
    public static TrainingOptions Of(TaskOptions options, int epochs, TimeSpan? timeLimit = null)
    {
        Ensemble.RequireOne(options);
        epochs = options.Epochs ?? epochs;
        return new TrainingOptions
        {
            Epochs = epochs,
            Seed = options.LearningSeed,
            TimeLimit = timeLimit,
            Optimizer = OptimizerOf(options),
            Step = new TrainerOptions
            {
                Schedule = ScheduleOf(options, epochs), Clipping = ClippingOf(options), NonFinite = options.NonFinite, Shards = ShardsOf(options),
            },
            Averaging = AveragingOf(options),
            EarlyStopping = new EarlyStopping { Patience = options.Patience ?? Math.Max(10, epochs / 3) },
        };
    }

    /// <summary>The epochs of a number of updates, within bounds, where the options do not say.</summary>
    /// <param name="options">The task's.</param>
    /// <param name="updates">Updates to aim at.</param>
    /// <param name="updatesPerEpoch">Updates of an epoch.</param>
    /// <param name="min">Epochs at least.</param>
    /// <param name="max">Epochs at most.</param>
    public static int EpochsOf(TaskOptions options, int updates, int updatesPerEpoch, int min, int max) =>
        options.Epochs ?? Math.Clamp((updates + updatesPerEpoch - 1) / Math.Max(1, updatesPerEpoch), min, max);

    /// <summary>Says which options that are not as in the task's defaults have no effect beside the others.</summary>
    internal static void NoteUnused(TaskOptions options, TaskOptions defaults, Action<string>? note)
    {
        void Unused(string option, string schedules) => note?.Invoke(
            $"note: {option} is for the schedule {schedules}, and the schedule is {WordOf(options.Schedule)}, so that it has no effect.");
        if (options.Warmup != defaults.Warmup && options.Schedule != ScheduleKind.Cosine) Unused("warmup", "cosine");
        if (options.LearningRatePatience != defaults.LearningRatePatience && options.Schedule != ScheduleKind.Plateau)
            Unused("lr-patience", "plateau");
        if (options.LearningRateFactor != defaults.LearningRateFactor && options.Schedule is (ScheduleKind.Constant or ScheduleKind.Cosine))
            Unused("lr-factor", "step or plateau");
        void OfAverage(string option, string average, bool changed, WeightAveraging kind)
        {
            if (changed && options.Average != kind)
                note?.Invoke($"note: {option} is for the average {average}, and the average is {WordOf(options.Average)}, so that it has no effect.");
        }
        OfAverage("average-decay", "ema", options.AverageDecay != defaults.AverageDecay, WeightAveraging.Ema);
        OfAverage("average-epochs", "last", options.AverageEpochs != defaults.AverageEpochs, WeightAveraging.Last);
        OfAverage("average-wait", "asgd", options.AverageWait != defaults.AverageWait, WeightAveraging.Asgd);
    }

    private static Averaging? AveragingOf(TaskOptions o) => o.Average == WeightAveraging.None ? null : new Averaging
    {
        Kind = o.Average switch
        {
            WeightAveraging.Ema => AveragingKind.Ema, WeightAveraging.Last => AveragingKind.Last, _ => AveragingKind.Asgd,
        },
        Decay = o.AverageDecay, Epochs = o.AverageEpochs, Wait = o.AverageWait,
    };

    private static int ShardsOf(TaskOptions o) => int.IsPow2(o.Shards) ? o.Shards
        : throw new OptionException("shards", $"expected a power of two because the shards' sums are taken in pairs, got {o.Shards}.");

    private static OptimizerOptions OptimizerOf(TaskOptions o)
    {
        if (o.Nesterov && o.Optimizer != OptimizerKind.Sgd)
            throw new OptionException("nesterov",
                $"it is a form of sgd, and the optimizer is {WordOf(o.Optimizer)}; choose the optimizer sgd or leave it out.");
        if (o.Nesterov && o.Momentum == 0)
            throw new OptionException("nesterov", "expected a momentum above 0 to look ahead by, got 0; give one, such as momentum 0.9.");
        if (o.Momentum > 0 && o.Optimizer is not (OptimizerKind.Sgd or OptimizerKind.RmsProp))
            throw new OptionException("momentum",
                $"{WordOf(o.Optimizer)} has none of this kind; choose the optimizer sgd or rmsprop, or leave it out.");
        return OptimizerOptions.Of(WordOf(o.Optimizer)) switch
        {
            SgdOptions sgd => sgd with { Momentum = o.Momentum, Nesterov = o.Nesterov, WeightDecay = o.WeightDecay ?? sgd.WeightDecay },
            RmsPropOptions rmsProp => rmsProp with { Momentum = o.Momentum, WeightDecay = o.WeightDecay ?? rmsProp.WeightDecay },
            AdagradOptions adagrad => adagrad with { WeightDecay = o.WeightDecay ?? adagrad.WeightDecay },
            AdamOptions adam => adam with { WeightDecay = o.WeightDecay ?? adam.WeightDecay },
            AdamWOptions adamW => adamW with { WeightDecay = o.WeightDecay ?? adamW.WeightDecay },
            var other => other,
        };
    }

    private static string WordOf<TEnum>(TEnum kind) where TEnum : struct, Enum => kind.ToString().ToLowerInvariant();

    private static Clipping ClippingOf(TaskOptions o) =>
        o.Clip == 0 || o.ClipBy == ClipBy.None ? Clipping.None : new Clipping { Limit = (float)o.Clip, By = o.ClipBy };

    private static Schedule ScheduleOf(TaskOptions o, int epochs) => o.Schedule switch
    {
        ScheduleKind.Cosine => new CosineSchedule { Rate = (float)o.LearningRate, Total = epochs, Warmup = Math.Min(o.Warmup, epochs / 10.0) },
        ScheduleKind.Step => new StepSchedule { Rate = (float)o.LearningRate, Every = Math.Max(1, epochs / 3), Factor = o.LearningRateFactor },
        ScheduleKind.Plateau => new PlateauSchedule
        {
            Rate = (float)o.LearningRate, Patience = o.LearningRatePatience ?? Math.Max(2, epochs / 10), Factor = o.LearningRateFactor,
        },
        _ => new ConstantSchedule { Rate = (float)o.LearningRate },
    };
}
