using System.Globalization;

namespace Unroll.Cells.Definitions;

/// <summary>
/// Which built-in cell has the same equations: up to the names of quantities, parameters and states, to what is given a name at all, to the order of
/// what is added or multiplied, and to biases that are only ever added to each other. How parameters begin does not count.
/// </summary>
public sealed class CellLikeness
{
    // Each round tells parameters apart by all that they meet; a cell of this library needs two.
    private const int Rounds = 6;

    private CellLikeness(BuiltInDefinition like, IReadOnlyDictionary<string, string> names) => (Like, Names) = (like, names);

    /// <summary>The built-in cell.</summary>
    public BuiltInDefinition Like { get; }

    /// <summary>What each parameter and state of the cell is called in the built-in one's definition.</summary>
    public IReadOnlyDictionary<string, string> Names { get; }

    /// <summary>The built-in cell that is equal; null if there is none.</summary>
    /// <param name="definition">The cell.</param>
    public static CellLikeness? Of(CellDefinition definition)
    {
        foreach (BuiltInDefinition like in BuiltInDefinitions.All)
        {
            Dictionary<string, int> colors = [];
            CellGraph own = new(definition), other = new(like.Definition);
            Coloring ownColors = new(own, colors), otherColors = new(other, colors);
            if (ownColors.Signature != otherColors.Signature) continue;
            Dictionary<string, string> names = own.Leaves.ToDictionary(leaf => own.Nodes[leaf].Name,
                leaf => other.Nodes[other.Leaves.First(one => otherColors.OfLeaf(one) == ownColors.OfLeaf(leaf))].Name);
            foreach ((string joined, string kept) in own.Joined) names[joined] = names[kept];
            return new CellLikeness(like, names);
        }
        return null;
    }

    /// <summary>Whether no two parameters or states of a cell look alike: then an equal signature is an equal cell.</summary>
    internal static bool TellsApart(CellDefinition definition)
    {
        CellGraph graph = new(definition);
        Coloring coloring = new(graph, []);
        int[] leaves = [.. graph.Leaves.Intersect(graph.Met())];
        return leaves.Select(coloring.OfLeaf).Distinct().Count() == leaves.Length;
    }

    // A color is a number that stands for all that was seen; both cells share the numbers, so that equal ones mean the same.
    private sealed class Coloring
    {
        private readonly CellGraph _graph;
        private readonly Dictionary<string, int> _colors;
        private readonly int[] _leaf, _node, _around, _met;

        public Coloring(CellGraph graph, Dictionary<string, int> colors)
        {
            (_graph, _colors, _met) = (graph, colors, [.. graph.Met()]);
            (_leaf, _node, _around) = (new int[graph.Nodes.Count], new int[graph.Nodes.Count], new int[graph.Nodes.Count]);
            foreach (int i in _met) _leaf[i] = Color($"kind {Kind(graph.Nodes[i])}");
            for (int round = 0; round < Rounds; round++)
            {
                foreach (int i in _met) _node[i] = Color($"node {_leaf[i]} {Parts(graph.Nodes[i])}");
                LookAround();
                foreach (int i in _met.Where(i => graph.Nodes[i].Name.Length > 0)) _leaf[i] = Color($"leaf {_leaf[i]} {_around[i]} {NewValue(i)}");
            }
            IEnumerable<int> leaves = _met.Where(i => graph.Nodes[i].Name.Length > 0).Select(i => _leaf[i]).Order();
            Signature = $"{_node[graph.Of(graph.Definition.Output)]} | {string.Join(' ', leaves)}";
        }

        public string Signature { get; }

        public int OfLeaf(int node) => _leaf[node];

        private string Kind(CellGraph.Node node)
        {
            if (node.Operation != "state") return node.Operation;
            CellState state = _graph.Definition.States.First(one => one.Name == node.Name);
            return string.Create(CultureInfo.InvariantCulture,
                $"state {state.Initial:R} {(state.Width is { } width ? CellFormatter.Width(width) : "")} {node.Name == _graph.Definition.Output}");
        }

        private string Parts(CellGraph.Node node)
        {
            IEnumerable<int> parts = node.Parts.Select(part => _node[part]);
            return string.Join(' ', node.IsFree ? parts.Order() : parts);
        }

        private bool IsState(int node) => _graph.Nodes[node] is { Operation: "state", Name.Length: > 0 };

        private string NewValue(int leaf) => IsState(leaf) ? $"{_node[_graph.Of(_graph.Nodes[leaf].Name)]}" : "";

        // From the ends to the leaves: what uses a node, at which place, and what uses that.
        private void LookAround()
        {
            List<string>[] users = [.. _graph.Nodes.Select(_ => new List<string>())];
            users[_graph.Of(_graph.Definition.Output)].Add("output");
            foreach (CellState state in _graph.Definition.States)
                users[_graph.Of(state.Name)].Add($"state {_leaf[_met.First(i => IsState(i) && _graph.Nodes[i].Name == state.Name)]}");
            foreach (int i in _met.Reverse())
            {
                _around[i] = Color($"around {string.Join(' ', users[i].Order(StringComparer.Ordinal))}");
                CellGraph.Node node = _graph.Nodes[i];
                for (int k = 0; k < node.Parts.Count; k++) users[node.Parts[k]].Add($"{_node[i]}/{_around[i]}/{(node.IsFree ? 0 : k)}");
            }
        }

        private int Color(string seen)
        {
            if (!_colors.TryGetValue(seen, out int color)) _colors[seen] = color = _colors.Count;
            return color;
        }
    }
}
