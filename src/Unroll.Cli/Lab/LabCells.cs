using Unroll.Cells;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Cli.Lab;

/// <summary>A cell as an experiment uses it.</summary>
/// <param name="Name">As typed and shown.</param>
/// <param name="Options">The cell.</param>
/// <param name="Weights">How it begins, for sequences of so many steps.</param>
internal sealed record LabNamedCell(string Name, CellOptions Options, Func<int, InitializationOptions> Weights);

/// <summary>The cells that experiments choose among, by name.</summary>
internal static class LabCells
{
    internal static IReadOnlyList<LabNamedCell> All { get; } =
    [
        Usual("rnn", new() { Kind = "rnn" }),
        new("rnn-relu", new() { Kind = "rnn", Activation = "relu" }, _ => InitializationOptions.ReluIdentity),
        Usual("residual", new() { Kind = "residual" }),
        Usual("gru", new() { Kind = "gru" }),
        Usual("gru-after", new() { Kind = "gru-after" }),
        Usual("lstm", new() { Kind = "lstm" }),
        Usual("lstm-peephole", new() { Kind = "lstm", Peepholes = true }),
        Usual("lstm-coupled", new() { Kind = "lstm", Coupled = true }),
        Chrono("gru-chrono", new() { Kind = "gru" }),
        Chrono("lstm-chrono", new() { Kind = "lstm" }),
    ];

    /// <summary>Those that no experiment takes unasked.</summary>
    private static IReadOnlyList<LabNamedCell> OnRequest { get; } =
        [Usual("lstm-ln", new() { Kind = "lstm-ln" }), Usual("gru-ln", new() { Kind = "gru-ln" })];

    private static IEnumerable<string> Names => All.Concat(OnRequest).Select(cell => cell.Name);

    internal static IReadOnlyList<LabNamedCell> Find(IEnumerable<string> names) => [.. names.Distinct().Select(Find)];

    internal static LabNamedCell Find(string name) => All.Concat(OnRequest).FirstOrDefault(cell => cell.Name == name)
        ?? throw new UserErrorException($"--cells: there is no '{name}'{Near(name)}; expected some of {string.Join(", ", Names)}.");

    private static string Near(string name) => NearestName.Of(name, [.. Names]) is { } near ? $" (did you mean '{near}'?)" : "";

    private static LabNamedCell Usual(string name, CellOptions options) => new(name, options, _ => new InitializationOptions());

    // Gates that begin with memories of 1 to T steps (Tallec and Ollivier 2018): the one start that is told how long the sequences are.
    private static LabNamedCell Chrono(string name, CellOptions options) =>
        new(name, options, steps => new InitializationOptions { Chrono = Math.Max(3, steps) });
}
