using Unroll.Cells;
using Unroll.Inspection.Textbook;

namespace Unroll.Tests.Inspection;

/// <summary>The notes' layout and PyTorch's describe the same cells, forward and backward.</summary>
public sealed class NotesLayoutTests
{
    private const int Nx = 3, Nh = 5, Ny = 2;

    // Both sum 8 products of size 1 in different orders: a few units of 1e-16 each, 1e-13 with room.
    private const double Rounding = 1e-13;

    [Fact] // S27, S33
    public void The_repacked_LSTM_agrees_with_separate_weights_forward_and_backward()
    {
        NumPyLegacyRandom random = new(7);
        NotesLstm notes = NotesFiguresTests.Lstm(random);
        Matrix x = random.Normal(Nx, 1), h0 = random.Normal(Nh, 1), c0 = random.Normal(Nh, 1), dh = random.Normal(Nh, 1), dc = random.Normal(Nh, 1);
        NotesLstm.Step step = notes.CellForward(x, h0, c0);
        NotesLstm.Gradient d = notes.CellBackward(dh, dc, step);

        (RecurrentRun run, RecurrentGradient gradient, Dictionary<string, double[]> dw) =
            Run(new CellOptions(), NotesLayout.ToPyTorch(notes), [Column(x)], Column(h0), Column(c0), [Column(dh)], Column(dc));

        Close(step.H, run.Last("h"));
        Close(step.C, run.Last("c"));
        foreach ((string name, Matrix value) in new[] { ("f", step.F), ("i", step.I), ("g", step.G), ("o", step.O), ("m", step.M) })
            Close(value, run.Steps[0][name]);
        Close(d.X, gradient.Steps[0].X);
        Close(d.HPrev, gradient.First["h"].Sum(Nh));
        Close(d.CPrev, gradient.First["c"].Sum(Nh));
        Dictionary<string, double[]> expected = NotesLayout.ToPyTorch(
            new NotesLstm(d.Wf, d.Bf, d.Wi, d.Bi, d.Wc, d.Bc, d.Wo, d.Bo, notes.Wy, notes.By));
        foreach (string name in new[] { "weight_ih_l0", "weight_hh_l0", "bias_ih_l0" })
            for (int k = 0; k < dw[name].Length; k++) Assert.Equal(expected[name][k], dw[name][k], Rounding);
    }

    [Fact] // S36, S41–S43, trap 1
    public void The_GRU_of_the_notes_agrees_with_the_converted_weights_in_states_terms_and_gradients()
    {
        const int steps = 3;
        NumPyLegacyRandom random = new(3);
        NotesGru notes = new(
            random.Normal(Nh, Nh + Nx), random.Normal(Nh, 1), random.Normal(Nh, Nh + Nx), random.Normal(Nh, 1),
            random.Normal(Nh, Nh + Nx), random.Normal(Nh, 1), random.Normal(Ny, Nh), random.Normal(Ny, 1));
        Matrix c0 = random.Normal(Nh, 1), c = c0;
        Matrix[] x = new Matrix[steps], labels = new Matrix[steps];
        NotesGru.Step[] forward = new NotesGru.Step[steps];
        for (int t = 0; t < steps; t++)
        {
            (x[t], labels[t]) = (random.Normal(Nx, 1), new Matrix(Ny, 1));
            labels[t][t % Ny, 0] = 1;
            forward[t] = notes.CellForward(x[t], c);
            c = forward[t].C;
        }

        //  the cross-entropy's own part, W_yᵀ (ŷ − y), is what the converted cell is given from above
        Vector[] own = [.. forward.Select((s, t) => Column(notes.Wy.T * (s.Y - labels[t])))];
        (RecurrentRun run, RecurrentGradient gradient, Dictionary<string, double[]> dw) =
            Run(new CellOptions { Kind = "gru" }, NotesLayout.ToPyTorch(notes), [.. x.Select(Column)], Column(c0), null, own, null);

        Matrix? dcNext = null;
        Dictionary<string, double[]> expected = [];
        for (int t = steps - 1; t >= 0; t--)
        {
            NotesGru.Terms terms = notes.StateGradient(forward[t], labels[t], t + 1 < steps ? forward[t + 1] : null, dcNext);
            NamedVectors ours = gradient.Steps[t].Terms["h"];
            Close(forward[t].C, run.Steps[t]["h"]);
            Close(terms.Own, ours["output"]);
            if (t + 1 < steps)
            {
                Close(terms.Direct!, ours["direct"]);
                Close(terms.ThroughU!, ours["through z"]);
                Close(terms.ThroughR!, ours["through r"]);
                Close(terms.ThroughC!, ours["through n"]);
            }
            dcNext = terms.Sum;
            foreach ((string name, double[] share) in NotesLayout.ToPyTorch(notes.WeightGradient(forward[t], labels[t], dcNext)))
                expected[name] = expected.TryGetValue(name, out double[]? sum) ? [.. sum.Zip(share, (a, b) => a + b)] : share;
        }
        foreach (string name in new[] { "weight_ih_l0", "weight_hh_l0", "bias_ih_l0" })
            for (int k = 0; k < dw[name].Length; k++) Assert.Equal(expected[name][k], dw[name][k], Rounding);
    }

    private static (RecurrentRun, RecurrentGradient, Dictionary<string, double[]>) Run(
        CellOptions options, Dictionary<string, double[]> weights, Vector[] x, Vector h0, Vector? c0, Vector[] dy, Vector? dcLast)
    {
        ICellEquations cell = CellEquations.Of(options);
        Dictionary<string, double[]> gradients = weights.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);
        CellWeights w = new(weights, "", "l0", cell, Nx, Nh), d = new(gradients, "", "l0", cell, Nx, Nh);
        Dictionary<string, Vector> first = new() { ["h"] = h0 };
        if (c0 is not null) first["c"] = c0;
        RecurrentRun run = RecurrentRun.Forward(cell, w, x, first);
        return (run, run.Backward(dy, d, dcLast is null ? null : new Dictionary<string, Vector> { ["c"] = dcLast }), gradients);
    }

    private static Vector Column(Matrix m) => new([.. Enumerable.Range(0, m.Rows).Select(row => m[row, 0])]);

    private static void Close(Matrix expected, Vector actual)
    {
        Assert.Equal(expected.Rows, actual.Count);
        for (int k = 0; k < actual.Count; k++) Assert.Equal(expected[k, 0], actual[k], Rounding);
    }
}
