using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>Every precompiled shape: what its loops compute is what its pattern says, for every width in the same bits.</summary>
[Trait("Category", "Bits")]
public sealed unsafe class StatementShapeTests
{
    private const int Units = 96;
    private static readonly float[] Odd = [0, -0f, 1, -1, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 0.5f, 1e-39f, 3e38f];

    public static TheoryData<int> Shapes => [.. Enumerable.Range(0, StatementShapes.All.Count)];

    [Theory, MemberData(nameof(Shapes))]
    public void A_shape_computes_what_its_pattern_says(int index)
    {
        StatementShape shape = StatementShapes.All[index];
        float[][] operands = [.. Enumerable.Range(0, 4).Select(k => Draw(k))];
        float[] one = Run(shape.Single, operands), four = Run(shape.Four, operands);
        float[] sixteen = shape.Sixteen == null ? one : Run(shape.Sixteen, operands), eight = Hardware.Half ? Run(shape.Eight, operands) : one;
        for (int u = 0; u < Units; u++)
        {
            float expected = Evaluate(shape.Pattern, k => operands[k][u]);
            foreach (float actual in (float[])[sixteen[u], eight[u], four[u], one[u]])
                if (!Same(expected, actual))
                    Assert.Fail($"{shape.Pattern} of {string.Join(", ", operands.Select(o => o[u]))}: {actual:R}, not {expected:R}");
        }
    }

    [Fact]
    public void Every_operation_alone_is_a_shape_and_no_shape_is_there_twice()
    {
        Assert.Equal(StatementShapes.All.Count, StatementShapes.All.Select(shape => shape.Pattern.ToString()).Distinct().Count());
        Operation[] single = [.. StatementShapes.Single.Select(shape => shape.Pattern.Operation)];
        Operation[] without = [Operation.Operand, Operation.One, Operation.Norm, Operation.NormBack];
        Assert.Equal(Enum.GetValues<Operation>().Except(without).Order(), single.Order());
        Assert.All(StatementShapes.Single, shape => Assert.Equal(1, shape.Operations));
        Assert.All(StatementShapes.All, shape => Assert.InRange(shape.Operands, 1, 4));
    }

    [Fact]
    public void The_larger_and_the_smaller_keep_a_NaN_and_the_first_of_equal_ones()
    {
        Assert.Equal([2, 2, float.PositiveInfinity, float.PositiveInfinity, -5], Both(Operation.Max, (1, 2), (2, 1), (float.PositiveInfinity, 3),
            (3, float.PositiveInfinity), (float.NegativeInfinity, -5)));
        Assert.Equal([1, 1, 3, 3, float.NegativeInfinity], Both(Operation.Min, (1, 2), (2, 1), (float.PositiveInfinity, 3),
            (3, float.PositiveInfinity), (float.NegativeInfinity, -5)));
        foreach (Operation pick in (Operation[])[Operation.Max, Operation.Min])
        {
            Assert.All(Both(pick, (float.NaN, 1), (1, float.NaN), (float.NaN, float.PositiveInfinity), (float.PositiveInfinity, float.NaN),
                (float.NegativeInfinity, float.NaN), (float.NaN, float.NegativeInfinity)), value => Assert.True(float.IsNaN(value)));
            Assert.Equal([int.MinValue, 0], Both(pick, (-0f, 0), (0, -0f)).Select(BitConverter.SingleToInt32Bits));
        }
    }

    private static float[] Both(Operation pick, params (float A, float B)[] pairs)
    {
        StatementShape shape = StatementShapes.Single.First(s => s.Pattern.Operation == pick);
        float[] a = new float[Units], b = new float[Units];
        for (int i = 0; i < pairs.Length; i++) (a[i], b[i]) = pairs[i];
        return Run(shape.Widest, [a, b, b, b])[..pairs.Length];
    }

    private static float[] Run(delegate*<float*, float*, float*, float*, float*, nint, void> loop, float[][] operands)
    {
        float[] result = new float[Units];
        fixed (float* to = result, a = operands[0], b = operands[1], c = operands[2], d = operands[3]) loop(to, a, b, c, d, Units);
        return result;
    }

    // Any two NaNs are the same: which of several a sum hands on is the processor's choice.
    private static bool Same(float a, float b) =>
        BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b) || (float.IsNaN(a) && float.IsNaN(b));

    private static float[] Draw(int operand)
    {
        float[] values = new float[Units];
        for (int u = 0; u < Units; u++)
        {
            float drawn = 4 * new Rng(3).At((ulong)operand).Uniform((ulong)u) - 2;
            values[u] = u % 4 == 3 ? Odd[(u / 4 * 7 + operand * 3) % Odd.Length] : drawn;
        }
        return values;
    }

    private static float Evaluate(Pattern pattern, Func<int, float> operand)
    {
        if (pattern.Operation == Operation.Operand) return operand(pattern.Operand);
        if (pattern.Operation == Operation.One) return 1;
        float[] x = [.. pattern.Of.Select(p => Evaluate(p, operand))];
        return pattern.Operation switch
        {
            Operation.Copy => x[0],
            Operation.Add => x[0] + x[1],
            Operation.Subtract => x[0] - x[1],
            Operation.Multiply => x[0] * x[1],
            Operation.Divide => x[0] / x[1],
            Operation.MultiplyAdd => MathF.FusedMultiplyAdd(x[0], x[1], x[2]),
            Operation.Negate => -x[0],
            Operation.Max => x[0] < x[1] ? x[1] : float.IsNaN(x[1]) ? x[1] : x[0],
            Operation.Min => x[1] < x[0] ? x[1] : float.IsNaN(x[1]) ? x[1] : x[0],
            Operation.Clip => x[0] > x[2] ? x[2] < x[1] ? x[1] : x[2] : x[0] < x[1] ? x[1] : x[0],
            Operation.Above => x[0] > x[1] ? 1 : x[0] < x[1] ? 0 : x[0] - x[1],
            Operation.NotBelow => x[0] < x[1] ? 0 : x[0] > x[1] ? 1 : x[0] - x[1] + 1,
            Operation.Sigmoid => Activations.Sigmoid(x[0]),
            Operation.Tanh => Activations.Tanh(x[0]),
            Operation.Relu => x[0] < 0 ? 0 : x[0],
            Operation.Exp => Activations.Exp(x[0]),
            Operation.Log => Activations.Log(x[0]),
            Operation.Softplus => Activations.Softplus(x[0]),
            Operation.HardSigmoid => MathF.FusedMultiplyAdd(x[0], 1f / 6, 0.5f) is var y && y > 1 ? 1 : y < 0 ? 0 : y,
            Operation.SquareRoot => MathF.Sqrt(x[0]),
            _ => throw new ArgumentOutOfRangeException(nameof(pattern)),
        };
    }
}
