using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>The vanilla RNN in the notes' own layout: a column is one sequence of the batch (S02, S04, S05).</summary>
/// <param name="Wax">W_ax, (n_a, n_x).</param>
/// <param name="Waa">W_aa, (n_a, n_a).</param>
/// <param name="Wya">W_ya, (n_y, n_a).</param>
/// <param name="Ba">b_a, (n_a, 1).</param>
/// <param name="By">b_y, (n_y, 1).</param>
internal sealed record NotesRnn(Matrix Wax, Matrix Waa, Matrix Wya, Matrix Ba, Matrix By)
{
    /// <summary><c>rnn_cell_forward</c>.</summary>
    /// <param name="x">x⟨t⟩, (n_x, m).</param>
    /// <param name="aPrev">a⟨t−1⟩, (n_a, m).</param>
    public Step CellForward(Matrix x, Matrix aPrev)
    {
        //  a⟨t⟩ = tanh(W_ax x⟨t⟩ + W_aa a⟨t−1⟩ + b_a)
        Matrix a = (Wax * x + Waa * aPrev + Ba).Map(Math.Tanh);

        //  y⟨t⟩ = softmax(W_ya a⟨t⟩ + b_y)
        Matrix y = SoftmaxOfColumns(Wya * a + By);

        return new Step(x, aPrev, a, y);
    }

    /// <summary><c>rnn_cell_backward(da[:,:,t] + da_prevt, caches[t])</c>.</summary>
    /// <param name="da">δa⟨t⟩, both parts added: from y⟨t⟩ and from a⟨t+1⟩.</param>
    /// <param name="s">The step.</param>
    public Gradient CellBackward(Matrix da, Step s)
    {
        //  dz = da ⊙ (1 − a²)
        Matrix dz = da.Times(1 - s.A.Times(s.A));

        //  dW_ax = dz xᵀ
        Matrix dWax = dz * s.X.T;

        //  dW_aa = dz a₋ᵀ
        Matrix dWaa = dz * s.APrev.T;

        //  db_a = Σ dz over the batch
        Matrix dBa = dz.SumOfColumns();

        //  dx = W_axᵀ dz
        Matrix dx = Wax.T * dz;

        //  da₋ = W_aaᵀ dz
        Matrix daPrev = Waa.T * dz;

        return new Gradient(dx, daPrev, dWax, dWaa, dBa);
    }

    /// <summary>What one step computed.</summary>
    internal sealed record Step(Matrix X, Matrix APrev, Matrix A, Matrix Y);

    /// <summary>The gradients of one step.</summary>
    internal sealed record Gradient(Matrix X, Matrix APrev, Matrix Wax, Matrix Waa, Matrix Ba);
}
