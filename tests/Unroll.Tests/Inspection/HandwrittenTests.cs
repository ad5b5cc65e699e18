using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;

namespace Unroll.Tests.Inspection;

public sealed class HandwrittenTests
{
    public static TheoryData<string> All => [.. s_all.Keys];

    private static readonly Dictionary<string, (CellOptions, Func<CellOptions, double, ICellEquations>)> s_all = new()
    {
        ["rnn"] = (new() { Kind = "rnn" }, (o, c) => new RnnEquations(false, c)),
        ["rnn relu"] = (new() { Kind = "rnn", Activation = "relu" }, (o, c) => new RnnEquations(true, c)),
        ["rnn clipped"] = (new() { Kind = "rnn", GateClip = 0.5f }, (o, c) => new RnnEquations(false, c)),
        ["rnn relu clipped"] = (new() { Kind = "rnn", Activation = "relu", GateClip = 0.5f }, (o, c) => new RnnEquations(true, c)),
        ["residual"] = (new() { Kind = "residual" }, (o, c) => new ResidualEquations(false, c)),
        ["residual logistic"] = (new() { Kind = "residual", Activation = "logistic", GateClip = 0.5f }, (o, c) => new ResidualEquations(true, c)),
        ["gru"] = (new() { Kind = "gru" }, (o, c) => new GruEquations(c)),
        ["gru clipped"] = (new() { Kind = "gru", GateClip = 0.5f }, (o, c) => new GruEquations(c)),
        ["gru-after"] = (new() { Kind = "gru-after" }, (o, c) => new GruAfterEquations(c)),
        ["gru-after clipped"] = (new() { Kind = "gru-after", GateClip = 0.5f }, (o, c) => new GruAfterEquations(c)),
        ["lstm"] = (new(), (o, c) => new LstmEquations()),
        ["lstm peepholes"] = (new() { Peepholes = true }, (o, c) => new PeepholeLstmEquations()),
        ["lstm coupled"] = (new() { Coupled = true }, (o, c) => new ExtendedLstmEquations(o)),
        ["lstm coupled peepholes"] = (new() { Coupled = true, Peepholes = true }, (o, c) => new ExtendedLstmEquations(o)),
        ["lstm projection"] = (new() { Projection = 2 }, (o, c) => new ExtendedLstmEquations(o)),
        ["lstm cell clip"] = (new() { CellClip = 0.3f }, (o, c) => new ExtendedLstmEquations(o)),
        ["lstm gate clip"] = (new() { GateClip = 0.5f }, (o, c) => new ExtendedLstmEquations(o)),
        ["lstm everything"] = (new() { Peepholes = true, Coupled = true, Projection = 2, CellClip = 0.6f, GateClip = 0.8f }, (o, c) => new ExtendedLstmEquations(o)),
        ["lstm uncoupled everything"] = (new() { Peepholes = true, Projection = 2, CellClip = 0.6f, GateClip = 0.8f }, (o, c) => new ExtendedLstmEquations(o)),
    };

    [Theory, MemberData(nameof(All))]
    public void Equal(string name)
    {
        (CellOptions options, Func<CellOptions, double, ICellEquations> make) = s_all[name];
        ICellEquations old = make(options, options.GateClip ?? double.PositiveInfinity), now = CellEquations.Of(options);
        Assert.Equal(old.States, now.States);
        Assert.Equal(old.Gates, now.Gates);
        ulong at = 0;
        double[] Draw(int length) => [.. Enumerable.Range(0, length).Select(_ => 0.6 * new Rng(8).Normal(at++))];
        Dictionary<string, double[]> weights = [];
        foreach (var stored in old.Layout.Stored) weights[$"{stored.Name}_l0"] = Draw(stored.Shape(3, 4).Aggregate(1, (a, b) => a * b));
        Assert.Equal(weights.Keys.Order(), now.Layout.Stored.Select(one => $"{one.Name}_l0").Order());
        Vector[] x = [.. Enumerable.Range(0, 4).Select(_ => new Vector(Draw(3)))];
        Dictionary<string, Vector> first = old.States.ToDictionary(state => state, state => new Vector(Draw(old.WidthOf(state, 4))));
        Dictionary<string, Vector> last = old.States.ToDictionary(state => state, state => new Vector(Draw(old.WidthOf(state, 4))));
        Vector[] dy = [.. x.Select(_ => new Vector(Draw(old.WidthOf("h", 4))))];
        (RecurrentRun a, RecurrentGradient da, var ga) = Run(old);
        (RecurrentRun b, RecurrentGradient db, var gb) = Run(now);
        foreach (string key in ga.Keys) Close(key, new Vector(ga[key]), new Vector(gb[key]));
        foreach (string state in old.States) Terms("first " + state, da.First[state], db.First[state]);
        for (int t = 0; t < 4; t++)
        {
            Assert.Equal(a.Steps[t].KinkDistance, b.Steps[t].KinkDistance, 1e-14);
            Close("y", a.Outputs[t], b.Outputs[t]);
            Close("x", da.Steps[t].X, db.Steps[t].X);
            foreach (string state in old.States) Terms(state + t, da.Steps[t].Terms[state], db.Steps[t].Terms[state]);
            foreach (string value in a.Steps[t].Values.Names)
            {
                if (b.Steps[t].Values.Find(value) is not { } same) continue;
                Close(value, a.Steps[t][value], same);
                if (da.Steps[t].Deltas.Find(value) is { } delta && !(value == "f" && options.Coupled)) Close("delta " + value, delta, db.Steps[t].Deltas[value]);
            }
        }

        void Terms(string what, NamedVectors p, NamedVectors q)
        {
            Assert.Equal(p.Names.Order(), q.Names.Order());
            foreach (string path in p.Names) Close(what + " " + path, p[path], q[path]);
        }

        void Close(string what, Vector p, Vector q)
        {
            Assert.Equal(p.Count, q.Count);
            for (int k = 0; k < p.Count; k++) Assert.True(Math.Abs(p[k] - q[k]) <= 1e-13, $"{what}[{k}]: {p[k]} against {q[k]}");
        }

        (RecurrentRun, RecurrentGradient, Dictionary<string, double[]>) Run(ICellEquations cell)
        {
            Dictionary<string, double[]> d = weights.ToDictionary(one => one.Key, one => new double[one.Value.Length]);
            RecurrentRun run = RecurrentRun.Forward(cell, new CellWeights(weights, "", "l0", cell, 3, 4), x, first);
            return (run, run.Backward(dy, new CellWeights(d, "", "l0", cell, 3, 4), last), d);
        }
    }
}
