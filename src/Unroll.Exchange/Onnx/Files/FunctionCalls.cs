using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Onnx.Files;

/// <summary>The functions of a model file: a call of one becomes the nodes of its body, with names of their own.</summary>
internal sealed class FunctionCalls
{
    private const int Deepest = 32, MostNodes = 100_000;
    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> _functions = [];
    private readonly Dictionary<FunctionProto, long> _sizes = new(ReferenceEqualityComparer.Instance);
    private readonly ReadingContext _context;
    private int _calls, _nodes;

    public FunctionCalls(IEnumerable<FunctionProto> functions, ReadingContext context)
    {
        _context = context;
        foreach (FunctionProto function in functions)
            if (!_functions.TryAdd((OnnxFile.Domain(function.Domain), function.Name, function.Overload), function))
                throw context.Refusal($"the function '{function.Name}' is there twice; export the model again");
    }

    /// <summary>The nodes with the opsets by which each is meant; calls of functions replaced by the nodes of their bodies.</summary>
    public IEnumerable<(NodeProto Node, IReadOnlyDictionary<string, int> Opsets)> Expand(IEnumerable<NodeProto> nodes,
        IReadOnlyDictionary<string, int> opsets, int depth = 0)
    {
        foreach (NodeProto node in nodes)
        {
            if (!_functions.TryGetValue((OnnxFile.Domain(node.Domain), node.OpType, node.Overload), out FunctionProto? function))
            {
                yield return (node, opsets);
                continue;
            }
            if (depth == 0 && Size(function, 0) > MostNodes) throw TooMany();
            if (depth >= Deepest) throw _context.Refusal($"functions call each other more than {Deepest} deep at '{function.Name}'");
            Dictionary<string, int> own = OnnxFile.Opsets(function.OpsetImport, _context);
            foreach ((string domain, int version) in opsets) own.TryAdd(domain, version);
            foreach (var inner in Expand(Body(function, node), own, depth + 1)) yield return inner;
        }
    }

    // Known before anything is made: functions that call each other twice are a million nodes after twenty calls.
    private long Size(FunctionProto function, int depth)
    {
        if (_sizes.TryGetValue(function, out long known)) return known;
        if (depth >= Deepest) throw _context.Refusal($"functions call each other more than {Deepest} deep at '{function.Name}'");
        long size = 0;
        foreach (NodeProto node in function.Node)
            size = Math.Min(MostNodes + 1, size + 1 + (_functions.TryGetValue((OnnxFile.Domain(node.Domain), node.OpType, node.Overload),
                out FunctionProto? called) ? Size(called, depth + 1) : 0));
        return _sizes[function] = size;
    }

    private Core.UserErrorException TooMany() => _context.Refusal($"its functions have more than {MostNodes:N0} nodes once they are called");

    private List<NodeProto> Body(FunctionProto function, NodeProto call)
    {
        string prefix = $"{(call.Name.Length > 0 ? call.Name : function.Name)}#{++_calls}/";
        if (call.Input.Count > function.Input.Count || call.Output.Count > function.Output.Count)
            throw _context.Refusal($"node '{call.Name}' calls the function '{function.Name}' with more inputs or outputs than it has");
        Dictionary<string, string> names = new() { [""] = "" };
        for (int i = 0; i < function.Input.Count; i++) names[function.Input[i]] = i < call.Input.Count ? call.Input[i] : "";
        List<NodeProto> nodes = [];
        for (int i = 0; i < call.Output.Count; i++)
        {
            string made = function.Output[i], wanted = call.Output[i];
            if (wanted.Length == 0) continue;
            if (names.TryAdd(made, wanted)) continue;
            nodes.Add(new() { OpType = "Identity", Input = { names[made] }, Output = { wanted } });      // an input handed through, or one made twice
        }
        Dictionary<string, AttributeProto> attributes = function.AttributeProto.Concat(call.Attribute).GroupBy(one => one.Name)
            .ToDictionary(group => group.Key, group => group.Last());
        foreach (NodeProto node in function.Node) nodes.Add(Renamed(node, names, prefix, attributes));
        return nodes;
    }

    private NodeProto Renamed(NodeProto node, Dictionary<string, string> names, string prefix, Dictionary<string, AttributeProto> attributes)
    {
        if (++_nodes > MostNodes) throw TooMany();
        NodeProto renamed = new() { OpType = node.OpType, Domain = node.Domain, Overload = node.Overload, Name = prefix + node.Name };
        renamed.Input.AddRange(node.Input.Select(Name));
        renamed.Output.AddRange(node.Output.Select(Name));
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.RefAttrName.Length > 0)
            {
                if (!attributes.TryGetValue(attribute.RefAttrName, out AttributeProto? given)) continue;         // not given: the operator's default
                AttributeProto taken = given.Clone();
                taken.Name = attribute.Name;
                renamed.Attribute.Add(taken);
            }
            else if (attribute.G is null) renamed.Attribute.Add(attribute);
            else renamed.Attribute.Add(new AttributeProto { Name = attribute.Name, Type = attribute.Type, G = Renamed(attribute.G) });
        }
        return renamed;

        string Name(string name) => names.TryGetValue(name, out string? known) ? known : prefix + name;

        // Everything in a function is its own, so that names inside bodies change as those outside do.
        GraphProto Renamed(GraphProto body)
        {
            GraphProto copy = body.Clone();
            foreach (ValueInfoProto port in copy.Input.Concat(copy.Output)) port.Name = Name(port.Name);
            foreach (TensorProto tensor in copy.Initializer) tensor.Name = Name(tensor.Name);
            copy.Node.Clear();
            copy.Node.AddRange(body.Node.Select(inner => this.Renamed(inner, names, prefix, attributes)));
            return copy;
        }
    }
}
