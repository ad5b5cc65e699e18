using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Inspection.Textbook;

/// <summary>Which equations belong to which description of a cell: a line for each built-in cell; a custom cell says so itself.</summary>
public static class CellEquations
{
    private static readonly (string Kind, Func<CellOptions, double, ICellEquations> Make)[] s_builtIn =
    [
        ("rnn", (options, clip) => new RnnEquations(relu: options.Activation == "relu", clip)),
        ("residual", (options, clip) => new ResidualEquations(logistic: options.Activation == "logistic", clip)),
        ("gru", (_, clip) => new GruEquations(clip)),
        ("gru-after", (_, clip) => new GruAfterEquations(clip)),
        ("lstm", (options, _) => options is not { Coupled: false, Projection: null, CellClip: null, GateClip: null }
            ? new ExtendedLstmEquations(options)
            : options.Peepholes ? new PeepholeLstmEquations() : new LstmEquations()),
        ("gru-ln", (_, _) => new LayerNormGruEquations()),
        ("lstm-ln", (_, _) => new LayerNormLstmEquations()),
    ];

    /// <summary>The equations of a cell and its variants.</summary>
    /// <param name="options">The cell.</param>
    /// <param name="cells">The cells that the options may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">There is no cell of that kind, or it is one of one's own without equations.</exception>
    public static ICellEquations Of(CellOptions options, CellCatalog? cells = null) =>
        Find(options, cells ?? CellCatalog.BuiltIn) ?? throw new UserErrorException((cells ?? CellCatalog.BuiltIn).Find(options.Kind) is null
            ? $"cell kind: expected {Words([.. s_builtIn.Select(one => one.Kind)])}, got '{options.Kind}'."
            : $"cell '{options.Kind}' brings no equations in double ({nameof(IKnowsEquations)}), so that the textbook cannot compute it.");

    /// <summary>The same; null where there are none.</summary>
    /// <param name="options">The cell.</param>
    /// <param name="cells">The cells that the options may name.</param>
    public static ICellEquations? Find(CellOptions options, CellCatalog cells)
    {
        foreach ((string kind, Func<CellOptions, double, ICellEquations> make) in s_builtIn)
            if (kind == options.Kind) return make(options, options.GateClip ?? double.PositiveInfinity);
        return cells.Find(options.Kind) is not null && cells.Make(options) is IKnowsEquations own ? own.Equations : null;
    }

    private static string Words(string[] kinds) => $"{string.Join(", ", kinds[..^1])} or {kinds[^1]}";
}
