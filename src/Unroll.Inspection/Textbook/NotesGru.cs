using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// The GRU in the notes' own layout and polarity (S36): weights (n_h, n_h + n_x) act on [c₋; x], c = Γu ⊙ c̃ + (1 − Γu) ⊙ c₋, the reset before the
/// product, softmax output with cross-entropy, a column is one sequence of the batch. Every step's loss counts (S06, S40).
/// </summary>
internal sealed record NotesGru(Matrix Wr, Matrix Br, Matrix Wu, Matrix Bu, Matrix Wc, Matrix Bc, Matrix Wy, Matrix By)
{
    /// <summary>One step.</summary>
    /// <param name="x">x⟨t⟩, (n_x, m).</param>
    /// <param name="cPrev">c⟨t−1⟩, (n_h, m).</param>
    public Step CellForward(Matrix x, Matrix cPrev)
    {
        //  Γr = σ(W_r [c₋; x] + b_r)
        Matrix r = (Wr * cPrev.Above(x) + Br).Map(Sigmoid);

        //  Γu = σ(W_u [c₋; x] + b_u)
        Matrix u = (Wu * cPrev.Above(x) + Bu).Map(Sigmoid);

        //  c̃ = tanh(W_c [Γr ⊙ c₋; x] + b_c)
        Matrix tilde = (Wc * r.Times(cPrev).Above(x) + Bc).Map(Math.Tanh);

        //  c = Γu ⊙ c̃ + (1 − Γu) ⊙ c₋
        Matrix c = u.Times(tilde) + (1 - u).Times(cPrev);

        //  ŷ = softmax(W_y c + b_y)
        Matrix y = SoftmaxOfColumns(Wy * c + By);

        return new Step(x, cPrev, r, u, tilde, c, y);
    }

    /// <summary>The five terms of ∂L/∂c⟨t⟩ (S41, S42).</summary>
    /// <param name="s">Step t.</param>
    /// <param name="label">y⟨t⟩, one-hot columns.</param>
    /// <param name="next">Step t + 1; null at t = T, where only the first term is left.</param>
    /// <param name="dcNext">δc₊ = ∂L/∂c⟨t+1⟩; null at t = T.</param>
    public Terms StateGradient(Step s, Matrix label, Step? next, Matrix? dcNext)
    {
        //  own loss:        W_yᵀ (ŷ − y)
        Matrix own = Wy.T * (s.Y - label);
        if (next is null || dcNext is null) return new Terms(own, null, null, null, null);

        //  W_·c = W_·[:, 1:n_h]: the columns that meet the state
        int n = s.C.Rows;
        Matrix wuc = Wu.ColumnsFrom(0, n), wrc = Wr.ColumnsFrom(0, n), wcc = Wc.ColumnsFrom(0, n), u = next.U, r = next.R, tilde = next.Tilde;

        //  direct:          δc₊ ⊙ (1 − Γu₊)
        Matrix direct = dcNext.Times(1 - u);

        //  through Γu:      W_ucᵀ [δc₊ ⊙ (c̃₊ − c) ⊙ Γu₊ ⊙ (1 − Γu₊)]
        Matrix throughU = wuc.T * dcNext.Times(tilde - s.C).Times(u).Times(1 - u);

        //  through c̃:       Γr₊ ⊙ {W_ccᵀ [δc₊ ⊙ Γu₊ ⊙ (1 − c̃₊²)]}
        Matrix inner = wcc.T * dcNext.Times(u).Times(1 - tilde.Times(tilde));
        Matrix throughC = r.Times(inner);

        //  through Γr:      W_rcᵀ {Γr₊ ⊙ (1 − Γr₊) ⊙ c ⊙ (W_ccᵀ [δc₊ ⊙ Γu₊ ⊙ (1 − c̃₊²)])}
        Matrix throughR = wrc.T * r.Times(1 - r).Times(s.C).Times(inner);

        return new Terms(own, direct, throughU, throughR, throughC);
    }

    /// <summary>One step's share of the gradients of the weights (S40, S43).</summary>
    /// <param name="s">Step t.</param>
    /// <param name="label">y⟨t⟩, one-hot columns.</param>
    /// <param name="dc">δc⟨t⟩, the five terms added.</param>
    public NotesGru WeightGradient(Step s, Matrix label, Matrix dc)
    {
        Matrix wcc = Wc.ColumnsFrom(0, s.C.Rows), cx = s.CPrev.Above(s.X), rcx = s.R.Times(s.CPrev).Above(s.X);

        //  candidate:       δc ⊙ Γu ⊙ (1 − c̃²)
        Matrix dac = dc.Times(s.U).Times(1 - s.Tilde.Times(s.Tilde));

        //  update:          δc ⊙ (c̃ − c₋) ⊙ Γu ⊙ (1 − Γu)
        Matrix dau = dc.Times(s.Tilde - s.CPrev).Times(s.U).Times(1 - s.U);

        //  reset:           c₋ ⊙ Γr ⊙ (1 − Γr) ⊙ {W_ccᵀ [δc ⊙ Γu ⊙ (1 − c̃²)]}
        Matrix dar = s.CPrev.Times(s.R).Times(1 - s.R).Times(wcc.T * dac);

        //  output:          ŷ − y
        Matrix dz = s.Y - label;

        //  dW_r = δa_r [c₋; x]ᵀ      dW_u = δa_u [c₋; x]ᵀ      dW_c = δa_c [Γr ⊙ c₋; x]ᵀ      dW_y = (ŷ − y) cᵀ      db_· = Σ over the batch
        return new NotesGru(
            dar * cx.T, dar.SumOfColumns(), dau * cx.T, dau.SumOfColumns(), dac * rcx.T, dac.SumOfColumns(), dz * s.C.T, dz.SumOfColumns());
    }

    /// <summary>What one step computed; <c>R</c> is Γr, <c>U</c> is Γu, <c>Tilde</c> is c̃, <c>Y</c> is ŷ.</summary>
    internal sealed record Step(Matrix X, Matrix CPrev, Matrix R, Matrix U, Matrix Tilde, Matrix C, Matrix Y);

    /// <summary>The five terms of ∂L/∂c⟨t⟩; at t = T all but the first are absent.</summary>
    internal sealed record Terms(Matrix Own, Matrix? Direct, Matrix? ThroughU, Matrix? ThroughR, Matrix? ThroughC)
    {
        /// <summary>∂L/∂c⟨t⟩.</summary>
        public Matrix Sum => Direct is null ? Own : Own + Direct + ThroughU! + ThroughR! + ThroughC!;
    }
}
