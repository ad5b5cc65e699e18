using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>The options of fitting, the same for many tasks.</summary>
internal static class FitArguments
{
    /// <summary>Adds them.</summary>
    /// <param name="all">The task's options on the command line.</param>
    /// <param name="usual">What is fitted with where nothing is typed.</param>
    /// <param name="change">Puts a changed <see cref="FitOptions"/> into the task's options.</param>
    internal static void Add<TOptions>(TaskArguments<TOptions> all, FitOptions usual, Func<TOptions, Func<FitOptions, FitOptions>, TOptions> change)
    {
        all.Add(Opt.Whole("--epochs", "N", $"passes over the training part (default {usual.Epochs})"), (o, v) => change(o, fit => fit with { Epochs = v!.Value }));
        all.Add(Opt.Whole("--batch", "N", $"sequences of a batch (default {usual.Batch})"), (o, v) => change(o, fit => fit with { Batch = v!.Value }));
        all.Add(Opt.Number("--lr", $"learning rate (default {usual.LearningRate})"), (o, v) => change(o, fit => fit with { LearningRate = v!.Value }));
        all.Add(Opt.Text("--schedule", "WORD", TaskArguments<TOptions>.Words(Schedule.Kinds, usual.Schedule)), (o, v) => change(o, fit => fit with { Schedule = v }));
        all.Add(Opt.Text("--optimizer", "WORD", TaskArguments<TOptions>.Words(OptimizerOptions.Kinds, usual.Optimizer)),
            (o, v) => change(o, fit => fit with { Optimizer = v }));
        all.Add(Opt.Number("--weight-decay", $"weight decay (default {usual.WeightDecay})"), (o, v) => change(o, fit => fit with { WeightDecay = v!.Value }));
        all.Add(Opt.Number("--clip", $"limit of the norm of the gradients (default {usual.Clip}; 0: none)"), (o, v) => change(o, fit => fit with { Clip = v!.Value }));
        all.Add(Opt.Whole("--patience", "N", "epochs without improvement before stopping (default: none)"), (o, v) => change(o, fit => fit with { Patience = v }));
        all.Add(Opt.Seed("--seed", "seed of every random draw (default 1)"), (o, v) => change(o, fit => fit with { Seed = v!.Value }));
    }
}
