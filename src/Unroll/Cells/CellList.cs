using Unroll.Core;

namespace Unroll.Cells;

/// <summary>Every built-in cell: a list one can read, and the one place where a name becomes a cell.</summary>
public static class CellList
{
    /// <summary>The kinds that <see cref="Make"/> knows.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["lstm", "gru", "gru-after", "rnn", "residual", "lstm-ln", "gru-ln"];

    /// <summary>Every variant that has mathematics of its own; the laws are tested on each.</summary>
    public static IReadOnlyList<(string Name, CellOptions Options)> Variants { get; } =
    [
        ("rnn", new() { Kind = "rnn" }),
        ("rnn relu", new() { Kind = "rnn", Activation = "relu" }),
        ("rnn clipped gates", new() { Kind = "rnn", GateClip = 0.4f }),
        ("gru", new() { Kind = "gru" }),
        ("gru clipped gates", new() { Kind = "gru", GateClip = 0.4f }),
        ("gru-after", new() { Kind = "gru-after" }),
        ("gru-after clipped gates", new() { Kind = "gru-after", GateClip = 0.4f }),
        ("lstm", new() { Kind = "lstm" }),
        ("lstm peephole", new() { Kind = "lstm", Peepholes = true }),
        ("lstm projection", new() { Kind = "lstm", Projection = 3 }),
        ("lstm coupled", new() { Kind = "lstm", Coupled = true }),
        ("lstm clipped cell", new() { Kind = "lstm", CellClip = 0.3f }),
        ("lstm clipped gates", new() { Kind = "lstm", GateClip = 0.4f }),
        ("lstm peephole coupled projection clipped",
            new() { Kind = "lstm", Peepholes = true, Coupled = true, Projection = 3, CellClip = 0.3f, GateClip = 0.4f }),
        ("residual", new() { Kind = "residual" }),
        ("residual logistic", new() { Kind = "residual", Activation = "logistic" }),
        ("lstm-ln", new() { Kind = "lstm-ln" }),
        ("gru-ln", new() { Kind = "gru-ln" }),
    ];

    /// <summary>Makes the cell that the options describe.</summary>
    /// <exception cref="UserErrorException">The kind is unknown, or an option does not belong to it; says which and what there is.</exception>
    public static ICell Make(CellOptions options)
    {
        Check(options);
        return options.Kind switch
        {
            "lstm" => new LstmCell(options),
            "gru" => new GruCell(options),
            "gru-after" => new GruAfterCell(options),
            "rnn" => new RnnCell(options),
            "residual" => new ResidualCell(options),
            "lstm-ln" => new LayerNormLstmCell(),
            "gru-ln" => new LayerNormGruCell(),
            _ => throw new UserErrorException($"cell '{options.Kind}' is unknown: expected one of {string.Join(", ", Kinds)}."),
        };
    }

    private static void Check(CellOptions options)
    {
        bool lstm = options.Kind == "lstm";
        if (!lstm && (options.Peepholes || options.Coupled || options.Projection is not null || options.CellClip is not null))
            throw new UserErrorException($"cell '{options.Kind}': peepholes, coupled gates, a projection and a cell clip belong to the lstm alone.");
        if (options.Projection is < 1)
            throw new UserErrorException($"cell 'lstm' projection: expected at least 1, got {options.Projection}.");
        if (options.CellClip is { } cell && !(cell > 0 && float.IsFinite(cell)))
            throw new UserErrorException($"cell 'lstm' cell clip: expected a finite number above 0, or none, got {cell}.");
        if (options.GateClip is { } gate && !(gate > 0 && float.IsFinite(gate)))
            throw new UserErrorException($"cell '{options.Kind}' gate clip: expected a finite number above 0, or none, got {gate}.");
        if (options.GateClip is not null && options.Kind is "lstm-ln" or "gru-ln")
            throw new UserErrorException($"cell '{options.Kind}' gate clip: expected none, because layer normalization already keeps the arguments in bounds.");
        string[] activations = options.Kind switch { "rnn" => ["tanh", "relu"], "residual" => ["tanh", "logistic"], _ => [] };
        if (options.Activation is { } name && !activations.Contains(name))
            throw new UserErrorException(activations.Length == 0
                ? $"cell '{options.Kind}' activation: it has no choice of one, got '{name}'."
                : $"cell '{options.Kind}' activation: expected {string.Join(" or ", activations)}, got '{name}'.");
    }
}
