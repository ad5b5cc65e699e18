using Unroll.Exchange.Onnx.Values;
using Unroll.Layers.Recurrent;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>
/// Operators that work element by element: biases, sums of directions, layer normalization in single operators; else they compute sizes.
/// </summary>
internal static class ElementRules
{
    private const float Epsilon = 1e-5f;

    /// <summary>The rules.</summary>
    public static IEnumerable<(string Operator, LiftRule Rule)> All =>
    [
        ("Add", Add), ("Sub", Sub), ("Mul", Mul), ("Div", Div), ("Pow", Pow), ("Sqrt", Sqrt), ("LayerNormalization", Norm),
    ];

    private static void Add(LiftCall call)
    {
        (LiftValue? a, LiftValue? b) = (call.Value(0), call.Value(1));
        if (a is KnownValue && b is not KnownValue) (a, b) = (b, a);
        switch (a, b)
        {
            case (InputValue { Port.Type: OnnxType.Int64 or OnnxType.Int32 } input, _) when SizeRules.Of(b) is { Items: [{ Number: { } plus }] }:
                call.Set(input with { Plus = input.Plus + plus });
                break;
            case (NormingValue { Stage: NormStage.Variance } variance, KnownValue { Tensor: { Type: OnnxType.Float, Count: 1 } epsilon }):
                if (epsilon.Values<float>()[0] == Epsilon) call.Set(variance with { Stage = NormStage.Padded });
                else call.Refuse($"has another ε than 1e-5, which layer normalization has here");
                break;
            case (RowsValue { Meaning: OutputMeaning.Plain, Steps: StepPick.All } rows, KnownValue known): AddRow(call, rows, known); break;
            case (RowsValue or StatesValue, AxisValue) or (AxisValue, RowsValue or StatesValue):
                if (call.Rows(0) is { } x && call.Rows(1) is { } y && JoinRules.Sum(call, x, y) is { } sum) call.Set(sum);
                else call.Refuse("adds the rows of two layers, and they are not the two directions of one");
                break;
            default: SizeRules.Pairs(call, (x, y) => x.Plus(y)); break;
        }
    }

    private static void AddRow(LiftCall call, RowsValue rows, KnownValue known)
    {
        OnnxTensor? bias = OnLastAxis(rows) ? ProductRules.BiasOf(known.Tensor, rows.Of.Width) : null;
        string hint = Hints.Of(known.Name);
        if (bias is not null && rows.Of is DenseRows { Bias: null, Relu: false } dense)
            call.Set(rows with { Of = dense with { Bias = bias, Hint = hint.Length > 0 ? hint : dense.Hint } });
        else if (bias is not null && rows.Of is NormRows { Bias: null } norm) call.Set(rows with { Of = norm with { Bias = bias } });
        else call.Refuse("adds a constant that is no bias of a dense layer");
    }

    private static void Sub(LiftCall call)
    {
        switch (call.Value(0), call.Value(1))
        {
            case (InputValue { Port.Type: OnnxType.Int64 or OnnxType.Int32 } input, _)
                when SizeRules.Of(call.Value(1)) is { Items: [{ Number: { } less }] }:
                call.Set(input with { Plus = input.Plus - less });
                break;
            case (RowsValue rows, NormingValue { Stage: NormStage.Mean } mean) when rows == mean.X:
                call.Set(mean with { Stage = NormStage.Centered });
                break;
            default: SizeRules.Pairs(call, (a, b) => a.Plus(b, -1)); break;
        }
    }

    private static void Mul(LiftCall call)
    {
        (LiftValue? a, LiftValue? b) = (call.Value(0), call.Value(1));
        if (a is KnownValue && b is not KnownValue) (a, b) = (b, a);
        switch (a, b)
        {
            case (NormingValue { Stage: NormStage.Centered } x, NormingValue { Stage: NormStage.Centered } y) when x == y:
                call.Set(x with { Stage = NormStage.Squared });
                break;
            case (RowsValue { Steps: StepPick.All, Of: NormRows { Gain: null, Bias: null } norm } rows, KnownValue known)
                when OnLastAxis(rows) && ProductRules.BiasOf(known.Tensor, norm.Width) is { } gain:
                call.Set(rows with { Of = norm with { Gain = gain } });
                break;
            case (RowsValue { Of: RecurrentRows { Merge: Merge.Sum } } rows, KnownValue { Tensor: { Type: OnnxType.Float, Count: 1 } half })
                when half.Values<float>()[0] == 0.5f:
                call.Set(JoinRules.Merged(rows, Merge.Average));
                break;
            default: SizeRules.Pairs(call, (x, y) => x.Times(y)); break;
        }
    }

    private static void Div(LiftCall call)
    {
        switch (call.Value(0), call.Value(1))
        {
            case (NormingValue { Stage: NormStage.Centered } x, NormingValue { Stage: NormStage.Deviation } y) when x.X == y.X:
                if (RowRules.OnLastAxis(call, x.X) is { } below) call.Set(new RowsValue(new NormRows(below, null, null, call.Node.Title), x.X.Axes));
                break;
            case (RowsValue { Of: RecurrentRows { Merge: Merge.Sum } } rows, KnownValue { Tensor: { Type: OnnxType.Float, Count: 1 } two })
                when two.Values<float>()[0] == 2:
                call.Set(JoinRules.Merged(rows, Merge.Average));
                break;
            default: SizeRules.Pairs(call, (a, b) => a.Over(b)); break;
        }
    }

    private static void Pow(LiftCall call)
    {
        if (call.Value(0) is NormingValue { Stage: NormStage.Centered } x && call.Known(1) is { Count: 1 } two && (two.Type == OnnxType.Float
            ? two.Values<float>()[0] == 2 : SizeRules.Of(new KnownValue(two.Reshaped([]))) is { Items: [var power] } && power.Is(2)))
            call.Set(x with { Stage = NormStage.Squared });
        else call.Refuse("raises to a power, which no layer of a network here does");
    }

    private static void Sqrt(LiftCall call)
    {
        if (call.Value(0) is NormingValue { Stage: NormStage.Padded } x) call.Set(x with { Stage = NormStage.Deviation });
        else call.Refuse("takes a root, which no layer of a network here does");
    }

    private static void Norm(LiftCall call)
    {
        if (call.Rows(0) is not { } rows || call.Known(1) is not { } scale || (call.Value(2) is not null && call.Known(2) is null))
        {
            call.Refuse("normalizes a value that is not understood, or by gains that are computed");
            return;
        }
        if (call.Attribute("epsilon", Epsilon) != Epsilon) call.Refuse("has another ε than 1e-5, which layer normalization has here");
        else if (call.Attribute("axis", -1L) is not -1 and var axis && axis != rows.Axes.Rank - 1) call.Refuse("normalizes over several axes");
        else if (RowRules.OnLastAxis(call, rows) is { } below)
        {
            OnnxTensor? gain = ProductRules.BiasOf(scale, below.Width);
            OnnxTensor? bias = call.Known(2) is { } shift ? ProductRules.BiasOf(shift, below.Width) : null;
            if (gain is null || (bias is null && call.Value(2) is not null)) call.Refuse("has gains or biases that do not fit its rows");
            else call.Set(new RowsValue(new NormRows(below, gain, bias, call.Node.Title), rows.Axes));
        }
    }

    private static bool OnLastAxis(RowsValue rows) =>
        rows.Axes.Rank > 0 && rows.Axes.Real(rows.Axes.Rank - 1).SequenceEqual(rows.Of.Features.Where(atom => !atom.IsOne));
}
