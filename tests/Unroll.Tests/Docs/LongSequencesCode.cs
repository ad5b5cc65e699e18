// README: long
using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;
// end

namespace Unroll.Tests.Docs;

/// <summary>Code of docs/long-sequences.md, run; the lines between the marks are compared with the page, see Architecture/ReadmeTests.</summary>
public sealed class LongSequencesCode
{
    private sealed class Output
    {
        public List<string> Lines { get; } = [];
        public void WriteLine(string line) => Lines.Add(line);
    }

    [Fact]
    public void A_long_sequence_is_learned_in_windows()
    {
        Output Console = new();
        float[] wave = [.. Enumerable.Range(0, 601).Select(t => MathF.Sin(0.3f * t))];
        SequenceBatch x = SequenceBatch.FromSequences(1, wave[..^1]), next = SequenceBatch.FromSequences(1, wave[1..]);
        // README: long
        NetworkSpec spec = new(Inputs: 1, [new RecurrentSpec { Name = "core", Hidden = 16 }, new DenseSpec { Name = "head", Outputs = 1 }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions(), new Rng(Seed: 1));

        TruncatedBptt bptt = new(network, new SquaredError(), k1: 20, k2: 60, sequences: 1);
        IReadOnlyList<TruncatedUpdate> updates = bptt.UpdatesOf(x, Targets.Of(next));

        using ThreadTeam threads = new(1);
        Optimizer adam = new AdamOptions().Create(network.Parameters.Length);
        TrainerOptions options = new() { Schedule = new ConstantSchedule { Rate = 5e-3f }, Clipping = new Clipping { Limit = 1 } };
        Trainer<TruncatedUpdate> trainer = new(bptt, adam, options, threads);
        for (int epoch = 0; epoch < 4; epoch++)
            foreach (TrainingStep step in trainer.Run(updates, new TrainingPlace(epoch, 0, epoch * updates.Count), PlateauState.Start,
                new Rng(Seed: 2)))
                Console.WriteLine($"{step.Index} {step.Loss:F4}");
        // end
        // README: recompute
        TrainerOptions saving = options with { Recomputation = new Recomputation { Every = 500 } };    // without Every: √T
        // end
        Assert.Equal((500, options.Schedule), (saving.Recomputation?.Every, saving.Schedule));
        Assert.Equal(120, Console.Lines.Count);
        float Loss(int line) => float.Parse(Console.Lines[line].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(Loss(119) < 0.1f * Loss(0), $"{Loss(0)} → {Loss(119)}");
    }
}
