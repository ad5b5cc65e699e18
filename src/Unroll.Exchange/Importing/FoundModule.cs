using Unroll.Formats;

namespace Unroll.Exchange.Importing;

/// <summary>What tensors say that a module is.</summary>
internal enum ModuleKind
{
    /// <summary>An <c>nn.RNN</c>, <c>nn.GRU</c>, <c>nn.LSTM</c>, or one of their cells.</summary>
    Recurrent,

    /// <summary>A matrix, perhaps with a bias for each row: a linear module, or an embedding.</summary>
    Matrix,

    /// <summary>A weight and a bias for each feature: layer normalization.</summary>
    Norm,
}

/// <summary>A module of a file.</summary>
/// <param name="Name">What stands before its tensors' own names, without the last dot; empty: nothing.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Tensors">Its tensors by their own names, such as <c>weight_ih_l0</c>.</param>
internal sealed record FoundModule(string Name, ModuleKind Kind, IReadOnlyDictionary<string, Tensor> Tensors)
{
    /// <summary>Of a recurrent module, its weights.</summary>
    public PyTorchWeights? Weights { get; init; }

    /// <summary>Whether the file says that a matrix is a linear module, or an embedding; null: it does not say.</summary>
    public bool? IsEmbedding { get; init; }

    /// <summary>What the module is called in options and messages.</summary>
    public string Called => Name.Length > 0 ? Name : "(the file itself)";

    public bool HasBias => Tensors.ContainsKey("bias");

    /// <summary>Features in: of a matrix its columns.</summary>
    public int Inputs => Kind == ModuleKind.Recurrent ? Weights!.Inputs : Tensors["weight"].Shape[^1];

    /// <summary>Features out: of a matrix its rows.</summary>
    public int Outputs => Kind == ModuleKind.Recurrent ? OutputsOf(Weights!) : Tensors["weight"].Shape[0];

    /// <summary>In words, for messages.</summary>
    public string Text => Kind switch
    {
        ModuleKind.Recurrent => $"{Called} ({Weights!.Spec.Cell.Kind}, {Inputs} to {Outputs})",
        ModuleKind.Norm => $"{Called} (normalization of {Outputs})",
        _ when HasBias || IsEmbedding == false => $"{Called} (linear, {Inputs} to {Outputs})",
        _ => $"{Called} (embedding of {Outputs} × {Inputs}, or linear, {Inputs} to {Outputs})",
    };

    private static int OutputsOf(PyTorchWeights weights) =>
        (weights.Spec.Cell.Projection ?? weights.Spec.Hidden) * (weights.Spec.Direction == Layers.Recurrent.Direction.Bidirectional ? 2 : 1);
}
