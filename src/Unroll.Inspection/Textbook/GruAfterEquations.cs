using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>The GRU that resets after the product, a second bias inside the reset: PyTorch, cuDNN, ONNX <c>linear_before_reset = 1</c>.</summary>
/// <param name="clip">Every argument is clipped to ±this (ONNX <c>clip</c>); infinite for none.</param>
/// <remarks>
/// Not convertible to <see cref="GruEquations"/> (trap 2 of the notes): r ⊙ (W_hn h₋ + b_hn) is not W_hn (r ⊙ h₋) + b_hn. The update's polarity is
/// the same: Γu = 1 − z. Name: <c>hn</c> = W_hn h₋ + b_hn, what the reset scales.
/// </remarks>
internal sealed class GruAfterEquations(double clip = double.PositiveInfinity) : ICellEquations
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

        //  hn = W_hn h₋ + b_hn
        Vector hn = w.Wh['n'] * before["h"].Via("through n") + w.Bh['n'];

        //  a_n = W_in x + b_in + r ⊙ hn                               n = tanh(a_n)
        Vector an = w.Wi['n'] * x + w.Bi['n'] + r * hn;
        Vector n = Tanh(Clip(an, clip));

        //  h = (1 − z) ⊙ n + z ⊙ h₋
        Vector h = (1 - z) * n + z * before["h"].Via(Paths.Direct);

        NamedVectors values = new() { { "a_r", ar }, { "r", r }, { "a_z", az }, { "z", z }, { "hn", hn }, { "a_n", an }, { "n", n }, { "h", h } };
        return new CellStep(x, before, new Dictionary<string, CarriedState> { ["h"] = carry("h", h) }, values) { KinkDistance = Kink(values) };
    }

    private double Kink(NamedVectors s) => new[] { "a_r", "a_z", "a_n" }.Min(name => ClipKinkDistance(s[name], clip));

    public CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d)
    {
        Vector r = s["r"], z = s["z"], hn = s["hn"], n = s["n"], hPrev = s.Before["h"].Value;

        //  δh = [own loss] + [direct] + [through z] + [through n] + [through r]
        Vector dh = arriving["h"].Sum(n.Count);

        //  δn = δh ⊙ (1 − z)                                          δa_n = δn ⊙ (1 − n²)
        Vector dn = dh * (1 - z);
        Vector dan = dn * TanhSlope(n) * ClipSlope(s["a_n"], clip);

        //  δz = δh ⊙ (h₋ − n)                                         δa_z = δz ⊙ z ⊙ (1 − z)
        Vector dz = dh * (hPrev - n);
        Vector daz = dz * SigmoidSlope(z) * ClipSlope(s["a_z"], clip);

        //  δhn = δa_n ⊙ r
        Vector dhn = dan * r;

        //  δr = δa_n ⊙ hn                                             δa_r = δr ⊙ r ⊙ (1 − r)
        Vector dr = dan * hn;
        Vector dar = dr * SigmoidSlope(r) * ClipSlope(s["a_r"], clip);

        //  dW_i· += δa· xᵀ      dW_h· += δa· h₋ᵀ, but for n: dW_hn += δhn h₋ᵀ, db_hn += δhn
        d.AddInput('r', dar, s.X);
        d.AddInput('z', daz, s.X);
        d.AddInput('n', dan, s.X);
        d.AddHidden('r', dar, hPrev);
        d.AddHidden('z', daz, hPrev);
        d.AddHidden('n', dhn, hPrev);

        //  δx = W_irᵀ δa_r + W_izᵀ δa_z + W_inᵀ δa_n
        Vector dx = w.Wi['r'].T * dar + w.Wi['z'].T * daz + w.Wi['n'].T * dan;

        NamedVectors dhPrev = new()
        {
            //  direct: δh ⊙ z
            { Paths.Direct, dh * z },
            //  through z: W_hzᵀ δa_z
            { "through z", w.Wh['z'].T * daz },
            //  through n: W_hnᵀ δhn
            { "through n", w.Wh['n'].T * dhn },
            //  through r: W_hrᵀ δa_r
            { "through r", w.Wh['r'].T * dar },
        };
        NamedVectors deltas = new()
        {
            { "h", dh }, { "n", dn }, { "a_n", dan }, { "z", dz }, { "a_z", daz }, { "hn", dhn }, { "r", dr }, { "a_r", dar },
        };
        return new CellStepGradient(arriving, deltas, dx, new Dictionary<string, NamedVectors> { ["h"] = dhPrev });
    }
}
