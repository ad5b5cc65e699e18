using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>The residual recurrence h⟨t⟩ = h⟨t−1⟩ + g(z⟨t⟩) (study notes, S17–S21), with tanh or the logistic function for g.</summary>
/// <param name="logistic">Whether g is σ instead of tanh.</param>
/// <param name="clip">The argument is clipped to ±this (ONNX <c>clip</c>); infinite for none.</param>
/// <remarks>Names: <c>z</c> the argument, <c>g</c> what is added, <c>h</c>. The notes' U is W_h, W is W_i, b is b_i + b_h.</remarks>
internal sealed class ResidualEquations(bool logistic = false, double clip = double.PositiveInfinity) : ICellEquations
{
    public string Gates => "g";
    public bool HasCellState => false;
    public (string Input, string Hidden, string Bias)? NamesOf(char gate) => ("W", "U", "b");

    public CellStep Forward(CellWeights w, Vector x, CarriedState hPrev, CarriedState? cPrev, Carry carry)
    {
        //  z⟨t⟩ = U h⟨t−1⟩ + W x⟨t⟩ + b
        Vector z = w.Wi['g'] * x + w.Bi['g'] + w.Wh['g'] * hPrev.Via("through g") + w.Bh['g'];

        //  g = tanh(z)      or      g = σ(z)
        Vector g = logistic ? Sigmoid(Clip(z, clip)) : Tanh(Clip(z, clip));

        //  h⟨t⟩ = h⟨t−1⟩ + g
        Vector h = hPrev.Via(Paths.Direct) + g;

        return new CellStep(x, hPrev, null, carry("h", h), null, new() { { "z", z }, { "g", g }, { "h", h } });
    }

    public CellStepGradient Backward(CellWeights w, CellStep s, NamedVectors dhTerms, NamedVectors dc, CellWeights d)
    {
        Vector g = s["g"], hPrev = s.HPrev.Value;

        //  δh⟨t⟩ = [own loss] + [direct: δh₊] + [through g: Uᵀ δz₊]
        Vector dh = dhTerms.Sum(g.Count);

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
        return new CellStepGradient(dhTerms, dc, new() { { "h", dh }, { "z", dz } }, dx, dhPrev, []);
    }

    public double KinkDistance(CellStep s) => ClipKinkDistance(s["z"], clip);
}
