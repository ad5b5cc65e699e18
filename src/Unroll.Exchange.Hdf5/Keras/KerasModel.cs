using Unroll.Formats;
using Unroll.Networks;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>A Keras model as a network of ours.</summary>
/// <param name="Spec">The network.</param>
/// <param name="Tensors">Its weights under our names, in our orders: every parameter of the network.</param>
public sealed record KerasModel(NetworkSpec Spec, IReadOnlyList<Tensor> Tensors)
{
    /// <summary>The vocabulary of a text layer, one symbol for each row of the embedding; empty: the file has none.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    /// <summary>The function of the last layer that was left out, so that the network gives its argument: <c>softmax</c> or <c>sigmoid</c>.</summary>
    public string? LeftOut { get; init; }

    /// <summary>The version of Keras that wrote the file; null: the file does not say.</summary>
    public string? Version { get; init; }

    /// <summary>What a user should know: what was left out, rounded or does not carry over. Sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How many data sets of the file the weights come from.</summary>
    public int Used { get; init; }

    /// <summary>Data sets of the file that belong to no layer: the state of an optimizer, of random numbers.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];
}
