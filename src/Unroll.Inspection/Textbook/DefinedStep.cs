using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Textbook;

/// <summary>What a definition's expressions are in one step, in double. A number stands for a vector of equal numbers, whatever it meets.</summary>
/// <param name="w">The parameters.</param>
/// <param name="x">x⟨t⟩.</param>
/// <param name="before">The states of the step before.</param>
/// <param name="derivation">What was derived from the definition.</param>
internal sealed class DefinedStep(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, CellDerivation derivation)
{
    /// <summary>Every quantity that is known.</summary>
    public Dictionary<string, CarriedState> Quantities { get; } = [];

    /// <summary>δ of every quantity whose δ is known.</summary>
    public Dictionary<string, Vector> Deltas { get; } = [];

    /// <summary>How far any argument so far was from a kink, or from where a derivative has no bound.</summary>
    public double KinkDistance { get; private set; } = double.PositiveInfinity;

    /// <summary>The value of a quantity, each operand as it is seen on its path.</summary>
    public Vector Of(CellQuantity quantity, DefinedPaths paths) => Of(quantity.Value, new Reader(quantity, paths));

    /// <summary>The value of an expression.</summary>
    public Vector Of(CellExpression value) => Of(value, default);

    /// <summary>The matrix of a product as it is used there: A, Aᵀ or A − Aᵀ.</summary>
    public Matrix MatrixOf(ProductExpression product)
    {
        Matrix a = w.Matrix(product.Matrix);
        return product.Form switch
        {
            MatrixForm.Transposed => a.T,
            MatrixForm.Antisymmetric => a - a.T,
            _ => a,
        };
    }

    /// <summary>A vector as long as is asked for: a number repeated, or, of what a number receives, the sum.</summary>
    public static Vector OfLength(Vector value, int length) => value.Count == length ? value
        : length == 1 ? new Vector(value.Sum())
        : value.Count == 1 ? Vector.Zeros(length).Map(_ => value[0]) : value;

    private Vector Of(CellExpression value, Reader reader)
    {
        switch (value)
        {
            case InputExpression: return x;
            case PreviousExpression previous: return Seen(before[previous.State], value, reader);
            case QuantityExpression quantity: return Seen(Quantities[quantity.Name], value, reader);
            case DeltaExpression delta: return Deltas[delta.Quantity];
            case VectorExpression vector: return w.Vector(vector.Name);
            case ScalarExpression scalar: return w.Vector(scalar.Name);
            case ConstantExpression constant: return new Vector(constant.Value);
            case ProductExpression product:
                Matrix matrix = MatrixOf(product);
                return matrix * OfLength(Of(product.Of, reader with { Product = product }), matrix.Columns);
            case BinaryExpression binary: return Binary(binary, Of(binary.Left, reader), Of(binary.Right, reader));
            case FunctionExpression function: return Function(function.Function, Of(function.Of, reader));
            case ClipExpression clip:
                Vector of = Of(clip.Of, reader);
                Near(of, a => Math.Min(Math.Abs(a - clip.Low), Math.Abs(a - clip.High)));
                return of.Map(a => Math.Min(Math.Max(a, clip.Low), clip.High));
            case NormExpression norm:
                Standardized standardized = Standardized.Of(norm.Epsilon, Of(norm.Of, reader));
                KinkDistance = Math.Min(KinkDistance, standardized.KinkDistance);
                return standardized.Normal[0];
            case AboveExpression above:
                return Both(Of(above.Left, reader), Of(above.Right, reader), above.OrEqual ? NotBelow : Above);
            case NormGradientExpression gradient:
                NormExpression normalized = (NormExpression)derivation[gradient.Normalized].Value;
                return Standardized.Of(normalized.Epsilon, Of(normalized.Of)).Back(Of(gradient.Delta))[0];
            default: throw new ArgumentOutOfRangeException(nameof(value), value, null);
        }
    }

    //  NaN where either is, and where both are the same infinity: no gradient hides it
    private static double Above(double a, double b) => a > b ? 1 : a < b ? 0 : a - b;

    private static double NotBelow(double a, double b) => a < b ? 0 : a > b ? 1 : a - b + 1;

    private static Vector Seen(CarriedState state, CellExpression read, Reader reader) =>
        reader.Path(read) is { } path ? state.Via(path) : state.Value;

    private Vector Binary(BinaryExpression binary, Vector a, Vector b)
    {
        switch (binary.Operator)
        {
            case BinaryOperator.Add: return Both(a, b, (p, q) => p + q);
            case BinaryOperator.Subtract: return Both(a, b, (p, q) => p - q);
            case BinaryOperator.Multiply: return Both(a, b, (p, q) => p * q);
            case BinaryOperator.Divide:
                Near(b, q => Steep * Math.Abs(q));
                return Both(a, b, (p, q) => p / q);
            case BinaryOperator.Power:
                double exponent = b[0];
                if (exponent != Math.Floor(exponent)) Near(a, p => Steep * p);
                else if (exponent < 0) Near(a, p => Steep * Math.Abs(p));
                return a.Map(p => Math.Pow(p, exponent));
            default:
                bool larger = binary.Operator == BinaryOperator.Max;
                Near(Both(a, b, (p, q) => p - q), Math.Abs);
                return Both(a, b, (p, q) => larger ? Math.Max(p, q) : Math.Min(p, q));
        }
    }

    private Vector Function(CellFunction function, Vector a)
    {
        switch (function)
        {
            case CellFunction.Negate: return -a;
            case CellFunction.Sigmoid: return Functions.Sigmoid(a);
            case CellFunction.Tanh: return Functions.Tanh(a);
            case CellFunction.Relu:
                Near(a, Math.Abs);
                return Functions.Relu(a);
            case CellFunction.Exp: return a.Map(Math.Exp);
            case CellFunction.Log:
                Near(a, p => Steep * p);
                return a.Map(Math.Log);
            case CellFunction.Softplus: return a.Map(Functions.Softplus);
            case CellFunction.HardSigmoid:
                Near(a, p => Math.Abs(Math.Abs(p) - 3));
                return a.Map(p => Math.Min(Math.Max(p / 6 + 0.5, 0), 1));
            case CellFunction.SquareRoot:
                Near(a, p => Steep * p);
                return a.Map(Math.Sqrt);
            default: throw new ArgumentOutOfRangeException(nameof(function), function, null);
        }
    }

    // Where a derivative grows without bound, a distance of 0.1 counts as one of 10⁻³ from a kink, as the deviation of a standardized row does.
    private const double Steep = 0.01;

    // A NaN is no distance.
    private void Near(Vector arguments, Func<double, double> distance)
    {
        foreach (double argument in arguments)
            KinkDistance = distance(argument) is var near && double.IsNaN(near) ? double.NegativeInfinity : Math.Min(KinkDistance, near);
    }

    private static Vector Both(Vector a, Vector b, Func<double, double, double> f)
    {
        if (a.Count == 1 && b.Count != 1) return b.Map(q => f(a[0], q));
        if (b.Count == 1 && a.Count != 1) return a.Map(p => f(p, b[0]));
        return Vector.Combine(a, b, f);
    }

    // Who reads, and in which product.
    private readonly record struct Reader(CellQuantity? Quantity, DefinedPaths? Paths)
    {
        public ProductExpression? Product { get; init; }

        public string? Path(CellExpression read) => Quantity is null ? null : Paths!.Of(read, Quantity, Product);
    }
}
