using Unroll.Numerics;

namespace Unroll.Cells.Definitions;

/// <summary>target = value, or target += value.</summary>
/// <param name="Target">A name as expressions use it: a quantity, a δ. What no matrix holds is a value for later assignments.</param>
/// <param name="Value">The value.</param>
/// <param name="Adds">Whether it is added to what the target has.</param>
internal sealed record StatementAssignment(CellExpression Target, CellExpression Value, bool Adds = false);

/// <summary>ρ of the norm that a quantity is, where forward keeps it for backward.</summary>
/// <param name="Normalized">The quantity p̂.</param>
internal sealed record NormScaleExpression(string Normalized) : CellExpression;

/// <summary>
/// From assignments to a list of precompiled statements. Each value that is used more than once is computed once, and every other one within its user
/// as far as a shape reaches; the largest shape that fits is taken, from the results downward.
/// </summary>
/// <remarks>
/// A name is a value: an expression that names what a matrix holds means what it held at the start, or what was assigned to that name since, even where
/// the memory has been given to another name; then it is copied to scratch first.
/// </remarks>
internal sealed class StatementCompiler
{
    private static readonly StatementShape Copy = StatementShapes.Single.First(s => s.Pattern.Operation == Operation.Copy);
    private readonly OperationGraph _graph = new();
    private readonly IReadOnlyDictionary<CellExpression, int> _views;
    private readonly IReadOnlyList<StatementShape> _shapes;
    private readonly Dictionary<CellExpression, OperationNode> _values = [];
    private readonly List<(int View, OperationNode Value)> _results = [];
    private readonly Dictionary<OperationNode, int> _scales = [], _uses = [], _into = [];
    private readonly HashSet<OperationNode> _planned = [];
    private readonly List<PlannedStatement> _statements = [];

    private StatementCompiler(IReadOnlyDictionary<CellExpression, int> views, IReadOnlyList<StatementShape> shapes) => (_views, _shapes) = (views, shapes);

    /// <summary>Compiles assignments.</summary>
    /// <param name="assignments">In order.</param>
    /// <param name="views">Which matrix holds what: names that share memory have the same number. 0 … n − 1.</param>
    /// <param name="shapes">The shapes that may be used, those that do most first; any set with every single operation gives the same bits.</param>
    public static StatementList Compile(IReadOnlyList<StatementAssignment> assignments, IReadOnlyDictionary<CellExpression, int> views,
        IReadOnlyList<StatementShape> shapes)
    {
        StatementCompiler compiler = new(views, shapes);
        foreach (StatementAssignment assignment in assignments) compiler.Assign(assignment);
        compiler.Plan();
        return StatementStorage.ListOf(compiler._statements, compiler._scales, views.Count == 0 ? 0 : views.Values.Max() + 1);
    }

    private OperationNode ValueOf(CellExpression name)
    {
        if (_values.TryGetValue(name, out OperationNode? value)) return value;
        if (!_views.TryGetValue(name, out int view)) throw new ArgumentException($"nothing holds {name}");
        _values.Add(name, value = _graph.View(view));
        return value;
    }

    private void Assign(StatementAssignment assignment)
    {
        OperationNode value = _graph.Lower(assignment.Value, ValueOf);
        if (assignment.Adds) value = _graph.Sum(ValueOf(assignment.Target), value);
        _values[assignment.Target] = value;
        if (value.Operation == Operation.Norm && assignment.Target is QuantityExpression { Name: var name }
            && _views.TryGetValue(new NormScaleExpression(name), out int scale)) _scales[value] = scale;
        if (_views.TryGetValue(assignment.Target, out int view))
        {
            _results.RemoveAll(r => r.View == view);                     // a matrix is written once, where it was last assigned
            _results.Add((view, value));
        }
    }

    private void Plan()
    {
        HashSet<OperationNode> seen = [];
        foreach ((int view, OperationNode value) in _results)
        {
            CountUses(value, seen);
            _into.TryAdd(value, view);
        }
        foreach ((int view, OperationNode value) in _results)
        {
            Plan(value);
            if (value.View == view || (!value.IsLeaf && _into[value] == view)) continue;
            _statements.Add(new PlannedStatement(value, Copy, [value], view));               // what is there already, or a number
        }
    }

    private void CountUses(OperationNode node, HashSet<OperationNode> seen)
    {
        if (!seen.Add(node)) return;
        foreach (OperationNode of in node.Of)
        {
            _uses[of] = _uses.GetValueOrDefault(of) + 1;
            CountUses(of, seen);
        }
    }

    private void Plan(OperationNode node)
    {
        if (node.IsLeaf || !_planned.Add(node)) return;
        StatementShape? best = null;
        OperationNode[] operands = [.. node.Of];
        if (node.Operation is not (Operation.Norm or Operation.NormBack))
        {
            foreach (StatementShape shape in _shapes)
            {
                OperationNode?[] bound = new OperationNode?[4];
                if (!Matches(shape.Pattern, node, bound, isRoot: true)) continue;
                (best, operands) = (shape, bound[..shape.Operands]!);
                break;
            }
            if (best is null) throw new ArgumentException($"no shape does {node.Operation}", nameof(node));
        }
        foreach (OperationNode operand in operands) Plan(operand);
        _statements.Add(new PlannedStatement(node, best, operands, _into.GetValueOrDefault(node, -1)));
    }

    private bool Matches(Pattern pattern, OperationNode node, OperationNode?[] bound, bool isRoot = false)
    {
        if (pattern.Operation == Operation.Operand)
        {
            if (bound[pattern.Operand] is { } known) return known == node;
            bound[pattern.Operand] = node;
            return true;
        }
        if (pattern.Operation != node.Operation || (!isRoot && !IsWithin(node))) return false;
        OperationNode?[] before = [.. bound];
        if (All(pattern.Of, node.Of)) return true;
        if (node.Operation is not (Operation.Add or Operation.Multiply or Operation.MultiplyAdd)) return false;
        before.CopyTo(bound, 0);                                         // a + b = b + a and a b = b a in every bit
        return All(pattern.Of, [node.Of[1], node.Of[0], .. node.Of.Skip(2)]);

        bool All(IReadOnlyList<Pattern> patterns, IReadOnlyList<OperationNode> nodes)
        {
            for (int i = 0; i < patterns.Count; i++)
                if (!Matches(patterns[i], nodes[i], bound)) return false;
            return true;
        }
    }

    // What is used once and stored nowhere; of 1, 1 − a and −a also what is used more often: to do them again is cheaper than to keep them.
    private bool IsWithin(OperationNode node) => node.Operation switch
    {
        Operation.One => true,
        Operation.Negate => node.Of[0].IsLeaf || !_into.ContainsKey(node) && _uses.GetValueOrDefault(node) == 1,
        Operation.Subtract when node.Of[0].Operation == Operation.One => !_into.ContainsKey(node),
        _ => !node.IsLeaf && _uses.GetValueOrDefault(node) == 1 && !_into.ContainsKey(node),
    };
}
