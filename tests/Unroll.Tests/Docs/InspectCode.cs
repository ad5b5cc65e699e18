// README: inspect
using Unroll.Inspection;
using Unroll.Inspection.Flow;
using Unroll.Numerics;
// end
using Unroll.Cells;
using Unroll.Tests.Inspection.Flow;

namespace Unroll.Tests.Docs;

/// <summary>The code of docs/inspect.md.</summary>
public sealed class InspectCode
{
    [Fact]
    public void The_flow_of_a_gradient_its_decay_and_what_an_output_depended_on()
    {
        InspectionSubject subject = FlowCase.Of(FlowCase.Spec(new CellOptions()), steps: 40).Subject;
        // README: inspect
        using ThreadTeam threads = new(1);
        GradientFlow flow = GradientFlow.Of(subject, threads);               // of the loss of all outputs
        GradientFlow last = GradientFlow.Of(subject, threads, step: 39);     // of that of one output alone

        LayerFlow layer = last.Layers[0];
        Console.WriteLine($"{layer.Place}: ‖∂L/∂h⟨0⟩‖ = {layer.H.Total.Norms[0]:G3}");
        foreach (FlowTerm term in layer.H.Terms) Console.WriteLine($"  {term.Name}: {term.Norms[0]:G3}");
        Console.WriteLine($"the terms differ from the engine's gradient by {last.LargestDifference:G2}");

        foreach (Decay decay in Decay.Of(subject, threads)) Console.WriteLine($"{decay.Place}: {decay.Verdict}");

        DependencyMap map = DependencyMap.OfLoss(subject, threads);
        Console.WriteLine($"∂L⟨{map.Rows[^1]}⟩/∂x⟨0⟩ has the norm {map.Values[^1][0]:G3}");
        // end
        Assert.InRange(Math.Max(flow.LargestDifference, last.LargestDifference), 0, 1e-5);
        Assert.True(layer.H.Total.Norms[0] < flow.Layers[0].H.Total.Norms[0]);
        Assert.Equal(map.Values[^1][0] == 0, last.Layers[0].H.Total.Norms[0] == 0);
    }
}
