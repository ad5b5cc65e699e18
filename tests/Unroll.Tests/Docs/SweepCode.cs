// README: sweep
using Unroll.Tasks.Data;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;
using Unroll.Training;
// end
using Unroll.Tests.Formats;

namespace Unroll.Tests.Docs;

/// <summary>Code of docs/sweeps.md, run; the lines between the marks are compared with the page, see Architecture/ReadmeTests.</summary>
public sealed class SweepCode
{
    private sealed class Output
    {
        public List<string> Lines { get; } = [];
        public void WriteLine(string line) => Lines.Add(line);
    }

    [Fact]
    public void A_program_sweeps_and_measures_the_best()
    {
        Output Console = new();
        using TempFolder temporary = new();
        string folder = temporary.Path;
        // README: sweep
        ForecastOptions options = new() { Data = ["airline"], Epochs = 4, Window = 6 };
        SweepPlan plan = SweepPlan.Of(ForecastTask.Instance, options, new SweepOptions { Space = "lr=log:1e-3..1e-1; hidden=4,8", Trials = 6 });
        Sweep sweep = new(plan, (own, settings) => ForecastRun.Begin((ForecastOptions)own, DataFiles.Disk, settings),
            new RunSettings { Folder = () => RunDirectory.Create(folder, "rates", Sweep.ConfigOf(plan)) });
        foreach (TrialEvent one in sweep.Run(new TrialThreads(jobs: 2)))
            if (one.Result is { } result) Console.WriteLine($"{plan.Trials[result.Trial - 1].Text}: {result.Outcome}, {result.Score:F4}");
        ITaskRun best = sweep.BestRun();
        Console.WriteLine(best.Finish()!.ToJson());
        // end
        Assert.Equal(7, Console.Lines.Count);
        Assert.Contains("\"columns\"", Console.Lines[^1]);
    }
}
