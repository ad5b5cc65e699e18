using System.Runtime.CompilerServices;
using static Unroll.Numerics.Activations;
using static Unroll.Numerics.GateMath;

namespace Unroll.Numerics;

/// <summary>What the gates of a normalized LSTM work on: rows × units, units rounded up to a multiple of 16.</summary>
internal readonly ref struct LayerNormLstmTile
{
    /// <summary>Arrive as arguments and leave as activations.</summary>
    public MatrixView I { get; init; }
    public MatrixView F { get; init; }
    public MatrixView G { get; init; }
    public MatrixView O { get; init; }
    /// <summary>Receives tanh(LN(c)).</summary>
    public MatrixView M { get; init; }
    /// <summary>Receives c, to be standardized in place.</summary>
    public MatrixView Normal { get; init; }
    public MatrixView CPrev { get; init; }
    public MatrixView C { get; init; }
    /// <summary>Receives o ⊙ m.</summary>
    public MatrixView H { get; init; }
    /// <summary>[1, units]: α_c.</summary>
    public MatrixView Gain { get; init; }
    /// <summary>[1, units]: b_c.</summary>
    public MatrixView Bias { get; init; }
}

/// <summary>The backward pass of the same.</summary>
internal readonly ref struct LayerNormLstmTileBack
{
    public LayerNormLstmTile Forward { get; init; }
    public MatrixView DH { get; init; }
    /// <summary>Arrives as what the next step sends to c, leaves as δc₋.</summary>
    public MatrixView DC { get; init; }
    public MatrixView DI { get; init; }
    public MatrixView DF { get; init; }
    public MatrixView DG { get; init; }
    public MatrixView DO { get; init; }
    /// <summary>δLN(c).</summary>
    public MatrixView DM { get; init; }
    /// <summary>δĉ from <see cref="LayerNormGates.OutputBack"/>, what h sends to c when it has been taken back through the standardizing.</summary>
    public MatrixView DThroughH { get; init; }
}

/// <summary>The element-wise parts of cells with layer normalization; sums over a row are taken between them.</summary>
internal static unsafe class LayerNormGates
{
    /// <summary>[rows, units] of p̂ and y; [1, units] of gain and bias.</summary>
    internal readonly ref struct AffineTile
    {
        public MatrixView Normal { get; init; }
        public MatrixView Gain { get; init; }
        public MatrixView Bias { get; init; }
        public MatrixView Y { get; init; }
        public bool Add { get; init; }
    }

    //  y = α ⊙ p̂ + β,  or y += α ⊙ p̂ + β
    public static void Affine(in MatrixView normal, in MatrixView gain, in MatrixView bias, in MatrixView y, bool add) =>
        Kernel.Run<AffineKernel, AffineTile>(new AffineTile { Normal = normal, Gain = gain, Bias = bias, Y = y, Add = add });

    //  δp̂ = α ⊙ δa
    public static void Scaled(in MatrixView da, in MatrixView gain, in MatrixView dNormal) =>
        Kernel.Run<ScaledKernel, AffineTile>(new AffineTile { Normal = da, Gain = gain, Y = dNormal });

    //  i = σ(a_i)   f = σ(a_f)   g = tanh(a_g)   o = σ(a_o)      c = f ⊙ c₋ + i ⊙ g
    public static void Cell(in LayerNormLstmTile s) => Kernel.Run<CellKernel, LayerNormLstmTile>(s);

    //  m = tanh(α_c ⊙ ĉ + b_c)      h = o ⊙ m
    public static void Output(in LayerNormLstmTile s) => Kernel.Run<OutputKernel, LayerNormLstmTile>(s);

    //  δa_o = δh ⊙ m ⊙ o ⊙ (1 − o)      δLN(c) = δh ⊙ o ⊙ (1 − m²)      δĉ = α_c ⊙ δLN(c)
    public static void OutputBack(in LayerNormLstmTileBack s) => Kernel.Run<OutputBackKernel, LayerNormLstmTileBack>(s);

    //  δc = δc₊ + through h      δa_g = δc ⊙ i ⊙ (1 − g²)   δa_i = δc ⊙ g ⊙ i ⊙ (1 − i)   δa_f = δc ⊙ c₋ ⊙ f ⊙ (1 − f)      δc₋ = δc ⊙ f
    public static void CellBack(in LayerNormLstmTileBack s) => Kernel.Run<CellBackKernel, LayerNormLstmTileBack>(s);

    internal readonly struct AffineKernel : IKernel<AffineTile>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in AffineTile s) where V : struct, ILane<V>
        {
            float* gain = s.Gain.Start, bias = s.Bias.Start;
            for (nint row = 0, rows = s.Y.Rows; row < rows; row++)
            {
                float* p = s.Normal.Start + row * s.Normal.Stride, y = s.Y.Start + row * s.Y.Stride;
                for (nint u = 0; u < s.Y.Columns; u += V.Count)
                {
                    V a = V.Fma(V.Load(gain + u), V.Load(p + u), V.Load(bias + u));
                    if (s.Add) a = V.Load(y + u) + a;
                    a.Store(y + u);
                }
            }
        }
    }

    internal readonly struct ScaledKernel : IKernel<AffineTile>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in AffineTile s) where V : struct, ILane<V>
        {
            float* gain = s.Gain.Start;
            for (nint row = 0, rows = s.Y.Rows; row < rows; row++)
            {
                float* d = s.Normal.Start + row * s.Normal.Stride, y = s.Y.Start + row * s.Y.Stride;
                for (nint u = 0; u < s.Y.Columns; u += V.Count) (V.Load(gain + u) * V.Load(d + u)).Store(y + u);
            }
        }
    }

    internal readonly struct CellKernel : IKernel<LayerNormLstmTile>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in LayerNormLstmTile s) where V : struct, ILane<V>
        {
            for (nint row = 0, rows = s.C.Rows; row < rows; row++)
            {
                nint saved = row * s.I.Stride;
                float* pI = s.I.Start + saved, pF = s.F.Start + saved, pG = s.G.Start + saved, pO = s.O.Start + saved, pN = s.Normal.Start + saved;
                float* before = s.CPrev.Start + row * s.CPrev.Stride, after = s.C.Start + row * s.C.Stride;
                for (nint u = 0; u < s.C.Columns; u += V.Count)
                {
                    V i = Sigmoid(V.Load(pI + u)), f = Sigmoid(V.Load(pF + u)), g = Tanh(V.Load(pG + u));
                    V c = V.Fma(f, V.Load(before + u), i * g);
                    i.Store(pI + u); f.Store(pF + u); g.Store(pG + u);
                    Sigmoid(V.Load(pO + u)).Store(pO + u);
                    c.Store(after + u); c.Store(pN + u);
                }
            }
        }
    }

    internal readonly struct OutputKernel : IKernel<LayerNormLstmTile>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in LayerNormLstmTile s) where V : struct, ILane<V>
        {
            float* gain = s.Gain.Start, bias = s.Bias.Start;
            for (nint row = 0, rows = s.H.Rows; row < rows; row++)
            {
                nint saved = row * s.O.Stride;
                float* pO = s.O.Start + saved, pM = s.M.Start + saved, pN = s.Normal.Start + saved, h = s.H.Start + row * s.H.Stride;
                for (nint u = 0; u < s.H.Columns; u += V.Count)
                {
                    V m = Tanh(V.Fma(V.Load(gain + u), V.Load(pN + u), V.Load(bias + u)));
                    m.Store(pM + u);
                    (V.Load(pO + u) * m).Store(h + u);
                }
            }
        }
    }

    internal readonly struct OutputBackKernel : IKernel<LayerNormLstmTileBack>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in LayerNormLstmTileBack b) where V : struct, ILane<V>
        {
            LayerNormLstmTile s = b.Forward;
            float* gain = s.Gain.Start;
            for (nint row = 0, rows = b.DH.Rows; row < rows; row++)
            {
                nint saved = row * s.O.Stride, back = row * b.DO.Stride;
                float* pO = s.O.Start + saved, pM = s.M.Start + saved, dh = b.DH.Start + row * b.DH.Stride;
                float* dao = b.DO.Start + back, dm = b.DM.Start + back, dNormal = b.DThroughH.Start + back;
                for (nint u = 0; u < b.DH.Columns; u += V.Count)
                {
                    V d = V.Load(dh + u), o = V.Load(pO + u), m = V.Load(pM + u), dln = TanhBack(d * o, m);
                    SigmoidBack(d * m, o).Store(dao + u);
                    dln.Store(dm + u);
                    (V.Load(gain + u) * dln).Store(dNormal + u);
                }
            }
        }
    }

    internal readonly struct CellBackKernel : IKernel<LayerNormLstmTileBack>
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in LayerNormLstmTileBack b) where V : struct, ILane<V>
        {
            LayerNormLstmTile s = b.Forward;
            for (nint row = 0, rows = b.DC.Rows; row < rows; row++)
            {
                nint saved = row * s.I.Stride, back = row * b.DI.Stride;
                float* pI = s.I.Start + saved, pF = s.F.Start + saved, pG = s.G.Start + saved, before = s.CPrev.Start + row * s.CPrev.Stride;
                float* dai = b.DI.Start + back, daf = b.DF.Start + back, dag = b.DG.Start + back, throughH = b.DThroughH.Start + back;
                float* dc = b.DC.Start + row * b.DC.Stride;
                for (nint u = 0; u < b.DC.Columns; u += V.Count)
                {
                    V i = V.Load(pI + u), f = V.Load(pF + u), g = V.Load(pG + u), d = V.Load(dc + u) + V.Load(throughH + u);
                    SigmoidBack(d * g, i).Store(dai + u);
                    SigmoidBack(d * V.Load(before + u), f).Store(daf + u);
                    TanhBack(d * i, g).Store(dag + u);
                    (d * f).Store(dc + u);
                }
            }
        }
    }
}
