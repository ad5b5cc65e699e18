using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Cells.Definitions;

/// <summary>
/// The statements of every published cell, forward and backward: they compute what the equations say, in the same bits whatever shapes are chosen.
/// </summary>
[Trait("Category", "Bits")]
public sealed class StatementLaws
{
    private const int Rows = 3;

    public static TheoryData<string> Cells => [.. CellZoo.Names];

    [Theory, MemberData(nameof(Cells))]
    public void The_bits_do_not_depend_on_the_selection_of_shapes(string cell)
    {
        foreach ((int units, int valid) in ((int, int)[])[(16, 16), (48, 37), (544, 530)])
            foreach (IReadOnlyList<CellStatement> stage in StagesOf(cell))
            {
                (StatementList list, IReadOnlyList<Operand> views) = StatementCompiler.Compile(stage, StatementShapes.All);
                (StatementList single, IReadOnlyList<Operand> same) = StatementCompiler.Compile(stage, StatementShapes.Single);
                Assert.Equal(views, same);
                Assert.True(list.Steps.Count <= single.Steps.Count);
                Memory one = new(stage, views, units, valid), other = new(stage, views, units, valid);
                list.Run(one.Views, Rows, units, valid);
                single.Run(other.Views, Rows, units, valid);
                for (int v = 0; v < views.Count; v++)
                    for (int row = 0; row < Rows; row++)
                        Assert.Equal(Bits(other.Views[v].Row(row)), Bits(one.Views[v].Row(row)));
            }
    }

    // 10⁻⁴: some twenty roundings of 6e-8, through quotients by numbers of at least 0.2.
    [Theory, MemberData(nameof(Cells))]
    public void They_compute_what_the_equations_say(string cell)
    {
        const int units = 288, valid = 275;
        foreach (IReadOnlyList<CellStatement> stage in StagesOf(cell))
        {
            (StatementList list, IReadOnlyList<Operand> views) = StatementCompiler.Compile(stage, StatementShapes.All);
            Memory memory = new(stage, views, units, valid);
            List<Dictionary<Operand, double[]>> exact = [.. Enumerable.Range(0, Rows).Select(row => views.Index()
                .ToDictionary(v => v.Item, v => memory.Views[v.Index].Row(row)[..valid].ToArray().Select(x => (double)x).ToArray()))];
            foreach (Dictionary<Operand, double[]> row in exact) InDouble(stage, row);
            list.Run(memory.Views, Rows, units, valid);
            for (int v = 0; v < views.Count; v++)
                for (int row = 0; row < Rows; row++)
                {
                    Span<float> actual = memory.Views[v].Row(row);
                    for (int u = 0; u < valid; u++)
                        if (!(Math.Abs(actual[u] - exact[row][views[v]][u]) <= 1e-4 * (1 + Math.Abs(exact[row][views[v]][u]))))
                            Assert.Fail($"{views[v].Kind} {views[v].Index}, unit {u}: {actual[u]}, not {exact[row][views[v]][u]}");
                    Assert.Equal(-1, actual[valid..].IndexOfAnyExcept(0));
                }
        }
    }

    [Fact]
    public void What_is_read_after_it_was_overwritten_is_what_it_was()
    {
        Operand a = new(OperandKind.Saved, 0), b = new(OperandKind.Saved, 1), c = new(OperandKind.Saved, 2), t = new(OperandKind.Scratch, 0);
        CellExpression Of(Operand operand) => new OperandExpression(operand);
        CellStatement[] swap =
        [
            new(t, Of(a)), new(a, Of(b)), new(b, Of(t)),                                     // a ↔ b
            new(c, new BinaryExpression(BinaryOperator.Subtract, Of(a), Of(b))) { Adds = true }, // c += new a − new b
            new(c, new ConstantExpression(2)) { Adds = true },
        ];
        foreach (IReadOnlyList<StatementShape> shapes in (IReadOnlyList<StatementShape>[])[StatementShapes.All, StatementShapes.Single])
        {
            (StatementList list, IReadOnlyList<Operand> views) = StatementCompiler.Compile(swap, shapes);
            Memory memory = new(swap, views, 16, 16);
            foreach ((Operand operand, float value) in ((Operand, float)[])[(a, 3), (b, 5), (c, 100)]) memory.Of(views, operand).Row(1).Fill(value);
            list.Run(memory.Views, Rows, 16, 16);
            Assert.Equal((5f, 3f, 104f), (memory.Of(views, a).Row(1)[7], memory.Of(views, b).Row(1)[7], memory.Of(views, c).Row(1)[7]));
        }
    }

    [Fact]
    public void A_matrix_that_is_smaller_than_the_run_is_refused()
    {
        Operand a = new(OperandKind.Saved, 0);
        (StatementList list, _) = StatementCompiler.Compile([new(a, new ConstantExpression(1))], StatementShapes.All);
        PinnedBuffer buffer = new(64);
        Assert.Throws<ArgumentException>(() => list.Run([buffer.MatrixView(0, 2, 16, 16)], 2, 32, 32));
        Assert.Throws<ArgumentException>(() => list.Run([buffer.MatrixView(0, 2, 16, 16)], 3, 16, 16));
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        foreach (IReadOnlyList<CellStatement> stage in StagesOf("light-gru"))
        {
            (StatementList list, IReadOnlyList<Operand> views) = StatementCompiler.Compile(stage, StatementShapes.All);
            Memory memory = new(stage, views, 544, 540);
            for (int i = 0; i < 2; i++) list.Run(memory.Views, Rows, 544, 540);
            long before = GC.GetAllocatedBytesForCurrentThread();
            list.Run(memory.Views, Rows, 544, 540);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    //  −a ⊙ b + c ⊙ d → fma(−a, b, c ⊙ d)      x − a ⊙ b → fma(−a, b, x)      a ⊙ (b ⊙ c) from the left
    [Fact]
    public void Products_and_sums_are_fused_as_it_is_written()
    {
        (float a, float b, float c, float d) = (1.1f, 1.3f, -1.7f, 1.9f);
        float Fma(float x, float y, float z) => MathF.FusedMultiplyAdd(x, y, z);
        (CellExpression A, CellExpression B, CellExpression C, CellExpression D) = (At(0), At(1), At(2), At(3));
        Check(Fma(a, b, c * d), Plus(Times(A, B), Times(C, D)));
        Check(Fma(a, b, -(c * d)), Minus(Times(A, B), Times(C, D)));
        Check(Fma(-a, b, c * d), Plus(new FunctionExpression(CellFunction.Negate, Times(A, B)), Times(C, D)));
        Check(Fma(-a, b, c), Minus(C, Times(A, B)));
        Check(Fma(a, b, -c), Minus(Times(A, B), C));
        Check(Fma(c, d, Fma(a, b, d)), Plus(D, Plus(Times(A, B), Times(C, D))));
        Check(a * b * c * d, Times(A, Times(B, Times(C, D))));
        CellExpression square = new BinaryExpression(BinaryOperator.Power, B, new ConstantExpression(2));
        Check(Fma(-b, b, 1) * a, Times(A, Minus(new ConstantExpression(1), square)));
        Check(1 / (a * a * a), new BinaryExpression(BinaryOperator.Power, A, new ConstantExpression(-3)));
        Check(a * MathF.Sqrt(a), new BinaryExpression(BinaryOperator.Power, A, new ConstantExpression(1.5)));

        void Check(float expected, CellExpression value)
        {
            Operand to = new(OperandKind.After, 0);
            (StatementList list, IReadOnlyList<Operand> views) = StatementCompiler.Compile([new(to, value)], StatementShapes.All);
            Memory memory = new([], views, 16, 16);
            foreach ((int slot, float number) in new[] { a, b, c, d }.Index())
                if (views.Contains(new(OperandKind.Saved, slot))) memory.Of(views, new(OperandKind.Saved, slot)).Row(0).Fill(number);
            list.Run(memory.Views, 1, 16, 16);
            Assert.Equal(expected, memory.Of(views, to).Row(0)[3]);
        }

        static CellExpression At(int slot) => new OperandExpression(new(OperandKind.Saved, slot));
        static CellExpression Plus(CellExpression x, CellExpression y) => new BinaryExpression(BinaryOperator.Add, x, y);
        static CellExpression Minus(CellExpression x, CellExpression y) => new BinaryExpression(BinaryOperator.Subtract, x, y);
        static CellExpression Times(CellExpression x, CellExpression y) => new BinaryExpression(BinaryOperator.Multiply, x, y);
    }

    // The forward pass of a GRU is not among them: its kernel computes n + z ⊙ (h₋ − n).
    [Fact]
    public void An_LSTM_of_equations_has_the_bits_of_the_kernel_written_by_hand()
    {
        const int units = 48, pitch = 16 * units;
        CellProgram program = CellProgram.Of(CellDerivation.Of(BuiltInDefinitions.Find("lstm")!.Definition));
        Assert.Equal(["i", "f", "g", "o", "m"], program.Saved);
        PinnedBuffer own = new(Rows * pitch), hand = new(Rows * pitch);
        for (int i = 0; i < own.Length; i++) own.Span[i] = hand.Span[i] = 4 * new Rng(2).Uniform((ulong)i) - 2;
        MatrixView At(PinnedBuffer of, int block) => of.MatrixView(block * units, Rows, units, pitch);
        int BlockOf(Operand at) => at.Kind switch                        // of either arena: slots, c₋, c, h, δh, δc, δh₋, δ of arguments
        {
            OperandKind.Saved => at.Index,
            OperandKind.Before => 5,
            OperandKind.After => at.Index == 0 ? 7 : 6,
            OperandKind.DeltaState => 8 + at.Index,
            OperandKind.DeltaBefore => 10,
            _ => 11 + at.Index,
        };
        foreach (IReadOnlyList<CellStatement> stage in (IReadOnlyList<CellStatement>[])[program.Forward[0], program.Backward[0]])
        {
            (StatementList list, IReadOnlyList<Operand> views) = StatementCompiler.Compile(stage, StatementShapes.All);
            list.Run([.. views.Select(view => At(own, BlockOf(view)))], Rows, units, units);
        }
        LstmTile tile = new()
        {
            I = At(hand, 0), F = At(hand, 1), G = At(hand, 2), O = At(hand, 3), M = At(hand, 4), CPrev = At(hand, 5), C = At(hand, 6),
            H = At(hand, 7),
            CellClip = float.PositiveInfinity, GateClip = float.PositiveInfinity,
        };
        LstmGates.Forward(tile);
        LstmGates.Backward(new()
        {
            Forward = tile, DH = At(hand, 8), DC = At(hand, 9), DI = At(hand, 11), DF = At(hand, 12), DG = At(hand, 13), DO = At(hand, 14),
        });
        MatrixViews.Clear(At(hand, 10));
        Assert.Equal(Bits(hand.Span), Bits(own.Span));
    }

    private static IEnumerable<IReadOnlyList<CellStatement>> StagesOf(string cell)
    {
        CellProgram program = CellProgram.Of(CellDerivation.Of(CellText.Read(CellZoo.Text(cell), cell)));
        return [.. program.Forward, .. program.Backward, .. program.BackwardUnsaturated];
    }

    private static int[] Bits(ReadOnlySpan<float> row) => [.. row.ToArray().Select(BitConverter.SingleToInt32Bits)];

    /// <summary>A matrix for each view: numbers of ±(0.2 … 1.2), beyond the units zero; ρ positive and the same in a row.</summary>
    private sealed class Memory
    {
        private readonly List<PinnedBuffer> _buffers = [];

        public Memory(IReadOnlyList<CellStatement> stage, IReadOnlyList<Operand> views, int units, int valid)
        {
            Views = new MatrixView[views.Count];
            for (int v = 0; v < views.Count; v++)
            {
                bool isRow = views[v].Kind == OperandKind.Extra;
                PinnedBuffer buffer = new((isRow ? 1 : Rows) * units);
                _buffers.Add(buffer);
                for (int i = 0; i < buffer.Length; i++)
                    if (i % units < valid)
                        buffer.Span[i] = new Rng(7).At((ulong)v).Uniform((ulong)i) is var x && x < 0.5f ? -0.2f - 2 * x : 2 * x - 0.8f;
                if (stage.Any(s => s.Kind == StatementKind.NormGradient && s.Scale == views[v])) buffer.Span.Fill(1.25f);
                for (int row = 0; row < (isRow ? 1 : Rows); row++) buffer.Span.Slice(row * units, units)[valid..].Clear();
                Views[v] = isRow ? buffer.MatrixView(0, 1, units, units).Repeated(Rows) : buffer.MatrixView(0, Rows, units, units);
            }
        }

        public MatrixView[] Views { get; }

        public MatrixView Of(IReadOnlyList<Operand> views, Operand operand) => Views[views.ToList().IndexOf(operand)];
    }

    private static void InDouble(IReadOnlyList<CellStatement> stage, Dictionary<Operand, double[]> row)
    {
        int units = row.Values.First().Length;
        foreach (CellStatement s in stage)
        {
            double[] value = [.. Enumerable.Range(0, units).Select(u => InDouble(s.Value, operand => row[operand][u]))];
            if (s.Kind == StatementKind.Norm)
            {
                double mean = value.Average(), rho = 1 / Math.Sqrt(value.Average(x => (x - mean) * (x - mean)) + s.Epsilon);
                value = [.. value.Select(x => (x - mean) * rho)];
                row[s.Scale] = [.. Enumerable.Repeat(rho, units)];
            }
            if (s.Kind == StatementKind.NormGradient)
            {
                double[] p = row[s.Normalized];
                double mean = value.Average(), along = value.Zip(p, (x, y) => x * y).Average();
                value = [.. value.Zip(p, (x, y) => row[s.Scale][0] * (x - mean - y * along))];
            }
            row[s.Target] = s.Adds ? [.. row[s.Target].Zip(value, (x, y) => x + y)] : value;
        }
    }

    private static double InDouble(CellExpression value, Func<Operand, double> at)
    {
        double Of(CellExpression e) => InDouble(e, at);
        return value switch
        {
            OperandExpression operand => at(operand.At),
            ConstantExpression constant => constant.Value,
            BinaryExpression b => b.Operator switch
            {
                BinaryOperator.Add => Of(b.Left) + Of(b.Right),
                BinaryOperator.Subtract => Of(b.Left) - Of(b.Right),
                BinaryOperator.Multiply => Of(b.Left) * Of(b.Right),
                BinaryOperator.Divide => Of(b.Left) / Of(b.Right),
                BinaryOperator.Power => Math.Pow(Of(b.Left), Of(b.Right)),
                BinaryOperator.Max => Math.Max(Of(b.Left), Of(b.Right)),
                _ => Math.Min(Of(b.Left), Of(b.Right)),
            },
            FunctionExpression f => f.Function switch
            {
                CellFunction.Negate => -Of(f.Of),
                CellFunction.Sigmoid => 1 / (1 + Math.Exp(-Of(f.Of))),
                CellFunction.Tanh => Math.Tanh(Of(f.Of)),
                CellFunction.Relu => Math.Max(Of(f.Of), 0),
                CellFunction.Exp => Math.Exp(Of(f.Of)),
                CellFunction.Log => Math.Log(Of(f.Of)),
                CellFunction.Softplus => Math.Log(1 + Math.Exp(Of(f.Of))),
                CellFunction.HardSigmoid => Math.Clamp(Of(f.Of) / 6 + 0.5, 0, 1),
                _ => Math.Sqrt(Of(f.Of)),
            },
            ClipExpression c => Math.Clamp(Of(c.Of), c.Low, c.High),
            AboveExpression a => Of(a.Left) > Of(a.Right) || (a.OrEqual && Of(a.Left) == Of(a.Right)) ? 1 : 0,
            _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
        };
    }
}
