using System.CommandLine;
using System.Globalization;
using Unroll.Cells;
using Unroll.Cli.Tasks;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Compare;

/// <summary><c>unroll lab compare</c>: cells against each other on a task and data of the user's choice.</summary>
internal sealed class CompareLab : ILab
{
    // What the comparison decides, and what trains or measures several networks as one.
    private static readonly string[] Own = ["--cell", "--hidden", "--seed", "--training-seed", "--from", "--from-member", "--from-front",
        "--from-reverse", "--members", "--member-seeds", "--cross-validate"];
    private static readonly string[] OfProblems = ["--non-finite", "--bptt", "--nesterov", "--momentum", "--optimizer"];
    private readonly CellCatalog _known;
    private readonly ITask _asked;
    private readonly OptionArguments _arguments;
    private readonly CompareRuns _runs = new();
    private readonly Option<string> _task = Opt.String("--task", "TASK",
        $"{string.Join(", ", ComparedMeasure.Tasks)} (default forecast), or one of {string.Join(", ", SequenceProblems.Names)}");
    private readonly Option<int?> _length = Opt.Int("--length", "N", "length of a made-up problem (default 40)");
    private readonly Option<int?> _examples = Opt.Int("--examples", "N", "training sequences of a made-up problem (default: new ones for every "
        + "update)");
    private readonly Option<string[]> _cells = Opt.Strings("--cells", "NAME,…", "cells to compare, at least two (default lstm,gru,rnn): built-in "
        + "ones, cells of the zoo, files NAME.cell; gru resets before the product, gru-after after it as in PyTorch and by default in Keras");
    private readonly Option<int?> _seeds = Opt.Int("--seeds", "N", "training runs per cell (default 5; with --full 10)");
    private readonly Option<string> _equal = Opt.String("--equal", "WHAT", "parameters (default: all have as many as the largest has with "
        + "--hidden units) or hidden");
    private readonly Option<int?> _hidden = Opt.Int("--hidden", "N", "units of each layer (default 32)");

    /// <summary>Makes it with the options of one task.</summary>
    /// <param name="known">The cells to choose among.</param>
    /// <param name="task">The task that is typed; null, or none of <see cref="ComparedMeasure.Tasks"/>: forecast.</param>
    internal CompareLab(CellCatalog known, string? task = null)
    {
        _known = known;
        _asked = TaskViews.All.Select(view => view.Task)
            .First(one => one.Name == (ComparedMeasure.Tasks.Contains(task) ? task : ComparedMeasure.Tasks[0]));
        _arguments = new OptionArguments(_asked.Options, _asked.Defaults, _asked.Name);
    }

    public string Name => "compare";

    public string Summary => "Compares cells on your data: several seeds, paired statistics, and a recommendation only if the data support it.";

    public string Notes => "S47, S48";

    public void AddTo(Command command)
    {
        _cells.Aliases.Add("--cell");
        foreach (Option option in (Option[])[_task, _cells, _seeds, _equal, _hidden, _length, _examples]) command.Add(option);
        _runs.AddTo(command);
        _arguments.AddTo(command, except: _asked.Name == ComparedMeasure.Tasks[0] ? [.. Own, .. OfProblems] : Own);
    }

    public LabResult Run(ParseResult parsed, LabRun run)
    {
        (IReadOnlyList<LabNamedCell> named, int seeds, int hidden, bool parameters) = Read(parsed, run.Full);
        IComparison comparison = Comparison(parsed, run);
        IReadOnlyList<(LabNamedCell Cell, int Hidden)> cells = Sizes(comparison, named, hidden, parameters);
        IReadOnlyList<IReadOnlyList<CompareOutcome>> outcomes = comparison.Train(cells, seeds, run);
        IReadOnlyList<double> seconds = CompareTraining.Time(comparison, cells, run);
        CompareCell[] results = [.. cells.Select((cell, c) =>
            new CompareCell(cell.Cell, cell.Hidden, Count(comparison, cell.Cell, cell.Hidden), outcomes[c], seconds[c]))];
        return CompareReport.Of(comparison, results, parameters ? "equal parameters" : "equal hidden sizes", run.Seed);
    }

    private (IReadOnlyList<LabNamedCell> Cells, int Seeds, int Hidden, bool Parameters) Read(ParseResult parsed, bool full)
    {
        IReadOnlyList<LabNamedCell> cells = LabCells.Find(parsed.GetValue(_cells) is { Length: > 0 } typed ? typed : ["lstm", "gru", "rnn"], _known);
        if (cells.Count < 2) throw new UserErrorException("--cells: expected at least two cells to compare, got one; such as --cells lstm,gru.");
        int seeds = parsed.GetValue(_seeds) ?? (full ? 10 : 5), hidden = parsed.GetValue(_hidden) ?? 32;
        if (seeds is < 2 or > 1000) throw new UserErrorException($"--seeds: expected a whole number from 2 to 1000 because one training "
            + $"run says nothing about chance, got {seeds}.");
        if (hidden is < 1 or > 4096) throw new UserErrorException($"--hidden: expected a whole number from 1 to 4096, got {hidden}.");
        string equal = parsed.GetValue(_equal) ?? "parameters";
        if (equal is not ("parameters" or "hidden")) throw new UserErrorException($"--equal: expected parameters or hidden, got '{equal}'.");
        return (cells, seeds, hidden, equal == "parameters");
    }

    private IComparison Comparison(ParseResult parsed, LabRun run)
    {
        string task = parsed.GetValue(_task) ?? ComparedMeasure.Tasks[0];
        string[] all = [.. ComparedMeasure.Tasks, .. SequenceProblems.Names];
        if (!all.Contains(task)) throw new UserErrorException($"--task: there is no '{task}'; expected one of {string.Join(", ", all)}.");
        if (SequenceProblems.Names.Contains(task))
        {
            _runs.Refuse(parsed, task);
            return new ProblemComparison(SequenceProblems.Make(task, parsed.GetValue(_length) ?? 40),
                (ForecastOptions)_arguments.Over(new ForecastOptions(), parsed), parsed.GetValue(_examples));
        }
        foreach (Option option in (Option[])[_length, _examples])
            if (parsed.GetResult(option) is { Implicit: false })
                throw new UserErrorException($"{option.Name}: the task {task} has the length and the number of its data; leave it out.");
        foreach (LabNamedCell cell in LabCells.Find(parsed.GetValue(_cells) ?? [], _known))
            if (cell.Options.Definition is null && !_known.Kinds.Contains(cell.Name))
                throw new UserErrorException($"--cells: the task {task} takes {string.Join(", ", _known.Kinds)}, cells of the zoo and files, got "
                    + $"'{cell.Name}'.");
        _runs.Read(parsed);
        TaskOptions defaults = _asked.Defaults is ForecastOptions forecast
            ? forecast with { Epochs = run.Full ? 60 : 30, Schedule = ScheduleKind.Constant }
            : _asked.DefaultsFor((TaskOptions)_arguments.Over(_asked.Defaults, parsed));
        return new TaskComparison(_asked, (TaskOptions)_arguments.Over(defaults, parsed) with { Seed = run.Seed }, _known, _runs);
    }

    /// <summary>The units of each cell: all the same, or such that all have as many parameters as the largest.</summary>
    internal static IReadOnlyList<(LabNamedCell Cell, int Hidden)> Sizes(
        IComparison comparison, IReadOnlyList<LabNamedCell> cells, int hidden, bool parameters)
    {
        if (!parameters) return [.. cells.Select(cell => (cell, hidden))];
        long largest = cells.Max(cell => Count(comparison, cell, hidden));
        return [.. cells.Select(cell => (cell, EqualParameters.Units(units => Count(comparison, cell, units), largest)))];
    }

    internal static long Count(IComparison comparison, LabNamedCell cell, int hidden) =>
        comparison.Network(cell, hidden).Parameters.Length;
}
