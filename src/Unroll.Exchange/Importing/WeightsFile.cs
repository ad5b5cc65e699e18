using Unroll.Formats;

namespace Unroll.Exchange.Importing;

/// <summary>The weights in a file of another program, by name, with what the file says beside them.</summary>
/// <param name="Name">The file, for messages.</param>
/// <param name="Format">What it is: <c>pytorch</c>, <c>safetensors</c>.</param>
/// <param name="Tensors">Every tensor of the model, in the order of the file.</param>
public sealed record WeightsFile(string Name, string Format, IReadOnlyList<Tensor> Tensors)
{
    /// <summary>The part of the file that they are in, such as <c>state_dict</c>; empty: it is the file itself.</summary>
    public string Part { get; init; } = "";

    /// <summary>The names of tensors in other parts of the file, which are not among <see cref="Tensors"/>.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>How many tensors belong to the state of an optimizer, and are in neither list.</summary>
    public int OfOptimizers { get; init; }

    /// <summary>
    /// What a whole module says of itself and its submodules, by name: the class, such as <c>torch.nn.modules.rnn.RNN</c>, and of an <c>nn.RNN</c>
    /// its nonlinearity or of a norm its ε. Empty for files of weights alone.
    /// </summary>
    public IReadOnlyDictionary<string, (string Class, string? Mode)> Modules { get; init; } = new Dictionary<string, (string, string?)>();
}
