using System.CommandLine;
using Unroll.Cli.Tasks;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;
using Unroll.Training;

namespace Unroll.Cli.Lab.Compare;

/// <summary>Where the trainings of a comparison are kept, and how many run at once: those of a sweep.</summary>
internal sealed class CompareRuns
{
    private readonly Option<int?> _jobs = Opt.Int("--jobs", "N", "trainings at once (default: as many as --threads); changes no result");
    private readonly Option<string> _run = Opt.String("--run", "NAME", "the comparison's name (default: a new one)");
    private readonly Option<string> _runs = Opt.String("--runs", "FOLDER", "where runs are: the comparison's folder is FOLDER/NAME (default runs)");
    private readonly Option<bool> _resume = Opt.Bool("--resume", "go on with the comparison of that name where it was stopped or killed, to the "
        + "same table; with the options that it was begun with");
    private int? _atOnce;
    private string? _name;
    private string _parent = "runs";
    private RunDirectory? _folder;

    /// <summary>The folder of the trainings.</summary>
    internal string Place => Path.Combine(_folder?.Root ?? _parent, "trials");

    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_jobs, _run, _runs, _resume]) command.Add(option);
    }

    /// <summary>Takes what was typed.</summary>
    /// <exception cref="UserErrorException">It will not do.</exception>
    internal void Read(ParseResult parsed)
    {
        _atOnce = parsed.GetResult(_jobs) is null ? null : Opt.Within(parsed, _jobs, 1, 1, 1024);
        (_name, _parent) = (parsed.GetValue(_run), parsed.GetValue(_runs) ?? "runs");
        if (!parsed.GetValue(_resume)) return;
        _folder = RunDirectory.Open(_parent, _name ?? throw new UserErrorException("--resume: name the comparison to go on with by --run NAME."));
    }

    /// <summary>Refuses them for trainings that are not kept.</summary>
    internal void Refuse(ParseResult parsed, string task)
    {
        foreach (Option option in (Option[])[_jobs, _run, _runs, _resume])
            if (parsed.GetResult(option) is { Implicit: false })
                throw new UserErrorException($"{option.Name}: the trainings of the problem {task} take seconds and are not kept; leave it out.");
    }

    /// <summary>A sweep in a folder of its own, or in the one that is resumed.</summary>
    internal Sweep Begin(SweepPlan plan, LabRun run, Func<TaskOptions, RunSettings, ITaskRun> begin, Func<ITaskRun, double> measure)
    {
        string config = ConfigOf(plan);
        if (_folder is { } kept && kept.ReadConfig() != config)
            throw new UserErrorException($"--resume: comparison '{_name}' goes on with the options it was started with, which are in "
                + $"'{Path.Combine(kept.Root, "config.json")}'; give the same, or begin a comparison of another name.");
        RunSettings settings = new()
        {
            Note = run.Progress,
            Folder = () =>
            {
                _folder = _name is not null ? RunDirectory.Create(_parent, _name, config)
                    : RunDirectory.CreateNumbered(_parent, $"compare-{TypedOptions.Stem(plan.Task, plan.Options)}", config);
                run.Progress($"trainings: {Place}; if this is killed, the same command with --run {Path.GetFileName(_folder.Root)} --resume goes on");
                return _folder;
            },
        };
        return new Sweep(plan, begin, settings, _folder) { Measure = measure };
    }

    /// <summary>Who does the trainings.</summary>
    internal ITrialDealer Dealer(LabRun run)
    {
        int jobs = _atOnce ?? run.Threads.Threads;
        return new TrialThreads(jobs, Math.Max(1, run.Threads.Threads / jobs));
    }

    // All that decides a figure: what is compared must be what was begun.
    private static string ConfigOf(SweepPlan plan) => JsonText.Of(json =>
    {
        json.WriteString("compare", plan.Task.Name);
        json.WritePropertyName("options");
        json.WriteRawValue(plan.Task.Options.ToJson(plan.Options));
        json.WriteStartArray("trainings");
        foreach (SweepTrial trial in plan.Trials) json.WriteRawValue(plan.Task.Options.ToJson(trial.Options));
        json.WriteEndArray();
    });
}
