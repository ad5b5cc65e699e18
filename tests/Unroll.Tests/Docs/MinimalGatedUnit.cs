// README: cell
using Unroll.Cells;
using Unroll.Inspection.Textbook;
using Unroll.Numerics;

/// <summary>h = (1 − f) ⊙ h₋ + f ⊙ n, with one gate f for forgetting and resetting (Zhou et al. 2016, arXiv:1603.09420, section 3).</summary>
public sealed class MinimalGatedUnit : IKnowsEquations
{
    public string Name => "mgu";
    public string Gates => "fn";                                             // weight_ih [2H, I] has the rows of f, then those of n
    public bool HasCellState => false;
    public IReadOnlyList<string> Saved { get; } = ["f", "n", "fh"];          // the gates first, then what else is kept
    public IReadOnlyList<Product> Products { get; } = [new("f", "h"), new("n", "fh", Stage: 1)];
    public int Stages => 2;
    public int ExtraRows => 0;

    //  stage 0:  f = σ(a_f + W_hf h₋)             what stage 1 multiplies:  f ⊙ h₋
    //  stage 1:  n = tanh(a_n + W_hn (f ⊙ h₋))    h = (1 − f) ⊙ h₋ + f ⊙ n
    public void Forward(int stage, in Tile s)
    {
        for (int row = 0; row < s.H.Rows; row++)
        {
            Span<float> f = s.Saved(0).Row(row), n = s.Saved(1).Row(row), fh = s.Saved(2).Row(row), before = s.HPrev.Row(row), h = s.H.Row(row);
            for (int u = 0; u < h.Length; u++)
            {
                if (stage == 0)
                {
                    f[u] = Activations.Sigmoid(f[u]);
                    fh[u] = f[u] * before[u];
                }
                else
                {
                    n[u] = Activations.Tanh(n[u]);
                    h[u] = (1 - f[u]) * before[u] + f[u] * n[u];
                }
            }
        }
    }

    //  stage 1:  δa_n = δh ⊙ f ⊙ (1 − n²)    δf = δh ⊙ (n − h₋)    δh₋ = δh ⊙ (1 − f)      then, by the layer, δ(f ⊙ h₋) = W_hnᵀ δa_n
    //  stage 0:  δf += δ(f ⊙ h₋) ⊙ h₋    δh₋ += δ(f ⊙ h₋) ⊙ f    δa_f = δf ⊙ f ⊙ (1 − f)    then, by the layer, δh₋ += W_hfᵀ δa_f
    public void Backward(int stage, in TileBack s)
    {
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> f = s.Saved(0).Row(row), n = s.Saved(1).Row(row), before = s.HPrev.Row(row);
            Span<float> dh = s.DH.Row(row), dBefore = s.DHPrev.Row(row), df = s.DA(0).Row(row), dn = s.DA(1).Row(row), dfh = s.DSource().Row(row);
            for (int u = 0; u < dh.Length; u++)
            {
                if (stage == 1)
                {
                    dn[u] = dh[u] * f[u] * (1 - n[u] * n[u]);
                    df[u] = dh[u] * (n[u] - before[u]);                      // kept in δa_f's place until stage 0
                    dBefore[u] = dh[u] * (1 - f[u]);
                }
                else
                {
                    df[u] = (df[u] + dfh[u] * before[u]) * f[u] * (1 - f[u]);
                    dBefore[u] += dfh[u] * f[u];
                }
            }
        }
    }

    public void AddExtraGradients(in UnitRange s) { }                        // it has no parameter besides weights and biases

    //  optional: what pages, findings, memory half-lives and chrono initialization go by
    public CellDescription Description => field ??= new()
    {
        Slots =
        [
            new("f", "f, forget gate (1 takes the candidate)", GateRange.Logistic, GateRole.Forgets)
            {
                AtLower = new("the state is copied from step to step: nothing new comes in", IsHarm: true),
                AtUpper = new("the state is replaced by the candidate at every step", IsHarm: true),
            },
            new("n", "n, candidate", GateRange.Tanh, GateRole.Candidate),
            new("fh", "f ⊙ h₋"),
        ],
        Memory = new('f') { Negated = true },                                // the state is kept by 1 − f
        Equations =
        [
            new("f = σ(W_f x + U_f h₋ + b_f)", "how much of the past is forgotten, and how much of it the candidate sees"),
            new("n = tanh(W_n x + U_n (f ⊙ h₋) + b_n)", "the candidate"),
            new("h = (1 − f) ⊙ h₋ + f ⊙ n", "the state and output; its direct path backward is 1 − f"),
        ],
    };

    //  optional: the same in double, below
    public ICellEquations Equations => new MinimalGatedUnitEquations();
}

/// <summary>One step forward and back in double, every term by its path: the oracle of the cell above.</summary>
public sealed class MinimalGatedUnitEquations : ICellEquations
{
    public string Gates => "fn";
    public IReadOnlyList<string> States { get; } = ["h"];

    public CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry)
    {
        CarriedState hPrev = before["h"];
        Vector f = (w.Wi['f'] * x + w.Bi['f'] + w.Wh['f'] * hPrev.Via("through f") + w.Bh['f']).Map(a => 1 / (1 + Math.Exp(-a)));
        Vector fh = f * hPrev.Via("through n");
        Vector n = (w.Wi['n'] * x + w.Bi['n'] + w.Wh['n'] * fh + w.Bh['n']).Map(Math.Tanh);
        Vector h = (1 - f) * hPrev.Via(Paths.Direct) + f * n;
        Dictionary<string, CarriedState> after = new() { ["h"] = carry("h", h) };
        return new CellStep(x, before, after, new() { { "f", f }, { "fh", fh }, { "n", n }, { "h", h } });
    }

    public CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d)
    {
        Vector f = s["f"], n = s["n"], before = s.Before["h"].Value, dh = arriving["h"].Sum(n.Count);
        Vector dan = dh * f * (1 - n * n), dfh = w.Wh['n'].T * dan, daf = (dh * (n - before) + dfh * before) * f * (1 - f);
        d.AddInput('f', daf, s.X);
        d.AddInput('n', dan, s.X);
        d.AddHidden('f', daf, before);
        d.AddHidden('n', dan, s["fh"]);
        Vector dx = w.Wi['f'].T * daf + w.Wi['n'].T * dan;
        NamedVectors dBefore = new() { { Paths.Direct, dh * (1 - f) }, { "through f", w.Wh['f'].T * daf }, { "through n", f * dfh } };
        NamedVectors deltas = new() { { "h", dh }, { "a_n", dan }, { "fh", dfh }, { "a_f", daf } };
        return new CellStepGradient(arriving, deltas, dx, new Dictionary<string, NamedVectors> { ["h"] = dBefore });
    }
}
// end
