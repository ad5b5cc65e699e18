using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Cli;
using Unroll.Tests.Formats;
using Unroll.Tests.Laws;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Recomputation as an option of training: the same weights, a fault found in the same place, values that are none refused.</summary>
public sealed class RecomputationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_ends_with_the_same_model()
    {
        File.WriteAllText(_folder["text.txt"], string.Concat(Enumerable.Range(0, 900).Select(k => $"{k * k % 97} and ")));
        string Weights(params string[] more)
        {
            CliRun run = CliRun.Of(["train", "lm", "--data", _folder["text.txt"], "--bptt", "240",
                "--hidden", "6", "--batch", "8", "--epochs", "2", "--threads", "1", "--json",
                "--runs", _folder["runs"], .. more]);
            Assert.True(run.Exit == 0, run.Error);
            return run.Json.GetProperty("weights_sha256").GetString()!;
        }
        string expected = Weights("--run", "whole");
        Assert.Equal(expected, Weights("--run", "again", "--recompute", "auto"));
        Assert.Equal(expected, Weights("--run", "short", "--recompute", "2"));
        byte[] Model(string run) => File.ReadAllBytes(_folder[$"runs/{run}/model.safetensors"]);
        Assert.Equal(Model("whole"), Model("again"));
    }

    [Fact]
    public void Choices_that_are_none_are_refused()
    {
        foreach (string wrong in (string[])["0", "-3", "some", "1.5"])
            Assert.Contains($"--recompute: expected a whole number of steps of at least 1, or auto, found '{wrong}'",
                CliRun.Of("train", "forecast", $"--recompute={wrong}").Refused());
        TrainingOptions options = new() { Step = new TrainerOptions { Recomputation = new Recomputation { Every = 7 } } };
        Assert.Equal(options.Step.Recomputation, TrainingOptions.FromJson(options.ToJson()).Step.Recomputation);
        Assert.Null(TrainingOptions.FromJson(new TrainingOptions().ToJson()).Step.Recomputation);
    }

    [Theory, InlineData(Direction.Forward), InlineData(Direction.Bidirectional)]
    public void A_fault_is_found_at_the_same_gate_unit_sequence_and_step(Direction direction)
    {
        NetworkSpec spec = new(1,
            [new RecurrentSpec { Name = "core", Cell = new() { Kind = "rnn", Activation = "relu" }, Hidden = 2, Direction = direction }]);
        Network network = Network.Build(spec);
        using (Edit edit = network.Parameters.Edit())
        {
            edit.Of(network.Parameters.All.First(p => p.Name.Contains("weight_ih")))[1] = 1;      // unit 1: x
            edit.Of(network.Parameters.All.First(p => p.Name.Contains("weight_hh")))[3] = 1e7f;   // h, 10⁷ h, …: above the largest float, 3.4 · 10³⁸,
        }                                                                                         // with the sixth product
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.Uniform(100, 9), 1);
        x.Row(0, 31)[0] = 1;
        string? Place(Recomputation? choice) => NonFinitePlace.Forward(network, x,
            network.Forward(x, null, LayerCases.NewPass(training: true) with { Recomputation = choice }));
        string expected = Place(null) ?? "";
        Assert.Contains("sequence 31, step 6", expected);
        Assert.Equal(expected, Place(new Recomputation { Every = 1 }));
        Assert.Equal(expected, Place(new Recomputation { Every = 4 }));
    }

    [Fact]
    public void Truncated_backpropagation_gives_the_same_updates()
    {
        float[] Trained(Recomputation? choice)
        {
            NetworkSpec spec = new(1, [new RecurrentSpec { Name = "core", Hidden = 6, Layers = 2, Dropout = 0.2f },
                new DenseSpec { Name = "head", Outputs = 1 }]);
            Network network = Network.Build(spec);
            Initialization.Apply(network.Parameters, spec, new InitializationOptions(), new Rng(1));
            TruncatedBptt bptt = new(network, new SquaredError(), k1: 6, k2: 9, sequences: 100);
            SequenceBatch x = LayerCases.Draw(SequenceLayout.Uniform(100, 30), 1, 1);
            using ThreadTeam one = new(1);
            Trainer<TruncatedUpdate> trainer = new(bptt, new AdamOptions().Create(network.Parameters.Length),
                new TrainerOptions { Recomputation = choice }, one);
            foreach (TrainingStep _ in trainer.Run(bptt.UpdatesOf(x, Targets.Of(x)), default, PlateauState.Start, new Rng(2))) { }
            return network.Parameters.Values.ToArray();
        }
        Assert.Equal(Trained(null), Trained(new Recomputation { Every = 2 }));
    }
}
