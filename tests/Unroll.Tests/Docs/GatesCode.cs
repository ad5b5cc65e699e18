// README: gates
using Unroll.Inspection;
using Unroll.Numerics;
// end
using Unroll.Cells;
using Unroll.Tests.Inspection;

namespace Unroll.Tests.Docs;

/// <summary>The code of docs/inspect.md that reads gates.</summary>
public sealed class GatesCode
{
    [Fact]
    public void The_gates_of_a_layer_with_what_was_found()
    {
        InspectionSubject subject = GatesTests.Subject(new CellOptions());
        GatesTests.Fill(subject.Network, "encoder.bias_ih_l0", 5..10, -8);
        // README: gates
        using ThreadTeam threads = new(2);
        Gates gates = Gates.Of(subject, threads);
        foreach (Finding finding in gates.Findings) Console.WriteLine(finding.Text);

        LayerGates layer = gates.Layers[0];
        GateTrace f = layer.Find("f")!;
        Console.WriteLine($"{layer.Name}: f of unit 3 at step 0 is {f.Values[0][3]:F3}; {f.Statistics.Saturated:P0} of all values are saturated");
        Console.WriteLine($"half of the memory is gone after {layer.HalfLife!.Mean:G2} steps");
        // end
        Assert.Equal(FindingKind.StuckGate, gates.Findings[0].Kind);
        Assert.InRange(layer.HalfLife.Mean, 0, 0.5);
    }
}
