using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Samples.Engine;

/// <summary>
/// The network of the sample by hand, its data and its first weights, with the engine. It hears five numbers and says what it heard one step before.
/// </summary>
internal static class Program
{
    private const int Hidden = 4, Steps = 5, Sequences = 32, Epochs = 200;
    private const float Rate = 0.05f;

    private static void Main() => Run(Console.Out);

    internal static void Run(TextWriter output)
    {
        Network network = Network.Build(new NetworkSpec(
            Inputs: 1,
            [new RecurrentSpec { Name = "rnn", Cell = new CellOptions { Kind = "rnn" }, Hidden = Hidden },
                new DenseSpec { Name = "head", Outputs = 1 }]));
        int weight = 0;
        using (Edit edit = network.Parameters.Edit())
            foreach (Parameter matrix in network.Parameters.All.Where(p => p.Name.Contains("weight")))
                foreach (ref float value in edit.Of(matrix)) value = (float)(0.5 * Math.Sin(++weight));

        SequenceBatch x = SequenceBatch.FromSequences(features: 1, Sequence(0)), before = SequenceBatch.FromSequences(features: 1, Sequence(-1));
        using ThreadTeam threads = new(1);
        Workspace workspace = new();
        Optimizer descent = new SgdOptions().Create(network.Parameters.Length);
        for (int epoch = 0; epoch <= Epochs; epoch++)
        {
            workspace.Reset();
            network.Parameters.ClearGradients();
            Pass pass = new(workspace, threads, new Rng(Seed: 1).At((ulong)epoch), Training: true);
            Cache cache = network.Forward(x, first: null, pass);
            SequenceBatch dy = workspace.Rent(x.Layout, network.OutputSize);
            double loss = new SquaredError().ComputeMean(cache.Output, Targets.Of(before), dy, pass);
            network.Backward(dy, cache, pass);
            if (epoch % 20 == 0) output.WriteLine($"epoch {epoch,3}   loss {loss:F5}");

            // As PyTorch's, the cell has two biases that are added. The equations have one, so the second one stays at zero.
            network.Parameters.Find("rnn.bias_hh_l0")!.Gradients.Clear();
            descent.Step(network.Parameters, Rate, threads);
        }
    }

    // Every sequence, seen from so many steps away.
    private static float[][] Sequence(int shift) =>
        [.. Enumerable.Range(0, Sequences).Select(s => Enumerable.Range(0, Steps).Select(t => Heard(s, t + shift)).ToArray())];

    private static float Heard(int sequence, int t) => t < 0 ? 0 : (sequence >> t & 1) == 1 ? 1 : -1;
}
