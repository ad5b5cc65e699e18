using Unroll.Cells.Definitions;
using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// The LSTM with layer normalization (Ba, Kiros, Hinton 2016, arXiv:1607.06450, equations 20 to 22); their b and β are one, b_i· and b_h·.
/// </summary>
/// <remarks>Names: <c>xi</c> … and <c>ui</c> … are W_i· x and W_h· h₋ standardized, <c>nc</c> is ĉ, <c>a_m</c> the argument of m; <c>sx</c>,
/// <c>su</c>, <c>sc</c> are ρ of x, h₋ and c.</remarks>
internal sealed class LayerNormLstmEquations : ICellEquations
{
    public string Gates => "ifgo";
    public DefinedLayout Layout => StackedLayout.Of(Gates,
        StackedLayout.Vectors("gain_ih", "α_i", Gates), StackedLayout.Vectors("gain_hh", "α_h", Gates),
        new("gain_c", ParameterKind.Vector, ["α_c"]), new("bias_c", ParameterKind.Vector, ["b_c"]));
    public IReadOnlyList<string> States { get; } = ["h", "c"];

    public CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry)
    {
        //  p_x = W_ih x      p_h = W_hh h₋      standardized over all units of all four gates
        Standardized px = OfInput(w, x), ph = Standardized.Of([.. Gates.Select(gate => w.Wh[gate] * before["h"].Via($"through {gate}"))]);

        //  a_· = α_i· ⊙ p̂_x + b_i· + α_h· ⊙ p̂_h + b_h·
        Vector A(char gate, int k) => w.Vector($"α_i{gate}") * px.Normal[k] + w.Bi[gate] + w.Vector($"α_h{gate}") * ph.Normal[k] + w.Bh[gate];
        Vector ai = A('i', 0), af = A('f', 1), ag = A('g', 2), ao = A('o', 3);

        //  i = σ(a_i)      f = σ(a_f)      g = tanh(a_g)      o = σ(a_o)
        Vector i = Sigmoid(ai), f = Sigmoid(af), g = Tanh(ag), o = Sigmoid(ao);

        //  c = f ⊙ c₋ + i ⊙ g
        CarriedState c = carry("c", f * before["c"].Via(Paths.Direct) + i * g);

        //  m = tanh(α_c ⊙ ĉ + b_c)      h = o ⊙ m
        Standardized pc = Standardized.Of(c.Via(Paths.Hidden));
        Vector nc = pc.Normal[0];
        Vector am = w.Vector("α_c") * nc + w.Vector("b_c");
        Vector m = Tanh(am);
        CarriedState h = carry("h", o * m);

        NamedVectors values = new()
        {
            { "a_i", ai }, { "i", i }, { "a_f", af }, { "f", f }, { "a_g", ag }, { "g", g }, { "a_o", ao }, { "o", o },
            { "c", c.Value }, { "nc", nc }, { "a_m", am }, { "m", m }, { "h", h.Value },
            { "sx", px.Scale(m.Count) }, { "su", ph.Scale(m.Count) }, { "sc", pc.Scale(m.Count) },
        };
        for (int k = 0; k < 4; k++)
        {
            values.Add($"x{Gates[k]}", px.Normal[k]);
            values.Add($"u{Gates[k]}", ph.Normal[k]);
        }
        return new CellStep(x, before, new Dictionary<string, CarriedState> { ["h"] = h, ["c"] = c }, values)
        {
            KinkDistance = new[] { px, ph, pc }.Min(one => one.KinkDistance),
        };
    }

    public CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d)
    {
        Vector i = s["i"], f = s["f"], g = s["g"], o = s["o"], m = s["m"], hPrev = s.Before["h"].Value, cPrev = s.Before["c"].Value;

        //  δh = [output] + [through i, f, g, o of step t + 1]         δa_o = δh ⊙ m ⊙ o ⊙ (1 − o)
        Vector dh = arriving["h"].Sum(m.Count);
        Vector dao = dh * m * SigmoidSlope(o);

        //  δa_m = δh ⊙ o ⊙ (1 − m²)      δα_c += δa_m ⊙ ĉ      δb_c += δa_m      δĉ = α_c ⊙ δa_m
        Vector dam = dh * o * TanhSlope(m);
        d.AddTo("α_c", dam * s["nc"]);
        d.AddTo("b_c", dam);

        //  δc = [direct: δc₊ ⊙ f₊] + [through h: ρ_c (δĉ − mean δĉ − ĉ mean(δĉ ⊙ ĉ))]
        arriving["c"].Add(Paths.Hidden, Standardized.Of(s["c"]).Back(w.Vector("α_c") * dam)[0]);
        Vector dc = arriving["c"].Sum(m.Count);

        //  δa_g = δc ⊙ i ⊙ (1 − g²)      δa_f = δc ⊙ c₋ ⊙ f ⊙ (1 − f)      δa_i = δc ⊙ g ⊙ i ⊙ (1 − i)
        Vector dag = dc * i * TanhSlope(g), daf = dc * cPrev * SigmoidSlope(f), dai = dc * g * SigmoidSlope(i);

        //  δα_i· += δa· ⊙ p̂_x      δα_h· += δa· ⊙ p̂_h      δb_i· += δa·      δb_h· += δa·
        Vector[] da = [dai, daf, dag, dao];
        for (int k = 0; k < 4; k++)
        {
            d.AddTo($"α_i{Gates[k]}", da[k] * s[$"x{Gates[k]}"]);
            d.AddTo($"α_h{Gates[k]}", da[k] * s[$"u{Gates[k]}"]);
            d.Bi[Gates[k]].Add(da[k]);
            d.Bh[Gates[k]].Add(da[k]);
        }

        //  δp_x = ρ_x (δp̂ − mean δp̂ − p̂_x mean(δp̂ ⊙ p̂_x)),  δp̂ = α_i· ⊙ δa·;  δp_h likewise
        IReadOnlyList<Vector> dpx = OfInput(w, s.X).Back([.. da.Select((one, k) => w.Vector($"α_i{Gates[k]}") * one)]);
        IReadOnlyList<Vector> dph = OfState(w, hPrev).Back([.. da.Select((one, k) => w.Vector($"α_h{Gates[k]}") * one)]);

        //  dW_i· += δp_x xᵀ      dW_h· += δp_h h₋ᵀ      δx = Σ W_i·ᵀ δp_x      through each gate: W_h·ᵀ δp_h
        Vector dx = Vector.Zeros(s.X.Count);
        NamedVectors dhPrev = [];
        for (int k = 0; k < 4; k++)
        {
            d.Wi[Gates[k]].AddOuter(dpx[k], s.X);
            d.Wh[Gates[k]].AddOuter(dph[k], hPrev);
            dx += w.Wi[Gates[k]].T * dpx[k];
            dhPrev.Add($"through {Gates[k]}", w.Wh[Gates[k]].T * dph[k]);
        }

        //  direct: δc ⊙ f
        NamedVectors dcPrev = new() { { Paths.Direct, dc * f } };
        NamedVectors deltas = new()
        {
            { "h", dh }, { "a_o", dao }, { "a_m", dam }, { "c", dc }, { "a_g", dag }, { "a_f", daf }, { "a_i", dai },
        };
        return new CellStepGradient(arriving, deltas, dx, new Dictionary<string, NamedVectors> { ["h"] = dhPrev, ["c"] = dcPrev });
    }

    private Standardized OfInput(CellWeights w, Vector x) => Standardized.Of([.. Gates.Select(gate => w.Wi[gate] * x)]);

    private Standardized OfState(CellWeights w, Vector h) => Standardized.Of([.. Gates.Select(gate => w.Wh[gate] * h)]);
}
