using Unroll.Core;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>
/// An ONNX model that was recognized as a network of this library: trained on, streamed, inspected, quantized, served, and run as the graph would.
/// Its weights are the graph's, bit for bit. Runs do not change it; several may go on at once, each in a session of its own.
/// </summary>
public sealed class LiftedNetwork
{
    /// <summary>
    /// The largest difference between the graph's answers to a probe and the network's, relative to the numbers where they are above 1.
    /// </summary>
    public const double Tolerance = 1e-4;

    private LiftedNetwork(OnnxModel model, LiftedParts parts, Network network) => (Model, Parts, Network) = (model, parts, network);

    /// <summary>The model that it was lifted from.</summary>
    public OnnxModel Model { get; }

    /// <summary>The network. What <see cref="Meanings"/> says of its outputs is done after it.</summary>
    public Network Network { get; }

    /// <summary>The largest difference between the graph's answers to a probe input and the network's.</summary>
    public double LargestDifference { get; private set; }

    /// <summary>What each output of the graph that has the network's rows does to them at last.</summary>
    public IReadOnlyList<OutputMeaning> Meanings => [.. Parts.Outputs.Where(output => output.States is null).Select(output => output.Meaning)];

    /// <summary>How the graph and the network fit together.</summary>
    internal LiftedParts Parts { get; }

    /// <summary>Lifts a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="why">Why not, in one line that names the node; empty where it was lifted.</param>
    /// <returns>The network, compared with the graph by a probe; null: the graph is no network of this library, and only runs.</returns>
    public static LiftedNetwork? TryLift(OnnxModel model, out string why)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxGraph graph = ConstantFolding.Fold(model.Graph, OperatorTable.Default, model.Description.File);
        if (Lifter.Lift(graph, model.Description.File, out why) is not { } parts) return null;
        try
        {
            LiftedNetwork lifted = new(model, parts, NetworkAssembly.Build(parts));
            if (LiftProbe.Difference(lifted, out why) is not { } difference) return null;
            lifted.LargestDifference = difference;
            return lifted;
        }
        catch (Exception e) when (e is UserErrorException or ShapeException)
        {
            why = e.Message.TrimEnd('.');
            return null;
        }
    }

    /// <summary>Begins a session: it keeps its memory from run to run.</summary>
    /// <param name="threads">The threads; null: by the size of the work.</param>
    public LiftedSession NewSession(Numerics.ThreadTeam? threads = null) => new(this, threads ?? Numerics.ThreadTeam.Default);

    /// <summary>Runs the network as the graph would.</summary>
    /// <param name="inputs">As for <see cref="OnnxModel.Run"/>.</param>
    /// <returns>The outputs by name, the graph's to rounding.</returns>
    /// <exception cref="UserErrorException">As in <see cref="OnnxModel.Run"/>.</exception>
    /// <remarks>
    /// What the network would answer otherwise than the graph, such as indices from the table's end or sequences without steps, the graph answers.
    /// </remarks>
    public IReadOnlyDictionary<string, OnnxValue> Run(IReadOnlyDictionary<string, OnnxValue> inputs) => NewSession().Run(inputs);
}
