namespace Unroll.Inspection.Textbook;

/// <summary>The functions of the notes, element by element, and their slopes written with the function's own value.</summary>
internal static class Functions
{
    /// <summary>σ(a) = 1 ÷ (1 + e^−a), by whichever form cannot overflow.</summary>
    public static double Sigmoid(double a) => a >= 0 ? 1 / (1 + Math.Exp(-a)) : Math.Exp(a) / (1 + Math.Exp(a));

    /// <summary>σ, for every element.</summary>
    public static Vector Sigmoid(Vector a) => a.Map(Sigmoid);

    /// <summary>tanh, for every element.</summary>
    public static Vector Tanh(Vector a) => a.Map(Math.Tanh);

    /// <summary>max(0, a), for every element.</summary>
    public static Vector Relu(Vector a) => a.Map(x => Math.Max(0, x));

    /// <summary>σ′ = s ⊙ (1 − s), where s = σ(a).</summary>
    public static Vector SigmoidSlope(Vector s) => s * (1 - s);

    /// <summary>tanh′ = 1 − m², where m = tanh(a).</summary>
    public static Vector TanhSlope(Vector m) => 1 - m * m;

    //  softmax(a)_k = e^(a_k − max a) ÷ Σ_j e^(a_j − max a)      the largest exponent is 0: nothing overflows (S32)
    /// <summary>Positive numbers that sum to one.</summary>
    public static Vector Softmax(Vector a)
    {
        double largest = a.Max();
        Vector e = a.Map(x => Math.Exp(x - largest));
        return (1 / e.Sum()) * e;
    }

    /// <summary>ln(1 + e^a) without overflow: max(a, 0) + ln(1 + e^−|a|).</summary>
    public static double Softplus(double a) => Math.Max(a, 0) + double.LogP1(Math.Exp(-Math.Abs(a)));

    /// <summary>Softmax of every column: one column is one sequence of the batch (S26).</summary>
    public static Matrix SoftmaxOfColumns(Matrix a)
    {
        Matrix result = new(a.Rows, a.Columns);
        for (int column = 0; column < a.Columns; column++)
        {
            Vector s = Softmax(new Vector([.. Enumerable.Range(0, a.Rows).Select(row => a[row, column])]));
            for (int row = 0; row < a.Rows; row++) result[row, column] = s[row];
        }
        return result;
    }
}
