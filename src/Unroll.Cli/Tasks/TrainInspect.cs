using System.CommandLine;
using System.Globalization;
using Unroll.Core;
using Unroll.Inspection.Flow;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;
using Unroll.Training;
using Unroll.Cli.Tasks;
using Unroll.Tasks;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll train … --inspect every=N</c>: a look inside the network every N updates, into the run's folder.</summary>
internal sealed class TrainInspect
{
    private const string Every = "every=";

    /// <summary>The option.</summary>
    public Option<string> Option { get; } = Opt.String("--inspect", "every=N",
        "look at gates and gradients every N updates, into the run's inspect.jsonl and its page; changes no bit of the training");

    /// <summary>How often; null: it was not asked for.</summary>
    /// <exception cref="UserErrorException">It is not every=N.</exception>
    public int? EveryOf(ParseResult parsed) => parsed.GetValue(Option) is { } text ? Parse(text) : null;

    /// <summary>The run's steps, watched where that was asked for, or where the run that is resumed was watched.</summary>
    public IEnumerable<TrainingProgress> Watched(
        int? every, ITaskRun training, RunDirectory run, DataFiles files, CancellationToken stop)
    {
        IEnumerable<TrainingProgress> steps = training.Loop.Run(stop);
        return (every ?? TrainingInspection.EveryOf(run.Inspection)) is not { } updates
            ? steps
            : new TrainingInspection(training.Model.Subject(null, 0, files), updates, run.Inspection, training.Threads)
                .Watch(steps, training.Loop.States[0].Place.Step);
    }

    private static int Parse(string text) =>
        text.StartsWith(Every, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(Every.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n > 0
            ? n
            : throw new UserErrorException($"--inspect: expected every=N with a whole number N of at least 1, such as every=50, got '{text}'.");
}
