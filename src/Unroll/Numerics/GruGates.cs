using System.Runtime.CompilerServices;
using static Unroll.Numerics.Activations;
using static Unroll.Numerics.GateMath;

namespace Unroll.Numerics;

/// <summary>What the gates of both GRUs work on: rows × units, units rounded up to a multiple of 16.</summary>
internal readonly ref struct GruTile
{
    /// <summary>Arrive as arguments and leave as activations.</summary>
    public MatrixView R { get; init; }
    public MatrixView Z { get; init; }
    public MatrixView N { get; init; }
    /// <summary>Reset before the product: receives r ⊙ h₋. Reset after it: W_hn h₋ + b_hn.</summary>
    public MatrixView Extra { get; init; }
    public MatrixView HPrev { get; init; }
    public MatrixView H { get; init; }
    public float GateClip { get; init; }
}

/// <summary>The backward pass of the same.</summary>
internal readonly ref struct GruTileBack
{
    public GruTile Forward { get; init; }
    public MatrixView DH { get; init; }
    public MatrixView DHPrev { get; init; }
    public MatrixView DR { get; init; }
    public MatrixView DZ { get; init; }
    public MatrixView DN { get; init; }
    /// <summary>Reset before: δ(r ⊙ h₋), read. Reset after: receives δ(W_hn h₋ + b_hn).</summary>
    public MatrixView DExtra { get; init; }
}

//  r = σ(a_r)     z = σ(a_z)     h = (1 − z) ⊙ n + z ⊙ h₋ = n + z ⊙ (h₋ − n)
//  reset before the product:  n = tanh(a_n),  a_n holds W_hn (r ⊙ h₋)
//  reset after the product:   n = tanh(a_n + r ⊙ (W_hn h₋ + b_hn))
internal static unsafe class GruGates
{
    public static void ResetUpdate(in GruTile s) => Kernel.Run<ResetUpdateKernel, GruTile>(s);

    public static void Candidate(in GruTile s) => Kernel.Run<CandidateKernel, GruTile>(s);

    public static void CandidateBack(in GruTileBack s) => Kernel.Run<CandidateBackKernel, GruTileBack>(s);

    public static void ResetBack(in GruTileBack s) => Kernel.Run<ResetBackKernel, GruTileBack>(s);

    public static void After(in GruTile s) => Kernel.Run<AfterKernel, GruTile>(s);

    public static void AfterBack(in GruTileBack s) => Kernel.Run<AfterBackKernel, GruTileBack>(s);

    internal readonly struct ResetUpdateKernel : IKernel<GruTile>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in GruTile s) where V : struct, ILane<V>
        {
            bool clip = s.GateClip < float.PositiveInfinity;
            nint units = s.R.Columns, lanes = V.Count;
            for (int row = 0, rows = s.R.Rows; row < rows; row++)
            {
                nint saved = (nint)row * s.R.Stride;
                float* pr = s.R.Start + saved, pz = s.Z.Start + saved, prh = s.Extra.Start + saved,
                    hPrev = s.HPrev.Start + (nint)row * s.HPrev.Stride;
                for (nint u = 0; u < units; u += lanes)
                {
                    V xr = V.Load(pr + u), xz = V.Load(pz + u);
                    if (clip) (xr, xz) = (Clip(xr, s.GateClip), Clip(xz, s.GateClip));
                    V r = Sigmoid(xr), z = Sigmoid(xz);
                    r.Store(pr + u); z.Store(pz + u);
                    (r * V.Load(hPrev + u)).Store(prh + u);
                }
            }
        }
    }

    internal readonly struct CandidateKernel : IKernel<GruTile>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in GruTile s) where V : struct, ILane<V>
        {
            bool clip = s.GateClip < float.PositiveInfinity;
            nint units = s.H.Columns, lanes = V.Count;
            for (int row = 0, rows = s.H.Rows; row < rows; row++)
            {
                nint saved = (nint)row * s.R.Stride;
                float* pz = s.Z.Start + saved, pn = s.N.Start + saved, hPrev = s.HPrev.Start + (nint)row * s.HPrev.Stride;
                float* h = s.H.Start + (nint)row * s.H.Stride;
                for (nint u = 0; u < units; u += lanes)
                {
                    V xn = V.Load(pn + u);
                    if (clip) xn = Clip(xn, s.GateClip);
                    V n = Tanh(xn);
                    n.Store(pn + u);
                    V.Fma(V.Load(pz + u), V.Load(hPrev + u) - n, n).Store(h + u);
                }
            }
        }
    }

    //  δn = δh ⊙ (1 − z)             δa_n = δn ⊙ (1 − n²)
    //  δz = δh ⊙ (h₋ − n)            δa_z = δz ⊙ z ⊙ (1 − z)            δh₋ = δh ⊙ z
    internal readonly struct CandidateBackKernel : IKernel<GruTileBack>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in GruTileBack b) where V : struct, ILane<V>
        {
            GruTile s = b.Forward;
            bool clip = s.GateClip < float.PositiveInfinity;
            (V bottomSigmoid, V topSigmoid) = clip ? SigmoidLimits<V>(s.GateClip) : default;
            (V bottomTanh, V topTanh) = clip ? TanhLimits<V>(s.GateClip) : default;
            nint units = b.DH.Columns, lanes = V.Count;
            for (int row = 0, rows = b.DH.Rows; row < rows; row++)
            {
                nint saved = (nint)row * s.R.Stride, back = (nint)row * b.DR.Stride;
                float* pz = s.Z.Start + saved, pn = s.N.Start + saved, hPrev = s.HPrev.Start + (nint)row * s.HPrev.Stride;
                float* dh = b.DH.Start + (nint)row * b.DH.Stride, dhPrev = b.DHPrev.Start + (nint)row * b.DHPrev.Stride;
                float* daz = b.DZ.Start + back, dan = b.DN.Start + back;
                for (nint u = 0; u < units; u += lanes)
                {
                    V d = V.Load(dh + u), z = V.Load(pz + u), n = V.Load(pn + u);
                    V xn = TanhBack(d * (V.Of(1f) - z), n), xz = SigmoidBack(d * (V.Load(hPrev + u) - n), z);
                    if (clip) (xn, xz) = (ClipBack(xn, n, bottomTanh, topTanh), ClipBack(xz, z, bottomSigmoid, topSigmoid));
                    xn.Store(dan + u); xz.Store(daz + u);
                    (d * z).Store(dhPrev + u);
                }
            }
        }
    }

    //  δr = δ(r ⊙ h₋) ⊙ h₋           δa_r = δr ⊙ r ⊙ (1 − r)            δh₋ += δ(r ⊙ h₋) ⊙ r
    internal readonly struct ResetBackKernel : IKernel<GruTileBack>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in GruTileBack b) where V : struct, ILane<V>
        {
            GruTile s = b.Forward;
            bool clip = s.GateClip < float.PositiveInfinity;
            (V bottomSigmoid, V topSigmoid) = clip ? SigmoidLimits<V>(s.GateClip) : default;
            nint units = b.DR.Columns, lanes = V.Count;
            for (int row = 0, rows = b.DR.Rows; row < rows; row++)
            {
                float* pr = s.R.Start + (nint)row * s.R.Stride, hPrev = s.HPrev.Start + (nint)row * s.HPrev.Stride;
                float* drh = b.DExtra.Start + (nint)row * b.DExtra.Stride, dhPrev = b.DHPrev.Start + (nint)row * b.DHPrev.Stride;
                float* dar = b.DR.Start + (nint)row * b.DR.Stride;
                for (nint u = 0; u < units; u += lanes)
                {
                    V d = V.Load(drh + u), r = V.Load(pr + u), xr = SigmoidBack(d * V.Load(hPrev + u), r);
                    if (clip) xr = ClipBack(xr, r, bottomSigmoid, topSigmoid);
                    xr.Store(dar + u);
                    V.Fma(d, r, V.Load(dhPrev + u)).Store(dhPrev + u);
                }
            }
        }
    }

    // Two short loops instead of a long one: see the LSTM's.
    internal readonly struct AfterKernel : IKernel<GruTile>
    {
        public static void Run<V>(in GruTile s) where V : struct, ILane<V>
        {
            int rows = s.H.Rows, rowsAtOnce = RowsAtOnce(s.H.Columns);
            for (int row = 0; row < rows; row += rowsAtOnce)
            {
                int end = Math.Min(rows, row + rowsAtOnce);
                Gates<V>(s, row, end);
                NewState<V>(s, row, end);
            }
        }

        // r, z, and the argument of n
        [MethodImpl(Compilation.Kernel)]
        private static void Gates<V>(in GruTile s, int from, int to) where V : struct, ILane<V>
        {
            bool clip = s.GateClip < float.PositiveInfinity;
            nint units = s.H.Columns, lanes = V.Count;
            for (nint row = from; row < to; row++)
            {
                nint saved = row * s.R.Stride;
                float* pr = s.R.Start + saved, pz = s.Z.Start + saved, pn = s.N.Start + saved, phn = s.Extra.Start + saved;
                for (nint u = 0; u < units; u += lanes)
                {
                    V xr = V.Load(pr + u), xz = V.Load(pz + u);
                    if (clip) (xr, xz) = (Clip(xr, s.GateClip), Clip(xz, s.GateClip));
                    V r = Sigmoid(xr), z = Sigmoid(xz);
                    r.Store(pr + u); z.Store(pz + u);
                    V.Fma(r, V.Load(phn + u), V.Load(pn + u)).Store(pn + u);
                }
            }
        }

        [MethodImpl(Compilation.Kernel)]
        private static void NewState<V>(in GruTile s, int from, int to) where V : struct, ILane<V>
        {
            bool clip = s.GateClip < float.PositiveInfinity;
            nint units = s.H.Columns, lanes = V.Count;
            for (nint row = from; row < to; row++)
            {
                nint saved = row * s.R.Stride;
                float* pz = s.Z.Start + saved, pn = s.N.Start + saved, hPrev = s.HPrev.Start + row * s.HPrev.Stride, h = s.H.Start + row * s.H.Stride;
                for (nint u = 0; u < units; u += lanes)
                {
                    V xn = V.Load(pn + u);
                    if (clip) xn = Clip(xn, s.GateClip);
                    V n = Tanh(xn);
                    n.Store(pn + u);
                    V.Fma(V.Load(pz + u), V.Load(hPrev + u) - n, n).Store(h + u);
                }
            }
        }
    }

    //  δa_n, δa_z, δh₋ as above      δ(hn) = δa_n ⊙ r      δr = δa_n ⊙ hn      δa_r = δr ⊙ r ⊙ (1 − r)
    internal readonly struct AfterBackKernel : IKernel<GruTileBack>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in GruTileBack b) where V : struct, ILane<V>
        {
            CandidateBackKernel.Run<V>(b);
            GruTile s = b.Forward;
            bool clip = s.GateClip < float.PositiveInfinity;
            (V bottomSigmoid, V topSigmoid) = clip ? SigmoidLimits<V>(s.GateClip) : default;
            nint units = b.DH.Columns, lanes = V.Count;
            for (int row = 0, rows = b.DH.Rows; row < rows; row++)
            {
                nint saved = (nint)row * s.R.Stride, back = (nint)row * b.DR.Stride;
                float* pr = s.R.Start + saved, phn = s.Extra.Start + saved, dar = b.DR.Start + back, dan = b.DN.Start + back,
                    dhn = b.DExtra.Start + back;
                for (nint u = 0; u < units; u += lanes)
                {
                    V dn = V.Load(dan + u), r = V.Load(pr + u), xr = SigmoidBack(dn * V.Load(phn + u), r);
                    if (clip) xr = ClipBack(xr, r, bottomSigmoid, topSigmoid);
                    xr.Store(dar + u);
                    (dn * r).Store(dhn + u);
                }
            }
        }
    }
}
