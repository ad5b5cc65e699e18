using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>A graph that grows node by node. What a body of a Scan needs lies in the outermost graph: bodies see the names outside them.</summary>
internal sealed class GraphWriter
{
    private readonly GraphWriter _root;
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<string, int> _counts = [];

    /// <summary>Begins a graph.</summary>
    /// <param name="name">The graph's name.</param>
    /// <param name="opset">The version of the standard operators that its nodes mean.</param>
    public GraphWriter(string name, int opset)
    {
        (_root, Opset) = (this, opset);
        Graph.Name = name;
    }

    private GraphWriter(GraphWriter outer, string name)
    {
        (_root, Opset, Scope) = (outer._root, outer.Opset, outer.Scope);
        Graph.Name = name;
    }

    /// <summary>The version of the standard operators.</summary>
    public int Opset { get; }

    /// <summary>What has been written.</summary>
    public GraphProto Graph { get; } = new();

    /// <summary>The first part of the names that nodes get: the layer under way.</summary>
    public string Scope { get; set; } = "network";

    /// <summary>The graph of a Scan's body.</summary>
    public GraphWriter Body(string name) => new(this, name);

    /// <summary>Adds a node of one output.</summary>
    /// <returns>The output's name.</returns>
    public string Node(string type, IEnumerable<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Nodes(type, inputs, 1, attributes)[0];

    /// <summary>Adds a node.</summary>
    /// <returns>The outputs' names.</returns>
    public string[] Nodes(string type, IEnumerable<string> inputs, int outputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        string name = Fresh($"{Scope}/{type}");
        string[] made = [.. Enumerable.Range(0, outputs).Select(k => outputs == 1 ? $"{name}:0" : $"{name}:{k}")];
        NodeProto node = new() { Name = name, OpType = type };
        node.Input.AddRange(inputs);
        node.Output.AddRange(made);
        foreach (AttributeProto attribute in attributes) node.Attribute.Add(attribute);
        Graph.Node.Add(node);
        return made;
    }

    /// <summary>Adds an input of the graph. A dimension is a name or a number.</summary>
    public string Input(string name, TensorProto.Types.DataType type, params ReadOnlySpan<object> dimensions)
    {
        Graph.Input.Add(Describe(name, type, dimensions));
        _root._names.Add(name);
        return name;
    }

    /// <summary>Adds an output of the graph: a value that a node made, under a name of its own.</summary>
    public void Output(string name, string value, TensorProto.Types.DataType type, params ReadOnlySpan<object> dimensions)
    {
        _root._names.Add(name);
        NodeProto node = new() { Name = $"output/{name}", OpType = "Identity", Input = { value }, Output = { name } };
        Graph.Node.Add(node);
        Graph.Output.Add(Describe(name, type, dimensions));
    }

    /// <summary>A tensor of floats, bit by bit, by its name.</summary>
    public string Floats(string name, ReadOnlySpan<int> shape, ReadOnlySpan<float> values) =>
        Add(name, TensorProto.Types.DataType.Float, [.. shape.ToArray().Select(size => (long)size)], Bytes(values));

    /// <summary>One float, the same for all who need it.</summary>
    public string Float(float value) => Shared(TensorProto.Types.DataType.Float, [], Bytes([value]), $"{value:R}");

    /// <summary>One long integer.</summary>
    public string Long(long value) => Shared(TensorProto.Types.DataType.Int64, [], Bytes([value]), $"{value}");

    /// <summary>One integer of 32 bits.</summary>
    public string Int(int value) => Shared(TensorProto.Types.DataType.Int32, [], Bytes([value]), $"{value}");

    /// <summary>Several long integers: axes, shapes, bounds.</summary>
    public string Longs(params ReadOnlySpan<long> values) =>
        Shared(TensorProto.Types.DataType.Int64, [values.Length], Bytes(values), $"[{string.Join(",", values.ToArray())}]");

    /// <summary>The name with a number behind it where it is taken.</summary>
    private string Fresh(string stem)
    {
        while (true)
        {
            int count = _root._counts.GetValueOrDefault(stem);
            _root._counts[stem] = count + 1;
            string name = count == 0 ? stem : $"{stem}.{count + 1}";
            if (_root._names.Add(name)) return name;
        }
    }

    private string Shared(TensorProto.Types.DataType type, long[] shape, ByteString bytes, string text)
    {
        string name = $"constant/{type.ToString().ToLowerInvariant()}/{text}";
        return _root._names.Contains(name) ? name : Add(name, type, shape, bytes);
    }

    private string Add(string name, TensorProto.Types.DataType type, long[] shape, ByteString bytes)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)type, RawData = bytes };
        tensor.Dims.AddRange(shape);
        _root.Graph.Initializer.Add(tensor);
        _root._names.Add(name);
        return name;
    }

    // Raw data are little-endian.
    private static ByteString Bytes<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        byte[] bytes = MemoryMarshal.AsBytes(values).ToArray();
        if (!BitConverter.IsLittleEndian)
            if (Marshal.SizeOf<T>() == sizeof(long)) Turn<long>(bytes, BinaryPrimitives.ReverseEndianness);
            else Turn<int>(bytes, BinaryPrimitives.ReverseEndianness);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    private static void Turn<T>(byte[] bytes, Func<T, T> turn) where T : unmanaged
    {
        foreach (ref T value in MemoryMarshal.Cast<byte, T>(bytes.AsSpan())) value = turn(value);
    }

    private static ValueInfoProto Describe(string name, TensorProto.Types.DataType type, ReadOnlySpan<object> dimensions)
    {
        TensorShapeProto shape = new();
        foreach (object dimension in dimensions)
            shape.Dim.Add(dimension is string symbol
                ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dimension, System.Globalization.CultureInfo.InvariantCulture) });
        TypeProto.Types.Tensor tensor = new() { ElemType = (int)type, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
