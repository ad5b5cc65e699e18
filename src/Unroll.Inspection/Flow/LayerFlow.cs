namespace Unroll.Inspection.Flow;

/// <summary>The gradients of the states of one recurrent layer in one direction.</summary>
/// <param name="Place">The layer and direction by PyTorch's name: <c>"encoder.l0_reverse"</c>.</param>
/// <param name="Cell">The cell's kind: <c>"lstm"</c>.</param>
/// <param name="Reverse">Whether the layer goes from the last step to the first: gradients then flow from the first step to the last.</param>
/// <param name="H">∂L/∂h.</param>
/// <param name="C">∂L/∂c; null for a cell without c.</param>
public sealed record LayerFlow(string Place, string Cell, bool Reverse, StateFlow H, StateFlow? C)
{
    /// <summary>The gradients of further states, of a cell that its equations define; <see cref="C"/> is then null.</summary>
    public IReadOnlyList<StateFlow> Further { get; init; } = [];

    /// <summary>All of them: h, c where there is one, then the further ones.</summary>
    public IEnumerable<StateFlow> States => C is null ? [H, .. Further] : [H, C, .. Further];
}
