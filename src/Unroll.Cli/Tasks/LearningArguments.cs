using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>The options of <see cref="LearningOptions"/> on the command line, for any task.</summary>
internal static class LearningArguments
{
    /// <summary>Adds them.</summary>
    /// <param name="all">The task's options.</param>
    /// <param name="usual">What they are without being typed, for the help.</param>
    /// <param name="get">The learning options within the task's.</param>
    /// <param name="set">The task's options with others.</param>
    internal static void AddTo<T>(TaskArguments<T> all, LearningOptions usual, Func<T, LearningOptions> get, Func<T, LearningOptions, T> set)
    {
        void Add<V>(System.CommandLine.Option<V> option, Func<LearningOptions, V, LearningOptions> change) =>
            all.Add(option, (o, v) => set(o, change(get(o), v)));
        string Words(IReadOnlyList<string> words, string word) => TaskArguments<T>.Words(words, word);

        Add(Opt.Whole("--epochs", "N", $"passes over the training part at most (default {usual.Epochs?.ToString() ?? "chosen"})"), (o, v) => o with { Epochs = v });
        Add(Opt.Number("--lr", FormattableString.Invariant($"learning rate (default {usual.LearningRate})")), (o, v) => o with { LearningRate = v!.Value });
        Add(Opt.Text("--schedule", "WORD", "how the rate goes: " + Words(Schedule.Kinds, usual.Schedule)), (o, v) => o with { Schedule = v });
        Add(Opt.Number("--decay", FormattableString.Invariant($"what the schedules step and plateau multiply the rate by (default {usual.Decay})")),
            (o, v) => o with { Decay = v!.Value });
        Add(Opt.Whole("--plateau", "N", "epochs without improvement that the schedule plateau bears (default: a tenth of the epochs, at least 2)"),
            (o, v) => o with { Plateau = v });
        Add(Opt.Text("--optimizer", "WORD", Words(OptimizerOptions.Kinds, usual.Optimizer)), (o, v) => o with { Optimizer = v });
        Add(Opt.Number("--momentum", "momentum of sgd and rmsprop (default 0)"), (o, v) => o with { Momentum = v!.Value });
        Add(Opt.Switch("--nesterov", "sgd looks ahead by its momentum"), (o, v) => o with { Nesterov = v });
        Add(Opt.Number("--weight-decay", "decay of the weights (default: the optimizer's; adamw 0.01, others 0)"), (o, v) => o with { WeightDecay = v });
        Add(Opt.Number("--clip", FormattableString.Invariant($"limit of the gradients (default {usual.Clip}; 0: none)")), (o, v) => o with { Clip = v!.Value });
        Add(Opt.Text("--clip-by", "WHAT", "what the limit is for: " + Words(ForecastOptions.ClipByWords, usual.ClipBy)), (o, v) => o with { ClipBy = v });
        Add(Opt.Text("--non-finite", "POLICY", "after a NaN or an infinity: " + Words(ForecastOptions.NonFiniteWords, usual.NonFinite)),
            (o, v) => o with { NonFinite = v });
        Add(Opt.Whole("--patience", "N", "epochs without improvement before stopping (default: a third of the epochs, at least 10)"), (o, v) => o with { Patience = v });
        Add(Opt.Seed("--seed", "seed of every random draw (default 1)"), (o, v) => o with { Seed = v!.Value });
    }
}
