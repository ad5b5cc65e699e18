using Unroll.Cells;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Networks;

/// <summary>The layers of a network that a task's model may begin with: the embedding and the recurrent layers, and scores of its symbols.</summary>
internal static class NetworkFront
{
    internal static ModelFront? Of(NetworkModel model)
    {
        IReadOnlyList<LayerSpec> layers = model.Network.Spec.Layers;
        if (layers.OfType<RecurrentSpec>().FirstOrDefault() is not { } recurrent) return null;
        return new ModelFront(model, model.Description.Symbols, recurrent.Name, recurrent.Direction == Direction.Reverse)
        {
            Embedding = layers.OfType<EmbeddingSpec>().FirstOrDefault()?.Name ?? ModelFront.DefaultEmbedding,
            Head = model.ScoresSymbols && layers[^1] is DenseSpec or TiedSpec ? layers[^1].Name : null,
            Unfit = Special(recurrent) ?? Between(layers, recurrent),
        };
    }

    private static string? Between(IReadOnlyList<LayerSpec> layers, RecurrentSpec recurrent) =>
        layers.TakeWhile(layer => layer != recurrent).FirstOrDefault(layer => layer is not (EmbeddingSpec or DropoutSpec)) is { } other
            ? $"the layer '{other.Name}' lies before its recurrent layers '{recurrent.Name}', which the networks of this task do not have" : null;

    // What the tasks' own networks have no option for: taking the weights without it would give other numbers.
    private static string? Special(RecurrentSpec recurrent)
    {
        CellOptions cell = recurrent.Cell;
        string? what = cell.Projection is { } rows ? $"a projection to {rows}"
            : cell.Activation is { } word and not "tanh" ? $"the activation {word}"
            : cell.Peepholes ? "peepholes"
            : cell.Coupled ? "coupled gates"
            : cell.CellClip is not null || cell.GateClip is not null ? "clipping"
            : recurrent.Direction == Direction.Bidirectional && recurrent.Merge != Merge.Concatenate ? "directions that are not concatenated"
            : null;
        return what is null ? null : $"its recurrent layers '{recurrent.Name}' have {what}, which the networks of this task do not have";
    }
}
