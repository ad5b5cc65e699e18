using Unroll.Cells;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>What is said of each layer whose cell is defined by equations: whether it became an operator or a Scan, and why.</summary>
internal static class OperatorNotes
{
    /// <summary>A sentence for each such layer, without its full stop.</summary>
    public static IEnumerable<string> Of(NetworkSpec spec)
    {
        foreach (LayerSpec layer in spec.Layers)
        {
            CellOptions? cell = layer switch { RecurrentSpec recurrent => recurrent.Cell, CharacterSpec words => words.Cell, _ => null };
            if (cell?.Definition is not { } definition) continue;
            yield return $"layer '{layer.Name}': its cell '{definition.Name}' " + (OperatorWeights.Of(cell, out string why) is { } own
                ? $"has the equations of the built-in cell {own.Name} and is written as the operator {own.Type}"
                : $"is written as a Scan over its equations, because {why}");
        }
    }
}
