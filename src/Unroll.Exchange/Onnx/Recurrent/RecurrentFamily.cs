using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>RNN, GRU and LSTM of the table of operators.</summary>
internal static class RecurrentFamily
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        Of(RecurrentOperator.Gru),
        Of(RecurrentOperator.Lstm),
        Of(RecurrentOperator.Rnn),
    ];

    private static Operator Of(RecurrentOperator op) =>
        new(op.Name(), 3..op.Inputs().Count, node => new RecurrentNode(ConventionReader.Read(op, node)).Run) { Outputs = op.Outputs().Count };
}

/// <summary>A recurrent node of a plan: computes on the engine where that can, else as the textbook has it.</summary>
/// <param name="convention">What the node says.</param>
internal sealed class RecurrentNode(RecurrentConvention convention)
{
    private RecurrentEngine? _engine;

    /// <summary>Computes the outputs of one call.</summary>
    public void Run(OperatorCall call)
    {
        OnnxTensor?[] tensors = new OnnxTensor?[call.InputCount];
        for (int i = 0; i < tensors.Length; i++) tensors[i] = call.Optional(i);
        RecurrentInputs inputs = RecurrentInputs.Read(convention, call.Node, tensors);
        if (inputs.X.Type == OnnxType.Double)
        {
            RecurrentTextbook.Run(inputs, Outputs<double>(call, inputs));
            return;
        }
        RecurrentOutputs<float> outputs = Outputs<float>(call, inputs);
        RecurrentEngine? engine = _engine is { } kept && kept.Serves(inputs) ? kept : _engine = RecurrentEngine.For(inputs);
        if (engine is not null) engine.Run(inputs, outputs);
        else RecurrentTextbook.Run(inputs, outputs);
    }

    private static RecurrentOutputs<T> Outputs<T>(OperatorCall call, RecurrentInputs inputs) where T : unmanaged
    {
        Span<T> y = default, lastH = default, lastC = default;
        if (call.HasOutput(0)) call.Set(0, call.New(inputs.OutputShape, out y));
        if (call.HasOutput(1)) call.Set(1, call.New(inputs.StateShape, out lastH));
        if (call.HasOutput(2)) call.Set(2, call.New(inputs.StateShape, out lastC));
        return new() { Y = y, LastH = lastH, LastC = lastC };
    }
}
