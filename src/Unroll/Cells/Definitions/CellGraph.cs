using System.Globalization;

namespace Unroll.Cells.Definitions;

/// <summary>
/// The equations of a cell as a graph without the names of quantities: each stands as what it is, sums and products are flat, and biases that are
/// only ever added to each other are one.
/// </summary>
internal sealed class CellGraph
{
    private const int MostTerms = 400;
    private const string Sum = "+", Times = "⊙", Minus = "−", Leaf = "leaf ";

    private readonly Dictionary<string, int> _known = [], _quantities = [];
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, string> _kept = [];

    /// <summary>Makes the graph.</summary>
    public CellGraph(CellDefinition definition)
    {
        Definition = definition;
        foreach (CellAssignment assignment in definition.Assignments) _quantities[assignment.Name] = Add(assignment.Value);
        JoinBiases();
    }

    /// <summary>The cell.</summary>
    public CellDefinition Definition { get; }

    /// <summary>Its nodes, each behind what it is made of.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>The node that a quantity is.</summary>
    public int Of(string quantity) => _quantities[quantity];

    /// <summary>The leaves with a name: parameters and states of the step before.</summary>
    public IEnumerable<int> Leaves => Enumerable.Range(0, _nodes.Count).Where(i => _nodes[i].Name.Length > 0 && !_kept.ContainsKey(_nodes[i].Name));

    /// <summary>The bias that stands for another that is only ever added to it.</summary>
    public IReadOnlyDictionary<string, string> Joined => _kept;

    /// <summary>A node.</summary>
    /// <param name="Operation">What it is; of a leaf with a name its kind.</param>
    /// <param name="Name">The name of a parameter or a state; empty: none.</param>
    /// <param name="Parts">What it is made of.</param>
    internal sealed record Node(string Operation, string Name, IReadOnlyList<int> Parts)
    {
        /// <summary>Whether the order of the parts is of no account.</summary>
        public bool IsFree => Operation is Sum or Times or "max" or "min";
    }

    private int Add(CellExpression e) => e switch
    {
        QuantityExpression quantity => _quantities[quantity.Name],
        InputExpression => New("x"),
        ConstantExpression constant => New(constant.Value.ToString("R", CultureInfo.InvariantCulture)),
        PreviousExpression previous => Named("state", previous.State),
        VectorExpression vector => Named("vector", vector.Name),
        ScalarExpression scalar => Named("scalar", scalar.Name),
        ProductExpression product => New($"product {product.Form}", Named("matrix", product.Matrix), Add(product.Of)),
        BinaryExpression { Operator: BinaryOperator.Add } sum => Flat(Sum, [Add(sum.Left), Add(sum.Right)]),
        BinaryExpression { Operator: BinaryOperator.Subtract } sum => Flat(Sum, [Add(sum.Left), Negated(Add(sum.Right))]),
        FunctionExpression { Function: CellFunction.Negate } negated => Negated(Add(negated.Of)),
        BinaryExpression { Operator: BinaryOperator.Multiply } product => Flat(Times, [Add(product.Left), Add(product.Right)]),
        BinaryExpression binary => New(CellFormatter.Sign(binary.Operator), Add(binary.Left), Add(binary.Right)),
        FunctionExpression function => New(function.Function.ToString(), Add(function.Of)),
        ClipExpression clip => New(string.Create(CultureInfo.InvariantCulture, $"clip {clip.Low:R} {clip.High:R}"), Add(clip.Of)),
        NormExpression norm => New(string.Create(CultureInfo.InvariantCulture, $"norm {norm.Epsilon:R}"), Add(norm.Of)),
        _ => throw new ArgumentException($"'{e}' is no expression of a definition", nameof(e)),
    };

    // −(a + b) = −a − b     −(−a) = a
    private int Negated(int of) => _nodes[of].Operation switch
    {
        Minus => _nodes[of].Parts[0],
        Sum => Flat(Sum, [.. _nodes[of].Parts.Select(Negated)]),
        _ => New(Minus, of),
    };

    private int Flat(string operation, IReadOnlyList<int> parts)
    {
        int[] flat = [.. parts.SelectMany(part => _nodes[part].Operation == operation ? _nodes[part].Parts : [part]).Order()];
        return New(operation, flat.Length <= MostTerms ? flat : parts);
    }

    private int Named(string kind, string name) => Intern(new Node(kind, name, []));

    private int New(string operation, params IReadOnlyList<int> parts) => Intern(new Node(operation, "", parts));

    private int Intern(Node node)
    {
        string key = $"{node.Operation} {(node.Name.Length > 0 ? Leaf : "")}{node.Name} {string.Join(' ', node.Parts)}";
        if (_known.TryGetValue(key, out int known)) return known;
        _nodes.Add(node);
        return _known[key] = _nodes.Count - 1;
    }

    // … + b + c is … + b where both stand nowhere else
    private void JoinBiases()
    {
        int[] uses = new int[_nodes.Count];
        foreach (Node node in Met().Select(i => _nodes[i]))
            foreach (int part in node.Parts) uses[part]++;
        foreach (int i in Met().Where(i => _nodes[i].Operation == Sum))
        {
            int[] biases = [.. _nodes[i].Parts.Where(part => _nodes[part].Operation == "vector" && uses[part] == 1)];
            foreach (int other in biases.Skip(1)) _kept[_nodes[other].Name] = _nodes[biases[0]].Name;
            _nodes[i] = _nodes[i] with { Parts = [.. _nodes[i].Parts.Where(part => part == biases.FirstOrDefault(part) || !biases.Contains(part))] };
        }
    }

    /// <summary>The nodes of which the states' new values and the output are made, each once, in order: flattening leaves others behind.</summary>
    public IEnumerable<int> Met()
    {
        SortedSet<int> met = [];
        Stack<int> open = new(Definition.States.Select(state => state.Name).Append(Definition.Output).Select(Of));
        while (open.TryPop(out int one))
            if (met.Add(one))
                foreach (int part in _nodes[one].Parts) open.Push(part);
        return met;
    }
}
