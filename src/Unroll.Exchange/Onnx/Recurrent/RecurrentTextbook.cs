using System.Numerics;

namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>
/// The recurrent operators as the specification writes them, for every attribute: one sequence, one step, one unit at a time. Everything is computed
/// in double, states from step to step too; outputs of a float node are rounded once.
/// </summary>
internal static class RecurrentTextbook
{
    /// <summary>Computes the outputs.</summary>
    /// <typeparam name="T">The type of the inputs: float or double.</typeparam>
    /// <param name="inputs">The inputs.</param>
    /// <param name="outputs">Receive the numbers; zero before, and still past the sequences' ends.</param>
    public static void Run<T>(RecurrentInputs inputs, RecurrentOutputs<T> outputs) where T : unmanaged, INumberBase<T>
    {
        int hidden = inputs.Hidden;
        Scratch s = new(new double[hidden], new double[hidden], new double[hidden], new double[hidden], new double[hidden]);
        for (int direction = 0; direction < inputs.Convention.Directions; direction++)
        {
            DirectionWeights<T> weights = new(inputs, direction);
            for (int sequence = 0; sequence < inputs.Sequences; sequence++)
            {
                int state = inputs.StateRow(direction, sequence), length = inputs.Lengths[sequence];
                Begin<T>(inputs.InitialH, state, s.H);
                Begin<T>(inputs.InitialC, state, s.C);
                for (int k = 0; k < length; k++)
                {
                    int t = inputs.Convention.IsReverse(direction) ? length - 1 - k : k;
                    Step(inputs.Convention.Operator, weights, inputs.X.Values<T>().Slice(inputs.InputRow(t, sequence), inputs.InputSize), s);
                    if (!outputs.Y.IsEmpty) Store<T>(s.H, outputs.Y[inputs.OutputRow(t, direction, sequence)..]);
                }
                if (!outputs.LastH.IsEmpty) Store<T>(s.H, outputs.LastH[state..]);
                if (!outputs.LastC.IsEmpty) Store<T>(s.C, outputs.LastC[state..]);
            }
        }
    }

    private static void Step<T>(RecurrentOperator op, in DirectionWeights<T> weights, ReadOnlySpan<T> x, Scratch s)
        where T : unmanaged, INumberBase<T>
    {
        switch (op)
        {
            case RecurrentOperator.Rnn: Rnn(weights, x, s); break;
            case RecurrentOperator.Gru: Gru(weights, x, s); break;
            default: Lstm(weights, x, s); break;
        }
        s.Next.CopyTo(s.H, 0);
    }

    //  h = f(W x + R h₋ + Wb + Rb)
    private static void Rnn<T>(in DirectionWeights<T> w, ReadOnlySpan<T> x, Scratch s) where T : unmanaged, INumberBase<T>
    {
        for (int u = 0; u < s.H.Length; u++) s.Next[u] = w.Gate(0, w.OfInput(0, u, x) + w.OfState(0, u, s.H));
    }

    //  gates z r h
    //  z = f(W_z x + R_z h₋ + Wb_z + Rb_z)      r likewise
    //  n = g(W_h x + R_h (r ⊙ h₋) + Wb_h + Rb_h)        linear_before_reset = 0
    //  n = g(W_h x + r ⊙ (R_h h₋ + Rb_h) + Wb_h)        linear_before_reset = 1
    //  h = (1 − z) ⊙ n + z ⊙ h₋
    private static void Gru<T>(in DirectionWeights<T> w, ReadOnlySpan<T> x, Scratch s) where T : unmanaged, INumberBase<T>
    {
        double[] z = s.First, reset = s.Second;
        for (int u = 0; u < s.H.Length; u++)
        {
            z[u] = w.Gate(0, w.OfInput(0, u, x) + w.OfState(0, u, s.H));
            double r = w.Gate(0, w.OfInput(1, u, x) + w.OfState(1, u, s.H));
            reset[u] = w.LinearBeforeReset ? r * w.OfState(2, u, s.H) : r * s.H[u];
        }
        for (int u = 0; u < s.H.Length; u++)
        {
            double n = w.Gate(1, w.OfInput(2, u, x) + (w.LinearBeforeReset ? reset[u] : w.OfState(2, u, reset)));
            s.Next[u] = (1 - z[u]) * n + z[u] * s.H[u];
        }
    }

    //  gates i o f c, peepholes i o f
    //  i = f(W_i x + R_i h₋ + P_i ⊙ c₋ + Wb_i + Rb_i)
    //  f likewise, or 1 − i with input_forget
    //  c = f ⊙ c₋ + i ⊙ g(W_c x + R_c h₋ + Wb_c + Rb_c)
    //  o = f(W_o x + R_o h₋ + P_o ⊙ c + Wb_o + Rb_o)
    //  h = o ⊙ h(c)
    private static void Lstm<T>(in DirectionWeights<T> w, ReadOnlySpan<T> x, Scratch s) where T : unmanaged, INumberBase<T>
    {
        for (int u = 0; u < s.H.Length; u++)
        {
            double before = s.C[u];
            double i = w.Gate(0, w.OfInput(0, u, x) + w.OfState(0, u, s.H) + w.OfCell(0, u, before));
            double f = w.Coupled ? 1 - i : w.Gate(0, w.OfInput(2, u, x) + w.OfState(2, u, s.H) + w.OfCell(2, u, before));
            s.C[u] = f * before + i * w.Gate(1, w.OfInput(3, u, x) + w.OfState(3, u, s.H));
            double o = w.Gate(0, w.OfInput(1, u, x) + w.OfState(1, u, s.H) + w.OfCell(1, u, s.C[u]));
            s.Next[u] = o * w.Activations[2].Of(s.C[u]);                     // clip acts on the gates' arguments: c is none
        }
    }

    private static void Begin<T>(Values.OnnxTensor? initial, int row, Span<double> to) where T : unmanaged, INumberBase<T>
    {
        to.Clear();
        if (initial is null) return;
        ReadOnlySpan<T> from = initial.Values<T>().Slice(row, to.Length);
        for (int u = 0; u < to.Length; u++) to[u] = double.CreateTruncating(from[u]);
    }

    private static void Store<T>(ReadOnlySpan<double> from, Span<T> to) where T : unmanaged, INumberBase<T>
    {
        for (int u = 0; u < from.Length; u++) to[u] = T.CreateTruncating(from[u]);
    }

    private sealed record Scratch(double[] H, double[] C, double[] Next, double[] First, double[] Second);
}
