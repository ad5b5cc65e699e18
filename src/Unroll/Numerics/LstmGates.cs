using System.Runtime.CompilerServices;
using static Unroll.Numerics.Activations;
using static Unroll.Numerics.GateMath;

namespace Unroll.Numerics;

/// <summary>What the gates of an LSTM work on: rows × units, units rounded up to a multiple of 16.</summary>
internal readonly ref struct LstmTile
{
    /// <summary>Arrive as arguments and leave as activations; with coupled gates F is written only.</summary>
    public MatrixView I { get; init; }
    public MatrixView F { get; init; }
    public MatrixView G { get; init; }
    public MatrixView O { get; init; }
    /// <summary>Receives tanh c.</summary>
    public MatrixView M { get; init; }
    /// <summary>Receives o ⊙ tanh c.</summary>
    public MatrixView H { get; init; }
    public MatrixView CPrev { get; init; }
    public MatrixView C { get; init; }
    /// <summary>Rows p_i, p_f, p_o; no rows without peepholes.</summary>
    public MatrixView Peephole { get; init; }
    public bool Coupled { get; init; }
    /// <summary>κ; infinite for none.</summary>
    public float CellClip { get; init; }
    public float GateClip { get; init; }
}

/// <summary>The backward pass of the same: δ of the arguments is written, the activations are read.</summary>
internal readonly ref struct LstmTileBack
{
    public LstmTile Forward { get; init; }
    public MatrixView DH { get; init; }
    /// <summary>Arrives as δc₊ ⊙ …, leaves as δc₋.</summary>
    public MatrixView DC { get; init; }
    public MatrixView DI { get; init; }
    public MatrixView DF { get; init; }
    public MatrixView DG { get; init; }
    public MatrixView DO { get; init; }
}

//  i = σ(aᵢ + pᵢ ⊙ c₋)   f = σ(a_f + p_f ⊙ c₋)   g = tanh(a_g)            (coupled: f = 1 − i)
//  c = f ⊙ c₋ + i ⊙ g,  kept within ±κ
//  o = σ(aₒ + pₒ ⊙ c)    m = tanh(c)              h = o ⊙ m
internal static unsafe class LstmGates
{
    public static void Forward(in LstmTile s) => Kernel.Run<ForwardKernel, LstmTile>(s);

    public static void Backward(in LstmTileBack s) => Kernel.Run<BackwardKernel, LstmTileBack>(s);

    // Two short loops instead of a long one: the processor then has several vectors in flight, where one chain from aᵢ to h would fill its window.
    internal readonly struct ForwardKernel : IKernel<LstmTile>
    {
        public static void Run<V>(in LstmTile s) where V : struct, ILane<V>
        {
            int rows = s.H.Rows, rowsAtOnce = RowsAtOnce(s.H.Columns);
            for (int row = 0; row < rows; row += rowsAtOnce)
            {
                int end = Math.Min(rows, row + rowsAtOnce);
                Cell<V>(s, row, end);
                Output<V>(s, row, end);
            }
        }

        [MethodImpl(Compilation.Kernel)]
        private static void Cell<V>(in LstmTile s, int from, int to) where V : struct, ILane<V>
        {
            bool peepholes = s.Peephole.Rows > 0, coupled = s.Coupled, clipCell = s.CellClip < float.PositiveInfinity,
                clipGates = s.GateClip < float.PositiveInfinity;
            float* pi = s.Peephole.Start, pf = pi + s.Peephole.Stride;
            nint units = s.H.Columns, lanes = V.Count;
            for (nint row = from; row < to; row++)
            {
                nint saved = row * s.I.Stride;
                float* ai = s.I.Start + saved, af = s.F.Start + saved, ag = s.G.Start + saved;
                float* cPrev = s.CPrev.Start + row * s.CPrev.Stride, cNext = s.C.Start + row * s.C.Stride;
                for (nint u = 0; u < units; u += lanes)
                {
                    V c0 = V.Load(cPrev + u), xi = V.Load(ai + u), xf = V.Load(af + u), xg = V.Load(ag + u);
                    if (peepholes)
                    {
                        xi = V.Fma(V.Load(pi + u), c0, xi);
                        xf = V.Fma(V.Load(pf + u), c0, xf);
                    }
                    if (clipGates) (xi, xf, xg) = (Clip(xi, s.GateClip), Clip(xf, s.GateClip), Clip(xg, s.GateClip));
                    V i = Sigmoid(xi), f = coupled ? V.Of(1f) - i : Sigmoid(xf), g = Tanh(xg);
                    V c = V.Fma(f, c0, i * g);
                    if (clipCell) c = Clip(c, s.CellClip);
                    i.Store(ai + u); f.Store(af + u); g.Store(ag + u); c.Store(cNext + u);
                }
            }
        }

        [MethodImpl(Compilation.Kernel)]
        private static void Output<V>(in LstmTile s, int from, int to) where V : struct, ILane<V>
        {
            bool peepholes = s.Peephole.Rows > 0, clipGates = s.GateClip < float.PositiveInfinity;
            float* po = s.Peephole.Start + 2 * (nint)s.Peephole.Stride;
            nint units = s.H.Columns, lanes = V.Count;
            for (nint row = from; row < to; row++)
            {
                float* ao = s.O.Start + row * s.O.Stride, am = s.M.Start + row * s.M.Stride;
                float* cell = s.C.Start + row * s.C.Stride, h = s.H.Start + row * s.H.Stride;
                for (nint u = 0; u < units; u += lanes)
                {
                    V c = V.Load(cell + u), xo = V.Load(ao + u);
                    if (peepholes) xo = V.Fma(V.Load(po + u), c, xo);
                    if (clipGates) xo = Clip(xo, s.GateClip);
                    V o = Sigmoid(xo), m = Tanh(c);
                    o.Store(ao + u); m.Store(am + u);
                    (o * m).Store(h + u);
                }
            }
        }
    }

    //  δo = δh ⊙ m                                     δaₒ  = δo ⊙ o ⊙ (1 − o)
    //  δc = δc₊ + δh ⊙ o ⊙ (1 − m²) + pₒ ⊙ δaₒ,  zero where c was clipped
    //  δi = δc ⊙ g   (coupled: δc ⊙ (g − c₋))          δaᵢ  = δi ⊙ i ⊙ (1 − i)
    //  δf = δc ⊙ c₋  (coupled: none)                   δa_f = δf ⊙ f ⊙ (1 − f)
    //  δg = δc ⊙ i                                     δa_g = δg ⊙ (1 − g²)
    //  δc₋ = δc ⊙ f + pᵢ ⊙ δaᵢ + p_f ⊙ δa_f
    internal readonly struct BackwardKernel : IKernel<LstmTileBack>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in LstmTileBack b) where V : struct, ILane<V>
        {
            LstmTile s = b.Forward;
            bool peepholes = s.Peephole.Rows > 0, coupled = s.Coupled, clipCell = s.CellClip < float.PositiveInfinity,
                clipGates = s.GateClip < float.PositiveInfinity;
            float* pi = s.Peephole.Start, pf = pi + s.Peephole.Stride, po = pf + s.Peephole.Stride;
            (V bottomSigmoid, V topSigmoid) = clipGates ? SigmoidLimits<V>(s.GateClip) : default;
            (V bottomTanh, V topTanh) = clipGates ? TanhLimits<V>(s.GateClip) : default;
            nint units = b.DH.Columns, lanes = V.Count;
            for (int row = 0, rows = b.DH.Rows; row < rows; row++)
            {
                nint saved = (nint)row * s.I.Stride, back = (nint)row * b.DI.Stride;
                float* pI = s.I.Start + saved, pF = s.F.Start + saved, pG = s.G.Start + saved, pO = s.O.Start + saved, pM = s.M.Start + saved;
                float* cPrev = s.CPrev.Start + (nint)row * s.CPrev.Stride, cNow = s.C.Start + (nint)row * s.C.Stride;
                float* dh = b.DH.Start + (nint)row * b.DH.Stride, dc = b.DC.Start + (nint)row * b.DC.Stride;
                float* dai = b.DI.Start + back, daf = b.DF.Start + back, dag = b.DG.Start + back, dao = b.DO.Start + back;
                for (nint u = 0; u < units; u += lanes)
                {
                    V i = V.Load(pI + u), f = V.Load(pF + u), g = V.Load(pG + u), o = V.Load(pO + u), m = V.Load(pM + u), c0 = V.Load(cPrev + u),
                        d = V.Load(dh + u);
                    V xo = SigmoidBack(d * m, o);
                    if (clipGates) xo = ClipBack(xo, o, bottomSigmoid, topSigmoid);
                    V dct = V.Fma(d * o, V.Fma(V.Of(0f) - m, m, V.Of(1f)), V.Load(dc + u));
                    if (peepholes) dct = V.Fma(V.Load(po + u), xo, dct);
                    if (clipCell) dct = V.WhereLess(V.Abs(V.Load(cNow + u)), V.Of(s.CellClip), dct, V.Of(0f));
                    V xi = SigmoidBack(coupled ? dct * (g - c0) : dct * g, i), xf = SigmoidBack(dct * c0, f), xg = TanhBack(dct * i, g);
                    if (clipGates)
                    {
                        xi = ClipBack(xi, i, bottomSigmoid, topSigmoid);
                        xf = ClipBack(xf, f, bottomSigmoid, topSigmoid);
                        xg = ClipBack(xg, g, bottomTanh, topTanh);
                    }
                    V dcPrev = dct * f;
                    if (peepholes) dcPrev = V.Fma(V.Load(pi + u), xi, dcPrev);
                    if (peepholes && !coupled) dcPrev = V.Fma(V.Load(pf + u), xf, dcPrev);
                    dcPrev.Store(dc + u);
                    xi.Store(dai + u); xg.Store(dag + u); xo.Store(dao + u);
                    if (!coupled) xf.Store(daf + u);
                }
            }
        }
    }

    //  δp += Σ_rows δa ⊙ c      one chain per unit, rows ascending
    public static void AddPeepholeGradient(in MatrixView da, in MatrixView c, in MatrixView gradient) =>
        Kernel.Run<PeepholeKernel, PeepholeTile>(new PeepholeTile { DA = da, C = c, Gradient = gradient });

    /// <summary>[rows, units] of δa and c, [1, units] of the gradient; units rounded up to a multiple of 16.</summary>
    internal readonly ref struct PeepholeTile
    {
        public MatrixView DA { get; init; }
        public MatrixView C { get; init; }
        public MatrixView Gradient { get; init; }
    }

    internal readonly struct PeepholeKernel : IKernel<PeepholeTile>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in PeepholeTile s) where V : struct, ILane<V>
        {
            nint rows = s.DA.Rows, daRow = s.DA.Stride, cRow = s.C.Stride, half = V.Count < 16 ? V.Count : 0;      // two chains, where there are two
            for (nint u = 0; u < s.Gradient.Columns; u += V.Count + half)
            {
                float* d = s.DA.Start + u, c = s.C.Start + u, to = s.Gradient.Start + u;
                V sum = V.Load(to), other = V.Load(to + half);
                for (nint row = 0; row < rows; row++, d += daRow, c += cRow)
                {
                    sum = V.Fma(V.Load(d), V.Load(c), sum);
                    if (half > 0) other = V.Fma(V.Load(d + half), V.Load(c + half), other);
                }
                sum.Store(to);
                if (half > 0) other.Store(to + half);
            }
        }
    }
}
