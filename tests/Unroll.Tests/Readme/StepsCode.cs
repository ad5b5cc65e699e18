// README: steps
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;
// end

namespace Unroll.Tests.Readme;

/// <summary>Code of README.md, run. The lines between the marks are compared with the page, see Architecture/ReadmeTests.</summary>
public sealed class StepsCode
{
    [Fact]
    public void The_network_of_the_second_example_learns_to_continue_a_sine()
    {
        // README: steps
        NetworkSpec spec = new(Inputs: 1, [new RecurrentSpec { Name = "encoder", Hidden = 16 }, new DenseSpec { Name = "head", Outputs = 1 }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions(), new Rng(Seed: 1));

        // two sequences of different length, and of each value the one that follows it
        float[] Sine(int from, int count) => [.. Enumerable.Range(from, count).Select(t => MathF.Sin(0.3f * t))];
        SequenceBatch x = SequenceBatch.FromSequences(features: 1, Sine(0, 60), Sine(7, 40));
        SequenceBatch next = SequenceBatch.FromSequences(features: 1, Sine(1, 60), Sine(8, 40));

        using ThreadTeam threads = new(2);
        Workspace workspace = new();
        Optimizer adam = new AdamOptions().Create(network.Parameters.Length);
        SquaredError loss = new();
        double mean = 0;
        for (int step = 0; step < 400; step++)
        {
            workspace.Reset();
            network.Parameters.ClearGradients();
            Pass pass = new(workspace, threads, new Rng(Seed: 1).At((ulong)step), Training: true);
            Cache cache = network.Forward(x, first: null, pass);
            SequenceBatch dy = workspace.Rent(x.Layout, network.OutputSize);
            mean = loss.ComputeMean(cache.Output, Targets.Of(next), dy, pass);
            network.Backward(dy, cache, pass);
            adam.Step(network.Parameters, learningRate: 0.01f, threads);
        }

        // one value at a time, each answer fed back: the network continues by itself
        State state = network.NewState(sequences: 1);
        float[] y = [0f];
        foreach (float value in Sine(0, 60)) network.Step([value], state, y);
        for (int t = 60; t < 70; t++)
        {
            Console.WriteLine($"{y[0]:F3} for {MathF.Sin(0.3f * t):F3}");
            network.Step([y[0]], state, y);
        }
        // end
        Assert.InRange(mean, 0, 0.01);                                       // the first value of a sequence does not say where in the wave it is
        Assert.InRange(y[0] - MathF.Sin(0.3f * 70), -0.2f, 0.2f);
    }
}
