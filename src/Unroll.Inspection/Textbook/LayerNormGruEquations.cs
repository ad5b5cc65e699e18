using Unroll.Cells.Definitions;
using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// The GRU with layer normalization (Ba, Kiros, Hinton 2016, arXiv:1607.06450, supplement), z as ours: it keeps the past.
/// </summary>
/// <remarks>Names: <c>xr</c> … and <c>ur</c> … are W_i· x and W_h· h₋ standardized, r and z together; <c>hn</c> is what the reset scales; <c>sx</c>,
/// <c>sxn</c>, <c>su</c>, <c>sun</c> are ρ.</remarks>
internal sealed class LayerNormGruEquations : ICellEquations
{
    public string Gates => "rzn";
    public DefinedLayout Layout => StackedLayout.Of(Gates,
        StackedLayout.Vectors("gain_ih", "α_i", Gates), StackedLayout.Vectors("gain_hh", "α_h", Gates));
    public IReadOnlyList<string> States { get; } = ["h"];

    public CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry)
    {
        //  W_ih x and W_hh h₋ standardized: r and z together, n alone
        Standardized px = Standardized.Of(w.Wi['r'] * x, w.Wi['z'] * x), pxn = Standardized.Of(w.Wi['n'] * x);
        Standardized ph = Standardized.Of(w.Wh['r'] * before["h"].Via("through r"), w.Wh['z'] * before["h"].Via("through z"));
        Standardized phn = Standardized.Of(w.Wh['n'] * before["h"].Via("through n"));

        //  a_· = α_i· ⊙ p̂_x + b_i· + α_h· ⊙ p̂_h + b_h·                r = σ(a_r)      z = σ(a_z)
        Vector ar = w.Vector("α_ir") * px.Normal[0] + w.Bi['r'] + w.Vector("α_hr") * ph.Normal[0] + w.Bh['r'];
        Vector az = w.Vector("α_iz") * px.Normal[1] + w.Bi['z'] + w.Vector("α_hz") * ph.Normal[1] + w.Bh['z'];
        Vector r = Sigmoid(ar), z = Sigmoid(az);

        //  hn = α_hn ⊙ p̂_hn + b_hn      a_n = α_in ⊙ p̂_xn + b_in + r ⊙ hn      n = tanh(a_n)
        Vector hn = w.Vector("α_hn") * phn.Normal[0] + w.Bh['n'];
        Vector an = w.Vector("α_in") * pxn.Normal[0] + w.Bi['n'] + r * hn;
        Vector n = Tanh(an);

        //  h = (1 − z) ⊙ n + z ⊙ h₋
        Vector h = (1 - z) * n + z * before["h"].Via(Paths.Direct);

        NamedVectors values = new()
        {
            { "a_r", ar }, { "r", r }, { "a_z", az }, { "z", z }, { "hn", hn }, { "a_n", an }, { "n", n }, { "h", h },
            { "xr", px.Normal[0] }, { "xz", px.Normal[1] }, { "xn", pxn.Normal[0] },
            { "ur", ph.Normal[0] }, { "uz", ph.Normal[1] }, { "un", phn.Normal[0] },
            { "sx", px.Scale(n.Count) }, { "sxn", pxn.Scale(n.Count) }, { "su", ph.Scale(n.Count) }, { "sun", phn.Scale(n.Count) },
        };
        return new CellStep(x, before, new Dictionary<string, CarriedState> { ["h"] = carry("h", h) }, values)
        {
            KinkDistance = new[] { px, pxn, ph, phn }.Min(one => one.KinkDistance),
        };
    }

    public CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d)
    {
        Vector r = s["r"], z = s["z"], hn = s["hn"], n = s["n"], x = s.X, hPrev = s.Before["h"].Value;

        //  δh = [own loss] + [direct] + [through z] + [through n] + [through r]
        Vector dh = arriving["h"].Sum(n.Count);

        //  δa_n = δh ⊙ (1 − z) ⊙ (1 − n²)      δa_z = δh ⊙ (h₋ − n) ⊙ z ⊙ (1 − z)      δhn = δa_n ⊙ r      δa_r = δa_n ⊙ hn ⊙ r ⊙ (1 − r)
        Vector dan = dh * (1 - z) * TanhSlope(n), daz = dh * (hPrev - n) * SigmoidSlope(z), dhn = dan * r, dar = dan * hn * SigmoidSlope(r);

        //  δα_i· += δa· ⊙ p̂_x      δb_i· += δa·      δα_h· += δa· ⊙ p̂_h      δb_h· += δa·, but for n: δhn
        foreach ((char gate, Vector da, Vector db) in new[] { ('r', dar, dar), ('z', daz, daz), ('n', dan, dhn) })
        {
            d.AddTo($"α_i{gate}", da * s[$"x{gate}"]);
            d.Bi[gate].Add(da);
            d.AddTo($"α_h{gate}", db * s[$"u{gate}"]);
            d.Bh[gate].Add(db);
        }

        //  δp = ρ (δp̂ − mean δp̂ − p̂ mean(δp̂ ⊙ p̂)),  δp̂ = α ⊙ δa:  r and z together, n alone
        IReadOnlyList<Vector> dpx = Standardized.Of(w.Wi['r'] * x, w.Wi['z'] * x).Back(w.Vector("α_ir") * dar, w.Vector("α_iz") * daz);
        IReadOnlyList<Vector> dph = Standardized.Of(w.Wh['r'] * hPrev, w.Wh['z'] * hPrev).Back(w.Vector("α_hr") * dar, w.Vector("α_hz") * daz);
        Vector dpxn = Standardized.Of(w.Wi['n'] * x).Back(w.Vector("α_in") * dan)[0];
        Vector dphn = Standardized.Of(w.Wh['n'] * hPrev).Back(w.Vector("α_hn") * dhn)[0];

        //  dW_i· += δp_x xᵀ      dW_h· += δp_h h₋ᵀ      δx = Σ W_i·ᵀ δp_x
        Vector dx = Vector.Zeros(x.Count);
        foreach ((char gate, Vector byX, Vector byH) in new[] { ('r', dpx[0], dph[0]), ('z', dpx[1], dph[1]), ('n', dpxn, dphn) })
        {
            d.Wi[gate].AddOuter(byX, x);
            d.Wh[gate].AddOuter(byH, hPrev);
            dx += w.Wi[gate].T * byX;
        }

        NamedVectors dhPrev = new()
        {
            //  direct: δh ⊙ z      through each gate: W_h·ᵀ δp_h
            { Paths.Direct, dh * z },
            { "through z", w.Wh['z'].T * dph[1] },
            { "through n", w.Wh['n'].T * dphn },
            { "through r", w.Wh['r'].T * dph[0] },
        };
        NamedVectors deltas = new() { { "h", dh }, { "a_n", dan }, { "a_z", daz }, { "hn", dhn }, { "a_r", dar } };
        return new CellStepGradient(arriving, deltas, dx, new Dictionary<string, NamedVectors> { ["h"] = dhPrev });
    }
}
