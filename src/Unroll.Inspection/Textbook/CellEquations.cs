using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Inspection.Textbook;

/// <summary>Which equations belong to which description of a cell.</summary>
public static class CellEquations
{
    /// <summary>The equations of a cell and its variants.</summary>
    /// <param name="options">The cell.</param>
    /// <exception cref="UserErrorException">There is no cell of that kind.</exception>
    public static ICellEquations Of(CellOptions options)
    {
        double clip = options.GateClip ?? double.PositiveInfinity;
        return options.Kind switch
        {
            "rnn" => new RnnEquations(relu: options.Activation == "relu", clip),
            "residual" => new ResidualEquations(logistic: options.Activation == "logistic", clip),
            "gru" => new GruEquations(clip),
            "gru-after" => new GruAfterEquations(clip),
            "lstm" when options is { Coupled: false, Projection: null, CellClip: null, GateClip: null } =>
                options.Peepholes ? new PeepholeLstmEquations() : new LstmEquations(),
            "lstm" => new ExtendedLstmEquations(options),
            "lstm-ln" => new LayerNormLstmEquations(),
            "gru-ln" => new LayerNormGruEquations(),
            _ => throw new UserErrorException($"cell kind: expected rnn, residual, gru, gru-after, lstm, gru-ln or lstm-ln, got '{options.Kind}'."),
        };
    }
}
