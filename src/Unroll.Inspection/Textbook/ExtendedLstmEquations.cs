using Unroll.Cells;
using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// The LSTM with any of its extensions, alone or together: peepholes (S28), coupled input and forget gate (S39; Greff et al. 2017,
/// arXiv:1503.04069, "CIFG"), projection (Sak, Senior, Beaufays 2014), the cell state clipped, the gates' arguments clipped.
/// </summary>
/// <param name="options">
/// Which extensions. With none of them it is <see cref="LstmEquations"/>, with peepholes alone <see cref="PeepholeLstmEquations"/>.
/// </param>
/// <remarks>Names beside the plain cell's: <c>u</c> the cell state before it is clipped to ±κ, <c>hm</c> = o ⊙ m before the projection.</remarks>
internal sealed class ExtendedLstmEquations(CellOptions options) : ICellEquations
{
    private readonly double _kappa = options.CellClip ?? double.PositiveInfinity, _clip = options.GateClip ?? double.PositiveInfinity;

    public string Gates => options.Coupled ? "igo" : "ifgo";
    public Unroll.Cells.Definitions.DefinedLayout Layout
    {
        get
        {
            Unroll.Cells.Definitions.DefinedLayout stacked = options.Peepholes ? StackedLayout.Of(Gates, StackedLayout.Vectors("peephole", "p_", "ifo")) : StackedLayout.Of(Gates);
            if (options.Projection is not { } width) return stacked;
            Unroll.Cells.Definitions.CellWidth narrow = new(width, 0);
            return new([.. stacked.Stored.Select(one => one.Name == "weight_hh" ? one with { Columns = narrow } : one),
                new("weight_hr", Unroll.Cells.Definitions.ParameterKind.Matrix, ["W_hr"]) { Rows = narrow }]);
        }
    }
    public int WidthOf(string name, int units) => name == "h" ? options.Projection ?? units : units;
    public IReadOnlyList<string> States { get; } = ["h", "c"];

    public CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry)
    {
        //  a_i = W_ii x + b_ii + W_hi h₋ + b_hi [+ p_i ⊙ c₋]                     i = σ(clip a_i)
        Vector ai = Argument('i', "through i", before["c"]);
        Vector i = Sigmoid(Clip(ai, _clip));

        //  a_f = W_if x + b_if + W_hf h₋ + b_hf [+ p_f ⊙ c₋]                     f = σ(clip a_f);      coupled: f = 1 − i
        Vector? af = options.Coupled ? null : Argument('f', "through f", before["c"]);
        Vector f = af is null ? 1 - i : Sigmoid(Clip(af, _clip));

        //  a_g = W_ig x + b_ig + W_hg h₋ + b_hg                                  g = tanh(clip a_g)
        Vector ag = Argument('g', "through g", null);
        Vector g = Tanh(Clip(ag, _clip));

        //  u = f ⊙ c₋ + i ⊙ g                                                    c = u brought into [−κ, κ]
        Vector u = f * before["c"].Via(Paths.Direct) + i * g;
        CarriedState c = carry("c", Clip(u, _kappa));

        //  a_o = W_io x + b_io + W_ho h₋ + b_ho [+ p_o ⊙ c]                      o = σ(clip a_o)
        Vector ao = Argument('o', "through o", c);
        Vector o = Sigmoid(Clip(ao, _clip));

        //  m = tanh(c)
        Vector m = Tanh(c.Via(Paths.Hidden));

        //  hm = o ⊙ m                                                             h = hm;      with projection: h = W_hr hm
        Vector hm = o * m;
        CarriedState h = carry("h", options.Projection is null ? hm : w.Matrix("W_hr") * hm);

        NamedVectors values = new() { { "a_i", ai }, { "i", i } };
        if (af is not null) values.Add("a_f", af);
        foreach ((string name, Vector value) in new[]
                 { ("f", f), ("a_g", ag), ("g", g), ("u", u), ("c", c.Value), ("a_o", ao), ("o", o), ("m", m), ("hm", hm), ("h", h.Value) })
            values.Add(name, value);
        return new CellStep(x, before, new Dictionary<string, CarriedState> { ["h"] = h, ["c"] = c }, values) { KinkDistance = Kink(values) };

        Vector Argument(char gate, string path, CarriedState? peeped)
        {
            Vector a = w.Wi[gate] * x + w.Bi[gate] + w.Wh[gate] * before["h"].Via(path) + w.Bh[gate];
            return options.Peepholes && peeped is not null ? a + w.Vector($"p_{gate}") * peeped.Via(path) : a;
        }
    }

    private double Kink(NamedVectors s) => Math.Min(Gates.Min(gate => ClipKinkDistance(s[$"a_{gate}"], _clip)), ClipKinkDistance(s["u"], _kappa));

    public CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d)
    {
        Vector i = s["i"], f = s["f"], g = s["g"], o = s["o"], m = s["m"], hm = s["hm"], hPrev = s.Before["h"].Value, cPrev = s.Before["c"].Value;

        //  δh = [output] + [through i, f, g, o of step t + 1]
        Vector dh = arriving["h"].Sum(s["h"].Count);

        //  δhm = δh;      with projection: δhm = W_hrᵀ δh, dW_hr += δh hmᵀ
        Vector dhm = options.Projection is null ? dh : w.Matrix("W_hr").T * dh;
        if (options.Projection is not null) d.Matrix("W_hr").AddOuter(dh, hm);

        //  δo = δhm ⊙ m                                                           δa_o = δo ⊙ o ⊙ (1 − o), 0 where a_o was clipped
        Vector @do = dhm * m;
        Vector dao = @do * SigmoidSlope(o) * ClipSlope(s["a_o"], _clip);

        //  δm = δhm ⊙ o
        Vector dm = dhm * o;

        //  δc = [direct: δu₊ ⊙ f₊] [+ through i: p_i ⊙ δa_i₊] [+ through f: p_f ⊙ δa_f₊] + [through h: δm ⊙ (1 − m²)] [+ through o: p_o ⊙ δa_o]
        arriving["c"].Add(Paths.Hidden, dm * TanhSlope(m));
        if (options.Peepholes) arriving["c"].Add("through o", w.Vector("p_o") * dao);
        Vector dc = arriving["c"].Sum(m.Count);

        //  δu = δc, 0 where |u| ≥ κ
        Vector du = dc * ClipSlope(s["u"], _kappa);

        //  δg = δu ⊙ i                                                           δa_g = δg ⊙ (1 − g²), 0 where a_g was clipped
        Vector dg = du * i;
        Vector dag = dg * TanhSlope(g) * ClipSlope(s["a_g"], _clip);

        //  δf = δu ⊙ c₋                                                          δa_f = δf ⊙ f ⊙ (1 − f), 0 where a_f was clipped
        Vector df = du * cPrev;
        Vector? daf = options.Coupled ? null : df * SigmoidSlope(f) * ClipSlope(s["a_f"], _clip);

        //  δi = δu ⊙ g;      coupled: δi = δu ⊙ g − δf                           δa_i = δi ⊙ i ⊙ (1 − i), 0 where a_i was clipped
        Vector di = options.Coupled ? du * g - df : du * g;
        Vector dai = di * SigmoidSlope(i) * ClipSlope(s["a_i"], _clip);

        List<(char Gate, Vector Da)> das = [('i', dai), ('g', dag), ('o', dao)];
        if (daf is not null) das.Insert(1, ('f', daf));

        //  dW_i· += δa· xᵀ      dW_h· += δa· h₋ᵀ      db· += δa·      dp_i += δa_i ⊙ c₋      dp_f += δa_f ⊙ c₋      dp_o += δa_o ⊙ c
        //  δx = Σ W_i·ᵀ δa·     through each gate: W_h·ᵀ δa·          direct: δu ⊙ f          peepholes: p_i ⊙ δa_i, p_f ⊙ δa_f
        Vector dx = Vector.Zeros(s.X.Count);
        NamedVectors dhPrev = [], dcPrev = new() { { Paths.Direct, du * f } };
        NamedVectors deltas = new()
        {
            { "h", dh }, { "hm", dhm }, { "o", @do }, { "m", dm }, { "c", dc }, { "u", du }, { "g", dg }, { "f", df }, { "i", di },
        };
        foreach ((char gate, Vector da) in das)
        {
            d.AddInput(gate, da, s.X);
            d.AddHidden(gate, da, hPrev);
            if (options.Peepholes && gate != 'g') d.AddTo($"p_{gate}", da * (gate == 'o' ? s["c"] : cPrev));
            dx.Add(w.Wi[gate].T * da);
            dhPrev.Add($"through {gate}", w.Wh[gate].T * da);
            if (gate is 'i' or 'f' && options.Peepholes) dcPrev.Add($"through {gate}", w.Vector($"p_{gate}") * da);
            deltas.Add($"a_{gate}", da);
        }
        return new CellStepGradient(arriving, deltas, dx, new Dictionary<string, NamedVectors> { ["h"] = dhPrev, ["c"] = dcPrev });
    }
}
