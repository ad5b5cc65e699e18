using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Training;

namespace Unroll.Tasks.Shared;

/// <summary>The options that tasks share, one line each; a task's table includes them.</summary>
public static class TaskOptionLines
{
    /// <summary>The shares of the parts.</summary>
    public static OptionTable<TaskOptions> Shares { get; } = new OptionTable<TaskOptions>()
        .Doubles("split", "TRAIN,VALID", "shares to train on and to validate on where the data do not say; the rest tests",
            o => o.Split, (o, v) => o with { Split = v }, WrongShares).NotSwept(Unswept.Data);

    /// <summary>Other files for the parts.</summary>
    public static OptionTable<TaskOptions> Files { get; } = new OptionTable<TaskOptions>()
        .Strings("valid", "FILE[,FILE…]", "data to validate on (default: a part of the data)", o => o.Valid, (o, v) => o with { Valid = v })
            .MayBeAbsent().NotSwept(Unswept.Data)
        .Strings("test", "FILE[,FILE…]", "data to test on (default: a part of the data)", o => o.Test, (o, v) => o with { Test = v }).MayBeAbsent()
            .NotSwept(Unswept.Data);

    /// <summary>Other files for the parts, and folds: for tasks whose examples are independent of each other.</summary>
    public static OptionTable<TaskOptions> Parts { get; } = new OptionTable<TaskOptions>()
        .Include(Files)
        .Include(Shares)
        .String("fold", "K", "the fold that tests", o => o.Fold, (o, v) => o with { Fold = v }).NotSwept(Unswept.Data)
        .Int("folds", "N", "deal the examples into N folds, number i into fold i mod N; 0: none", o => o.Folds, (o, v) => o with { Folds = v },
            0, 1_000_000).MayBeAbsent().NotSwept(Unswept.Data)
        .Bool("cross-validate", "let each fold test in its turn", o => o.CrossValidate, (o, v) => o with { CrossValidate = v }).MayBeAbsent()
            .NotSwept(Unswept.Data);

    /// <summary>The network: the same for every task.</summary>
    public static OptionTable<TaskOptions> Network { get; } = new OptionTable<TaskOptions>()
        .String("cell", "CELL",
            "the recurrent cell: lstm|gru|gru-after|rnn|residual|lstm-ln|gru-ln, one of the zoo (mgu, janet, …: unroll cell), or a file NAME.cell " +
            "with equations; gru resets before the product (Cho et al. 2014), gru-after is PyTorch's and Keras's GRU",
            o => o.Cell, (o, v) => o with { Cell = v }).OfModel()
        .Int("hidden", "N", "units of each layer and direction", o => o.Hidden, (o, v) => o with { Hidden = v }, 1, SizeLimits.Hidden).OfModel()
        .Int("layers", "N", "recurrent layers on top of each other", o => o.Layers, (o, v) => o with { Layers = v }, 1, SizeLimits.Layers).OfModel()
        .Choice("direction", "read a sequence from its beginning, or from both ends", o => o.Direction, (o, v) => o with { Direction = v })
            .OfModel().MayBeAbsent()
        .Choice("pooling", "how the steps of a sequence become one row", o => o.Pooling, (o, v) => o with { Pooling = v }, null,
            ("centre", PoolingKind.Center)).OfModel().MayBeAbsent()
        .Double("dropout", "probability that a feature is dropped in training", o => o.Dropout, (o, v) => o with { Dropout = v }, 0, 0.99)
        .Bool("locked-dropout", "drop the same units at every step of a sequence", o => o.LockedDropout, (o, v) => o with { LockedDropout = v })
            .Was("locked").MayBeAbsent()
        .Choice("initial-state", "the state that a sequence begins with", o => o.InitialState, (o, v) => o with { InitialState = v })
            .Was("first-state").OfModel().MayBeAbsent()
        .Bool("bidirectional", "direction both", o => false, (o, v) => o with { Direction = v ? ReadingDirection.Both : ReadingDirection.Forward })
            .IsOld()
        .Bool("one-way", "direction forward", o => false, (o, v) => o with { Direction = v ? ReadingDirection.Forward : ReadingDirection.Both })
            .IsOld()
        .Bool("forward", "direction forward", o => false, (o, v) => o with { Direction = v ? ReadingDirection.Forward : ReadingDirection.Both })
            .IsOld()
        .Choice("reading", "pooling", o => o.Pooling, (o, v) => o with { Pooling = v }, null, ("centre", PoolingKind.Center)).IsOld()
        .Choice("pool", "pooling", o => o.Pooling, (o, v) => o with { Pooling = v }).IsOld();

    /// <summary>Learning: the same for every task.</summary>
    public static OptionTable<TaskOptions> Learning { get; } = new OptionTable<TaskOptions>()
        .String("from", "MODEL", "train this model on, instead of a new one", o => o.From, (o, v) => o with { From = v }).NotSwept(Unswept.Start)
        .Int("from-member", "K", "of a model with several members, the one to train on", o => o.FromMember, (o, v) => o with { FromMember = v },
            1, ModelFile.MostMembers).MayBeAbsent().NotSwept(Unswept.Start)
        .Int("epochs", "N", "passes over the training part at most (default: by the size of the data)", o => o.Epochs,
            (o, v) => o with { Epochs = v },
            1, 1_000_000)
        .Int("patience", "N", "epochs without improvement before stopping (default: a third of the epochs, at least 10)",
            o => o.Patience, (o, v) => o with { Patience = v }, 1, 1_000_000)
        .Int("batch", "N", "examples of a batch", o => o.Batch, (o, v) => o with { Batch = v }, 1, 1_000_000)
        .Int("shards", "S", "deal every batch to S shards, a power of two, so that up to S processes train together to the same bits",
            o => o.Shards, (o, v) => o with { Shards = v }, 1, 4096).MayBeAbsent().NotSwept(Unswept.Rounding)
        .Double("lr", "learning rate", o => o.LearningRate, (o, v) => o with { LearningRate = v }, 1e-9, 100)
        .Choice("schedule", "how the rate changes", o => o.Schedule, (o, v) => o with { Schedule = v })
        .Double("lr-factor", "what the schedules step and plateau multiply the rate by",
            o => o.LearningRateFactor, (o, v) => o with { LearningRateFactor = v }, 1e-6, 0.999999).Was("decay").MayBeAbsent()
        .Int("lr-patience", "N",
            "epochs without improvement before the schedule plateau lowers the rate (default: a tenth of the epochs, at least 2)",
            o => o.LearningRatePatience, (o, v) => o with { LearningRatePatience = v }, 0, 1_000_000).Was("plateau")
        .Double("warmup", "epochs over which a cosine schedule first raises the rate, at most a tenth of all",
            o => o.Warmup, (o, v) => o with { Warmup = v }, 0, 1_000_000).MayBeAbsent()
        .Choice("optimizer", "what takes the steps", o => o.Optimizer, (o, v) => o with { Optimizer = v },
            ["sgd", "rmsprop", "adagrad", "adam", "adamw"])
        .Double("momentum", "momentum of sgd and rmsprop", o => o.Momentum, (o, v) => o with { Momentum = v }, 0, 0.9999).MayBeAbsent()
        .Bool("nesterov", "sgd looks ahead by its momentum", o => o.Nesterov, (o, v) => o with { Nesterov = v }).MayBeAbsent()
        .Double("weight-decay", "decay of the weights (default: the optimizer's; adamw 0.01, others 0)",
            o => o.WeightDecay, (o, v) => o with { WeightDecay = v }, 0, 10)
        .Choice("average",
            "which weights are validated and kept: the last; a moving average of those after each step; the mean of the ends of the last epochs; " +
            "or the mean of all steps since validation stalled", o => o.Average, (o, v) => o with { Average = v }, ["none", "ema", "last", "asgd"])
            .MayBeAbsent()
        .Double("average-decay", "what the moving average keeps of itself at each step", o => o.AverageDecay, (o, v) => o with { AverageDecay = v },
            0, 0.9999999).MayBeAbsent()
        .Int("average-epochs", "K", "epochs of the average last", o => o.AverageEpochs, (o, v) => o with { AverageEpochs = v }, 1, 1_000)
            .MayBeAbsent()
        .Int("average-wait", "N", "epochs without improvement before the average asgd begins",
            o => o.AverageWait, (o, v) => o with { AverageWait = v }, 1, 1_000_000).MayBeAbsent()
        .Double("clip", "limit of the gradients; 0: none", o => o.Clip, (o, v) => o with { Clip = v }, 0, 1e9)
        .Choice("clip-by", "what the limit is for", o => o.ClipBy, (o, v) => o with { ClipBy = v }, ["none", "norm", "tensor", "value"]).MayBeAbsent()
        .Choice("non-finite", "after a NaN or an infinity stop, skip the batch, or go back to the last checkpoint with half the rate",
            o => o.NonFinite, (o, v) => o with { NonFinite = v }, ["stop", "skip", "back"]).MayBeAbsent()
        .Seed("seed", "seed of every random draw", o => o.Seed, (o, v) => o with { Seed = v })
            .NotSwept("it deals the data out to the parts; of the same parts, training-seed draws other first weights, shuffles and dropout")
        .Seed("training-seed", "seed of first weights, shuffles and dropout alone (default: that of the option seed, which deals the data out)",
            o => o.TrainingSeed, (o, v) => o with { TrainingSeed = v })
        .Int("members", "N", "train N networks, each of another training seed; the model's answer is their mean",
            o => o.Members, (o, v) => o with { Members = v }, 1, ModelFile.MostMembers).MayBeAbsent().NotSwept(Unswept.Members)
        .String("member-seeds", "N,…", "the members' training seeds, of a model that was combined from several",
            o => o.MemberSeeds!, (o, v) => o with { MemberSeeds = v }, Ensemble.WrongSeeds).Only().MayBeAbsent().NotSwept(Unswept.Members);

    /// <summary>For tasks that learn one class of several for each row.</summary>
    public static OptionTable<TaskOptions> Smoothing { get; } = new OptionTable<TaskOptions>()
        .Double("label-smoothing", "share of each label's probability that all labels have evenly in training; 0: none",
            o => o.LabelSmoothing, (o, v) => o with { LabelSmoothing = v }, 0, 0.99).MayBeAbsent();

    /// <summary>What is wrong with the shares to train on and to validate on; null: nothing.</summary>
    internal static string? WrongShares(IReadOnlyList<double> shares) =>
        shares.Count == 2 && shares[0] > 0 && shares[1] >= 0 && shares[0] + shares[1] <= 1 + 1e-9
            ? null
            : $"expected the shares to train on and to validate on, such as 0.8,0.1, together at most 1, got {string.Join(',', shares)}.";
}
