using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Lifting;

namespace Unroll.Exchange.Tests.Lifting;

/// <summary>All graphs of the interpreter's tests.</summary>
public sealed class SweepTests
{
    private static readonly string[] s_never = ["unrolled", "loop", "scan", "cells", "attention", "mixed", "scripted"];

    // A graph is compared with its network by the lifting itself: what is lifted answers a probe as the graph does.
    [Fact]
    public void Every_graph_with_whole_layers_is_lifted_and_every_other_one_says_why()
    {
        int lifted = 0;
        List<string> faults = [];
        foreach (string path in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Onnx", "Fixtures"), "*.onnx",
            SearchOption.AllDirectories))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            bool isNetwork = LiftedNetwork.TryLift(OnnxModel.Load(path), out string why) is not null;
            if (isNetwork) lifted++;
            if (isNetwork == s_never.Any(word => name.Contains(word, StringComparison.Ordinal)) || isNetwork != (why.Length == 0)
                || why.Contains('\n'))
                faults.Add($"{name}: {why}");
        }
        Assert.Empty(faults);
        Assert.InRange(lifted, 40, 200);
    }
}
