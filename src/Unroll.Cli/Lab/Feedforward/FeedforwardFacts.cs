using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Cli.Lab.Feedforward;

/// <summary>What can be seen without training: parameters, refused lengths, and which network looks ahead.</summary>
internal static class FeedforwardFacts
{
    //  feed-forward on N steps of I features: H (N I) + H            recurrent: G (H I + H² + 2H), whatever N is
    /// <summary>Parameters of a layer of H tanh units on N steps of I features side by side.</summary>
    internal static long FlatParameters(long steps, long inputs, long hidden) => hidden * steps * inputs + hidden;

    /// <summary>Parameters of a recurrent layer.</summary>
    internal static long RecurrentParameters(LabNamedCell cell, int inputs, int hidden) =>
        Network.Build(new NetworkSpec(inputs, [new RecurrentSpec { Name = "layer", Cell = cell.Options, Hidden = hidden }]),
            cell.Cells).Parameters.Length;

    /// <summary>The error that the network without recurrence gives for a window of another length.</summary>
    internal static string Refusal(FeedforwardPlan plan, int length)
    {
        Network network = Network.Build(FeedforwardTraining.Flat(plan, Rearranged.Flat(MotifProblem.Anywhere(plan.Steps), plan.Steps)));
        using ThreadTeam alone = new(1);
        try
        {
            _ = network.Forward(SequenceBatch.Zeros(SequenceLayout.Uniform(1, 1), length * MotifProblem.Letters), null,
                new Pass(new Workspace(), alone, new Rng(1), Training: false));
            return "";
        }
        catch (ShapeException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>
    /// Two networks with an output for every step, with drawn weights: the largest change of an output of the steps before the last when only the
    /// input of the last step changes.
    /// </summary>
    internal static Right Ahead(FeedforwardPlan plan, Rng random)
    {
        const int letters = MotifProblem.Letters;
        int n = plan.Steps;
        NetworkSpec flat = new(n * letters,
            [new RecurrentSpec { Name = "all", Cell = new CellOptions { Kind = "rnn" }, Hidden = plan.Hidden },
                new DenseSpec { Name = "head", Outputs = n }]);
        NetworkSpec recurrent = new(letters,
            [new RecurrentSpec { Name = "step", Cell = plan.Cell.Options, Hidden = plan.Hidden }, new DenseSpec { Name = "head", Outputs = 1 }]);
        float[] x = new float[n * letters];
        random.For("inputs").Uniform(0, x);
        float[] changed = [.. x[..^letters], .. x[^letters..].Select(value => 1 - value)];
        return new Right(Largest(flat, n * letters), Largest(recurrent, letters));

        double Largest(NetworkSpec spec, int features)
        {
            float[] before = Outputs(spec, features, x, random), after = Outputs(spec, features, changed, random);
            return Enumerable.Range(0, n - 1).Max(t => Math.Abs((double)before[t] - after[t]));
        }
    }

    private static float[] Outputs(NetworkSpec spec, int features, float[] x, Rng random)
    {
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions(), random.For("weights"));
        using ThreadTeam alone = new(1);
        Cache cache = network.Forward(SequenceBatch.FromSequences(features, x), null, new Pass(new Workspace(), alone, random, Training: false));
        return cache.Output.All.ToArray();
    }
}
