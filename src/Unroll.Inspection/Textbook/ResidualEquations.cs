using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>The residual recurrence h⟨t⟩ = h⟨t−1⟩ + g(z⟨t⟩) (study notes, S17–S21), with tanh or the logistic function for g.</summary>
/// <param name="logistic">Whether g is σ instead of tanh.</param>
/// <param name="clip">The argument is clipped to ±this (ONNX <c>clip</c>); infinite for none.</param>
/// <remarks>Names: <c>z</c> the argument, <c>g</c> what is added, <c>h</c>. The notes' U is W_h, W is W_i, b is b_i + b_h.</remarks>
internal sealed class ResidualEquations(bool logistic = false, double clip = double.PositiveInfinity) : ICellEquations
{
    public string Gates => "g";
    public IReadOnlyList<string> States { get; } = ["h"];

    public CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry)
    {
        //  z⟨t⟩ = U h⟨t−1⟩ + W x⟨t⟩ + b
        Vector z = w.Wi['g'] * x + w.Bi['g'] + w.Wh['g'] * before["h"].Via("through g") + w.Bh['g'];

        //  g = tanh(z)      or      g = σ(z)
        Vector g = logistic ? Sigmoid(Clip(z, clip)) : Tanh(Clip(z, clip));

        //  h⟨t⟩ = h⟨t−1⟩ + g
        Vector h = before["h"].Via(Paths.Direct) + g;

        NamedVectors values = new() { { "z", z }, { "g", g }, { "h", h } };
        return new CellStep(x, before, new Dictionary<string, CarriedState> { ["h"] = carry("h", h) }, values) { KinkDistance = Kink(values) };
    }

    private double Kink(NamedVectors s) => ClipKinkDistance(s["z"], clip);

    public CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d)
    {
        Vector g = s["g"], hPrev = s.Before["h"].Value;

        //  δh⟨t⟩ = [own loss] + [direct: δh₊] + [through g: Uᵀ δz₊]
        Vector dh = arriving["h"].Sum(g.Count);

        //  δz⟨t⟩ = δh ⊙ g′(z)                                        S18: the error term δ_{t,k}
        Vector dz = dh * (logistic ? SigmoidSlope(g) : TanhSlope(g)) * ClipSlope(s["z"], clip);

        //  dW += δz xᵀ      dU += δz h₋ᵀ      db += δz
        d.AddInput('g', dz, s.X);
        d.AddHidden('g', dz, hPrev);

        //  δx = Wᵀ δz
        Vector dx = w.Wi['g'].T * dz;

        NamedVectors dhPrev = new()
        {
            //  direct: δh
            { Paths.Direct, dh },
            //  through g: Uᵀ δz            together (I + diag(g′(z)) U)ᵀ δh, the Jacobian of S19
            { "through g", w.Wh['g'].T * dz },
        };
        return new CellStepGradient(arriving, new() { { "h", dh }, { "z", dz } }, dx, new Dictionary<string, NamedVectors> { ["h"] = dhPrev });
    }
}
