using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;

namespace Unroll.Tests.Inspection;

/// <summary>Each cell's backward against central differences, and each named term against a nudge of its own path.</summary>
public sealed class CellEquationsTests
{
    private const int Inputs = 3, Hidden = 4;

    // Central differences of step 1e-5 in double: the truncation is about 1e-10, the rounding 1e-16 · |L| ÷ 1e-5 = 1e-10 for |L| of 10.
    private const double Step = 1e-5, Tolerance = 1e-8;

    public static TheoryData<string> Variants => [.. Cells.Keys];

    private static readonly Dictionary<string, CellOptions> Cells = new()
    {
        ["rnn"] = new() { Kind = "rnn" },
        ["rnn relu"] = new() { Kind = "rnn", Activation = "relu" },
        ["rnn clipped"] = new() { Kind = "rnn", GateClip = 0.5f },
        ["residual"] = new() { Kind = "residual" },
        ["residual logistic"] = new() { Kind = "residual", Activation = "logistic" },
        ["gru"] = new() { Kind = "gru" },
        ["gru clipped"] = new() { Kind = "gru", GateClip = 0.5f },
        ["gru-after"] = new() { Kind = "gru-after" },
        ["gru-after clipped"] = new() { Kind = "gru-after", GateClip = 0.5f },
        ["lstm"] = new(),
        ["lstm peepholes"] = new() { Peepholes = true },
        ["lstm coupled"] = new() { Coupled = true },
        ["lstm projection"] = new() { Projection = 2 },
        ["lstm cell clip"] = new() { CellClip = 0.3f },
        ["lstm gate clip"] = new() { GateClip = 0.5f },
        ["lstm everything"] = new() { Peepholes = true, Coupled = true, Projection = 2, CellClip = 0.6f, GateClip = 0.8f },
        ["lstm peepholes, projection"] = new() { Peepholes = true, Projection = 3 },
        ["lstm-ln"] = new() { Kind = "lstm-ln" },
        ["gru-ln"] = new() { Kind = "gru-ln" },
    };

    [Theory, MemberData(nameof(Variants))]
    public void Backward_is_the_derivative_of_forward(string variant)
    {
        Problem p = new(Cells[variant], steps: 4);
        RecurrentGradient gradient = p.Gradient(out Dictionary<string, double[]> d);

        foreach ((string name, double[] values) in p.Weights)
            for (int k = 0; k < values.Length; k++) Close($"{name}[{k}]", d[name][k], p.Difference(values, k));
        for (int t = 0; t < p.X.Length; t++)
            for (int k = 0; k < Inputs; k++) Close($"x<{t}>[{k}]", gradient.Steps[t].X[k], p.Difference(p.X[t], k));
        foreach ((string state, Vector first) in p.First)
            for (int k = 0; k < first.Count; k++) Close($"{state}0[{k}]", gradient.First[state].Sum(first.Count)[k], p.Difference(first, k));
    }

    [Theory, MemberData(nameof(Variants))]
    public void Every_term_is_the_derivative_along_its_own_path(string variant)
    {
        Problem p = new(Cells[variant], steps: 3);
        RecurrentGradient gradient = p.Gradient(out _);
        for (int t = -1; t < p.X.Length; t++)
            foreach ((string of, NamedVectors terms) in t < 0 ? gradient.First : gradient.Steps[t].Terms) CheckTerms(of, t, terms);

        void CheckTerms(string state, int t, NamedVectors terms)
        {
            foreach ((string path, Vector term) in terms)
                for (int k = 0; k < term.Count; k++)
                {
                    double Loss(double by) => p.Loss(new Nudge("", t, state, path, k, by));
                    Close($"{state}<{t}> {path} [{k}]", term[k], (Loss(Step) - Loss(-Step)) / (2 * Step));
                }
        }
    }

    [Fact] // S41: exactly five, and at t = T only the first
    public void The_state_of_a_GRU_has_exactly_five_terms()
    {
        IReadOnlyList<CellStepGradient> steps = new Problem(Cells["gru"], steps: 2) { WithLast = false }.Gradient(out _).Steps;
        Assert.Equal(["output", "direct", "through n", "through z", "through r"], steps[0].Terms["h"].Names);
        Assert.Equal(["output"], steps[1].Terms["h"].Names);
    }

    [Fact] // trap 3
    public void Peepholes_of_zero_are_the_plain_LSTM_bit_for_bit()
    {
        Problem plain = new(Cells["lstm"], steps: 4), peepholes = new(Cells["lstm peepholes"], steps: 4);
        foreach ((string name, double[] values) in plain.Weights) values.CopyTo(peepholes.Weights[name], 0);
        Array.Clear(peepholes.Weights["peephole_l0"]);
        RecurrentGradient expected = plain.Gradient(out Dictionary<string, double[]> d);
        Assert.Equal(plain.Loss(null), peepholes.Loss(null));
        RecurrentGradient actual = peepholes.Gradient(out Dictionary<string, double[]> dOther);
        Assert.Equal(expected.Steps[0].X, actual.Steps[0].X);
        foreach ((string name, double[] values) in d) Assert.Equal(values, dOther[name]);
    }

    [Fact] // S37
    public void A_GRU_with_its_gates_forced_is_the_plain_RNN_or_a_copy()
    {
        Problem gru = new(Cells["gru"], steps: 1);
        double[] bias = gru.Weights["bias_ih_l0"];
        for (int k = 0; k < Hidden; k++) (bias[k], bias[Hidden + k]) = (60, -60);               // r = 1, z = 0: the candidate alone
        CellStep step = gru.Run(null).Steps[0];
        CellWeights w = gru.Read(gru.Weights);
        Vector a = w.Wi['n'] * gru.X[0] + w.Bi['n'] + w.Wh['n'] * gru.First["h"] + w.Bh['n'];
        for (int k = 0; k < Hidden; k++) Assert.Equal(Math.Tanh(a[k]), step["h"][k], 1e-14);

        for (int k = 0; k < Hidden; k++) bias[Hidden + k] = 60;                                  // z = 1: the past alone
        Assert.Equal(gru.First["h"], gru.Run(null).Steps[0]["h"]);
    }

    private static void Close(string what, double analytic, double numeric)
    {
        double error = Math.Abs(analytic - numeric) / Math.Max(1, Math.Max(Math.Abs(analytic), Math.Abs(numeric)));
        Assert.True(error <= Tolerance, $"{what}: {analytic} against {numeric}");
    }

    /// <summary>A cell, seeded weights and data, and the loss Σ w⟨t⟩·h⟨t⟩ + v·h⟨T⟩ + u·c⟨T⟩.</summary>
    private sealed record Problem
    {
        private readonly Vector[] _dy;
        private readonly Dictionary<string, Vector> _dLast;

        public Problem(CellOptions options, int steps)
        {
            Cell = CellEquations.Of(options);
            int outputs = options.Projection ?? Hidden, gates = Cell.Gates.Length;
            Rng rng = new(20);
            ulong at = 0;
            double[] Draw(int length, double scale) => [.. Enumerable.Range(0, length).Select(_ => scale * rng.Normal(at++))];
            Weights = new()
            {
                ["weight_ih_l0"] = Draw(gates * Hidden * Inputs, 0.5), ["weight_hh_l0"] = Draw(gates * Hidden * outputs, 0.5),
                ["bias_ih_l0"] = Draw(gates * Hidden, 0.3), ["bias_hh_l0"] = Draw(gates * Hidden, 0.3),
            };
            if (options.Projection is not null) Weights["weight_hr_l0"] = Draw(outputs * Hidden, 0.5);
            X = [.. Enumerable.Range(0, steps).Select(_ => new Vector(Draw(Inputs, 1)))];
            _dy = [.. X.Select(_ => new Vector(Draw(outputs, 1)))];
            (First, _dLast) = (new() { ["h"] = new Vector(Draw(outputs, 0.5)) }, new() { ["h"] = new Vector(Draw(outputs, 1)) });
            if (Cell.States.Contains("c")) (First["c"], _dLast["c"]) = (new Vector(Draw(Hidden, 0.2)), new Vector(Draw(Hidden, 1)));
            if (options.Peepholes) Weights["peephole_l0"] = Draw(3 * Hidden, 0.5);
            if (options.Kind is not ("lstm-ln" or "gru-ln")) return;
            (Weights["gain_ih_l0"], Weights["gain_hh_l0"]) = (Draw(gates * Hidden, 0.8), Draw(gates * Hidden, 0.8));
            if (options.Kind == "lstm-ln") (Weights["gain_c_l0"], Weights["bias_c_l0"]) = (Draw(Hidden, 0.8), Draw(Hidden, 0.5));
        }

        public ICellEquations Cell { get; init; }
        public bool WithLast { get; init; } = true;
        public Dictionary<string, double[]> Weights { get; }
        public Vector[] X { get; }
        public Dictionary<string, Vector> First { get; }

        public CellWeights Read(Dictionary<string, double[]> values) => new(values, "", "l0", Cell, Inputs, Hidden);

        public RecurrentRun Run(Nudge? nudge) => RecurrentRun.Forward(Cell, Read(Weights), X, First, "", nudge);

        public double Loss(Nudge? nudge)
        {
            RecurrentRun run = Run(nudge);
            double loss = _dLast.Sum(one => (one.Value * run.Last(one.Key)).Sum());
            for (int t = 0; t < X.Length; t++) loss += (_dy[t] * run.Outputs[t]).Sum();
            return loss;
        }

        public RecurrentGradient Gradient(out Dictionary<string, double[]> d)
        {
            d = Weights.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);
            return Run(null).Backward(_dy, Read(d), WithLast ? _dLast : null);
        }

        public double Difference(double[] values, int k) => Difference(new Vector(values), k);

        public double Difference(Vector values, int k)
        {
            double kept = values[k];
            values[k] = kept + Step;
            double up = Loss(null);
            values[k] = kept - Step;
            double down = Loss(null);
            values[k] = kept;
            return (up - down) / (2 * Step);
        }
    }
}
