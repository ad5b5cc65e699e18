using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>The LSTM with forget gate and without peepholes (Gers, Schmidhuber, Cummins 2000; notes S22–S24, S30).</summary>
/// <remarks>The notes' b_f is b_if + b_hf, and likewise for the other gates.</remarks>
internal sealed class LstmEquations : ICellEquations
{
    public string Gates => "ifgo";
    public IReadOnlyList<string> States { get; } = ["h", "c"];

    public CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry)
    {
        //  a_i = W_ii x + b_ii + W_hi h₋ + b_hi                      i = σ(a_i)
        Vector ai = w.Wi['i'] * x + w.Bi['i'] + w.Wh['i'] * before["h"].Via("through i") + w.Bh['i'];
        Vector i = Sigmoid(ai);

        //  a_f = W_if x + b_if + W_hf h₋ + b_hf                      f = σ(a_f)
        Vector af = w.Wi['f'] * x + w.Bi['f'] + w.Wh['f'] * before["h"].Via("through f") + w.Bh['f'];
        Vector f = Sigmoid(af);

        //  a_g = W_ig x + b_ig + W_hg h₋ + b_hg                      g = tanh(a_g)
        Vector ag = w.Wi['g'] * x + w.Bi['g'] + w.Wh['g'] * before["h"].Via("through g") + w.Bh['g'];
        Vector g = Tanh(ag);

        //  a_o = W_io x + b_io + W_ho h₋ + b_ho                      o = σ(a_o)
        Vector ao = w.Wi['o'] * x + w.Bi['o'] + w.Wh['o'] * before["h"].Via("through o") + w.Bh['o'];
        Vector o = Sigmoid(ao);

        //  c = f ⊙ c₋ + i ⊙ g
        CarriedState c = carry("c", f * before["c"].Via(Paths.Direct) + i * g);

        //  m = tanh(c)
        Vector m = Tanh(c.Via(Paths.Hidden));

        //  h = o ⊙ m
        CarriedState h = carry("h", o * m);

        NamedVectors values = new()
        {
            { "a_i", ai }, { "i", i }, { "a_f", af }, { "f", f }, { "a_g", ag }, { "g", g }, { "a_o", ao }, { "o", o },
            { "c", c.Value }, { "m", m }, { "h", h.Value },
        };
        return new CellStep(x, before, new Dictionary<string, CarriedState> { ["h"] = h, ["c"] = c }, values);
    }

    public CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d)
    {
        Vector i = s["i"], f = s["f"], g = s["g"], o = s["o"], m = s["m"], hPrev = s.Before["h"].Value, cPrev = s.Before["c"].Value;

        //  δh = [output] + [through i, f, g, o of step t + 1]                                   ε_h of S29
        Vector dh = arriving["h"].Sum(m.Count);

        //  δo = δh ⊙ m                                                δa_o = δo ⊙ o ⊙ (1 − o)
        Vector @do = dh * m;
        Vector dao = @do * SigmoidSlope(o);

        //  δm = δh ⊙ o
        Vector dm = dh * o;

        //  δc = [direct: δc₊ ⊙ f₊] + [through h: δm ⊙ (1 − m²)]                                 ε_c of S29
        arriving["c"].Add(Paths.Hidden, dm * TanhSlope(m));
        Vector dc = arriving["c"].Sum(m.Count);

        //  δg = δc ⊙ i                                                δa_g = δg ⊙ (1 − g²)
        Vector dg = dc * i;
        Vector dag = dg * TanhSlope(g);

        //  δf = δc ⊙ c₋                                               δa_f = δf ⊙ f ⊙ (1 − f)
        Vector df = dc * cPrev;
        Vector daf = df * SigmoidSlope(f);

        //  δi = δc ⊙ g                                                δa_i = δi ⊙ i ⊙ (1 − i)
        Vector di = dc * g;
        Vector dai = di * SigmoidSlope(i);

        //  dW_i· += δa· xᵀ      dW_h· += δa· h₋ᵀ      db· += δa·                                S30
        foreach ((char gate, Vector da) in new[] { ('i', dai), ('f', daf), ('g', dag), ('o', dao) })
        {
            d.AddInput(gate, da, s.X);
            d.AddHidden(gate, da, hPrev);
        }

        //  δx = W_iiᵀ δa_i + W_ifᵀ δa_f + W_igᵀ δa_g + W_ioᵀ δa_o
        Vector dx = w.Wi['i'].T * dai + w.Wi['f'].T * daf + w.Wi['g'].T * dag + w.Wi['o'].T * dao;

        NamedVectors dhPrev = new()
        {
            //  through each gate: W_h·ᵀ δa·
            { "through i", w.Wh['i'].T * dai },
            { "through f", w.Wh['f'].T * daf },
            { "through g", w.Wh['g'].T * dag },
            { "through o", w.Wh['o'].T * dao },
        };
        NamedVectors dcPrev = new()
        {
            //  direct: δc ⊙ f          the path ∂c⟨t⟩/∂c⟨t−1⟩ = f⟨t⟩ by which gradients do not vanish (S30)
            { Paths.Direct, dc * f },
        };
        NamedVectors deltas = new()
        {
            { "h", dh }, { "o", @do }, { "a_o", dao }, { "m", dm }, { "c", dc }, { "g", dg }, { "a_g", dag },
            { "f", df }, { "a_f", daf }, { "i", di }, { "a_i", dai },
        };
        return new CellStepGradient(arriving, deltas, dx, new Dictionary<string, NamedVectors> { ["h"] = dhPrev, ["c"] = dcPrev });
    }
}
