using Unroll.Cells;
using Unroll.Inspection.Textbook;
using static Unroll.Cli.Lab.Gates.CellTrace;
using static Unroll.Cli.Lab.Gates.ForcedCell;

namespace Unroll.Cli.Lab.Gates;

/// <summary>Measurements in which something is varied.</summary>
internal static class GateSweeps
{
    /// <summary>How large a bias must be: what is left of c after all steps with biases +b on f and −b on i.</summary>
    internal static LabTable BiasNeeded(ForcedCell f, CellTrace.Run engine)
    {
        LabTable table = new($"keeping c for {f.Steps} steps by a bias b on f and −b on i", "b", "1 − f", "largest |c − c₀|, textbook", "engine",
            "T (1 − f)");
        foreach (double b in (double[])[2, 5, 10, 15, 20, 40, 1000])
        {
            PairedCell cell = f.Cell(new() { Kind = "lstm" }, ('f', b), ('i', -b));
            foreach (char gate in "fi") cell.Gate(gate, null, null, gate == 'f' ? b : -b);        // the bias alone, so that f is σ(b)
            double open = 1 / (1 + Math.Exp(b));
            table.Add(b, open, Textbook(cell, f.X, f.H0, f.C0).C.Max(c => Apart(c, f.C0)), engine(cell, f.X, f.H0, f.C0).C.Max(c => Apart(c, f.C0)),
                f.Steps * open);
        }
        return table;
    }

    //  coupled LSTM:  c = (1 − i) ⊙ c₋ + i ⊙ tanh(W x + U h₋),  h = o ⊙ tanh c,  o = 1
    //  GRU, Γr = 1:  h = (1 − Γu) ⊙ h₋ + Γu ⊙ tanh(W x + U h₋)
    //  the same but for tanh c = c − c³ ÷ 3 + …: as the states shrink with the inputs, they must become one with the square of the scale
    /// <summary>
    /// An LSTM with f = 1 − i and o = 1 beside a GRU with Γr = 1 and the same weights: the largest difference of their states, relative.
    /// </summary>
    internal static LabTable CoupledBesideGru(ForcedCell f)
    {
        LabTable table = new("coupled LSTM beside GRU, double", "inputs ×", "largest |state|", "largest difference", "relative");
        PairedCell lstm = f.Cell(new() { Kind = "lstm", Coupled = true }, ('o', Whole)), gru = f.Cell(new() { Kind = "gru" }, ('r', Whole));
        (Matrix input, Matrix recurrent) = f.Weights("i");
        gru.Gate('z', input.Map(w => -w), recurrent.Map(w => -w));                                // Γu = 1 − z = σ(−a_z) = i
        foreach (double scale in (double[])[1, 0.1, 0.01, 0.001])
        {
            Vector[] x = [.. f.X.Select(v => scale * v)];
            IReadOnlyList<Vector> c = Textbook(lstm, x).C, h = Textbook(gru, x).H;
            double size = h.Max(v => v.Max(Math.Abs)), apart = Apart(c, h);
            table.Add(scale, size, apart, apart / size);
        }
        return table;
    }

    /// <summary>Whether every c of a coupled LSTM lies between c₋ and its candidate: by how much it lies outside at most.</summary>
    internal static double OutsideTheInterval(ForcedCell f, CellOptions options)
    {
        CellTrace trace = Textbook(f.Cell(options), f.X, f.H0, f.C0);
        double outside = 0;
        for (int t = 1; t < f.Steps; t++)
        {
            Vector old = trace.C[t - 1], now = trace.C[t], next = trace.Gate("g", t);
            for (int u = 0; u < f.Hidden; u++)
                outside = Math.Max(outside, Math.Max(now[u] - Math.Max(old[u], next[u]), Math.Min(old[u], next[u]) - now[u]));
        }
        return outside;
    }

    /// <summary>The largest |state| that cells reach: with every gate open for good, and with large random weights.</summary>
    internal static LabTable Reach(ForcedCell f, CellTrace.Run engine, int draws)
    {
        LabTable table = new($"the largest |state| within {f.Steps} steps from zero", "cell", "gates held for counting", "engine",
            $"{draws} draws of large weights");
        foreach ((string name, CellOptions options, (char, double)[] open, string held) in Counting())
        {
            double largest = 0;
            for (int draw = 0; draw < draws; draw++)
            {
                ForcedCell other = f with { Random = f.Random.For("reach").At((ulong)draw) };
                PairedCell cell = other.Cell(options);
                foreach (char gate in cell.Equations.Gates)
                {
                    (Matrix input, Matrix recurrent) = other.Weights($"large {gate}");
                    cell.Gate(gate, input.Map(w => 10 * w), recurrent.Map(w => 10 * w));
                }
                largest = Math.Max(largest, Largest(engine(cell, other.X)));
            }
            table.Add($"{name}, {held}", Largest(Textbook(f.Cell(options, open), f.X)), Largest(engine(f.Cell(options, open), f.X)), largest);
        }
        return table;
    }

    // What would count if the cell could: the old kept wholly, and a candidate of 1 let in wholly, as far as the cell allows both.
    private static IEnumerable<(string Name, CellOptions Options, (char, double)[] Open, string Held)> Counting()
    {
        yield return ("lstm (c)", new() { Kind = "lstm" }, [('f', Whole), ('i', Whole), ('g', Whole)], "f = i = g = 1");
        yield return ("lstm, f = 1 − i (c)", new() { Kind = "lstm", Coupled = true }, [('i', 0), ('g', Whole)], "g = 1");
        yield return ("gru", new() { Kind = "gru" }, [('z', 0), ('n', Whole)], "n = 1");
        yield return ("gru-after", new() { Kind = "gru-after" }, [('z', 0), ('n', Whole)], "n = 1");
        yield return ("rnn", new() { Kind = "rnn" }, [('a', Whole)], "a = 1");
    }

    private static double Largest(CellTrace trace) => (trace.C.Count > 0 ? trace.C : trace.H).Max(state => state.Max(Math.Abs));

    //  old 1 and candidate 1, all gates by their biases: the LSTM's c is f + i, the GRU's h is z + (1 − z)
    /// <summary>Old state and candidate both 1: what the gates make of them.</summary>
    internal static LabTable OldAndNew(ForcedCell f, CellTrace.Run engine)
    {
        LabTable table = new("old state 1 and candidate 1: the new state", "cell", "keeps old", "takes new", "textbook", "engine");
        Vector one = Vector.Zeros(f.Hidden).Map(_ => 1);
        foreach ((double keep, double take) in ((double, double)[])[(1, 1), (1, 0), (0, 1), (0, 0)])
        {
            PairedCell lstm = f.Cell(new() { Kind = "lstm" }, ('f', Bias(keep)), ('i', Bias(take)), ('g', Whole));
            table.Add("lstm", keep, take, Textbook(lstm, f.X[..1], one, one).C[0].Average(), engine(lstm, f.X[..1], one, one).C[0].Average());
        }
        foreach (double keep in (double[])[1, 0.75, 0.5, 0.25, 0])
        {
            PairedCell gru = f.Cell(new() { Kind = "gru" }, ('n', Whole));
            gru.Gate('z', null, null, Bias(keep));
            table.Add("gru", keep, 1 - keep, Textbook(gru, f.X[..1], one).H[0].Average(), engine(gru, f.X[..1], one).H[0].Average());
        }
        return table;
    }

    private static double Bias(double gate) => gate switch { 0 => -Whole, 1 => Whole, _ => Math.Log(gate / (1 - gate)) };
}
