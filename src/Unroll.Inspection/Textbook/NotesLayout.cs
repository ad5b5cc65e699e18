namespace Unroll.Inspection.Textbook;

/// <summary>Repacks weights between the notes' layout and PyTorch's; exact both in values and in outputs (S27, traps 1 and 4 of the notes).</summary>
internal static class NotesLayout
{
    //  W_f = [W_hf, W_if], b_f = b_if + b_hf; stacked i, f, g, o
    /// <summary>The LSTM's weights by PyTorch's names; the notes' one bias becomes b_ih, and b_hh is zero.</summary>
    public static Dictionary<string, double[]> ToPyTorch(NotesLstm w) =>
        Stack(w.Wf.Rows, (w.Wi, w.Bi, 1), (w.Wf, w.Bf, 1), (w.Wc, w.Bc, 1), (w.Wo, w.Bo, 1));

    //  Γu = 1 − z, and 1 − σ(a) = σ(−a): W_z = −W_u, b_z = −b_u; stacked r, z, n
    /// <summary>The GRU's weights by PyTorch's names, for the reset before the product; the update changes its polarity.</summary>
    public static Dictionary<string, double[]> ToPyTorch(NotesGru w) =>
        Stack(w.Wr.Rows, (w.Wr, w.Br, 1), (w.Wu, w.Bu, -1), (w.Wc, w.Bc, 1));

    private static Dictionary<string, double[]> Stack(int hidden, params (Matrix W, Matrix B, int Sign)[] gates)
    {
        int inputs = gates[0].W.Columns - hidden, rows = gates.Length * hidden;
        double[] ih = new double[rows * inputs], hh = new double[rows * hidden], bias = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            (Matrix w, Matrix b, int sign) = gates[row / hidden];
            for (int k = 0; k < hidden; k++) hh[row * hidden + k] = sign * w[row % hidden, k];
            for (int k = 0; k < inputs; k++) ih[row * inputs + k] = sign * w[row % hidden, hidden + k];
            bias[row] = sign * b[row % hidden, 0];
        }
        return new() { ["weight_ih_l0"] = ih, ["weight_hh_l0"] = hh, ["bias_ih_l0"] = bias, ["bias_hh_l0"] = new double[rows] };
    }
}
