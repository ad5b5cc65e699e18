using Unroll.Cells;
using Unroll.Cells.Definitions;

namespace Unroll.Exchange.Onnx.Writing;

//  LSTM  W [D, 4H, I], R [D, 4H, H]: gates i, o, f, g      B [D, 8H]: Wb, then Rb      P [D, 3H]: i, o, f
//  GRU   W [D, 3H, I], R [D, 3H, H]: gates z, r, n         B [D, 6H]
//  RNN   W [D, H, I],  R [D, H, H]                         B [D, 2H]                   https://github.com/onnx/onnx/blob/main/docs/Operators.md

/// <summary>
/// Where the blocks of an operator's weights, H rows each, lie in a layer's parameters: of a built-in cell, and of a defined cell whose equations are
/// a built-in one's. It is used in both directions, to write and to read back, so that every bit of a parameter has one place.
/// </summary>
internal sealed class OperatorWeights
{
    private const string Peepholes = "iof";
    private readonly Dictionary<(char Tensor, int Block), (string Stem, int Block)> _places = [];

    private OperatorWeights(string name, CellOptions cell) => (Name, Cell) = (name, cell);

    /// <summary>What the built-in cell is called: <c>lstm</c>, <c>lstm-peephole</c>.</summary>
    public string Name { get; }

    /// <summary>The built-in cell that the operator computes.</summary>
    public CellOptions Cell { get; }

    /// <summary>LSTM, GRU or RNN.</summary>
    public string Type => TypeOf(Cell)!;

    /// <summary>The operator's gates in its order, in our letters.</summary>
    public string Gates => Type switch { "LSTM" => "iofg", "GRU" => "zrn", _ => "a" };

    /// <summary>The weights of the operator that computes a cell; null: it is written as a Scan.</summary>
    /// <param name="cell">The cell.</param>
    public static OperatorWeights? Of(CellOptions cell) => Of(cell, out _);

    /// <summary>The same.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="why">Of a defined cell that is written as a Scan, why: the end of a sentence. Otherwise empty.</param>
    public static OperatorWeights? Of(CellOptions cell, out string why)
    {
        why = "";
        if (cell.Definition is { } definition) return OfDefinition(definition, out why);
        if (TypeOf(cell) is null || cell.Projection is not null || cell.CellClip is not null) return null;
        OperatorWeights weights = new(cell.Kind, cell);
        string ours = CellCatalog.BuiltIn.Make(cell).Gates;
        foreach ((int k, char gate) in weights.Gates.Index())
            if (ours.IndexOf(gate) is >= 0 and int block)
            {
                weights._places[('W', k)] = ("weight_ih", block);
                weights._places[('R', k)] = ("weight_hh", block);
                weights._places[('B', k)] = ("bias_ih", block);
                weights._places[('B', k + weights.Gates.Length)] = ("bias_hh", block);
            }
        if (cell.Peepholes)
            foreach ((int block, char gate) in "ifo".Index()) weights._places[('P', Peepholes.IndexOf(gate))] = ("peephole", block);
        return weights;
    }

    /// <summary>How many blocks of rows a tensor has: W, R, B or P.</summary>
    public int Blocks(char tensor) => tensor switch { 'B' => 2 * Gates.Length, 'P' => Peepholes.Length, _ => Gates.Length };

    /// <summary>The parameter and its block of rows that is a block of a tensor; null: the operator does not look at it, or it is 0.</summary>
    /// <param name="tensor">W, R, B or P.</param>
    /// <param name="block">Which block of it.</param>
    public (string Stem, int Block)? Place(char tensor, int block) => _places.TryGetValue((tensor, block), out (string, int) place) ? place : null;

    /// <summary>Every block of a tensor that lies in a parameter, and which block of the parameter it is.</summary>
    /// <param name="stem">The first part of the parameter's name.</param>
    public IEnumerable<(char Tensor, int From, int To)> Of(string stem) =>
        _places.Where(one => one.Value.Stem == stem).Select(one => (one.Key.Tensor, one.Key.Block, one.Value.Block));

    private static string? TypeOf(CellOptions cell) =>
        cell.Kind switch { "lstm" => "LSTM", "gru" or "gru-after" => "GRU", "rnn" => "RNN", _ => null };

    // W_f, U_f, b_f, p_f of the built-in definition: blocks of W, R, B and P. Biases that are only ever added are the operator's two, in order.
    private static OperatorWeights? OfDefinition(CellDefinition definition, out string why)
    {
        why = "no built-in cell has its equations";
        if (CellLikeness.Of(definition) is not { } likeness) return null;
        why = $"its equations are those of the built-in cell {likeness.Like.Name}, for which ONNX has no operator";
        if (TypeOf(likeness.Like.Options) is null) return null;
        OperatorWeights weights = new(likeness.Like.Name, likeness.Like.Options);
        DefinedLayout layout = definition.Cell.Layout;
        foreach (DefinedParameter parameter in definition.Parameters)
        {
            string like = likeness.Names[parameter.Name];
            int gate = like.Length == 1 ? 0 : weights.Gates.IndexOf(like[^1]);
            (char, int)[] free = like[0] switch
            {
                'W' => [('W', gate)],
                'U' => [('R', gate)],
                'p' => [('P', Peepholes.IndexOf(like[^1]))],
                _ => [.. weights.Biases(like, gate).Select(block => ('B', block))],
            };
            int at = Array.FindIndex(free, one => !weights._places.ContainsKey(one));
            if (at < 0)
            {
                why = $"its equations are those of the built-in cell {likeness.Like.Name}, but '{parameter.Name}' is one bias more than the operator "
                    + $"{weights.Type} has at that place";
                return null;
            }
            ParameterPlace place = layout[parameter.Name];
            weights._places[free[at]] = (layout.Stored[place.Parameter].Name, place.Block);
        }
        why = "";
        return weights;
    }

    // r multiplies one of the candidate's two biases alone, where it is applied after the product.
    private int[] Biases(string like, int gate) => Cell.Kind != "gru-after" || Gates[gate] != 'n' ? [gate, gate + Gates.Length]
        : like == "b_hn" ? [gate + Gates.Length] : [gate];
}
