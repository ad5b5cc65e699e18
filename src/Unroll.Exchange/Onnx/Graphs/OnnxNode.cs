namespace Unroll.Exchange.Onnx.Graphs;

/// <summary>A node of a graph: an operator, what it reads and what it makes.</summary>
internal sealed record OnnxNode
{
    /// <summary>The node's name; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>The operator: <c>LSTM</c>.</summary>
    public required string Operator { get; init; }

    /// <summary>The domain of the operator; empty for ONNX's own.</summary>
    public string Domain { get; init; } = "";

    /// <summary>The version of the domain by which the operator is meant.</summary>
    public required int Opset { get; init; }

    /// <summary>The names of what it reads; empty where an optional one is missing.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>The names of what it makes; empty where an optional one is not wanted.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>
    /// The attributes by name: <c>float</c>, <c>long</c>, <c>string</c>, <see cref="Values.OnnxTensor"/>, <see cref="OnnxGraph"/>, <c>float[]</c>,
    /// <c>long[]</c>, <c>string[]</c>.
    /// </summary>
    public IReadOnlyDictionary<string, object> Attributes { get; init; } = new Dictionary<string, object>();

    /// <summary>The graphs inside its attributes.</summary>
    public IEnumerable<OnnxGraph> Subgraphs => Attributes.Values.OfType<OnnxGraph>();

    /// <summary>How messages name it: <c>node 'lstm_1' (LSTM, opset 14)</c>. One without a name is known by what it makes.</summary>
    public string Title => $"node '{(Name.Length > 0 ? Name : Outputs.FirstOrDefault(name => name.Length > 0) ?? "")}' "
        + $"({(Domain.Length > 0 ? Domain + "." : "")}{Operator}, opset {Opset})";
}
