namespace Unroll.Cells.Definitions;

// Equations in C#:  CellExpression n = Tanh(cell.Matrix("W_n") * x + f * before)      using static Unroll.Cells.Definitions.CellExpression
public abstract partial record CellExpression
{
    /// <summary>A number, in every unit.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator CellExpression(double value) => FromDouble(value);

    /// <summary>A number, in every unit.</summary>
    /// <param name="value">The number.</param>
    public static CellExpression FromDouble(double value) => new ConstantExpression(value);

    /// <summary>a + b, unit by unit.</summary>
    public static CellExpression operator +(CellExpression left, CellExpression right) => Add(left, right);

    /// <summary>a − b, unit by unit.</summary>
    public static CellExpression operator -(CellExpression left, CellExpression right) => Subtract(left, right);

    /// <summary>a ⊙ b, unit by unit.</summary>
    public static CellExpression operator *(CellExpression left, CellExpression right) => Multiply(left, right);

    /// <summary>a / b, unit by unit.</summary>
    public static CellExpression operator /(CellExpression left, CellExpression right) => Divide(left, right);

    /// <summary>−a, unit by unit.</summary>
    public static CellExpression operator -(CellExpression of) => Negate(of);

    /// <summary>a + b, unit by unit.</summary>
    public static CellExpression Add(CellExpression left, CellExpression right) => new BinaryExpression(BinaryOperator.Add, left, right);

    /// <summary>a − b, unit by unit.</summary>
    public static CellExpression Subtract(CellExpression left, CellExpression right) => new BinaryExpression(BinaryOperator.Subtract, left, right);

    /// <summary>a ⊙ b, unit by unit.</summary>
    public static CellExpression Multiply(CellExpression left, CellExpression right) => new BinaryExpression(BinaryOperator.Multiply, left, right);

    /// <summary>a / b, unit by unit.</summary>
    public static CellExpression Divide(CellExpression left, CellExpression right) => new BinaryExpression(BinaryOperator.Divide, left, right);

    /// <summary>−a, unit by unit.</summary>
    public static CellExpression Negate(CellExpression of) => new FunctionExpression(CellFunction.Negate, of);

    /// <summary>a to the power of a number, unit by unit.</summary>
    /// <param name="of">a.</param>
    /// <param name="exponent">The number, other than 0.</param>
    public static CellExpression Power(CellExpression of, double exponent) =>
        new BinaryExpression(BinaryOperator.Power, of, new ConstantExpression(exponent));

    /// <summary>The larger, unit by unit; where they are equal, the gradient goes to the first.</summary>
    public static CellExpression Max(CellExpression left, CellExpression right) => new BinaryExpression(BinaryOperator.Max, left, right);

    /// <summary>The smaller, unit by unit; where they are equal, the gradient goes to the first.</summary>
    public static CellExpression Min(CellExpression left, CellExpression right) => new BinaryExpression(BinaryOperator.Min, left, right);

    /// <summary>σ(a) = 1 / (1 + e⁻ᵃ).</summary>
    public static CellExpression Sigmoid(CellExpression of) => new FunctionExpression(CellFunction.Sigmoid, of);

    /// <summary>tanh a.</summary>
    public static CellExpression Tanh(CellExpression of) => new FunctionExpression(CellFunction.Tanh, of);

    /// <summary>max(a, 0); its slope at 0 is 0.</summary>
    public static CellExpression Relu(CellExpression of) => new FunctionExpression(CellFunction.Relu, of);

    /// <summary>eᵃ.</summary>
    public static CellExpression Exp(CellExpression of) => new FunctionExpression(CellFunction.Exp, of);

    /// <summary>ln a.</summary>
    public static CellExpression Log(CellExpression of) => new FunctionExpression(CellFunction.Log, of);

    /// <summary>ln(1 + eᵃ).</summary>
    public static CellExpression Softplus(CellExpression of) => new FunctionExpression(CellFunction.Softplus, of);

    /// <summary>a / 6 + ½ kept within 0 … 1.</summary>
    public static CellExpression HardSigmoid(CellExpression of) => new FunctionExpression(CellFunction.HardSigmoid, of);

    /// <summary>√a.</summary>
    public static CellExpression Sqrt(CellExpression of) => new FunctionExpression(CellFunction.SquareRoot, of);

    /// <summary>a kept within two numbers; its slope is 0 outside and at both ends.</summary>
    /// <param name="of">a.</param>
    /// <param name="low">The lowest value.</param>
    /// <param name="high">The highest value.</param>
    public static CellExpression Clip(CellExpression of, double low, double high) => new ClipExpression(of, low, high);

    /// <summary>Layer normalization over the units of a row, without gain and bias.</summary>
    /// <param name="of">a.</param>
    /// <param name="epsilon">ε, above 0.</param>
    public static CellExpression Norm(CellExpression of, double epsilon = NormExpression.UsualEpsilon) => new NormExpression(of, epsilon);
}
