using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Files;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Recurrent;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;

namespace Unroll.Exchange.Tests.Conformance;

/// <summary>What can run a case.</summary>
internal static class Runtimes
{
    /// <summary>This library, as a user has it.</summary>
    public static IReadOnlyList<OnnxTensor> Unroll(ConformanceCase one)
    {
        using MemoryStream stream = new(one.Model);
        (OnnxGraph graph, OnnxDescription description) = OnnxFile.Read(stream, new ReadingContext("model.onnx", null, null));
        return Outputs(OnnxModel.Of(graph, description), one);
    }

    /// <summary>This library without the reader's word about the opset: operators older than what is read.</summary>
    public static IReadOnlyList<OnnxTensor> AnyOpset(ConformanceCase one) => Outputs(OnnxModel.Of(Graph(one), new() { File = "model.onnx" }), one);

    /// <summary>The textbook in double precision, also where the engine would compute.</summary>
    public static IReadOnlyList<OnnxTensor> Textbook(ConformanceCase one) => Node(one, (inputs, y, h, c) => RecurrentTextbook.Run(inputs,
        new RecurrentOutputs<float> { Y = y, LastH = h, LastC = c }));

    /// <summary>The engine.</summary>
    public static IReadOnlyList<OnnxTensor> Engine(ConformanceCase one) => Node(one, (inputs, y, h, c) => RecurrentEngine.For(inputs)!.Run(inputs,
        new RecurrentOutputs<float> { Y = y, LastH = h, LastC = c }));

    /// <summary>Whether the engine can compute a case of floats.</summary>
    public static bool EngineServes(ConformanceCase one) =>
        one.Outputs[0].Type == OnnxType.Float && RecurrentEngine.For(Inputs(one, out _)) is not null;

    /// <summary>ONNX Runtime on the processor.</summary>
    public static IReadOnlyList<OnnxTensor> OnnxRuntime(ConformanceCase one)
    {
        using SessionOptions options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1 };
        using InferenceSession session = new(one.Model, options);
        using RunOptions run = new();
        OrtValue[] inputs = [.. one.Inputs.Select(Value)];
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, [.. InputNames(one)], inputs, session.OutputNames);
        OnnxTensor[] made = [.. outputs.Select(Tensor)];
        foreach (OrtValue input in inputs) input.Dispose();
        return made;
    }

    /// <summary>Whether a case ends the whole process of ONNX Runtime 1.31.1 (<c>terminate called</c>): a GRU without steps.</summary>
    public static bool EndsOnnxRuntime(ConformanceCase one) => one.Name == "gru_no_steps";

    private static OnnxGraph Graph(ConformanceCase one)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(one.Model);
        ReadingContext context = new("model.onnx", null, null);
        Dictionary<string, int> opsets = new() { [""] = (int)model.OpsetImport[0].Version };
        return new GraphReader(context, new FunctionCalls(model.Functions, context)).Read(model.Graph, opsets);
    }

    private static IReadOnlyList<OnnxTensor> Outputs(OnnxModel model, ConformanceCase one)
    {
        Dictionary<string, OnnxValue> given = InputNames(one).Zip(one.Inputs).ToDictionary(pair => pair.First, pair => (OnnxValue)pair.Second);
        IReadOnlyDictionary<string, OnnxValue> made = model.Run(given);
        return [.. model.Outputs.Select(output => (OnnxTensor)made[output.Name])];
    }

    private static IEnumerable<string> InputNames(ConformanceCase one) =>
        ModelProto.Parser.ParseFrom(one.Model).Graph.Input.Select(input => input.Name);

    private static RecurrentInputs Inputs(ConformanceCase one, out OnnxNode node)
    {
        OnnxGraph graph = Graph(one);
        node = graph.Nodes[0];
        Dictionary<string, OnnxTensor> values = InputNames(one).Zip(one.Inputs).ToDictionary(pair => pair.First, pair => pair.Second);
        OnnxTensor?[] tensors = [.. node.Inputs.Select(name => values.GetValueOrDefault(name) ?? graph.Initializers.GetValueOrDefault(name))];
        OperatorNode view = new(node, "model.onnx", _ => throw new NotSupportedException());
        return RecurrentInputs.Read(ConventionReader.Read(node, "model.onnx")!, view, tensors);
    }

    private static IReadOnlyList<OnnxTensor> Node(ConformanceCase one, Action<RecurrentInputs, float[], float[], float[]> run)
    {
        RecurrentInputs inputs = Inputs(one, out OnnxNode node);
        float[] y = new float[Shapes.Count(inputs.OutputShape)], h = new float[Shapes.Count(inputs.StateShape)];
        float[] c = new float[inputs.Convention.Operator == RecurrentOperator.Lstm ? h.Length : 0];
        run(inputs, y, h, c);
        OnnxTensor[] all = [OnnxTensor.Of<float>(inputs.OutputShape, y), OnnxTensor.Of<float>(inputs.StateShape, h),
            .. c.Length > 0 ? [OnnxTensor.Of<float>(inputs.StateShape, c)] : (ReadOnlySpan<OnnxTensor>)[]];
        return [.. node.Outputs.Select((name, i) => (name, i)).Where(output => output.name.Length > 0).Select(output => all[output.i])];
    }

    private static OrtValue Value(OnnxTensor tensor)
    {
        long[] shape = Array.ConvertAll(tensor.Shape.ToArray(), size => (long)size);
        return tensor.Type switch
        {
            OnnxType.Float => OrtValue.CreateTensorValueFromMemory(tensor.Values<float>().ToArray(), shape),
            OnnxType.Double => OrtValue.CreateTensorValueFromMemory(tensor.Values<double>().ToArray(), shape),
            _ => OrtValue.CreateTensorValueFromMemory(tensor.Values<int>().ToArray(), shape),
        };
    }

    private static OnnxTensor Tensor(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        OnnxType type = OnnxTypes.Of((int)info.ElementDataType)!.Value;
        return new(type, Array.ConvertAll(info.Shape, size => (int)size), type == OnnxType.Float
            ? MemoryMarshal.AsBytes(value.GetTensorDataAsSpan<float>()).ToArray()
            : MemoryMarshal.AsBytes(value.GetTensorDataAsSpan<double>()).ToArray());
    }
}
