using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Onnx.Graphs;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>
/// GRUs of PyTorch that were exported wrongly: PyTorch's resets after the product (<c>linear_before_reset = 1</c> in ONNX), and from November 2025 to
/// June 2026 its exporter left the attribute out (onnxscript #2852, pytorch #189225), so that every runtime computes another cell, off by about 0.1,
/// without a word.
/// </summary>
/// <remarks>
/// Only files whose producer is PyTorch are suspect: Keras and its converters have both kinds of GRU and write which. The attribute alone tells a
/// wrongly exported <c>nn.GRU</c> from a cell that was meant so; whoever has the model knows.
/// </remarks>
public static class SuspectGru
{
    private const string Attribute = "linear_before_reset", Producer = "pytorch";

    /// <summary>A warning for each node that is suspect, one line each; empty: none is.</summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<string> Warnings(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!model.Description.Producer.Equals(Producer, StringComparison.OrdinalIgnoreCase)) return [];
        return [.. model.Graph.AllNodes.Where(ResetsBefore).Select(node =>
            $"'{model.Description.File}': {node.Title} resets before the product, and an nn.GRU "
            + "of PyTorch after it: PyTorch's exporter left that out from 2025-11 to 2026-06 (onnxscript #2852), and such a file gives wrong "
            + "numbers; if the model is an nn.GRU, take it so by the option gru-reset with after, and if it is meant as it stands, with before.")];
    }

    /// <summary>The model with its GRUs as they were meant: <see cref="ResetPlace.AfterProduct"/> sets the attribute of each that has none.</summary>
    /// <param name="model">The model; it does not change.</param>
    /// <param name="place">Where the GRUs were meant to reset; before: as they stand.</param>
    /// <exception cref="UserErrorException">No GRU resets before the product.</exception>
    public static OnnxModel With(OnnxModel model, ResetPlace place)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!model.Graph.AllNodes.Any(ResetsBefore))
            throw new UserErrorException($"gru-reset: '{model.Description.File}' has no GRU that resets before the product; leave it out.");
        return place == ResetPlace.BeforeProduct ? model : OnnxModel.Of(After(model.Graph), model.Description);
    }

    private static bool ResetsBefore(OnnxNode node) =>
        node is { Operator: "GRU", Domain: "" } && node.Attributes.GetValueOrDefault(Attribute) is (null or 0L);

    private static OnnxGraph After(OnnxGraph graph) => graph with { Nodes = [.. graph.Nodes.Select(After)] };

    private static OnnxNode After(OnnxNode node)
    {
        Dictionary<string, object> attributes = node.Attributes.ToDictionary(one => one.Key, one => one.Value is OnnxGraph body ? After(body)
            : one.Value);
        if (ResetsBefore(node)) attributes[Attribute] = 1L;
        return node with { Attributes = attributes };
    }
}
