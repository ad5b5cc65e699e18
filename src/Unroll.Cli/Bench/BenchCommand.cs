using System.CommandLine;
using Unroll.Core;

namespace Unroll.Cli.Bench;

/// <summary><c>unroll bench</c>: how fast this machine trains and runs networks, and what share of its peak that is.</summary>
internal sealed class BenchCommand
{
    private readonly Option<string[]> _workload = Opt.Strings("--workload", "NAME,…",
        $"what to time: {string.Join(", ", BenchWorkloads.Names)} (default train)");
    private readonly Option<string[]> _cell = Opt.Strings("--cell", "NAME,…",
        "lstm, gru-after (PyTorch's and Keras's GRU), gru (resets before the product), rnn, a variant: lstm-peephole, …, one of the zoo "
        + "(mgu, janet, …: unroll cell), or a file NAME.cell with equations (default lstm,gru-after,rnn)");
    private readonly Option<string> _shape = Opt.String("--shape", "B,T,I,H;…",
        "sequences, steps, inputs, units; several shapes in quotes (default: each workload's own)");
    private readonly Option<int?> _layers = Opt.Int("--layers", "N", "layers on top of each other (default 1; charlm 2)");
    private readonly Option<bool> _bidir = Opt.Bool("--bidir", "layers go both ways");
    private readonly Option<bool> _ragged = Opt.Bool("--ragged", "lengths of sequences drawn uniformly from 1 to T");
    private readonly Option<string[]> _weights = Opt.Strings("--weights", "NAME,…",
        $"stream, infer: recurrent weights as {string.Join(", ", WeightPrecisions.Names)} (default all, one after the other)");
    private readonly Option<int?> _threads = Opt.Int("--threads", "N", "threads (default 1)");
    private readonly Option<int?> _repeats = Opt.Int("--repeats", "N", "minimum number of samples of a case (default 7; threads 31 pairs)");
    private readonly Option<double?> _seconds = Opt.Double("--seconds",
        "more samples, up to 41, until so much time has passed (default 0.7); 0: no warm-up of threads and code either");
    private readonly Option<string[]> _axis = Opt.Strings("--axis", "T,B,H", "growth: what grows (default all three, one at a time)");
    private readonly Option<int?> _bptt = Opt.Int("--bptt", "N", "growth: steps of truncated backpropagation, beside the full one (default 50)");
    private readonly Option<int?> _load = Opt.Int("--load", "N",
        "threads: N threads that compute all the time meanwhile, as other programs would (default 0)");
    private readonly Option<string> _model = Opt.String("--model", "FILE",
        "time the network of a model file instead, as 'unroll import' writes them: a step of one sequence, and 1 and 32 sequences of 100 steps");
    private readonly Option<bool> _json = Opt.Bool("--json", "one JSON object a line for each case");

    internal static Command Make(Terminal terminal)
    {
        BenchCommand own = new();
        Command command = new("bench", "Time training and inference on this machine.");
        foreach (Option option in (Option[])[own._workload, own._cell, own._shape, own._layers, own._bidir, own._ragged, own._weights, own._threads,
            own._repeats, own._seconds, own._axis, own._bptt, own._load, own._model, own._json]) command.Add(option);
        command.SetAction(parsed => own.Run(parsed, terminal));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        BenchPlan plan = Plan(parsed);
        plan.Check();
        int threads = Opt.Within(parsed, _threads, 1, 1, 1024);
        if (threads == 1 && plan.Workloads.Contains("threads"))
            throw new UserErrorException("--threads: the workload threads compares several threads with one, got 1; give --threads 2 or more.");
        using BenchMachine machine = new(threads, settle: plan.Timing.Seconds > 0);
        if (parsed.GetValue(_model) is { } model)
        {
            foreach (Option other in (Option[])[_workload, _cell, _shape, _layers, _bidir, _ragged, _weights, _axis, _bptt, _load])
                if (parsed.GetResult(other) is { Implicit: false })
                    throw new UserErrorException($"{other.Name}: the network is that of --model, got both; leave one out.");
            ModelBench.Run(model, machine, plan.Timing, Output(parsed, terminal, threads));
            return CommandLine.Done;
        }
        BenchRun run = new(plan, machine, Output(parsed, terminal, threads));
        foreach (string workload in run.Each(plan.Workloads)) BenchWorkloads.Of(workload)(run);
        return CommandLine.Done;
    }

    private BenchOutput Output(ParseResult parsed, Terminal terminal, int threads) =>
        new(terminal.Out, parsed.GetValue(_json), threads);

    private static WeightPrecision Precision(string name) =>
        WeightPrecisions.Of(name) ?? throw BenchNames.Unknown("--weights", name, WeightPrecisions.Names);

    // Everything is looked at before anything is timed.
    private BenchPlan Plan(ParseResult parsed)
    {
        string[] workloads = parsed.GetValue(_workload) is { Length: > 0 } named ? named : ["train"];
        foreach (string workload in workloads) BenchWorkloads.Of(workload);
        string[]? cells = parsed.GetValue(_cell) is { Length: > 0 } some ? some : null;
        foreach (string cell in cells ?? []) BenchCells.Of(cell, hidden: 2);
        string[] axes = parsed.GetValue(_axis) is { Length: > 0 } asked ? asked : [.. GrowthBench.Axes];
        foreach (string axis in axes)
            if (!GrowthBench.Axes.Contains(axis))
                throw BenchNames.Unknown("--axis", axis, GrowthBench.Axes);
        double seconds = parsed.GetValue(_seconds) ?? 0.7;
        if (seconds is < 0 or > 3600) throw new UserErrorException($"--seconds: expected a number from 0 to 3600, got {seconds}.");
        return new BenchPlan
        {
            Workloads = workloads,
            Cells = cells,
            Shapes = parsed.GetValue(_shape) is { } shapes ? BenchShape.Parse(shapes) : null,
            Layers = parsed.GetValue(_layers) is null ? null : Opt.Within(parsed, _layers, 1, 1, 100),
            Bidirectional = parsed.GetValue(_bidir),
            Ragged = parsed.GetValue(_ragged),
            Weights = parsed.GetValue(_weights) is { Length: > 0 } kinds ? [.. kinds.Select(Precision)] : null,
            Axes = axes,
            Window = Opt.Within(parsed, _bptt, 50, 1, 1_000_000),
            Load = Opt.Within(parsed, _load, 0, 0, 1024),
            Pairs = Opt.Within(parsed, _repeats, 31, 1, 1_000_000),
            Timing = new Timing(Opt.Within(parsed, _repeats, 7, 1, 1_000_000), seconds),
        };
    }
}
