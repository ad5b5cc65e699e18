using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Graphs;

/// <summary>
/// A graph whose names are known to be right: every name that is read is an input, an initializer, made by an earlier node, or, in the body of a
/// node, known outside; none is made twice.
/// </summary>
internal sealed record OnnxGraph
{
    /// <summary>The graph's name; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>The inputs to be given; those that have an initializer of the same name have a default.</summary>
    public IReadOnlyList<OnnxPort> Inputs { get; init; } = [];

    /// <summary>The outputs.</summary>
    public IReadOnlyList<OnnxPort> Outputs { get; init; } = [];

    /// <summary>The weights and other constants by name.</summary>
    public IReadOnlyDictionary<string, OnnxTensor> Initializers { get; init; } = new Dictionary<string, OnnxTensor>();

    /// <summary>The nodes, each after those whose results it reads.</summary>
    public IReadOnlyList<OnnxNode> Nodes { get; init; } = [];

    /// <summary>All nodes, those of bodies too.</summary>
    public IEnumerable<OnnxNode> AllNodes => Nodes.SelectMany(node => node.Subgraphs.SelectMany(body => body.AllNodes).Prepend(node));

    /// <summary>The names that the graph reads from outside: what its nodes, their bodies and its outputs name and it does not have itself.</summary>
    public IEnumerable<string> OuterNames()
    {
        HashSet<string> own = [.. Inputs.Select(input => input.Name), .. Initializers.Keys, .. Nodes.SelectMany(node => node.Outputs)];
        return Nodes.SelectMany(node => node.Inputs.Concat(node.Subgraphs.SelectMany(body => body.OuterNames())))
            .Concat(Outputs.Select(output => output.Name)).Where(name => name.Length > 0 && !own.Contains(name)).Distinct();
    }
}
