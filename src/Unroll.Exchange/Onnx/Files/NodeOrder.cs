using Unroll.Exchange.Onnx.Graphs;

namespace Unroll.Exchange.Onnx.Files;

/// <summary>Nodes in an order in which each stands after what it reads: that of the file where it is one already, as it should be.</summary>
internal static class NodeOrder
{
    /// <summary>The nodes in order.</summary>
    /// <exception cref="Core.UserErrorException">Some read each other's results in a circle.</exception>
    public static IReadOnlyList<OnnxNode> Sorted(List<OnnxNode> nodes, ReadingContext context)
    {
        Dictionary<string, int> makers = [];
        for (int i = 0; i < nodes.Count; i++)
            foreach (string output in nodes[i].Outputs)
                if (output.Length > 0) makers[output] = i;
        int[][] before = [.. nodes.Select(node => Reads(node).Where(makers.ContainsKey).Select(name => makers[name]).Distinct().ToArray())];
        if (before.Index().All(one => one.Item.All(maker => maker < one.Index))) return nodes;
        return Sort(nodes, before, context);
    }

    private static IEnumerable<string> Reads(OnnxNode node) => node.Inputs.Concat(node.Subgraphs.SelectMany(body => body.OuterNames()));

    // Those that wait for nothing first, in the order of the file.
    private static List<OnnxNode> Sort(List<OnnxNode> nodes, int[][] before, ReadingContext context)
    {
        int[] waits = [.. before.Select(makers => makers.Length)];
        List<int>[] readers = [.. nodes.Select(_ => new List<int>())];
        for (int i = 0; i < before.Length; i++)
            foreach (int maker in before[i]) readers[maker].Add(i);
        PriorityQueue<int, int> ready = new(waits.Index().Where(one => one.Item == 0).Select(one => (one.Index, one.Index)));
        List<OnnxNode> sorted = [];
        while (ready.TryDequeue(out int next, out _))
        {
            sorted.Add(nodes[next]);
            foreach (int reader in readers[next])
                if (--waits[reader] == 0) ready.Enqueue(reader, reader);
        }
        return sorted.Count == nodes.Count ? sorted
            : throw context.Refusal($"{nodes[Array.FindIndex(waits, count => count > 0)].Title} needs its own result, through others or directly: "
                + "the graph goes in a circle; export it again");
    }
}
