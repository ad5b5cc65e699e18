using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>The LSTM with peepholes (Gers and Schmidhuber 2000; in the form of Graves 2013, arXiv:1303.5778, eq. 7–11; notes S28–S30).</summary>
/// <remarks>
/// The input and the forget gate also see c₋, the output gate the new c. With p = 0 it is <see cref="LstmEquations"/> (trap 3 of the notes).
/// The notes' b_f is b_if + b_hf, and likewise for the other gates.
/// </remarks>
internal sealed class PeepholeLstmEquations : ICellEquations
{
    public string Gates => "ifgo";
    public Unroll.Cells.Definitions.DefinedLayout Layout => StackedLayout.Of(Gates, StackedLayout.Vectors("peephole", "p_", "ifo"));
    public IReadOnlyList<string> States { get; } = ["h", "c"];

    public CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry)
    {
        //  a_i = W_ii x + b_ii + W_hi h₋ + b_hi + p_i ⊙ c₋            i = σ(a_i)
        Vector ai = w.Wi['i'] * x + w.Bi['i'] + w.Wh['i'] * before["h"].Via("through i") + w.Bh['i'] + w.Vector("p_i") * before["c"].Via("through i");
        Vector i = Sigmoid(ai);

        //  a_f = W_if x + b_if + W_hf h₋ + b_hf + p_f ⊙ c₋            f = σ(a_f)
        Vector af = w.Wi['f'] * x + w.Bi['f'] + w.Wh['f'] * before["h"].Via("through f") + w.Bh['f'] + w.Vector("p_f") * before["c"].Via("through f");
        Vector f = Sigmoid(af);

        //  a_g = W_ig x + b_ig + W_hg h₋ + b_hg                      g = tanh(a_g)
        Vector ag = w.Wi['g'] * x + w.Bi['g'] + w.Wh['g'] * before["h"].Via("through g") + w.Bh['g'];
        Vector g = Tanh(ag);

        //  c = f ⊙ c₋ + i ⊙ g
        CarriedState c = carry("c", f * before["c"].Via(Paths.Direct) + i * g);

        //  a_o = W_io x + b_io + W_ho h₋ + b_ho + p_o ⊙ c             o = σ(a_o)
        Vector ao = w.Wi['o'] * x + w.Bi['o'] + w.Wh['o'] * before["h"].Via("through o") + w.Bh['o'] + w.Vector("p_o") * c.Via("through o");
        Vector o = Sigmoid(ao);

        //  m = tanh(c)
        Vector m = Tanh(c.Via(Paths.Hidden));

        //  h = o ⊙ m
        CarriedState h = carry("h", o * m);

        NamedVectors values = new()
        {
            { "a_i", ai }, { "i", i }, { "a_f", af }, { "f", f }, { "a_g", ag }, { "g", g },
            { "c", c.Value }, { "a_o", ao }, { "o", o }, { "m", m }, { "h", h.Value },
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

        //  δc = [direct: δc₊ ⊙ f₊] + [through i: p_i ⊙ δa_i₊] + [through f: p_f ⊙ δa_f₊]        ε_c of S29
        //     + [through h: δm ⊙ (1 − m²)] + [through o: p_o ⊙ δa_o]
        arriving["c"].Add(Paths.Hidden, dm * TanhSlope(m));
        arriving["c"].Add("through o", w.Vector("p_o") * dao);
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

        //  dp_i += δa_i ⊙ c₋      dp_f += δa_f ⊙ c₋      dp_o += δa_o ⊙ c
        d.AddTo("p_i", dai * cPrev);
        d.AddTo("p_f", daf * cPrev);
        d.AddTo("p_o", dao * s["c"]);

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
            //  through the peepholes: p_i ⊙ δa_i, p_f ⊙ δa_f
            { "through i", w.Vector("p_i") * dai },
            { "through f", w.Vector("p_f") * daf },
        };
        NamedVectors deltas = new()
        {
            { "h", dh }, { "o", @do }, { "a_o", dao }, { "m", dm }, { "c", dc }, { "g", dg }, { "a_g", dag },
            { "f", df }, { "a_f", daf }, { "i", di }, { "a_i", dai },
        };
        return new CellStepGradient(arriving, deltas, dx, new Dictionary<string, NamedVectors> { ["h"] = dhPrev, ["c"] = dcPrev });
    }
}
