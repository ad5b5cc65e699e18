using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>A learnable matrix of a cell that is written in C#: it stands before what it multiplies, <c>U * before</c>.</summary>
/// <param name="Name">Its name, with a capital letter first.</param>
/// <param name="Form">How it is used.</param>
public sealed record CellMatrix(string Name, MatrixForm Form = MatrixForm.Plain)
{
    /// <summary>Its transpose.</summary>
    /// <exception cref="UserErrorException">It is a difference.</exception>
    public CellMatrix T => Form switch
    {
        MatrixForm.Plain => this with { Form = MatrixForm.Transposed },
        MatrixForm.Transposed => this with { Form = MatrixForm.Plain },
        _ => throw new UserErrorException($"({Name} − {Name}ᵀ)ᵀ; expected a matrix of one name; write −(({Name} − {Name}ᵀ) h₋)."),
    };

    /// <summary>The product with a vector.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="of">What it multiplies.</param>
    public static CellExpression operator *(CellMatrix matrix, CellExpression of) => Multiply(matrix, of);

    /// <summary>U − Uᵀ: the only difference of matrices there is.</summary>
    /// <param name="plain">U.</param>
    /// <param name="transposed">Uᵀ.</param>
    /// <exception cref="UserErrorException">It is another difference.</exception>
    public static CellMatrix operator -(CellMatrix plain, CellMatrix transposed) => Subtract(plain, transposed);

    /// <summary>The product with a vector.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="of">What it multiplies.</param>
    public static CellExpression Multiply(CellMatrix matrix, CellExpression of) => new ProductExpression(matrix.Name, of, matrix.Form);

    /// <summary>U − Uᵀ: the only difference of matrices there is.</summary>
    /// <param name="plain">U.</param>
    /// <param name="transposed">Uᵀ.</param>
    /// <exception cref="UserErrorException">It is another difference.</exception>
    public static CellMatrix Subtract(CellMatrix plain, CellMatrix transposed) =>
        plain.Form == MatrixForm.Plain && transposed.Form == MatrixForm.Transposed && plain.Name == transposed.Name
            ? plain with { Form = MatrixForm.Antisymmetric }
            : throw new UserErrorException($"the difference of the matrices '{plain.Name}' and '{transposed.Name}'; expected one minus its own "
            + "transpose, U − U.T; write a difference of two products.");
}
