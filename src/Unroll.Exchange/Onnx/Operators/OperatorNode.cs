using Unroll.Core;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>A node as its operator sees it when the model is loaded: its attributes, and which inputs and outputs it has.</summary>
internal sealed class OperatorNode(OnnxNode node, string file, Func<OnnxGraph, GraphPlan> plan)
{
    private readonly HashSet<string> _asked = [];

    /// <summary>The node of the graph.</summary>
    public OnnxNode Node => node;

    /// <summary>The version of the operators' domain.</summary>
    public int Opset => node.Opset;

    /// <summary>The number of inputs, missing ones in between counted.</summary>
    public int InputCount => node.Inputs.Count;

    /// <summary>The number of outputs, those not wanted in between counted.</summary>
    public int OutputCount => node.Outputs.Count;

    /// <summary>Whether an input is there.</summary>
    public bool HasInput(int index) => index < node.Inputs.Count && node.Inputs[index].Length > 0;

    /// <summary>Whether an output is wanted.</summary>
    public bool HasOutput(int index) => index < node.Outputs.Count && node.Outputs[index].Length > 0;

    /// <summary>Whether an attribute is given.</summary>
    public bool Has(string name)
    {
        _asked.Add(name);
        return node.Attributes.ContainsKey(name);
    }

    /// <summary>A whole number.</summary>
    public long Int(string name, long otherwise) => Get<long>(name, "a whole number", out long value) ? value : otherwise;

    /// <summary>A whole number that must be given.</summary>
    public long Int(string name) => Get<long>(name, "a whole number", out long value) ? value : throw Missing(name);

    /// <summary>A truth value, 0 or 1.</summary>
    public bool Flag(string name, bool otherwise = false) => Int(name, otherwise ? 1 : 0) switch
    {
        0 => false,
        1 => true,
        var other => throw Refusal($"attribute '{name}' is {other}, expected 0 or 1"),
    };

    /// <summary>A number.</summary>
    public float Float(string name, float otherwise) => Get<float>(name, "a number", out float value) ? value : otherwise;

    /// <summary>A text.</summary>
    public string String(string name, string otherwise) => Get<string>(name, "a text", out string? value) ? value! : otherwise;

    /// <summary>A text that is one of several.</summary>
    public string OneOf(string name, string otherwise, params ReadOnlySpan<string> known)
    {
        string value = String(name, otherwise);
        return known.Contains(value) ? value
            : throw Refusal($"attribute '{name}' is '{value}', expected {string.Join(" or ", known.ToArray())}");
    }

    /// <summary>Whole numbers, or null where they are not given.</summary>
    public long[]? Ints(string name) => Get<long[]>(name, "whole numbers", out long[]? value) ? value : null;

    /// <summary>Numbers, or null where they are not given.</summary>
    public float[]? Floats(string name) => Get<float[]>(name, "numbers", out float[]? value) ? value : null;

    /// <summary>Texts, or null where they are not given.</summary>
    public string[]? Strings(string name) => Get<string[]>(name, "texts", out string[]? value) ? value : null;

    /// <summary>A tensor, or null where it is not given.</summary>
    public OnnxTensor? Tensor(string name) => Get<OnnxTensor>(name, "a tensor", out OnnxTensor? value) ? value : null;

    /// <summary>The body of a node, ready to run.</summary>
    public GraphPlan Body(string name) => plan(Graph(name));

    /// <summary>The body of a node.</summary>
    public OnnxGraph Graph(string name) => Get<OnnxGraph>(name, "a graph", out OnnxGraph? value) ? value! : throw Missing(name);

    /// <summary>A type of elements given by its number.</summary>
    /// <param name="name">The attribute.</param>
    /// <param name="otherwise">The number where it is not given; 0 where it must be.</param>
    /// <param name="half">Whether it is a float of 16 bits, held as a float.</param>
    public OnnxType ElementType(string name, int otherwise, out bool half)
    {
        int number = (int)Math.Clamp(otherwise == 0 ? Int(name) : Int(name, otherwise), 0, int.MaxValue);
        half = OnnxTypes.IsHalf(number);
        return OnnxTypes.Of(number)
            ?? throw Refusal($"attribute '{name}' asks for {OnnxTypes.NameOf(number)}, which is not supported; supported are {OnnxTypes.Known}");
    }

    /// <summary>Refuses what nobody asked for: it would change the result and is not known.</summary>
    /// <exception cref="UserErrorException">There is such an attribute.</exception>
    public void RefuseOthers()
    {
        foreach (string name in node.Attributes.Keys)
            if (!_asked.Contains(name)) throw Refusal($"attribute '{name}' is not supported");
    }

    /// <summary>The user's error for something in this node.</summary>
    /// <param name="what">What is wrong, what was expected; without a full stop.</param>
    public UserErrorException Refusal(string what) => new($"'{file}': {node.Title}: {what}.");

    private UserErrorException Missing(string name) => Refusal($"attribute '{name}' is missing");

    private bool Get<T>(string name, string expected, out T? value)
    {
        _asked.Add(name);
        value = default;
        if (!node.Attributes.TryGetValue(name, out object? given)) return false;
        value = given is T right ? right : throw Refusal($"attribute '{name}' is not {expected}");
        return true;
    }
}
