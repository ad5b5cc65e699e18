using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>The loops of the gates on tiles of every shape: the same bits for every width, and nothing touched beside the tile.</summary>
[Trait("Category", "Bits")]
public sealed class GateKernelTests
{
    private const int Blocks = 14, Pitch = 52, RowsMost = 40;                          // a row of the arena: 14 blocks of up to 48 floats, and gaps
    private const float Inf = float.PositiveInfinity;

    public static TheoryData<int, int> Shapes => new() { { 1, 16 }, { 6, 16 }, { 7, 48 }, { 40, 16 }, { 12, 32 }, { 0, 16 } };

    [Theory, MemberData(nameof(Shapes))]
    public void The_LSTMs_loops_have_the_same_bits_for_every_width(int rows, int units)
    {
        foreach ((bool peepholes, bool coupled, float cell, float gates) in new[]
            { (false, false, Inf, Inf), (true, false, Inf, Inf), (false, true, 0.5f, Inf), (true, true, 0.7f, 1f), (true, false, Inf, 0.8f) })
        {
            LstmTile Tile(Arena a) => new()
            {
                I = a[0], F = a[1], G = a[2], O = a[3], M = a[4], H = a[5], CPrev = a[6], C = a[7], Peephole = peepholes ? a.Rows(8, 3) : default,
                Coupled = coupled, CellClip = cell, GateClip = gates,
            };
            LstmTileBack Back(Arena a) => new() { Forward = Tile(a), DH = a[9], DC = a[10], DI = a[11], DF = a[12], DG = a[13], DO = a[5] };
            Same<LstmGates.ForwardKernel, LstmTile>(rows, units, Tile, LstmGates.Forward);
            Same<LstmGates.BackwardKernel, LstmTileBack>(rows, units, Back, LstmGates.Backward);
        }
        LstmGates.PeepholeTile Gradient(Arena a) => new() { DA = a[0], C = a[1], Gradient = a.Rows(2, Math.Min(1, rows)) };
        Same<LstmGates.PeepholeKernel, LstmGates.PeepholeTile>(rows, units, Gradient, (in s) => LstmGates.AddPeepholeGradient(s.DA, s.C, s.Gradient));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void The_GRUs_loops_have_the_same_bits_for_every_width(int rows, int units)
    {
        foreach (float limit in new[] { Inf, 0.9f })
        {
            GruTile Tile(Arena a) => new() { R = a[0], Z = a[1], N = a[2], Extra = a[3], HPrev = a[4], H = a[5], GateClip = limit };
            GruTileBack Back(Arena a) => new() { Forward = Tile(a), DH = a[6], DHPrev = a[7], DR = a[8], DZ = a[9], DN = a[10], DExtra = a[11] };
            Same<GruGates.ResetUpdateKernel, GruTile>(rows, units, Tile, GruGates.ResetUpdate);
            Same<GruGates.CandidateKernel, GruTile>(rows, units, Tile, GruGates.Candidate);
            Same<GruGates.AfterKernel, GruTile>(rows, units, Tile, GruGates.After);
            Same<GruGates.CandidateBackKernel, GruTileBack>(rows, units, Back, GruGates.CandidateBack);
            Same<GruGates.ResetBackKernel, GruTileBack>(rows, units, Back, GruGates.ResetBack);
            Same<GruGates.AfterBackKernel, GruTileBack>(rows, units, Back, GruGates.AfterBack);
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void The_simple_cells_loops_have_the_same_bits_for_every_width(int rows, int units)
    {
        foreach ((bool residual, float limit) in new[] { (false, Inf), (true, Inf), (false, 0.6f) })
        {
            SimpleGates.Tile Tile(Arena a) => new() { A = a[0], HPrev = a[1], H = a[2], DA = a[3], Residual = residual, Clip = limit };
            Same<SimpleGates.ForwardKernel<SimpleGates.TanhSquash>, SimpleGates.Tile>(rows, units, Tile,
                (in s) => SimpleGates.Forward(s.A, s.HPrev, s.H, Squash.Tanh, residual, limit));
            Same<SimpleGates.ForwardKernel<SimpleGates.ReluSquash>, SimpleGates.Tile>(rows, units, Tile,
                (in s) => SimpleGates.Forward(s.A, s.HPrev, s.H, Squash.Relu, residual, limit));
            Same<SimpleGates.BackwardKernel<SimpleGates.TanhSquash>, SimpleGates.Tile>(rows, units, Tile,
                (in s) => SimpleGates.Backward(s.A, s.H, s.DA, s.HPrev, Squash.Tanh, residual, limit));
            Same<SimpleGates.BackwardKernel<SimpleGates.LogisticSquash>, SimpleGates.Tile>(rows, units, Tile,
                (in s) => SimpleGates.Backward(s.A, s.H, s.DA, s.HPrev, Squash.Logistic, residual, limit));
        }
    }

    private delegate T Bind<T>(Arena arena) where T : struct, allows ref struct;

    private delegate void Loop<T>(in T tile) where T : struct, allows ref struct;

    private static void Same<TKernel, T>(int rows, int units, Bind<T> bind, Loop<T> product)
        where TKernel : struct, IKernel<T> where T : struct, allows ref struct
    {
        Arena expected = new(rows, units), actual = new(rows, units);
        TKernel.Run<Lanes1>(bind(expected));
        expected.RequireUntouchedGaps();
        if (rows > 0) Assert.False(expected.Same(actual), "it should have written something");
        product(bind(actual));
        Assert.True(expected.Same(actual), $"{typeof(TKernel).Name} on {Hardware.Path}");
        TKernel.Run<Lanes16>(bind(actual = new Arena(rows, units)));
        Assert.True(expected.Same(actual), $"{typeof(TKernel).Name} with 16 lanes");
        TKernel.Run<Lanes4>(bind(actual = new Arena(rows, units)));
        Assert.True(expected.Same(actual), $"{typeof(TKernel).Name} with 4 lanes");
        if (!Hardware.Half) return;
        TKernel.Run<Lanes8>(bind(actual = new Arena(rows, units)));
        Assert.True(expected.Same(actual), $"{typeof(TKernel).Name} with 8 lanes");
    }

    /// <summary>Blocks side by side, as a layer has them; draws, with a NaN and infinities among them.</summary>
    private sealed class Arena
    {
        private readonly PinnedBuffer _all = new(RowsMost * Blocks * Pitch);
        private readonly float[] _before;
        private readonly int _rows, _units;

        public Arena(int rows, int units)
        {
            (_rows, _units) = (rows, units);
            for (int i = 0; i < _all.Length; i++) _all.Span[i] = (float)new Rng(31).Normal((ulong)i);
            for (int i = 5; i < _all.Length; i += 997) _all.Span[i] = (i % 4) switch { 0 => float.NaN, 1 => Inf, 2 => -Inf, _ => 200 };
            _before = _all.Span.ToArray();
        }

        public MatrixView this[int block] => Rows(block, _rows);

        public MatrixView Rows(int block, int rows) => _all.MatrixView(block * Pitch, rows, _units, Blocks * Pitch);

        public void RequireUntouchedGaps()
        {
            for (int i = 0; i < _all.Length; i++)
                if (i % Pitch >= _units || i / (Blocks * Pitch) >= _rows) Assert.Equal(_before[i], _all.Span[i]);
        }

        public bool Same(Arena other)
        {
            for (int i = 0; i < _all.Length; i++)
            {
                float one = _all.Span[i], two = other._all.Span[i];
                if (BitConverter.SingleToInt32Bits(one) != BitConverter.SingleToInt32Bits(two) && !(float.IsNaN(one) && float.IsNaN(two)))
                    return false;
            }
            return true;
        }
    }
}
