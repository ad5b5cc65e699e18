using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Sweeps;

/// <summary>A trial: a training run with settings of its own.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Settings">The name and the value of each setting, as it is shown and typed, in the order of the space.</param>
/// <param name="Options">All options of the run.</param>
public sealed record SweepTrial(int Number, IReadOnlyList<(string Name, string Value)> Settings, TaskOptions Options)
{
    /// <summary>The folder of its run within the sweep's: <c>0007</c>.</summary>
    public string Folder => Number.ToString("D4", CultureInfo.InvariantCulture);

    /// <summary>The settings in a line: <c>lr 0.0012, hidden 64</c>.</summary>
    public string Text => string.Join(", ", Settings.Select(one => $"{one.Name} {one.Value}"));
}

/// <summary>A setting of a trial.</summary>
/// <param name="Name">The option.</param>
/// <param name="Shown">Its value as it is shown: the name of a cell.</param>
/// <param name="Value">What the option is set to: the cell's definition.</param>
public sealed record ListedSetting(string Name, string Shown, string Value);

/// <summary>
/// What a sweep does, before it does it: all trials with their settings, and the rungs. A function of the options alone; a trial's settings are one
/// of the space, the seed and the trial's number.
/// </summary>
public sealed class SweepPlan
{
    private const int UsualTrials = 20;

    private SweepPlan(ITask task, TaskOptions options, SweepOptions sweep, IReadOnlyList<SweepSetting> space)
    {
        (Task, Options, Sweep, Space) = (task, options, sweep, space);
        Trials = TrialsOf();
        Rungs = RungsOf();
    }

    private SweepPlan(ITask task, TaskOptions options, IReadOnlyList<IReadOnlyList<ListedSetting>> listed)
    {
        (Task, Options, Sweep, Space, Rungs) = (task, options, new SweepOptions(), [], [null]);
        Trials = [.. listed.Select((own, i) => Trial(i + 1, own))];
    }

    /// <summary>The task.</summary>
    public ITask Task { get; }

    /// <summary>The options that all trials share.</summary>
    public TaskOptions Options { get; }

    /// <summary>What is tried.</summary>
    public SweepOptions Sweep { get; }

    /// <summary>The settings; empty where each trial's are listed.</summary>
    public IReadOnlyList<SweepSetting> Space { get; }

    /// <summary>The trials, number 1 first.</summary>
    public IReadOnlyList<SweepTrial> Trials { get; }

    /// <summary>
    /// The epoch at which each rung ends; the last one's is null: it runs to the end of the training. Without halving there is that one.
    /// </summary>
    public IReadOnlyList<int?> Rungs { get; }

    /// <summary>Makes the plan.</summary>
    /// <param name="task">The task.</param>
    /// <param name="options">The options that all trials share; the seed of the search is <see cref="TaskOptions.Seed"/>.</param>
    /// <param name="sweep">What is tried.</param>
    /// <param name="cells">Definitions of cells by the words of the space, of a sweep that is resumed; null: files are read.</param>
    /// <exception cref="OptionException">The space is none, its settings contradict other options, or the options are none of a sweep.</exception>
    public static SweepPlan Of(ITask task, TaskOptions options, SweepOptions sweep, IReadOnlyDictionary<string, string>? cells = null)
    {
        SweepOptions.Table.Check(sweep);
        string[] texts = sweep.Space.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (texts.Length == 0)
            throw SweepSetting.Wrong("expected an option of the task and what to try, such as lr=log:1e-4..1e-2, found nothing.");
        if (options.CrossValidate)
            throw new OptionException("cross-validate", "a sweep chooses by the validation part; cross-validate with the best settings afterwards.");
        SweepSetting[] space = [.. texts.Select(text => SweepSetting.Parse(text, task, options, cells))];
        if (space.GroupBy(one => one.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw SweepSetting.Wrong($"{twice.Key} is there twice; give it once, with all its values.");
        return new SweepPlan(task, options, sweep, space);
    }

    /// <summary>Makes a plan of trials that are listed one by one, without rungs: a comparison.</summary>
    /// <param name="task">The task.</param>
    /// <param name="options">The options that all trials share.</param>
    /// <param name="trials">The settings of each trial.</param>
    /// <exception cref="OptionException">There is no such option, or its value is none.</exception>
    /// <exception cref="UserErrorException">A trial contradicts itself.</exception>
    public static SweepPlan Listed(ITask task, TaskOptions options, IReadOnlyList<IReadOnlyList<ListedSetting>> trials) => new(task, options, trials);

    /// <summary>How many trials of a rung go on to the next: one in η, at least one.</summary>
    /// <param name="trials">How many the rung has.</param>
    public int Survivors(int trials) => Math.Max(1, trials / Sweep.Eta);

    /// <summary>
    /// The words of the space behind which a definition stands, with it: what a sweep keeps, so that it needs no file when it is resumed.
    /// </summary>
    internal IReadOnlyDictionary<string, string> Cells =>
        Space.Where(one => one.Name == "cell").SelectMany(one => one.Behind).ToDictionary(one => one.Word, one => one.Value);

    private List<SweepTrial> TrialsOf()
    {
        long? all = Space.Aggregate((long?)1, (product, one) => one.Count is { } count && product <= int.MaxValue ? product * count : null);
        if (Sweep.Search == SweepSearch.Grid) return Grid(all);
        int count = Sweep.Trials ?? UsualTrials;
        if (all < count)
            throw new OptionException("trials", string.Create(CultureInfo.InvariantCulture,
                $"the space has {all} different settings, and {count} are asked for; choose the search grid, or fewer trials."));
        if (Sweep.Search == SweepSearch.Sobol && Space.Count > SobolSequence.MostDimensions)
            throw SweepSetting.Wrong($"expected at most {SobolSequence.MostDimensions} options for the search sobol, found {Space.Count}; " +
                "choose the search random.");
        return Drawn(count);
    }

    private List<SweepTrial> Grid(long? all)
    {
        if (Space.FirstOrDefault(one => one.Count is null || one.Scale == SettingScale.Logarithmic) is { } range)
            throw SweepSetting.Wrong($"{range.Name}: a grid has listed values, such as {range.Name}={range.At(0.25).Shown},{range.At(0.75).Shown}, " +
                $"found the range '{range.Text}'; list them, or choose the search sobol.");
        if (all is null or > 10_000) throw new OptionException("search", "the grid has more than 10000 combinations; choose the search sobol, " +
            "or list fewer.");
        if (Sweep.Trials is { } asked && asked != all)
            throw new OptionException("trials", $"the grid has {all} combinations, and all of them are tried, got {asked}; leave it out.");
        List<SweepTrial> trials = [];
        for (int i = 0; i < all; i++)
        {
            long rest = i;
            (string, string)[] values = new (string, string)[Space.Count];
            for (int d = Space.Count - 1; d >= 0; d--) (values[d], rest) = (Space[d].Of(rest % Space[d].Count!.Value), rest / Space[d].Count!.Value);
            trials.Add(Trial(i + 1, values));
        }
        return trials;
    }

    // Points whose settings are those of an earlier point are passed over: the trial of a number depends on no count.
    private List<SweepTrial> Drawn(int count)
    {
        Rng random = new Rng(Options.Seed).For("sweep");
        List<SweepTrial> trials = [];
        HashSet<string> had = [];
        for (uint i = 0; trials.Count < count; i++)
        {
            if (i > 10_000 + 100 * (uint)count)
                throw new OptionException("trials", $"after {i} draws there are {trials.Count} different settings, and {count} are asked for; " +
                    "choose the search grid, or fewer trials.");
            (string Shown, string Value)[] values = [.. Space.Select((one, d) => one.At(Sweep.Search == SweepSearch.Sobol
                ? SobolSequence.At(i, d, random.At((ulong)d)) : random.At((ulong)d).Uniform(i)))];
            if (had.Add(string.Join('\n', values.Select(one => one.Value)))) trials.Add(Trial(trials.Count + 1, values));
        }
        return trials;
    }

    private SweepTrial Trial(int number, (string Shown, string Value)[] values) =>
        Trial(number, [.. Space.Zip(values, (one, value) => new ListedSetting(one.Name, value.Shown, value.Value))]);

    // What contradicts itself is refused before anything is trained.
    private SweepTrial Trial(int number, IReadOnlyList<ListedSetting> settings)
    {
        TaskOptions options = Options;
        foreach (ListedSetting one in settings)
            options = (TaskOptions)(Task.Options.Find(one.Name) ?? throw SweepSetting.Wrong($"there is no option '{one.Name}'."))
                .Parse(options, one.Value);
        SweepTrial trial = new(number, [.. settings.Select(one => (one.Name, one.Shown))], options);
        try
        {
            Task.Options.Check(options);
            _ = Learning.Of(Ensemble.Options(options, 1), epochs: 1);
        }
        catch (UserErrorException e)
        {
            throw SweepSetting.Wrong($"trial {number} ({trial.Text}) cannot be: {e.Message.TrimEnd('.')}; narrow the space so that every trial can.");
        }
        return trial;
    }

    //  K + 1 rungs that end at ⌈R η^(k−K)⌉ epochs, k = 0 … K; K = ⌊min(log_η n, log_η R)⌋, so that each has a trial and an epoch
    private IReadOnlyList<int?> RungsOf()
    {
        if (!Sweep.Halving) return [null];
        if (Space.Any(one => one.Name == "epochs"))
            throw SweepSetting.Wrong("epochs: with halving the rungs are counted in epochs, which all trials have alike; give epochs by the " +
                "option itself.");
        int epochs = Options.Epochs ?? throw new OptionException("halving", "rungs are counted in epochs, and their number goes by the data; " +
            "give the option epochs.");
        if (Options.Members > 1)
            throw new OptionException("members", "with halving a trial trains one network; leave it out, and train several with the best settings.");
        int steps = 0;
        for (long power = Sweep.Eta; power <= Math.Min(epochs, Trials.Count); power *= Sweep.Eta) steps++;
        if (steps == 0)
            throw new OptionException("halving", $"expected at least {Sweep.Eta} trials and {Sweep.Eta} epochs, as many as eta says, got " +
                $"{Trials.Count} and {epochs}; give more, or leave halving out.");
        List<int?> rungs = [null];
        for (long power = Sweep.Eta; rungs.Count <= steps; power *= Sweep.Eta) rungs.Insert(0, (int)((epochs + power - 1) / power));
        return rungs;
    }
}
