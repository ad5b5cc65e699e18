using Unroll.Core;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>A network's weights as initializers of a graph, each written once and only when a layer asks for it.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Store">The weights.</param>
/// <param name="Prefix">Before every name: of an ensemble <c>member.2.</c>; otherwise empty.</param>
internal sealed record GraphWeights(GraphWriter Graph, ParameterStore Store, string Prefix)
{
    private readonly Dictionary<string, string> _written = [];

    /// <summary>The parameter of that name.</summary>
    public Parameter Of(string name) => Store.Find(name) ?? throw new InvalidOperationException($"the network has no parameter '{name}'");

    /// <summary>Whether there is one.</summary>
    public bool Has(string name) => Store.Find(name) is not null;

    /// <summary>As it is.</summary>
    public string Whole(string name) => Once(name, () =>
    {
        Parameter own = Of(name);
        return Graph.Floats(Prefix + name, own.Shape, own.Values);
    });

    /// <summary>A matrix [outputs, inputs] as a product needs it: [inputs, outputs], under its name and <c>.T</c>.</summary>
    public string Turned(string name) => Once(name + ".T", () =>
    {
        Parameter own = Of(name);
        (int rows, int columns) = (own.Shape[0], own.Shape[1]);
        ReadOnlySpan<float> values = own.Values;
        float[] turned = new float[own.Length];
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column];
        return Graph.Floats($"{Prefix}{name}.T", [columns, rows], turned);
    });

    //  y = x Wᵀ + b
    /// <summary>A dense layer.</summary>
    public string Dense(string name, string x) => Graph.Add(Graph.MatMul(x, Turned($"{name}.weight")), Whole($"{name}.bias"));

    private string Once(string key, Func<string> write) => _written.TryGetValue(key, out string? name) ? name : _written[key] = write();
}
