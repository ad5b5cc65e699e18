using System.Buffers;
using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>One statement. Rows are numbered: first the matrices that a run is given, then constants, then scratch.</summary>
/// <param name="Shape">What it computes unit by unit; null: it works on a whole row, as <see cref="Whole"/> says.</param>
/// <param name="To">The row that it writes.</param>
/// <param name="Operands">The rows that it reads, in the order of the shape's operands.</param>
internal sealed record StatementStep(StatementShape? Shape, int To, params IReadOnlyList<int> Operands)
{
    /// <summary><see cref="Operation.Norm"/>, whose second operand receives ρ, or <see cref="Operation.NormBack"/>.</summary>
    public Operation Whole { get; init; }

    /// <summary>ε of a norm.</summary>
    public double Epsilon { get; init; }
}

/// <summary>
/// The element-wise part of a stage as a list of precompiled loops, each over some units of one row, so that what one leaves the next finds in the
/// first-level cache. Immutable: any number of threads may run it.
/// </summary>
internal sealed unsafe class StatementList
{
    /// <summary>How many units of a row the list goes through at once.</summary>
    public const int Block = 256;

    private const int ScratchOnStack = 32 * Block;
    private readonly Code[] _code;
    private readonly PinnedBuffer _constants;
    private readonly int[] _written;
    private readonly int _views, _scratch;
    private readonly bool _wholeRows;

    private struct Code
    {
        public delegate*<float*, float*, float*, float*, float*, nint, void> Loop;
        public int To, A, B, C, D;
        public Operation Whole;
        public double Epsilon;
    }

    /// <summary>Makes the list.</summary>
    /// <param name="views">How many matrices a run is given.</param>
    /// <param name="constants">The constants, by the numbers after those of the matrices.</param>
    /// <param name="scratch">How many scratch rows.</param>
    /// <param name="steps">The statements in order.</param>
    public StatementList(int views, IReadOnlyList<float> constants, int scratch, IReadOnlyList<StatementStep> steps)
    {
        (_views, _scratch, Steps, Constants) = (views, scratch, steps, constants);
        _constants = new PinnedBuffer(constants.Count * Block);
        for (int i = 0; i < constants.Count; i++) _constants.Span.Slice(i * Block, Block).Fill(constants[i]);
        _wholeRows = steps.Any(s => s.Shape is null);
        _written = [.. steps.Select(s => s.To).Concat(steps.Where(s => s.Whole == Operation.Norm).Select(s => s.Operands[1]))
            .Where(to => to < views).Distinct()];
        _code = [.. steps.Select(CodeOf)];
    }

    /// <summary>The statements.</summary>
    public IReadOnlyList<StatementStep> Steps { get; }

    /// <summary>The constants.</summary>
    public IReadOnlyList<float> Constants { get; }

    /// <summary>Whether a statement takes sums over a row, so that rows must be given whole.</summary>
    public bool NeedsWholeRows => _wholeRows;

    /// <summary>Runs the list over every row.</summary>
    /// <param name="views">
    /// The matrices by number, all of the same rows and columns (a multiple of 16), none beginning within another; a row of a parameter is
    /// <see cref="MatrixView.Repeated"/>.
    /// </param>
    /// <param name="rows">How many rows.</param>
    /// <param name="units">How many columns.</param>
    /// <param name="valid">How many of them are units; what is written beyond is zero.</param>
    [SkipLocalsInit]
    public void Run(ReadOnlySpan<MatrixView> views, int rows, int units, int valid)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(views.Length, _views);
        ArgumentOutOfRangeException.ThrowIfNotEqual(units % 16, 0);
        foreach (ref readonly MatrixView view in views)
            if (view.Rows < rows || view.Columns < units)
                throw new ArgumentException($"[{view.Rows}, {view.Columns}] where [{rows}, {units}] is run");
        int length = _wholeRows ? units : Math.Min(units, Block), floats = _scratch * length;
        float[]? rented = floats > ScratchOnStack ? ArrayPool<float>.Shared.Rent(floats) : null;
        float* onStack = stackalloc float[rented is null ? floats : 0];
        fixed (float* fromPool = rented) Run(views, rows, units, valid, rented is null ? onStack : fromPool, length);
        if (rented is not null) ArrayPool<float>.Shared.Return(rented);
    }

    [SkipLocalsInit]
    private void Run(ReadOnlySpan<MatrixView> views, int rows, int units, int valid, float* scratch, int scratchLength)
    {
        int constants = Constants.Count, all = _views + constants + _scratch;
        float** at = stackalloc float*[all];
        float* constant = constants > 0 ? _constants.MatrixView(0, constants, Block, Block).Start : null;
        for (int i = 0; i < constants; i++) at[_views + i] = constant + i * Block;
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < views.Length; i++) at[i] = views[i].Start + (nint)row * views[i].Stride;
            for (int i = 0; i < _scratch; i++) at[_views + constants + i] = scratch + (nint)i * scratchLength;
            if (_wholeRows) WholeRow(at, units, valid);
            else
            {
                for (int start = 0; start < units; start += Block)
                {
                    Blocks(at, 0, _code.Length, Math.Min(Block, units - start));
                    for (int i = 0; i < views.Length; i++) at[i] += Block;
                }
            }
            if (valid < units) ClearRest(views, row, Math.Max(valid, 0));
        }
    }

    private void Blocks(float** at, int from, int to, nint units)
    {
        fixed (Code* code = _code)
            for (Code* s = code + from, end = code + to; s < end; s++) s->Loop(at[s->To], at[s->A], at[s->B], at[s->C], at[s->D], units);
    }

    // Statements between two that work on the whole row go through it in blocks.
    private void WholeRow(float** at, int units, int valid)
    {
        int constants = _views + Constants.Count;
        for (int from = 0; from < _code.Length;)
        {
            int to = from;
            while (to < _code.Length && _code[to].Loop != null) to++;
            for (int start = 0; start < units && to > from; start += Block)
            {
                int n = Math.Min(Block, units - start);
                Blocks(at, from, to, n);
                int step = start + n < units ? n : -start;
                for (int i = 0; i < _views; i++) at[i] += step;
                for (int i = 0; i < _scratch; i++) at[constants + i] += step;
            }
            if (to < _code.Length) OnWholeRow(_code[to], at, units, valid);
            from = to + 1;
        }
    }

    private static void OnWholeRow(in Code s, float** at, int units, int valid)
    {
        Span<float> result = new(at[s.To], units), a = new(at[s.A], units), b = new(at[s.B], units);
        if (s.Whole == Operation.Norm) RowStandard.Forward(a[..valid], result[..valid], b, s.Epsilon);
        else RowStandard.Backward(a[..valid], b[..valid], at[s.C][0], result[..valid]);
        result[valid..].Clear();
    }

    private void ClearRest(ReadOnlySpan<MatrixView> views, int row, int valid)
    {
        foreach (int i in _written) views[i].Row(row)[valid..].Clear();
    }

    private static Code CodeOf(StatementStep step)
    {
        int At(int k) => k < step.Operands.Count ? step.Operands[k] : step.To;
        return new Code
        {
            Loop = step.Shape is null ? null : step.Shape.Widest, To = step.To, A = At(0), B = At(1), C = At(2), D = At(3),
            Whole = step.Whole, Epsilon = step.Epsilon,
        };
    }
}
