using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Lifting;
using Unroll.Exchange.Onnx.Values;
using Unroll.Numerics;

namespace Unroll.OnnxRuntime;

/// <summary>This library on the same ONNX file, through what a user calls.</summary>
/// <param name="engine"><c>lifted</c>: as a network; <c>interpreter</c>: node by node, on a thread for each processor of the process.</param>
/// <param name="team">The threads of a network.</param>
internal sealed class OwnEngine(string engine, ThreadTeam team)
{
    /// <summary>A call on whole sequences.</summary>
    internal Action Sequences(RecurrentNetwork network)
    {
        string path = Path.Combine(Path.GetTempPath(), $"unroll-compare-{Environment.ProcessId}.onnx");
        File.WriteAllBytes(path, OnnxModel.OfSequences(network));
        Exchange.Onnx.OnnxModel model = Exchange.Onnx.OnnxModel.Load(path);
        File.Delete(path);
        float[] x = new float[network.T * network.B * network.I];
        for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i);
        Dictionary<string, OnnxValue> inputs = new() { ["x"] = OnnxTensor.Of<float>([network.T, network.B, network.I], x) };
        if (engine == "interpreter") return () => model.Run(inputs);
        LiftedSession session = (LiftedNetwork.TryLift(model, out string why) ?? throw new NotSupportedException(why)).NewSession(team);
        return () => session.Run(inputs);
    }
}
