using Unroll.Numerics;

namespace Unroll.Cells.Definitions;

/// <summary>
/// From a stage of a program to a list of precompiled statements. Each value that is used more than once is computed once, and every other one within
/// its user as far as a shape reaches, so that there are as few statements as possible.
/// </summary>
internal sealed class StatementCompiler
{
    private readonly OperationGraph _graph = new();
    private readonly IReadOnlyList<StatementShape> _shapes;
    private readonly List<Operand> _views = [];
    private readonly Dictionary<Operand, OperationNode> _values = [];
    private readonly List<(int View, OperationNode Value)> _results = [];
    private readonly Dictionary<OperationNode, int> _uses = [], _into = [];
    private readonly Dictionary<OperationNode, Choice> _choices = [];
    private readonly HashSet<OperationNode> _planned = [];
    private readonly List<PlannedStatement> _statements = [];

    private sealed record Choice(StatementShape? Shape, IReadOnlyList<OperationNode> Operands, int Cost);

    private StatementCompiler(IReadOnlyList<StatementShape> shapes) => _shapes = shapes;

    /// <summary>Compiles a stage.</summary>
    /// <param name="statements">What it does, in order.</param>
    /// <param name="shapes">The shapes that may be used; any set with every single operation gives the same bits.</param>
    /// <returns>The list, and what each of its matrices is.</returns>
    public static (StatementList List, IReadOnlyList<Operand> Views) Compile(IReadOnlyList<CellStatement> statements,
        IReadOnlyList<StatementShape> shapes)
    {
        StatementCompiler compiler = new(shapes);
        foreach (CellStatement statement in statements) compiler.Assign(statement);
        compiler.Plan();
        return (StatementStorage.ListOf(compiler._statements, compiler._views.Count), compiler._views);
    }

    private int ViewOf(Operand operand)
    {
        int view = _views.IndexOf(operand);
        if (view >= 0) return view;
        _views.Add(operand);
        return _views.Count - 1;
    }

    private OperationNode ValueOf(Operand operand)
    {
        if (_values.TryGetValue(operand, out OperationNode? value)) return value;
        if (operand.Kind == OperandKind.Scratch) throw new ArgumentException($"scratch row {operand.Index} is read before it is written");
        _values.Add(operand, value = _graph.View(ViewOf(operand)));
        return value;
    }

    private void Assign(CellStatement s)
    {
        OperationNode value = _graph.Lower(s.Value, ValueOf);
        if (s.Kind == StatementKind.Norm) value = _graph.Norm(value, s.Epsilon, ViewOf(s.Scale));
        if (s.Kind == StatementKind.NormGradient) value = _graph.NormBack(value, ValueOf(s.Normalized), ValueOf(s.Scale));
        if (s.Adds) value = _graph.Sum(ValueOf(s.Target), value);
        _values[s.Target] = value;
        if (s.Target.Kind == OperandKind.Scratch) return;
        int view = ViewOf(s.Target);
        _results.RemoveAll(r => r.View == view);                         // a matrix is written once, where it was last assigned
        _results.Add((view, value));
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
            _statements.Add(new PlannedStatement(value, StatementShapes.Copying, [value], view));               // what is there already, or a number
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
        Choice choice = ChoiceOf(node);
        foreach (OperationNode operand in choice.Operands) Plan(operand);
        _statements.Add(new PlannedStatement(node, choice.Shape, choice.Operands, _into.GetValueOrDefault(node, -1)));
    }

    // Of the shapes that fit the one with which the fewest statements are needed; the values that are needed elsewhere too do not count.
    private Choice ChoiceOf(OperationNode node)
    {
        if (_choices.TryGetValue(node, out Choice? known)) return known;
        Choice? best = null;
        if (node.Operation is Operation.Norm or Operation.NormBack) best = new(null, node.Of, 1 + node.Of.Sum(CostWithin));
        else
            foreach (StatementShape shape in _shapes)
            {
                OperationNode?[] bound = new OperationNode?[4];
                if (!Matches(shape.Pattern, node, bound, isRoot: true)) continue;
                OperationNode[] operands = bound[..shape.Operands]!;
                int cost = 1 + operands.Distinct().Sum(CostWithin);
                if (best is null || cost < best.Cost) best = new(shape, operands, cost);
            }
        return _choices[node] = best ?? throw new ArgumentException($"no shape does {node.Operation}", nameof(node));
    }

    private int CostWithin(OperationNode node) => !node.IsLeaf && IsWithin(node) ? ChoiceOf(node).Cost : 0;

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
