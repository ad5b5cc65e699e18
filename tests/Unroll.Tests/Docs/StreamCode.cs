// README: stream
using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;
// end
using Unroll.Numerics;

namespace Unroll.Tests.Docs;

/// <summary>The code of the package Unroll's page, src/Unroll/README.md.</summary>
public sealed class StreamCode
{
    [Fact]
    public void An_LSTM_that_is_fed_one_value_at_a_time_says_what_it_says_of_the_whole()
    {
        // README: stream
        NetworkSpec spec = new(Inputs: 1, [new RecurrentSpec { Name = "lstm", Hidden = 16 }, new DenseSpec { Name = "head", Outputs = 1 }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions(), new Rng(Seed: 1));

        State state = network.NewState(sequences: 1);          // what it remembers of one stream; each stream has its own
        float[] y = new float[network.OutputSize];
        for (int t = 0; t < 5; t++)
        {
            network.Step([MathF.Sin(0.3f * t)], state, y);     // allocates nothing
            Console.WriteLine($"step {t}: {y[0]:F6}");
        }
        // end
        using ThreadTeam threads = new(1);
        SequenceBatch whole = SequenceBatch.FromSequences(features: 1, [.. Enumerable.Range(0, 5).Select(t => MathF.Sin(0.3f * t))]);
        SequenceBatch outputs = network.Forward(whole, first: null, new Pass(new Workspace(), threads, new Rng(Seed: 1), Training: false)).Output;
        Assert.Equal(outputs.All[4], y[0]);
        Assert.NotEqual(0, y[0]);
    }
}
