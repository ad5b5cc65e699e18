using System.Collections.Immutable;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Dense layers: products with a constant matrix, and what comes at a network's end.</summary>
internal static class ProductRules
{
    /// <summary>The rules.</summary>
    public static IEnumerable<(string Operator, LiftRule Rule)> All =>
    [
        ("MatMul", MatMul), ("Gemm", Gemm), ("Relu", Relu), ("Softmax", call => Soft(call, OutputMeaning.Probabilities)),
        ("LogSoftmax", call => Soft(call, OutputMeaning.LogProbabilities)), ("Sigmoid", call => Meaning(call, OutputMeaning.Logistic)),
        ("Tanh", call => Meaning(call, OutputMeaning.HyperbolicTangent)),
    ];

    private static void MatMul(LiftCall call)
    {
        if (call.Rows(0) is not { } rows || call.Value(1) is not KnownValue { Tensor: { Rank: 2, Type: OnnxType.Float } weight } known)
            call.Refuse("is no product of rows with a constant matrix");
        else Dense(call, rows, weight, turned: true, bias: null, Hints.Of(known.Name));
    }

    private static void Gemm(LiftCall call)
    {
        bool plain = call.Attribute("transA", 0L) == 0 && call.Attribute("alpha", 1f) == 1
            && (call.Value(2) is null || call.Attribute("beta", 1f) == 1);
        if (!plain || call.Rows(0) is not { } rows || call.Value(1) is not KnownValue { Tensor: { Rank: 2, Type: OnnxType.Float } weight } known
            || (call.Value(2) is not null && call.Known(2) is not { Type: OnnxType.Float }))
            call.Refuse("is no product of rows with a constant matrix, or scales it");
        else Dense(call, rows, weight, turned: call.Attribute("transB", 0L) == 0, call.Known(2), Hints.Of(known.Name));
    }

    private static void Dense(LiftCall call, RowsValue rows, OnnxTensor weight, bool turned, OnnxTensor? bias, string hint)
    {
        if (RowRules.OnLastAxis(call, rows) is not { } below) return;
        (int inputs, int outputs) = turned ? (weight.Shape[0], weight.Shape[1]) : (weight.Shape[1], weight.Shape[0]);
        OnnxTensor? own = bias is null ? null : BiasOf(bias, outputs);
        if (inputs != below.Width || (bias is not null && own is null))
        {
            string with = bias is null ? "" : $" and a bias {bias.ShapeText}";
            call.Refuse($"has a matrix {weight.ShapeText}{with}, which does not fit rows of {below.Width}");
            return;
        }
        Atom features = new("outputs", Extent.Of(outputs));
        DenseRows layer = new(below, weight, turned, own, Relu: false, [features], call.Node.Title) { Hint = hint };
        call.Set(new RowsValue(layer, rows.Axes.With(rows.Axes.Rank - 1, features)));
    }

    /// <summary>A constant as a row that is added to every row, or multiplied with it: [outputs]; null: it is none.</summary>
    public static OnnxTensor? BiasOf(OnnxTensor tensor, int outputs)
    {
        if (tensor.Type != OnnxType.Float || tensor.Count > outputs) return null;
        if (tensor.Count == outputs && (outputs == 1 || (tensor.Rank > 0 && tensor.Shape[^1] == outputs))) return tensor.Reshaped([outputs]);
        if (tensor.Count != 1) return null;
        OnnxTensor row = OnnxTensor.New([outputs], out Span<float> values);
        values.Fill(tensor.Values<float>()[0]);
        return row;
    }

    // max(0, W x + b) is a layer here: a convolution that sees one step.
    private static void Relu(LiftCall call)
    {
        if (call.Value(0) is RowsValue { Of: DenseRows { Relu: false } dense, Steps: StepPick.All, Meaning: OutputMeaning.Plain } rows)
            call.Set(rows with { Of = dense with { Relu = true } });
        else call.Refuse("computes max(0, x) of something else than a dense layer's rows, which no layer of a network here does");
    }

    // From opset 13 on along one axis; before, along it and all that follow.
    private static void Soft(LiftCall call, OutputMeaning meaning)
    {
        if (call.Rows(0) is not { } rows) { call.Refuse("works on a value that is not understood"); return; }
        bool old = call.Node.Opset < 13;
        int? axis = rows.Axes.Place(call.Attribute("axis", old ? 1L : -1L));
        IEnumerable<Atom> atoms = axis is not { } at ? []
            : old ? Enumerable.Range(at, rows.Axes.Rank - at).SelectMany(rows.Axes.Real)
            : rows.Axes.Real(at);
        if (atoms.SequenceEqual(rows.Of.Features.Where(atom => !atom.IsOne))) Meaning(call, meaning);
        else call.Refuse($"works along another axis of {rows.Axes} than the features of {rows.Of.Title}");
    }

    private static void Meaning(LiftCall call, OutputMeaning meaning)
    {
        if (call.Rows(0) is { Of.Recurs: true } rows && RowRules.Finished(call, rows) is { } layer)
            call.Set(rows with { Of = layer, Steps = StepPick.All, Meaning = meaning, MeaningOf = call.Node.Title });
        else call.Refuse("is no layer of a network here, except at its end");
    }
}
