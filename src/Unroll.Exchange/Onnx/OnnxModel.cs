using Unroll.Core;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Files;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx;

/// <summary>
/// An ONNX model that can be run. What it holds is checked when it is loaded: an operator, type or attribute that is not supported is refused
/// there, with its node and opset, and nothing is left out without a note. Runs do not change it; several may go on at once.
/// </summary>
public sealed class OnnxModel
{
    private readonly GraphPlan _plan;

    private OnnxModel(OnnxGraph graph, OnnxDescription description)
    {
        (Graph, Description) = (graph, description);
        _plan = Planner.Plan(graph, OperatorTable.Default, description.File);
        Inputs = [.. graph.Inputs.Where(input => !graph.Initializers.ContainsKey(input.Name))];
    }

    /// <summary>The inputs that must be given.</summary>
    public IReadOnlyList<OnnxPort> Inputs { get; }

    /// <summary>Further inputs, which have a value of the model's own where they are not given.</summary>
    public IReadOnlyList<OnnxPort> OptionalInputs => [.. Graph.Inputs.Where(input => Graph.Initializers.ContainsKey(input.Name))];

    /// <summary>The outputs.</summary>
    public IReadOnlyList<OnnxPort> Outputs => Graph.Outputs;

    /// <summary>The graph as the file has it.</summary>
    internal OnnxGraph Graph { get; }

    /// <summary>What the file says beside its graph.</summary>
    internal OnnxDescription Description { get; }

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file; tensors that it keeps in other files come from its folder.</param>
    /// <param name="note">Receives what the user should know, one line each; null for nobody.</param>
    /// <exception cref="UserErrorException">It is no such file, or something in it is wrong or not supported.</exception>
    public static OnnxModel Load(string path, Action<string>? note = null)
    {
        (OnnxGraph graph, OnnxDescription description) = OnnxFile.Read(path, note);
        return new(graph, description);
    }

    /// <summary>A model of a graph that is in memory.</summary>
    internal static OnnxModel Of(OnnxGraph graph, OnnxDescription description) => new(graph, description);

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">A value for each of <see cref="Inputs"/>, and for those with a default where another is wanted.</param>
    /// <param name="options">What the run may use; null for <see cref="OnnxRunOptions.Default"/>.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="UserErrorException">An input is missing, not known, or not as declared; or an operator refused what it was given.</exception>
    public IReadOnlyDictionary<string, OnnxValue> Run(IReadOnlyDictionary<string, OnnxValue> inputs, OnnxRunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        InputCheck.Check(this, inputs);
        OnnxValue?[] given = [.. Graph.Inputs.Select(input =>
            inputs.GetValueOrDefault(input.Name) ?? Graph.Initializers.GetValueOrDefault(input.Name))];
        OnnxValue?[] made = _plan.Execute(new(options ?? OnnxRunOptions.Default), null, given);
        Dictionary<string, OnnxValue> outputs = [];
        for (int i = 0; i < made.Length; i++)
            outputs[Graph.Outputs[i].Name] = made[i]
                ?? throw new UserErrorException($"'{Description.File}': the output '{Graph.Outputs[i].Name}' is not made by the graph.");
        return outputs;
    }
}
