namespace Unroll.Layers.Recurrent;

/// <summary>Every recurrent layer of one direction inside a layer, with what its forward pass left: where to look for gates and states.</summary>
public static class RecurrentParts
{
    /// <summary>From input to output; of a bidirectional layer the forward one first.</summary>
    /// <param name="layer">A recurrent layer, two directions, or a stack of layers; other layers have no such parts.</param>
    /// <param name="cache">What its forward pass returned.</param>
    public static IReadOnlyList<(RecurrentLayer Layer, RecurrentCache Cache)> Of(ILayer layer, Cache cache) => layer switch
    {
        RecurrentLayer one => [(one, (RecurrentCache)cache)],
        Bidirectional both => [(both.ForwardLayer, both.ForwardPart(cache)), (both.ReverseLayer, both.ReversePart(cache))],
        Stack stack => [.. stack.Layers.SelectMany((part, i) => Of(part, stack.Part(cache, i)))],
        _ => [],
    };
}
