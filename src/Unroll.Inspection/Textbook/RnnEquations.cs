using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>The vanilla RNN (Elman 1990; notes S01–S05), with tanh or relu.</summary>
/// <param name="relu">Whether the activation is max(0, z) instead of tanh.</param>
/// <param name="clip">The argument is clipped to ±this (ONNX <c>clip</c>); infinite for none.</param>
/// <remarks>Names: <c>z</c> the argument, <c>a</c> the state, which is also h. The notes' W_ax is W_i, W_aa is W_h, b_a is b_i + b_h.</remarks>
internal sealed class RnnEquations(bool relu = false, double clip = double.PositiveInfinity) : ICellEquations
{
    public string Gates => "a";
    public IReadOnlyList<string> States { get; } = ["h"];

    public CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry)
    {
        //  z = W_ax x⟨t⟩ + W_aa a⟨t−1⟩ + b_a
        Vector z = w.Wi['a'] * x + w.Bi['a'] + w.Wh['a'] * before["h"].Via(Paths.Next) + w.Bh['a'];

        //  a⟨t⟩ = tanh(z)      or      a⟨t⟩ = max(0, z)
        Vector a = relu ? Relu(Clip(z, clip)) : Tanh(Clip(z, clip));

        NamedVectors values = new() { { "z", z }, { "a", a } };
        return new CellStep(x, before, new Dictionary<string, CarriedState> { ["h"] = carry("h", a) }, values) { KinkDistance = Kink(values) };
    }

    private double Kink(NamedVectors s) => Math.Min(ClipKinkDistance(s["z"], clip), relu ? s["z"].Min(Math.Abs) : double.PositiveInfinity);

    public CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d)
    {
        Vector a = s["a"], aPrev = s.Before["h"].Value;

        //  δa⟨t⟩ = [from y⟨t⟩] + [from a⟨t+1⟩]                        S03
        Vector da = arriving["h"].Sum(a.Count);

        //  δz = δa ⊙ (1 − a²)      or      δz = δa where a > 0        S05
        Vector dz = da * (relu ? ReluSlope(a) : TanhSlope(a)) * ClipSlope(s["z"], clip);

        //  dW_ax += δz xᵀ      dW_aa += δz a₋ᵀ      db_a += δz
        d.AddInput('a', dz, s.X);
        d.AddHidden('a', dz, aPrev);

        //  δx = W_axᵀ δz
        Vector dx = w.Wi['a'].T * dz;

        //  δa₋ = W_aaᵀ δz
        Vector daPrev = w.Wh['a'].T * dz;

        return new CellStepGradient(arriving, new() { { "a", da }, { "z", dz } }, dx, new Dictionary<string, NamedVectors> { ["h"] = new() { { Paths.Next, daPrev } } });
    }
}
