using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Files;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Fuzz;

/// <summary>ONNX models: read, their constants folded, and run on small inputs. The good ones are those of the exchange's tests.</summary>
internal static class OnnxTargets
{
    private const int MostGiven = 10_000;

    // Little of both, so that a model that still runs is done soon: a graph that asks for more is refused as in a run with larger limits.
    private static readonly OnnxRunOptions s_limits = new() { MemoryLimit = 8 << 20, LoopLimit = 200 };

    private static readonly string[] s_words = ["LSTM", "GRU", "Loop", "Scan", "If", "Slice", "Reshape", "Expand", "Concat", "Gather", "axes", "axis",
        "body",
        "then_branch", "hidden_size", "direction", "bidirectional", "reverse", "perm", "to", "ai.onnx", "\u0012\u0001x",
            "\u007f\u007f\u007f\u007f\u0007"];

    public static IEnumerable<FuzzTarget> All =>
    [
        Of("ONNX of recurrent layers", "gru-packed-unsorted-bidirectional", "classifier-attention", "dynamo-lstm-reordered", "mixed"),
        Of("ONNX of loops", "scripted-lstm-opset16", "tf2onnx-loop-lstm", "tf2onnx-scan-axis1", "scripted-squeeze-1", "scripted-until"),
        Changed("ONNX graph of recurrent layers", "lstm-bidirectional-2-unfolded", "gru-packed-unsorted", "tagger-gru-opset17", "mixed"),
        Changed("ONNX graph of loops", "scripted-lstm-opset16", "tf2onnx-loop-lstm", "tf2onnx-scan-axis1", "scripted-until"),
    ];

    // Changed bytes are mostly no message any more: here they choose what is changed in a graph that stays one.
    private static FuzzTarget Changed(string name, params string[] seeds)
    {
        FuzzTarget target = Of(name, seeds);
        return target with { Read = bytes => Read(target.Seeds.Any(seed => seed.AsSpan().SequenceEqual(bytes)) ? bytes
            : OnnxChange.Of(target.Seeds, bytes)) };
    }

    private static FuzzTarget Of(string name, params string[] seeds) => new(name, [typeof(OnnxFile), typeof(OnnxModel)],
        [.. seeds.Select(seed => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Onnx", seed + ".onnx")))], Read) { Words = s_words };

    private static void Read(byte[] bytes)
    {
        (OnnxGraph graph, OnnxDescription description) = OnnxFile.Read(new MemoryStream(bytes), new ReadingContext("x.onnx", null, null));
        GraphUse.UnusedWeights(graph);
        OnnxModel model = OnnxModel.Of(ConstantFolding.Fold(graph, OperatorTable.Default, "x.onnx"), description);
        Dictionary<string, OnnxValue> given = [];
        foreach (OnnxPort port in model.Inputs)
        {
            int[] shape = [.. (port.Shape ?? [new(2, null), new(2, null), new(4, null)]).Select(size => size.Size ?? 2)];
            if (Shapes.Count(shape) > MostGiven) return;                     // nobody has such an input
            OnnxTensor zeros = OnnxTensor.New(port.Type ?? OnnxType.Float, shape, out Span<byte> elements);
            if (port.Type == OnnxType.Int64) for (int i = 0; i < elements.Length; i += 8) elements[i] = 1;
            given.Add(port.Name, port.IsSequence ? new OnnxSequence(zeros.Type, [zeros]) : zeros);
        }
        model.Run(given, s_limits);
    }
}
