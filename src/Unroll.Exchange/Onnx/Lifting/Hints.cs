namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Names of layers from the graph's own: of <c>fc.weight</c> it is <c>fc</c>, of the node <c>/lstm/LSTM_1</c> it is <c>lstm</c>.</summary>
internal static class Hints
{
    private static readonly string[] s_ends = [".weight", ".bias", ".kernel", ".embeddings"];

    /// <summary>The layer that an initializer belongs to by its name; empty: it does not say.</summary>
    public static string Of(string initializer) =>
        s_ends.FirstOrDefault(end => initializer.EndsWith(end, StringComparison.Ordinal)) is { } end && Plain(initializer[..^end.Length])
            ? initializer[..^end.Length] : "";

    /// <summary>The layer that a node belongs to by its name: the last part of its scope; empty: it does not say.</summary>
    public static string OfNode(string node) =>
        node.Split('/', StringSplitOptions.RemoveEmptyEntries) is [.., var scope, _] && Plain(scope) ? scope : "";

    private static bool Plain(string name) => name.Length is > 0 and <= 60 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
