using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

//  slopes at their largest: tanh′ = 1, σ′ = ¼, relu′ = 1, clips open; the values of gates and states stay as they are

/// <summary>
/// The backward pass that a built-in cell would have if none of its activations were saturated: what is left of a decay then is the recurrent
/// matrices' and the gates' doing, and the rest is the saturation's (trap 5 of the notes).
/// </summary>
internal sealed class UnsaturatedCell : ICell
{
    private const float Sigmoid = 0.25f, Tanh = 1;
    private readonly ICell _cell;
    private readonly int _f, _g, _o, _m;

    private UnsaturatedCell(ICell cell)
    {
        _cell = cell;
        List<string> saved = [.. cell.Saved];
        (_f, _g, _o, _m) = (saved.IndexOf("f"), saved.IndexOf("g"), saved.IndexOf("o"), saved.IndexOf("m"));
    }

    /// <summary>The cell without saturation; null for one that is not built in, whose equations are not known.</summary>
    public static UnsaturatedCell? Of(ICell cell) => cell is RnnCell or ResidualCell or GruCell or GruAfterCell or LstmCell ? new UnsaturatedCell(cell) : null;

    public string Name => _cell.Name;
    public string Gates => _cell.Gates;
    public bool HasCellState => _cell.HasCellState;
    public IReadOnlyList<string> Saved => _cell.Saved;
    public IReadOnlyList<Product> Products => _cell.Products;
    public int Stages => _cell.Stages;
    public int ExtraRows => _cell.ExtraRows;
    public void Forward(int stage, in Tile s) => throw new NotSupportedException("it goes back over what the cell itself has left");
    public void AddExtraGradients(in UnitRange s) => throw new NotSupportedException("weights have no part in it");

    public void Backward(int stage, in TileBack s)
    {
        switch (_cell)
        {
            case ResidualCell residual: Simple(s, residual.Activation == Squash.Logistic ? Sigmoid : Tanh, keep: true); break;
            case RnnCell: Simple(s, Tanh, keep: false); break;
            case GruCell when stage == 1: Candidate(s); break;
            case GruCell: Reset(s); break;
            case GruAfterCell: After(s); break;
            case LstmCell when stage == 0: Lstm(s); break;
        }
    }

    //  δz = δh φ′max      δh₋ = δh or 0
    private static void Simple(in TileBack s, float slope, bool keep)
    {
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> dh = s.DH.Row(row), da = s.DA(0).Row(row), dhPrev = s.DHPrev.Row(row);
            for (int u = 0; u < dh.Length; u++) (da[u], dhPrev[u]) = (dh[u] * slope, keep ? dh[u] : 0);
        }
    }

    //  δa_n = δh ⊙ (1 − z)      δa_z = ¼ δh ⊙ (h₋ − n)      δh₋ = δh ⊙ z
    private static void Candidate(in TileBack s)
    {
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> z = s.Saved(1).Row(row), n = s.Saved(2).Row(row), before = s.HPrev.Row(row);
            Span<float> dh = s.DH.Row(row), dz = s.DA(1).Row(row), dn = s.DA(2).Row(row), dhPrev = s.DHPrev.Row(row);
            for (int u = 0; u < dh.Length; u++)
                (dn[u], dz[u], dhPrev[u]) = (dh[u] * (1 - z[u]) * Tanh, dh[u] * (before[u] - n[u]) * Sigmoid, dh[u] * z[u]);
        }
    }

    //  δa_r = ¼ δrh ⊙ h₋      δh₋ += δrh ⊙ r
    private static void Reset(in TileBack s)
    {
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> r = s.Saved(0).Row(row), before = s.HPrev.Row(row), drh = s.DSource.Row(row), dr = s.DA(0).Row(row), dhPrev = s.DHPrev.Row(row);
            for (int u = 0; u < drh.Length; u++) (dr[u], dhPrev[u]) = (drh[u] * before[u] * Sigmoid, dhPrev[u] + drh[u] * r[u]);
        }
    }

    //  as the candidate, and      δhn = δa_n ⊙ r      δa_r = ¼ δa_n ⊙ hn
    private static void After(in TileBack s)
    {
        Candidate(s);
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> r = s.Saved(0).Row(row), hn = s.Saved(3).Row(row), dn = s.DA(2).Row(row), dr = s.DA(0).Row(row), dhn = s.DA(3).Row(row);
            for (int u = 0; u < dn.Length; u++) (dr[u], dhn[u]) = (dn[u] * hn[u] * Sigmoid, dn[u] * r[u]);
        }
    }

    //  δa_o = ¼ δhm ⊙ m      δc = δc₊ + δhm ⊙ o + p_o ⊙ δa_o      δa_g = δc ⊙ i      δa_f = ¼ δc ⊙ c₋      δa_i = ¼ δc ⊙ g  (coupled: g − c₋)
    //  δc₋ = δc ⊙ f + p_i ⊙ δa_i + p_f ⊙ δa_f      δh₋ = 0: every path from h₋ leads through a product
    private void Lstm(in TileBack s)
    {
        bool coupled = Gates.Length == 3, peepholes = s.Extras.Rows > 0, projected = Products.Count > 1;
        for (int row = 0; row < s.DC.Rows; row++)
        {
            Span<float> i = s.Saved(0).Row(row), f = s.Saved(_f).Row(row), g = s.Saved(_g).Row(row), o = s.Saved(_o).Row(row), m = s.Saved(_m).Row(row);
            Span<float> before = s.CPrev.Row(row), dc = s.DC.Row(row), dh = (projected ? s.DSource : s.DH).Row(row);
            Span<float> di = s.DA(0).Row(row), df = coupled ? default : s.DA(1).Row(row), dg = s.DA(coupled ? 1 : 2).Row(row),
                @do = s.DA(coupled ? 2 : 3).Row(row);
            if (!projected) s.DHPrev.Row(row).Clear();
            for (int u = 0; u < dc.Length; u++)
            {
                @do[u] = dh[u] * m[u] * Sigmoid;
                float d = dc[u] + dh[u] * o[u] * Tanh + (peepholes ? s.Extras.Row(2)[u] * @do[u] : 0);
                dg[u] = d * i[u] * Tanh;
                di[u] = d * (coupled ? g[u] - before[u] : g[u]) * Sigmoid;
                if (!coupled) df[u] = d * before[u] * Sigmoid;
                dc[u] = d * f[u] + (peepholes ? s.Extras.Row(0)[u] * di[u] + (coupled ? 0 : s.Extras.Row(1)[u] * df[u]) : 0);
            }
        }
    }
}
