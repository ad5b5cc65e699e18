using System.Collections.Immutable;
using Unroll.Core;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>
/// Reads a graph as a network. Every value is followed by what it means: rows of a layer with their steps, sequences and features as axes; sizes;
/// states. An operator that only moves axes moves them here too; one that computes must be a layer of a network, or the value is unknown from there
/// on. A graph is lifted where all its outputs are known: it is a network then exactly, or it is not lifted.
/// </summary>
internal sealed class Lifter
{
    private readonly LiftContext _context = new();
    private readonly Dictionary<string, LiftRule> _rules;
    private readonly string _file;

    private Lifter(string file)
    {
        _file = file;
        _rules = new[]
        {
            SizeRules.All, LayoutRules.All, SelectRules.All, JoinRules.All, ProductRules.All, ElementRules.All, PoolRules.All,
            new RecurrentRules(file).All,
        }.SelectMany(rules => rules).GroupBy(rule => rule.Operator).ToDictionary(rules => rules.Key, rules => rules.Last().Rule);
    }

    /// <summary>The network of a graph; null: it is none.</summary>
    /// <param name="graph">Its constants should be folded.</param>
    /// <param name="file">The name of the file in errors.</param>
    /// <param name="why">Why not, in a sentence that names the node; empty where it was lifted.</param>
    public static LiftedParts? Lift(OnnxGraph graph, string file, out string why)
    {
        Lifter lifter = new(file);
        foreach (OnnxPort input in graph.Inputs) lifter._context[input.Name] = Input(input);
        foreach ((string name, OnnxTensor tensor) in graph.Initializers) lifter._context[name] = new KnownValue(tensor, name);
        foreach (OnnxNode node in graph.Nodes) lifter.Read(node);
        return LiftedOutputs.Read(lifter._context, graph, out why);
    }

    private static LiftValue Input(OnnxPort port)
    {
        if (port.Shape is not { } shape || port.IsSequence) return new UnknownValue($"input '{port.Name}' declares no shape");
        if (port.Type is not (OnnxType.Float or OnnxType.Int64 or OnnxType.Int32))
            return new UnknownValue($"input '{port.Name}' is {port.Text}, and networks here compute in float");
        if (shape.Any(size => size.Size < 1)) return new UnknownValue($"input '{port.Name}' is empty: {port.Text}");
        AxisList axes = new(shape.Select((size, axis) => ImmutableArray.Create(new Atom($"{port.Name}[{axis}]",
            size.Size is { } number ? Extent.Of(number) : Extent.Of(string.IsNullOrEmpty(size.Name) ? $"{port.Name}[{axis}]" : size.Name)))));
        return new InputValue(port, axes, axes);
    }

    private void Read(OnnxNode node)
    {
        LiftValue?[] inputs = [.. node.Inputs.Select(name => name.Length == 0 ? null : _context[name])];
        if (inputs.OfType<UnknownValue>().FirstOrDefault() is { } unknown) Set(node, unknown);
        else if (node.Domain.Length > 0) Set(node, new UnknownValue($"{node.Title} is no operator of ONNX's own"));
        else if (node.Operator == "If") Choose(node, inputs[0]!);
        else if (inputs.All(input => input is null or KnownValue) && Folded(node, inputs)) return;
        else if (_rules.TryGetValue(node.Operator, out LiftRule? rule))
        {
            LiftCall call = new(node, _context, inputs);
            rule(call);
            call.Refuse("has an output that no layer of a network here has");
            for (int i = 0; i < node.Outputs.Count; i++)
                if (node.Outputs[i].Length > 0) _context[node.Outputs[i]] = call.Outputs[i]!;
        }
        else Set(node, new UnknownValue($"{node.Title} is no layer of a network here"));
    }

    private void Set(OnnxNode node, LiftValue value)
    {
        foreach (string name in node.Outputs.Where(name => name.Length > 0)) _context[name] = value;
    }

    // What the folding of the graph has left: nodes in branches.
    private bool Folded(OnnxNode node, LiftValue?[] inputs)
    {
        OnnxGraph alone = new()
        {
            Nodes = [node], Outputs = [.. node.Outputs.Where(name => name.Length > 0).Select(name => new OnnxPort(name, null, null))],
            Initializers = node.Inputs.Zip(inputs).Where(one => one.First.Length > 0).DistinctBy(one => one.First)
                .ToDictionary(one => one.First, one => ((KnownValue)one.Second!).Tensor),
        };
        OnnxGraph folded = ConstantFolding.Fold(alone, OperatorTable.Default, _file);
        if (folded.Nodes.Count > 0) return false;
        foreach (OnnxPort output in alone.Outputs) _context[output.Name] = new KnownValue(folded.Initializers[output.Name]);
        return true;
    }

    // A branch whose condition follows from sizes that are known is read as if it stood there.
    private void Choose(OnnxNode node, LiftValue condition)
    {
        bool? yes = condition switch
        {
            TruthsValue { Items: [var one] } => one,
            KnownValue { Tensor: { Type: OnnxType.Bool, Count: 1 } tensor } => tensor.Values<bool>()[0],
            _ => null,
        };
        if (yes is not { } taken || node.Attributes.GetValueOrDefault(taken ? "then_branch" : "else_branch") is not OnnxGraph branch)
        {
            Set(node, new UnknownValue($"{node.Title} depends on what is known only when the graph runs"));
            return;
        }
        foreach ((string name, OnnxTensor tensor) in branch.Initializers) _context[name] = new KnownValue(tensor, name);
        foreach (OnnxNode inner in branch.Nodes) Read(inner);
        foreach ((string outside, OnnxPort inside) in node.Outputs.Zip(branch.Outputs))
            if (outside.Length > 0) _context[outside] = _context[inside.Name];
    }
}
