using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Unroll.Tasks.Sweeps;

namespace Unroll.Cli.Sweeps;

/// <summary>Shows a sweep while it goes: a small table, the best first, where a person watches; else a line a trial.</summary>
internal sealed class SweepProgressView(Sweep sweep, Terminal terminal)
{
    private const int MostRows = 8;
    private readonly Dictionary<int, (int Epoch, double Score)> _running = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private int Done => sweep.Results.Count(one => one is { IsOver: true });

    /// <summary>Runs it.</summary>
    internal void Show(IEnumerable<TrialEvent> run)
    {
        using IEnumerator<TrialEvent> events = run.GetEnumerator();
        if (!terminal.Live)
        {
            while (events.MoveNext())
                if (events.Current.Result is { } result) terminal.Error.WriteLine(SweepLines.Trial(sweep.Plan, result, Done));
                else if (events.Current.Note is { } note) terminal.Say(note);
            return;
        }
        try
        {
            ShowTable(events);
        }
        catch (IOException e) when (VisibleWriter.IsClosed(e))
        {
            while (events.MoveNext()) { }                                // nobody watches any more, and what was learned is to be saved
        }
    }

    // Drawn here and not by a thread of the library's own, whose errors nobody could catch.
    private void ShowTable(IEnumerator<TrialEvent> events)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        Stopwatch drawn = Stopwatch.StartNew();
        List<string> notes = [];
        console.Live(Table()).AutoClear(true).Start(context =>
        {
            while (events.MoveNext())
            {
                TrialEvent one = events.Current;
                if (one.Note is { } note) notes.Add(note);
                if (one.Result is not null) _running.Remove(one.Work.Trial);
                else if (one.Epoch is { } epoch)
                {
                    double before = _running.TryGetValue(one.Work.Trial, out (int Epoch, double Score) so) ? so.Score : double.PositiveInfinity;
                    _running[one.Work.Trial] = (epoch.Epoch, Math.Min(before, epoch.Score));
                }
                if (drawn.ElapsedMilliseconds < 200) continue;
                context.UpdateTarget(Table());
                drawn.Restart();
            }
        });
        foreach (string note in notes) terminal.Say(note);
    }

    // The best that have come to the end of a rung, then those under way.
    private Table Table()
    {
        Table table = new Table().Border(TableBorder.None).AddColumns([.. (string[])["trial", .. sweep.Plan.Space.Select(one => one.Name), "epoch",
            "validation", ""]]);
        table.Caption($"{Done} of {sweep.Plan.Trials.Count} trials at their end, {_clock.Elapsed.TotalSeconds:F0} s");
        SweepTrial[] ended = [.. sweep.Ranking.Where(trial => sweep.Results[trial.Number - 1] is not null && !_running.ContainsKey(trial.Number))];
        foreach (SweepTrial trial in ended.Take(MostRows))
        {
            TrialResult result = sweep.Results[trial.Number - 1]!;
            Row(table, trial, result.Epochs, SweepLines.Score(result),
                result.Outcome == TrialOutcome.Finished ? "" : TrialResult.Word(result.Outcome));
        }
        foreach ((int number, (int epoch, double score)) in _running.OrderBy(one => one.Key))
            Row(table, sweep.Plan.Trials[number - 1], epoch, score.ToString("G5", CultureInfo.InvariantCulture), "under way");
        return table;
    }

    private static void Row(Table table, SweepTrial trial, int epoch, string score, string state) => table.AddRow([.. ((string[])
        [trial.Folder, .. trial.Settings.Select(one => one.Value), epoch.ToString(CultureInfo.InvariantCulture), score,
            state]).Select(Markup.Escape)]);
}
