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
/// The element-wise part of a stage as a list of precompiled loops, each over a few hundred units of one row or several, so that what one leaves
/// the next finds in the first-level cache. Immutable: any number of threads may run it.
/// </summary>
internal sealed unsafe class StatementList
{
    /// <summary>How many units the list goes through at once: those of a part of a row, or of several rows.</summary>
    public const int Block = 256;

    private const int ScratchOnStack = 32 * Block;
    private readonly Code[] _code;
    private readonly PinnedBuffer _constants;
    private readonly float* _firstConstant;
    private readonly int[] _written;
    private readonly int _views, _scratch;
    private readonly bool _wholeRows;

    private struct Code
    {
        public delegate*<RowsAt*, StatementRows*, nint, nint, void> Loop;
        public StatementRows Rows;
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
        _firstConstant = _constants.MatrixView(0, 1, 0, 0).Start;
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

    // The rows by number: those of the matrices come first.
    private int Places => _views + Constants.Count + _scratch;

    /// <summary>Runs the list over every row.</summary>
    /// <param name="views">
    /// The matrices by number, all of the same rows and columns (a multiple of 16), none beginning within another; a row of a parameter is
    /// <see cref="MatrixView.Repeated"/>.
    /// </param>
    /// <param name="rows">How many rows.</param>
    /// <param name="units">How many columns.</param>
    /// <param name="valid">How many of them are units; what is written beyond is zero.</param>
    public void Run(ReadOnlySpan<MatrixView> views, int rows, int units, int valid)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(views.Length, _views);
        ArgumentOutOfRangeException.ThrowIfNotEqual(units % 16, 0);
        RowsAt* at = stackalloc RowsAt[Places];
        for (int i = 0; i < views.Length; i++)
        {
            if (views[i].Rows < rows || views[i].Columns < units)
                throw new ArgumentException($"[{views[i].Rows}, {views[i].Columns}] where [{rows}, {units}] is run");
            at[i] = new RowsAt(views[i]);
        }
        Run(at, rows, units, valid);
    }

    /// <summary>The same.</summary>
    /// <param name="kinds">Where matrices are.</param>
    /// <param name="places">Which of them each matrix is, by number.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="units">How many columns.</param>
    /// <param name="valid">How many of them are units; what is written beyond is zero.</param>
    [SkipLocalsInit]
    public void Run(ReadOnlySpan<SideBySide> kinds, ReadOnlySpan<PlaceOfRows> places, int rows, int units, int valid)
    {
        RowsAt* at = stackalloc RowsAt[Places];
        for (int i = 0; i < places.Length; i++) at[i] = kinds[places[i].Kind][places[i].Index];
        Run(at, rows, units, valid);
    }

    // Where the matrices' rows are is known; where constants and scratch are is written here.
    [SkipLocalsInit]
    private void Run(RowsAt* at, int rows, int units, int valid)
    {
        if (rows == 0 || units == 0) return;
        int length = _wholeRows ? units : Math.Min(units, Block), atOnce = _wholeRows ? 1 : Math.Min(rows, Block / length);
        int constants = Constants.Count, floats = _scratch * atOnce * length, done = 0;
        for (int i = 0; i < constants; i++) at[_views + i] = new RowsAt { Start = _firstConstant + i * Block };
        float[]? rented = floats > ScratchOnStack ? ArrayPool<float>.Shared.Rent(floats) : null;
        float* onStack = stackalloc float[rented is null ? floats : 0];
        fixed (float* fromPool = rented)
        {
            float* scratch = rented is null ? onStack : fromPool;
            for (int i = 0; i < _scratch; i++)
                at[_views + constants + i] = new RowsAt { Start = scratch + (nint)i * atOnce * length, Stride = length };
            for (; done < rows; done += atOnce)
            {
                if (_wholeRows) WholeRow(at, units, valid);
                else Some(at, Math.Min(atOnce, rows - done), units);
                if (atOnce == rows) break;
                for (int i = 0; i < _views; i++) at[i].Start += atOnce * at[i].Stride;
            }
        }
        if (rented is not null) ArrayPool<float>.Shared.Return(rented);
        if (valid < units) ClearRest(at, rows, done, units, Math.Max(valid, 0));
    }

    // As many rows at once as fill a block of units; of wider ones a block of one row after the other.
    private void Some(RowsAt* at, int rows, int units)
    {
        for (int start = 0; start < units; start += Block)
        {
            Blocks(at, 0, _code.Length, rows, Math.Min(Block, units - start));
            if (units > Block) Move(at, start + Block < units ? Block : -start);
        }
    }

    private void Blocks(RowsAt* at, int from, int to, nint rows, nint units)
    {
        fixed (Code* code = _code)
            for (Code* s = code + from, end = code + to; s < end; s++) s->Loop(at, &s->Rows, rows, units);
    }

    private void Move(RowsAt* at, nint units)
    {
        for (int i = 0; i < _views; i++) at[i].Start += units;
    }

    // Statements between two that work on the whole row go through it in blocks.
    private void WholeRow(RowsAt* at, int units, int valid)
    {
        int scratch = _views + Constants.Count;
        for (int from = 0; from < _code.Length;)
        {
            int to = from;
            while (to < _code.Length && _code[to].Loop != null) to++;
            for (int start = 0; start < units && to > from; start += Block)
            {
                int n = Math.Min(Block, units - start);
                Blocks(at, from, to, 1, n);
                int step = start + n < units ? n : -start;
                Move(at, step);
                for (int i = 0; i < _scratch; i++) at[scratch + i].Start += step;
            }
            if (to < _code.Length) OnWholeRow(_code[to], at, units, valid);
            from = to + 1;
        }
    }

    private static void OnWholeRow(in Code s, RowsAt* at, int units, int valid)
    {
        Span<float> result = new(at[s.Rows.To].Start, units), a = new(at[s.Rows.A].Start, units), b = new(at[s.Rows.B].Start, units);
        if (s.Whole == Operation.Norm) RowStandard.Forward(a[..valid], result[..valid], b, s.Epsilon);
        else RowStandard.Backward(a[..valid], b[..valid], *at[s.Rows.C].Start, result[..valid]);
        result[valid..].Clear();
    }

    // Places have gone on by the rows that are done.
    private void ClearRest(RowsAt* at, int rows, int done, int units, int valid)
    {
        foreach (int i in _written)
            for (int row = 0; row < rows; row++) new Span<float>(at[i].Start + (nint)(row - done) * at[i].Stride + valid, units - valid).Clear();
    }

    private static Code CodeOf(StatementStep step)
    {
        int At(int k) => k < step.Operands.Count ? step.Operands[k] : step.To;
        return new Code
        {
            Loop = step.Shape is null ? null : step.Shape.Widest, Whole = step.Whole, Epsilon = step.Epsilon,
            Rows = new StatementRows { To = step.To, A = At(0), B = At(1), C = At(2), D = At(3) },
        };
    }
}
