using Unroll.Exchange.Onnx.Graphs;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>An output of the graph: rows of the network, or states.</summary>
/// <param name="Port">The output.</param>
/// <param name="Axes">Its axes.</param>
/// <param name="Meaning">What is done to the network's rows.</param>
/// <param name="States">The slots of states; null: it is rows.</param>
internal sealed record LiftedOutput(OnnxPort Port, AxisList Axes, OutputMeaning Meaning, StatesValue? States);

/// <summary>What a graph was read as.</summary>
/// <param name="Layers">From the input to the output.</param>
/// <param name="Steps">The atom that counts the steps; null: every sequence has one.</param>
/// <param name="Sequences">The atom that counts the sequences; null: there is one.</param>
/// <param name="Lengths">The input that has the lengths; null: all sequences have all steps.</param>
/// <param name="Outputs">The outputs, in order.</param>
internal sealed record LiftedParts(IReadOnlyList<Rows> Layers, Atom? Steps, Atom? Sequences, OnnxPort? Lengths, IReadOnlyList<LiftedOutput> Outputs)
{
    /// <summary>How many sequences the graph itself takes, because a state was written for as many; null: any.</summary>
    public int? FixedSequences { get; init; }

    /// <summary>The network's input.</summary>
    public InputRows Input => (InputRows)Layers[0];

    /// <summary>The recurrent layers, from the input on.</summary>
    public IReadOnlyList<RecurrentRows> Recurrent { get; } = [.. Layers.OfType<RecurrentRows>()];
}
