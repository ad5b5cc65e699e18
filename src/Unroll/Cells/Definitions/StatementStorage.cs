using Unroll.Numerics;

namespace Unroll.Cells.Definitions;

/// <summary>A statement before its rows are known.</summary>
/// <param name="Value">What it computes.</param>
/// <param name="Shape">By which shape; null: it works on a whole row.</param>
/// <param name="Operands">Of what.</param>
/// <param name="Into">The matrix that receives it; −1: none does.</param>
internal sealed record PlannedStatement(OperationNode Value, StatementShape? Shape, IReadOnlyList<OperationNode> Operands, int Into);

/// <summary>Gives every value of planned statements a row: its matrix, a constant, or scratch, which is used again as soon as it is free.</summary>
internal sealed class StatementStorage
{
    private readonly IReadOnlyList<PlannedStatement> _planned;
    private readonly Dictionary<OperationNode, int> _lastUse = [], _rows = [];
    private readonly Dictionary<int, OperationNode> _holders = [];
    private readonly List<float> _constants = [];
    private readonly Stack<int> _free = [];
    private readonly List<StatementStep> _steps = [];
    private readonly int _views;
    private int _scratch;

    private StatementStorage(IReadOnlyList<PlannedStatement> planned, int views)
    {
        (_planned, _views) = (planned, views);
        for (int i = 0; i < planned.Count; i++)
            foreach (OperationNode operand in planned[i].Operands)
            {
                _lastUse[operand] = i;
                if (operand.View >= 0) _holders[operand.View] = operand;
                if (operand.Number is { } number && _rows.TryAdd(operand, views + _constants.Count)) _constants.Add(number);
            }
    }

    /// <summary>Makes the list.</summary>
    /// <param name="planned">The statements in order.</param>
    /// <param name="views">How many matrices.</param>
    public static StatementList ListOf(IReadOnlyList<PlannedStatement> planned, int views)
    {
        StatementStorage storage = new(planned, views);
        for (int i = 0; i < planned.Count; i++) storage.Emit(i);
        return new StatementList(views, storage._constants, storage._scratch, storage._steps);
    }

    private void Emit(int index)
    {
        PlannedStatement s = _planned[index];
        bool whole = s.Shape is null;
        Vacate(s.Into, index);
        Vacate(s.Value.Scale, index);
        List<int> operands = [.. s.Operands.Select(RowOf)];
        if (!whole) Release(index);                                      // a loop may write what it reads; sums over a row may not
        int to = s.Into >= 0 ? s.Into : Take();
        if (s.Value.Scale >= 0 && whole) operands.Add(s.Value.Scale);
        _steps.Add(new StatementStep(s.Shape, to, operands) { Whole = whole ? s.Value.Operation : default, Epsilon = s.Value.Epsilon });
        if (whole) Release(index);
        if (_rows.TryAdd(s.Value, to) && s.Into >= 0) _holders[s.Into] = s.Value;
    }

    // What a matrix holds and a later statement reads is copied before the matrix is overwritten.
    private void Vacate(int view, int index)
    {
        if (view < 0 || !_holders.Remove(view, out OperationNode? holder) || _lastUse.GetValueOrDefault(holder, -1) <= index) return;
        int to = Take();
        _steps.Add(new StatementStep(StatementShapes.Copying, to, RowOf(holder)));
        _rows[holder] = to;
    }

    private int RowOf(OperationNode node) => _rows.TryGetValue(node, out int row) ? row : node.View;

    private int Take() => _free.TryPop(out int row) ? row : _views + _constants.Count + _scratch++;

    private void Release(int index)
    {
        foreach (OperationNode operand in _planned[index].Operands.Distinct())
            if (_lastUse[operand] == index && RowOf(operand) is int row && row >= _views + _constants.Count) _free.Push(row);
    }
}
