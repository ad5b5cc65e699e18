// README: light
using Unroll.Cells;
using Unroll.Numerics;

/// <summary>
/// h = (1 − f) ⊙ h₋ + f ⊙ n: the one gate sees the state, the candidate does not (Ye et al. 2024, doi:10.3390/electronics13163204, without its
/// stacked activation; their candidate has no bias).
/// </summary>
public sealed class LightRecurrentUnit : ICell
{
    public string Name => "light-ru";
    public string Gates => "fn";
    public bool HasCellState => false;
    public IReadOnlyList<string> Saved { get; } = ["f", "n"];
    public IReadOnlyList<Product> Products { get; } = [new("f", "h")];       // n has none: its rows of weight_hh stay as they began
    public int Stages => 1;
    public int ExtraRows => 0;

    //  f = σ(a_f + W_hf h₋)    n = tanh(a_n)    h = (1 − f) ⊙ h₋ + f ⊙ n
    public void Forward(int stage, in Tile s)
    {
        for (int row = 0; row < s.H.Rows; row++)
        {
            Span<float> f = s.Saved(0).Row(row), n = s.Saved(1).Row(row), before = s.HPrev.Row(row), h = s.H.Row(row);
            for (int u = 0; u < h.Length; u++)
            {
                (f[u], n[u]) = (Activations.Sigmoid(f[u]), Activations.Tanh(n[u]));
                h[u] = (1 - f[u]) * before[u] + f[u] * n[u];
            }
        }
    }

    //  δa_n = δh ⊙ f ⊙ (1 − n²)    δa_f = δh ⊙ (n − h₋) ⊙ f ⊙ (1 − f)    δh₋ = δh ⊙ (1 − f)    then, by the layer, δh₋ += W_hfᵀ δa_f
    public void Backward(int stage, in TileBack s)
    {
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> f = s.Saved(0).Row(row), n = s.Saved(1).Row(row), before = s.HPrev.Row(row);
            Span<float> dh = s.DH.Row(row), dBefore = s.DHPrev.Row(row), df = s.DA(0).Row(row), dn = s.DA(1).Row(row);
            for (int u = 0; u < dh.Length; u++)
            {
                dn[u] = dh[u] * f[u] * (1 - n[u] * n[u]);
                df[u] = dh[u] * (n[u] - before[u]) * f[u] * (1 - f[u]);
                dBefore[u] = dh[u] * (1 - f[u]);
            }
        }
    }

    public void AddExtraGradients(in UnitRange s) { }
}
// end
