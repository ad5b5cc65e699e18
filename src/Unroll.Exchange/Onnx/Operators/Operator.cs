namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Computes the outputs of a node from its inputs.</summary>
internal delegate void OperatorBody(OperatorCall call);

/// <summary>
/// Reads a node's attributes, once, when the model is loaded, and gives what computes it. What is not supported is refused here; an attribute that
/// is not asked for is refused too.
/// </summary>
internal delegate OperatorBody OperatorMaker(OperatorNode node);

/// <summary>An operator of the table.</summary>
/// <param name="Name">Its name in ONNX.</param>
/// <param name="Inputs">How many inputs it may have, missing ones counted.</param>
/// <param name="Make">Prepares a node.</param>
internal sealed record Operator(string Name, Range Inputs, OperatorMaker Make)
{
    /// <summary>The most inputs of an operator that takes any number.</summary>
    public const int Any = int.MaxValue;

    /// <summary>The most outputs.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>The first opset that has it.</summary>
    public int Since { get; init; } = 1;

    /// <summary>The domain; empty for ONNX's own.</summary>
    public string Domain { get; init; } = "";
}
