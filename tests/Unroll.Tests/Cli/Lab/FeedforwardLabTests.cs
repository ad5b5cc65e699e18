using System.Text.Json;
using Unroll.Cli.Lab;
using Unroll.Cli.Lab.Feedforward;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Tasks.Synthetic;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli.Lab;

public sealed class FeedforwardLabTests : IDisposable
{
    private static readonly Rng Draws = new(5);
    private static readonly FeedforwardPlan Plan = new(LabCells.Find("gru"), Steps: 8, Hidden: 3, Updates: 10, Seeds: 2);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_motif_stands_where_it_may_and_nowhere_else()
    {
        (MotifProblem Problem, Func<int, bool> Allowed)[] all =
        [
            (MotifProblem.Anywhere(10), _ => true),
            (MotifProblem.EvenPlaces(10), place => place % 2 == 0),
            (MotifProblem.OddPlaces(10), place => place % 2 == 1),
            (MotifProblem.FirstHalf(10), place => place + 3 <= 5),
            (MotifProblem.SecondHalf(10), place => place >= 5),
        ];
        foreach ((MotifProblem problem, Func<int, bool> allowed) in all)
        {
            HashSet<int> seen = [];
            for (ulong s = 0; s < 300; s++)
            {
                ProblemSequence one = problem.Draw(10, Draws.At(s));
                int[] letters = [.. one.Inputs.Chunk(MotifProblem.Letters).Select(step => Array.IndexOf(step, 1f))];
                List<int> places = MotifProblem.Places(letters);
                Assert.Equal(one.Answers[0], places.Count);
                foreach (int place in places) Assert.True(allowed(place));
                seen.UnionWith(places);
            }
            Assert.Equal(Enumerable.Range(0, 8).Where(allowed), seen.Order());       // and at all of them
        }
    }

    [Fact]
    public void A_flat_problem_shows_all_steps_at_once_cut_or_filled_up()
    {
        float[] x = MotifProblem.Anywhere(8).Draw(8, Draws).Inputs;
        Assert.Equal(x, Rearranged.Flat(MotifProblem.Anywhere(8), 8).Draw(1, Draws).Inputs);
        Assert.Equal(x[..20], Rearranged.Flat(MotifProblem.Anywhere(8), 5).Draw(1, Draws).Inputs);
        Assert.Equal([.. x, 0, 0, 0, 0], Rearranged.Flat(MotifProblem.Anywhere(8), 9).Draw(1, Draws).Inputs);
        float[] turned = Rearranged.Permuted(MotifProblem.Anywhere(8), [7, 6, 5, 4, 3, 2, 1, 0]).Draw(8, Draws).Inputs;
        Assert.Equal(x.Chunk(4).Reverse().SelectMany(step => step), turned);
    }

    // h = tanh(W x + b): a plain cell that takes one step from state zero, computed here by hand in double. Sums of 32 products of floats below
    // 1 err by less than 32 · 2⁻²⁴ · 32 = 6e-5.
    [Fact]
    public void The_network_without_recurrence_is_two_dense_layers_with_a_tanh_between()
    {
        Rearranged flat = Rearranged.Flat(MotifProblem.Anywhere(8), 8);
        Network network = Network.Build(FeedforwardTraining.Flat(Plan, flat));
        Initialization.Apply(network.Parameters, network.Spec, new InitializationOptions(), new Rng(2));
        ProblemSequence one = flat.Draw(1, Draws);
        using Unroll.Numerics.ThreadTeam alone = new(1);
        float[] y = network.Forward(SequenceBatch.FromSequences(32, one.Inputs), null, new Pass(new Workspace(), alone, Draws, Training: false))
            .Output.All.ToArray();

        float[] Of(string name) => network.Parameters.Find(name)!.Values.ToArray();
        (float[] w, float[] b, float[] b2, float[] v, float[] c) =
            (Of("memory.weight_ih_l0"), Of("memory.bias_ih_l0"), Of("memory.bias_hh_l0"), Of("answer.weight"), Of("answer.bias"));
        double[] h = [.. Enumerable.Range(0, 3)
            .Select(k => Math.Tanh(b[k] + b2[k] + Enumerable.Range(0, 32).Sum(i => (double)w[k * 32 + i] * one.Inputs[i])))];
        for (int k = 0; k < 2; k++) Assert.Equal(c[k] + Enumerable.Range(0, 3).Sum(j => v[k * 3 + j] * h[j]), y[k], 6e-5);
    }

    [Fact]
    public void What_needs_no_training_is_counted_refused_and_seen()
    {
        Assert.Equal(128 * 1000 * 100 + 128, FeedforwardFacts.FlatParameters(1000, 100, 128));
        Assert.Equal(3 * (3 * 5 + 3 * 3 + 2 * 3), FeedforwardFacts.RecurrentParameters(LabCells.Find("gru"), 5, 3));
        Assert.Equal("layer 'memory.0' input features: expected 32 because weight_ih is [3, 32], got 64.", FeedforwardFacts.Refusal(Plan, 16));
        Right ahead = FeedforwardFacts.Ahead(Plan, Draws);
        Assert.Equal(0, ahead.Recurrent);
        Assert.True(ahead.Feedforward > 1e-3);
    }

    [Fact]
    public void A_tiny_run_does_not_depend_on_the_number_of_threads()
    {
        JsonElement one = Run("1"), two = Run("2");
        Assert.Equal(one.GetProperty("tables").ToString(), two.GetProperty("tables").ToString());
        Assert.Equal(one.GetProperty("verdicts").ToString(), two.GetProperty("verdicts").ToString());
        JsonElement[] verdicts = [.. one.GetProperty("verdicts").EnumerateArray()];
        Assert.Equal(6, verdicts.Length);
        Assert.True(verdicts.Single(verdict => verdict.GetProperty("claim").GetString()!.Contains("not causal")).GetProperty("holds").GetBoolean());
    }

    private JsonElement Run(string threads)
    {
        CliRun run = CliRun.Of("lab", "feedforward", "--length", "8", "--hidden", "3", "--updates", "10", "--seeds", "2", "--threads", threads,
            "--json",
            "--output", _folder["f.html"]);
        Assert.Equal("", run.Exit == 0 ? "" : run.Error);
        return run.Json;
    }
}
