using System.CommandLine;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Memory;

/// <summary>What <c>lab memory</c> trains, and for how long.</summary>
/// <param name="Problems">Each with its lengths, shortest first.</param>
/// <param name="Cells">The cells.</param>
/// <param name="Hidden">Units of each.</param>
/// <param name="Updates">Updates at most.</param>
/// <param name="Seeds">Trainings of each cell at each length.</param>
/// <param name="Rate">The learning rate.</param>
internal sealed record MemoryPlan(
    IReadOnlyList<(string Problem, IReadOnlyList<int> Lengths)> Problems, IReadOnlyList<LabNamedCell> Cells, int Hidden, int Updates, int Seeds,
        double Rate)
{
    /// <summary>Updates between two looks at the validation sequences.</summary>
    internal const int Between = 25;

    /// <summary>Sequences per update.</summary>
    internal const int Batch = 32;

    /// <summary>Letters of the copy problem.</summary>
    internal int Symbols { get; init; } = 3;

    internal ISequenceProblem Problem(string name, int length) =>
        name == "copy" ? new CopyMemory(length) { Symbols = Symbols } : SequenceProblems.Make(name, length);
}

/// <summary>The options of <c>lab memory</c>.</summary>
/// <param name="cells">The cells to choose among.</param>
internal sealed class MemoryOptions(CellCatalog cells)
{
    private readonly Option<string[]> _tasks = Opt.Strings("--tasks", "NAME,…", $"some of {string.Join(", ", SequenceProblems.Names)}");
    private readonly Option<string[]> _cells = Opt.Strings("--cells", "NAME,…",
        $"some of {string.Join(", ", LabCells.All.Select(cell => cell.Name))}; gru resets before the product, "
        + "gru-after after it as in PyTorch and by default in Keras");
    private readonly Option<int[]?> _lengths = Opt.Ints("--lengths", "N,…", "the same lengths for every task (default: lengths for each task)");
    private readonly Option<int?> _hidden = Opt.Int("--hidden", "N", "units (default 32)");
    private readonly Option<int?> _updates = Opt.Int("--updates", "N", "maximum number of updates (default 1500; with --full 3000)");
    private readonly Option<int?> _seeds = Opt.Int("--seeds", "N", "training runs per cell and length (default 3)");
    private readonly Option<int?> _symbols = Opt.Int("--symbols", "N", "letters to copy (default 3; published results use 10)");
    private readonly Option<double?> _rate = Opt.Double("--lr", "learning rate (default 0.01)");

    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_tasks, _cells, _lengths, _hidden, _updates, _seeds, _symbols, _rate]) command.Add(option);
    }

    internal MemoryPlan Plan(ParseResult parsed, bool full)
    {
        string[] names = Typed(parsed.GetValue(_tasks)) ?? (full ? [.. SequenceProblems.Names] : ["adding", "copy", "running-parity", "recall"]);
        int[]? lengths = Typed(parsed.GetValue(_lengths));
        MemoryPlan plan = new(
            [.. names.Distinct().Select(name => (name, (IReadOnlyList<int>)[.. (lengths ?? Lengths(name, full)).Distinct().Order()]))],
            LabCells.Find(Typed(parsed.GetValue(_cells)) ?? (full ? [.. LabCells.All.Select(cell => cell.Name)]
                : ["rnn", "gru", "lstm", "lstm-chrono"]), cells),
            Between(1, 4096, parsed.GetValue(_hidden) ?? 32, "--hidden"),
            Between(1, 10_000_000, parsed.GetValue(_updates) ?? (full ? 3000 : 1500), "--updates"),
            Between(1, 1000, parsed.GetValue(_seeds) ?? 3, "--seeds"),
            parsed.GetValue(_rate) ?? 1e-2)
        {
            Symbols = parsed.GetValue(_symbols) ?? 3,
        };
        foreach ((string problem, IReadOnlyList<int> all) in plan.Problems)
            foreach (int length in all) _ = plan.Problem(problem, length);                       // errors before the work starts
        return plan;
    }

    // The parser gives an empty array for an option that was not given.
    private static T[]? Typed<T>(T[]? values) => values is { Length: > 0 } ? values : null;

    private static int[] Lengths(string problem, bool full) => problem switch
    {
        "adding" => full ? [10, 25, 50, 100, 200] : [10, 40, 100],
        "copy" => full ? [1, 3, 5, 10, 20, 40] : [1, 5, 20],
        "parity" => [4, 8, 16, 32],
        "running-parity" => full ? [10, 25, 50, 100, 200] : [10, 40, 100],
        _ => full ? [10, 25, 50, 100, 200] : [10, 40, 100],
    };

    private static int Between(int minimum, int maximum, int value, string option) => value >= minimum && value <= maximum ? value
        : throw new UserErrorException($"{option}: expected a whole number from {minimum} to {maximum}, got {value}.");
}
