using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// The LSTM in the notes' own layout (S26): weights (n_h, n_h + n_x) act on [h₋; x] in that order, biases are (n_h, 1), a column is one sequence of
/// the batch. The notes code the forward alone; the backward is derived from it (S33).
/// </summary>
internal sealed record NotesLstm(
    Matrix Wf, Matrix Bf, Matrix Wi, Matrix Bi, Matrix Wc, Matrix Bc, Matrix Wo, Matrix Bo, Matrix Wy, Matrix By)
{
    /// <summary>One step.</summary>
    /// <param name="x">x⟨t⟩, (n_x, m).</param>
    /// <param name="hPrev">h₋, (n_h, m).</param>
    /// <param name="cPrev">c₋, (n_h, m).</param>
    public Step CellForward(Matrix x, Matrix hPrev, Matrix cPrev)
    {
        //  [h₋; x]
        Matrix hx = hPrev.Above(x);

        //  f = σ(W_f [h₋; x] + b_f)
        Matrix f = (Wf * hx + Bf).Map(Sigmoid);

        //  i = σ(W_i [h₋; x] + b_i)
        Matrix i = (Wi * hx + Bi).Map(Sigmoid);

        //  g = tanh(W_c [h₋; x] + b_c)
        Matrix g = (Wc * hx + Bc).Map(Math.Tanh);

        //  o = σ(W_o [h₋; x] + b_o)
        Matrix o = (Wo * hx + Bo).Map(Sigmoid);

        //  c = f ⊙ c₋ + i ⊙ g
        Matrix c = f.Times(cPrev) + i.Times(g);

        //  m = tanh(c)
        Matrix m = c.Map(Math.Tanh);

        //  h = o ⊙ m
        Matrix h = o.Times(m);

        //  y = softmax(W_y h + b_y)
        Matrix y = SoftmaxOfColumns(Wy * h + By);

        return new Step(hx, cPrev, f, i, g, o, c, m, h, y);
    }

    /// <summary>One step back.</summary>
    /// <param name="dh">ε_h: δh from the output at t and from the gates at t + 1.</param>
    /// <param name="dcNext">The direct part of ε_c: δc₊ ⊙ f₊.</param>
    /// <param name="s">The step.</param>
    public Gradient CellBackward(Matrix dh, Matrix dcNext, Step s)
    {
        //  output gate:       δa_o = δh ⊙ m ⊙ o ⊙ (1 − o)
        Matrix dao = dh.Times(s.M).Times(s.O).Times(1 - s.O);

        //  ε_c:               δc = δc₊ ⊙ f₊ + δh ⊙ o ⊙ (1 − m²)
        Matrix dc = dcNext + dh.Times(s.O).Times(1 - s.M.Times(s.M));

        //  candidate:         δa_g = δc ⊙ i ⊙ (1 − g²)
        Matrix dag = dc.Times(s.I).Times(1 - s.G.Times(s.G));

        //  forget gate:       δa_f = δc ⊙ c₋ ⊙ f ⊙ (1 − f)
        Matrix daf = dc.Times(s.CPrev).Times(s.F).Times(1 - s.F);

        //  input gate:        δa_i = δc ⊙ g ⊙ i ⊙ (1 − i)
        Matrix dai = dc.Times(s.G).Times(s.I).Times(1 - s.I);

        //  [δh₋; δx] = W_fᵀ δa_f + W_iᵀ δa_i + W_cᵀ δa_g + W_oᵀ δa_o
        Matrix dhx = Wf.T * daf + Wi.T * dai + Wc.T * dag + Wo.T * dao;
        Matrix dhPrev = dhx.RowsFrom(0, s.H.Rows), dx = dhx.RowsFrom(s.H.Rows, s.HX.Rows - s.H.Rows);

        //  δc₋ = δc ⊙ f
        Matrix dcPrev = dc.Times(s.F);

        //  dW_· = δa· [h₋; x]ᵀ      db_· = Σ δa· over the batch
        return new Gradient(
            dx, dhPrev, dcPrev, daf * s.HX.T, daf.SumOfColumns(), dai * s.HX.T, dai.SumOfColumns(),
            dag * s.HX.T, dag.SumOfColumns(), dao * s.HX.T, dao.SumOfColumns());
    }

    /// <summary>What one step computed, by the notes' names (S24); <c>HX</c> is [h₋; x].</summary>
    internal sealed record Step(Matrix HX, Matrix CPrev, Matrix F, Matrix I, Matrix G, Matrix O, Matrix C, Matrix M, Matrix H, Matrix Y);

    /// <summary>The gradients of one step.</summary>
    internal sealed record Gradient(
        Matrix X, Matrix HPrev, Matrix CPrev, Matrix Wf, Matrix Bf, Matrix Wi, Matrix Bi, Matrix Wc, Matrix Bc, Matrix Wo, Matrix Bo);
}
