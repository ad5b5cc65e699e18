using Unroll.Formats;
using Unroll.Networks;

namespace Unroll.Exchange.Importing;

/// <summary>A network made from another program's weights.</summary>
/// <param name="Network">The network with its weights.</param>
/// <param name="Format">What the file was: <c>pytorch</c>, <c>safetensors</c>, <c>keras</c>.</param>
/// <param name="Sources">
/// For each parameter that the file has numbers for, those numbers, in the parameter's layout; the others are zero because the module has none, such
/// as
/// biases.
/// </param>
/// <param name="Unused">The names of the file's tensors that nothing was made of.</param>
/// <param name="Notes">What a user should know: what was assumed, what was left out. Sentences.</param>
public sealed record ImportedNetwork(
    Network Network, string Format, IReadOnlyDictionary<string, Tensor> Sources, IReadOnlyList<string> Unused, IReadOnlyList<string> Notes)
{
    /// <summary>The symbols of the embedding, where the file has them; empty: it has none.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    /// <summary>How many of the file's tensors something was made of.</summary>
    public int Used { get; init; } = Sources.Values.Distinct().Count();
}
