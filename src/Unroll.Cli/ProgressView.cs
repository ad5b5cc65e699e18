using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Unroll.Tasks.Shared;
using Unroll.Training;
using Unroll.Cli.Tasks;
using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary>Shows a training run while it goes: a bar where a person watches, else a line an epoch.</summary>
internal static class ProgressView
{
    /// <summary>Runs it.</summary>
    /// <param name="training">What is trained.</param>
    /// <param name="run">The loop's steps, perhaps watched by someone.</param>
    /// <param name="terminal">Where to show it.</param>
    internal static void Show(ITaskRun training, IEnumerable<TrainingProgress> run, Terminal terminal)
    {
        if (terminal.Live) ShowBar(training, run);
        else ShowLines(training, run, terminal.Error);
    }

    private static void ShowLines(ITaskRun training, IEnumerable<TrainingProgress> run, TextWriter log)
    {
        Pace pace = new(training);
        bool begun = training.Model.Options.From is null;
        foreach (TrainingProgress progress in run)
        {
            pace.Count(progress);
            if (!begun && training.Loop.States is [{ BestEpoch: 0, BestScore: var score }, ..] && double.IsFinite(score))
                log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"before the first update  validation {score:F4}"));
            begun = true;
            if (progress.Epoch is not { } epoch) continue;
            string member = pace.Members == 1 ? "" : $"member {progress.Member}/{pace.Members}  ";
            log.WriteLine($"{member}epoch {epoch.Epoch,4}/{training.Epochs}  {pace.Text(epoch)}  {pace.Left} left");
        }
    }

    // In a method of its own, so that the terminal library is loaded only where it is used.
    private static void ShowBar(ITaskRun training, IEnumerable<TrainingProgress> run)
    {
        Pace pace = new(training);
        using IEnumerator<TrainingProgress> steps = run.GetEnumerator();
        try
        {
            ShowBar(training, steps, pace);
        }
        catch (IOException e) when (VisibleWriter.IsClosed(e))
        {
            while (steps.MoveNext()) pace.Count(steps.Current);        // nobody watches any more, and what was learned is to be saved
        }
    }

    // Drawn here and not by a thread of the library's own, whose errors nobody could catch.
    private static void ShowBar(ITaskRun training, IEnumerator<TrainingProgress> steps, Pace pace)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        Stopwatch drawn = Stopwatch.StartNew();
        console.Progress().AutoRefresh(false).Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 },
            new RemainingTimeColumn()).Start(context =>
        {
            ProgressTask bar = context.AddTask($"0/{training.Epochs}", maxValue: training.Epochs * pace.Members);
            double[] reached = [.. training.Loop.States.Select(state => (double)state.Place.Epoch)];
            while (steps.MoveNext())
            {
                TrainingProgress progress = steps.Current;
                pace.Count(progress);
                if (progress.Step is { } step) reached[progress.Member - 1] = step.Place.Epoch + (step.Place.Batch + 1.0) / progress.Batches;
                bar.Value = reached.Sum();
                if (progress.Epoch is { } epoch)
                    bar.Description = Markup.Escape($"{(pace.Members == 1 ? "" : $"{progress.Member}: ")}{epoch.Epoch}/{training.Epochs} " +
                        pace.Short(epoch));
                if (drawn.ElapsedMilliseconds < 100) continue;
                context.Refresh();
                drawn.Restart();
            }
            bar.Value = bar.MaxValue;                                  // early stopping ends the bar too
        });
    }

    private sealed class Pace(ITaskRun training)
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly int _firstEpoch = training.Loop.State.Place.Epoch;
        private double _epochBegan;
        private double _perSecond;
        private int _done = training.Loop.State.Place.Epoch;

        internal int Members { get; } = training.Loop.States.Count;

        internal void Count(in TrainingProgress progress)
        {
            if (progress.Epoch is not { } epoch) return;
            _perSecond = training.Examples / Math.Max(1e-9, _clock.Elapsed.TotalSeconds - _epochBegan);
            (_epochBegan, _done) = (_clock.Elapsed.TotalSeconds, Members == 1 ? epoch.Epoch : _done + 1);
        }

        internal string Text(EpochResult epoch) => string.Create(CultureInfo.InvariantCulture,
            $"loss {epoch.Loss:F4}  validation {epoch.Score:F4}{Metrics(epoch)}  |g| {epoch.GradientNorm:F3}  {_perSecond:F0} "
                + $"{training.ExamplesName}/s") +
            (epoch.IsBest ? "  best" : "");

        // Beside the bar and the time left there is room for 40 letters on a line of 80.
        internal string Short(EpochResult epoch) => string.Create(CultureInfo.InvariantCulture,
            $"loss {epoch.Loss:F3}{Metrics(epoch).Replace("validation ", "").Replace("  ", " ")} {_perSecond:F0} {training.ExamplesName}/s");

        private static string Metrics(EpochResult epoch) =>
            string.Concat(epoch.Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"  {m.Key.Replace('_', ' ')} {m.Value:G5}")));

        internal string Left
        {
            get
            {
                double seconds = _clock.Elapsed.TotalSeconds / Math.Max(1, _done - _firstEpoch) * (training.Epochs * Members - _done);
                return TimeSpan.FromSeconds(seconds).ToString(seconds < 3600 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
            }
        }
    }
}
