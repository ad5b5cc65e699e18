using Unroll.Core;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Layers.Pooling;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Tests.Writing;

/// <summary>Writes networks and compares what ONNX Runtime makes of them.</summary>
internal static class Written
{
    // Float sums in another order, through the few layers of these networks: some 10⁻⁶ of the largest value.
    private const double Tolerance = 1e-5;

    private static readonly int[][] s_batches = [[1], [4, 7], [2, 0, 5, 7, 1], [5, 5, 5]];

    /// <summary>A network with weights of order 1 ÷ √inputs.</summary>
    public static Network Random(NetworkSpec spec, ulong seed = 7)
    {
        Network network = Network.Build(spec);
        Fill(network.Parameters, seed);
        return network;
    }

    public static void Fill(ParameterStore store, ulong seed)
    {
        using Edit edit = store.Edit();
        foreach (Parameter parameter in store.All)
        {
            Rng draws = new Rng(seed).For(parameter.Name);
            Span<float> values = edit.Of(parameter);
            bool gain = parameter.Name.Contains("gain");
            double scale = parameter.Shape.Length > 1 ? 1.2 / Math.Sqrt(parameter.Shape[^1]) : 0.4;
            for (int i = 0; i < values.Length; i++) values[i] = (float)(scale * draws.Normal((ulong)i) + (gain ? 1 : 0));
        }
    }

    /// <summary>Whole sequences, at all batches, with the network's own first states and with given ones; and step by step if it can.</summary>
    public static ProbeResult Compare(Network network, int opset = 17) => Compare([network], MemberMean.None, opset);

    public static ProbeResult Compare(IReadOnlyList<Network> networks, MemberMean mean, int opset = 17)
    {
        Network network = networks[0];
        using ThreadTeam one = new(1);
        Probe probe = new(networks, mean, one);
        using Ort whole = new(NetworkWriter.Write(networks, mean, opset, step: false).Graph, opset);
        int longest = ProbeBatch.LongestOf(network.Spec) ?? int.MaxValue;
        foreach ((int k, int[] lengths) in s_batches.Index())
        {
            int[] own = [.. lengths.Select(length => Math.Min(length, longest))];
            int steps = Math.Min(longest, own.Max() + (k == 1 ? 2 : 0));
            foreach (bool states in new[] { false, true }) probe.Sequences(whole.Run, own, steps, new Rng((ulong)k), states);
        }
        if (network.Causal)
        {
            using Ort step = new(NetworkWriter.Write(networks, mean, opset, step: true).Graph, opset);
            foreach (int sequences in new[] { 1, 3 }) probe.Steps(step.Run, sequences, 6, new Rng(9));
        }
        return probe.Result;
    }

    /// <summary>The same in our own interpreter, as <c>convert</c> does it, whole and step by step.</summary>
    public static ProbeResult CompareOwn(Network network, int opset)
    {
        using TemporaryFolder folder = new();
        OnnxExportReport report = OnnxExport.Save(folder.File("m.onnx"), network, new OnnxExportOptions { Opset = opset, Step = network.Causal });
        return report.Files.Select(file => file.Largest).MaxBy(result => result.Difference / Math.Max(1, result.Value));
    }

    public static void AssertClose(ProbeResult result, string what = "")
    {
        Assert.True(result.Count > 0, what);
        Assert.True(result.Difference <= Tolerance * Math.Max(1, result.Value), $"{what} {result}");
    }

    /// <summary>The operators of a graph, bodies included.</summary>
    public static IReadOnlyDictionary<string, int> Operators(Network network, int opset = 17) =>
        GraphSummary.Of("", NetworkWriter.Write([network], MemberMean.None, opset, step: false).Graph, default).Operators;
}
