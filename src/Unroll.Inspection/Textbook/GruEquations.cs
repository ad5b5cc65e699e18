using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>The GRU that resets before the product (Cho et al. 2014, arXiv:1406.1078, eq. 5–8; notes S35–S43).</summary>
/// <param name="clip">Every argument is clipped to ±this (ONNX <c>clip</c>); infinite for none.</param>
/// <remarks>
/// The weights are PyTorch's: h = (1 − z) ⊙ n + z ⊙ h₋. The notes write c = Γu ⊙ c̃ + (1 − Γu) ⊙ c₋, so that Γr = r, c̃ = n, and Γu = 1 − z. Because
/// 1 − σ(a) = σ(−a), the conversion is exact: W_u = −W_z and b_u = −b_z. See <see cref="NotesGru"/> for the notes' own form.
/// </remarks>
internal sealed class GruEquations(double clip = double.PositiveInfinity) : ICellEquations
{
    public string Gates => "rzn";
    public IReadOnlyList<string> States { get; } = ["h"];

    public CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry)
    {
        //  a_r = W_ir x + b_ir + W_hr h₋ + b_hr                      r = σ(a_r)
        Vector ar = w.Wi['r'] * x + w.Bi['r'] + w.Wh['r'] * before["h"].Via("through r") + w.Bh['r'];
        Vector r = Sigmoid(Clip(ar, clip));

        //  a_z = W_iz x + b_iz + W_hz h₋ + b_hz                      z = σ(a_z)
        Vector az = w.Wi['z'] * x + w.Bi['z'] + w.Wh['z'] * before["h"].Via("through z") + w.Bh['z'];
        Vector z = Sigmoid(Clip(az, clip));

        //  a_n = W_in x + b_in + W_hn (r ⊙ h₋) + b_hn                n = tanh(a_n)
        Vector rh = r * before["h"].Via("through n");
        Vector an = w.Wi['n'] * x + w.Bi['n'] + w.Wh['n'] * rh + w.Bh['n'];
        Vector n = Tanh(Clip(an, clip));

        //  h = (1 − z) ⊙ n + z ⊙ h₋
        Vector h = (1 - z) * n + z * before["h"].Via(Paths.Direct);

        NamedVectors values = new() { { "a_r", ar }, { "r", r }, { "a_z", az }, { "z", z }, { "rh", rh }, { "a_n", an }, { "n", n }, { "h", h } };
        return new CellStep(x, before, new Dictionary<string, CarriedState> { ["h"] = carry("h", h) }, values) { KinkDistance = Kink(values) };
    }

    private double Kink(NamedVectors s) => new[] { "a_r", "a_z", "a_n" }.Min(name => ClipKinkDistance(s[name], clip));

    public CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d)
    {
        Vector r = s["r"], z = s["z"], n = s["n"], hPrev = s.Before["h"].Value;

        //  δh = [own loss] + [direct] + [through z] + [through r] + [through n]             S41: five terms
        Vector dh = arriving["h"].Sum(n.Count);

        //  δn = δh ⊙ (1 − z)                                          δa_n = δn ⊙ (1 − n²)
        Vector dn = dh * (1 - z);
        Vector dan = dn * TanhSlope(n) * ClipSlope(s["a_n"], clip);

        //  δz = δh ⊙ (h₋ − n)                                         δa_z = δz ⊙ z ⊙ (1 − z)
        Vector dz = dh * (hPrev - n);
        Vector daz = dz * SigmoidSlope(z) * ClipSlope(s["a_z"], clip);

        //  δrh = W_hnᵀ δa_n
        Vector drh = w.Wh['n'].T * dan;

        //  δr = δrh ⊙ h₋                                              δa_r = δr ⊙ r ⊙ (1 − r)
        Vector dr = drh * hPrev;
        Vector dar = dr * SigmoidSlope(r) * ClipSlope(s["a_r"], clip);

        //  dW_i· += δa· xᵀ      dW_h· += δa· h₋ᵀ, but for n: dW_hn += δa_n (r ⊙ h₋)ᵀ      db· += δa·        S43
        d.AddInput('r', dar, s.X);
        d.AddInput('z', daz, s.X);
        d.AddInput('n', dan, s.X);
        d.AddHidden('r', dar, hPrev);
        d.AddHidden('z', daz, hPrev);
        d.AddHidden('n', dan, s["rh"]);

        //  δx = W_irᵀ δa_r + W_izᵀ δa_z + W_inᵀ δa_n
        Vector dx = w.Wi['r'].T * dar + w.Wi['z'].T * daz + w.Wi['n'].T * dan;

        NamedVectors dhPrev = new()                                                          // S42, in its order
        {
            //  direct: δh ⊙ z
            { Paths.Direct, dh * z },
            //  through z (Γu): W_hzᵀ δa_z
            { "through z", w.Wh['z'].T * daz },
            //  through n (c̃): r ⊙ W_hnᵀ δa_n
            { "through n", r * drh },
            //  through r (Γr): W_hrᵀ δa_r
            { "through r", w.Wh['r'].T * dar },
        };
        NamedVectors deltas = new()
        {
            { "h", dh }, { "n", dn }, { "a_n", dan }, { "z", dz }, { "a_z", daz }, { "rh", drh }, { "r", dr }, { "a_r", dar },
        };
        return new CellStepGradient(arriving, deltas, dx, new Dictionary<string, NamedVectors> { ["h"] = dhPrev });
    }
}
