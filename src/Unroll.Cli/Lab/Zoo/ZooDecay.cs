using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Synthetic;
using Unroll.Training;

namespace Unroll.Cli.Lab.Zoo;

/// <summary>How the gradient of the answer at the last step shrinks on its way back.</summary>
/// <param name="Before">‖∂L/∂s⟨t⟩‖ of every step before training; s is all that is carried from step to step.</param>
/// <param name="After">The same with the trained weights.</param>
internal sealed record ZooDecay(IReadOnlyList<double> Before, IReadOnlyList<double> After)
{
    private const int Sequences = 64;

    /// <summary>The norm at the first step as a share of that at the last.</summary>
    internal static double FirstToLast(IReadOnlyList<double> norms) => Back(norms, norms.Count - 1);

    /// <summary>The norm so many steps before the last as a share of that at the last.</summary>
    internal static double Back(IReadOnlyList<double> norms, int steps) => norms[^(1 + steps)] / norms[^1];

    /// <summary>‖∂L/∂s⟨t⟩‖ over some sequences, for every step from the first.</summary>
    internal static double[] Norms(ISequenceProblem problem, Network network, ulong seed, ThreadTeam alone)
    {
        Rng random = new Rng(seed).For("decay");
        ProblemBatch batch = ProblemBatch.Draw(problem, [.. Enumerable.Range(0, Sequences).Select(i => random.At((ulong)i))], ragged: false);
        GradientTrace trace = new();
        Pass pass = new(new Workspace(), alone, random, Training: true) { Trace = trace };
        network.Parameters.ClearGradients();
        Cache cache = network.Forward(batch.Inputs, null, pass);
        SequenceBatch dy = pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
        SequenceProblems.LossOf(problem).Compute(cache.Output, batch.Targets, dy, pass);
        network.Backward(dy, cache, pass);
        network.Parameters.ClearGradients();
        LayerTrace layer = trace.Layers[0];
        return [.. Enumerable.Range(0, layer.Layout.Steps).Select(t => Norm(layer, t))];
    }

    private static double Norm(LayerTrace layer, int t)
    {
        double sum = 0;
        for (int row = layer.Layout.Offset(t); row < layer.Layout.Offset(t) + layer.Layout.Active(t); row++)
        {
            foreach (float value in layer.DH.Row(row)) sum += (double)value * value;
            foreach (float value in layer.CarryC.Row(row)) sum += (double)value * value;
        }
        return Math.Sqrt(sum);
    }
}
