using Unroll.Cli.Lab;
using Unroll.Cli.Lab.Vanish;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tests.Cli.Lab;

public sealed class VanishLabTests
{
    [Fact]
    public void The_worked_case_is_the_notes_and_the_engines()
    {
        using ThreadTeam threads = new(1);
        (LabTable table, LabVerdict verdict) = TwentySteps.Measure(threads);
        Assert.True(verdict.Holds, verdict.Found);
        Assert.Equal([0.5, 0.9, 0.95, 1.05, 1.1, 2], table.Rows.Select(row => row[0].Number!.Value));
        Assert.Equal(Math.Pow(1.1, 20), TwentySteps.Product(1.1, 20), 1e-13);
    }

    [Fact]
    public void Without_an_activation_the_rate_is_the_spectral_radius()
    {
        foreach (double radius in DecayRate.Radii)
            Assert.Equal(radius, DecayRate.Of(DecayCase.LinearOrthogonal, radius, hidden: 6, steps: 40, new Rng(3)).PerStep, 1e-9);
        // A drawn matrix lengthens directions differently: its powers come to the radius only as they grow, by a factor C^(1/n).
        Assert.InRange(DecayRate.Of(DecayCase.LinearDrawn, 0.9, hidden: 6, steps: 400, new Rng(3)).PerStep, 0.9 * 0.98, 0.9 * 1.02);
    }

    [Fact]
    public void Tanh_near_zero_is_linear_and_tanh_that_saturates_makes_even_a_large_matrix_vanish()
    {
        DecayRate linear = DecayRate.Of(DecayCase.LinearDrawn, 0.8, hidden: 8, steps: 30, new Rng(4));
        DecayRate small = DecayRate.Of(DecayCase.Tanh, 0.8, hidden: 8, steps: 30, new Rng(4));
        Assert.Equal(linear.PerStep, small.PerStep, 1e-3);           // states of about 0.002: tanh′ is within 1e-5 of 1
        Assert.True(DecayRate.Of(DecayCase.Saturated, 1.5, hidden: 8, steps: 30, new Rng(4)).PerStep < 0.9);
    }

    [Fact]
    public void The_orthogonal_draw_is_orthogonal_and_the_drawn_one_has_its_radius()
    {
        Unroll.Inspection.Textbook.Matrix q = Draw.Orthogonal(new Rng(1), 7, 1);
        Assert.InRange(Spectrum.Norm(q * q.T - Draw.Identity(7)), 0, 1e-14);
        Assert.Equal(1.25, Spectrum.Radius(Draw.OfRadius(new Rng(1), 7, 1.25)), 1e-11);
    }

    [Fact]
    public void Clipping_by_the_norm_scales_the_first_steps_gradient_with_all_others()
    {
        using ThreadTeam threads = new(1);
        RecallSizes sizes = new() { Hidden = 6, Batch = 3 };
        ClippedGradient free = ClippedGradient.Of(4, sizes, Clipping.None, new Rng(2), threads);
        ClippedGradient clipped = ClippedGradient.Of(4, sizes, new Clipping { Limit = (float)(free.Norm / 10) }, new Rng(2), threads);
        Assert.Equal(free.Norm / 10, clipped.Norm, free.Norm * 1e-6);
        Assert.Equal(free.FromFirst / 10, clipped.FromFirst, free.FromFirst * 1e-6);
        Assert.Equal(1, clipped.Ratio / free.Ratio, 1e-5);
    }

    [Fact]
    public void The_recall_task_asks_for_the_first_symbol_and_can_be_learned()
    {
        using ThreadTeam threads = new(1);
        RecallSizes sizes = new() { Gaps = [1], Hidden = 8, Updates = 200, Every = 25, Batch = 16, Rate = 0.02f };
        LabRun run = new(false, 1, threads, TextWriter.Null);
        RecallResult result = RecallResult.Of(RecallCell.All[0], 1, sizes, new Rng(7), threads, run);
        Assert.True(result.Accuracy >= 0.99, $"{result.Accuracy} after {result.Updates}");

        Network network = RecallResult.Net(RecallCell.All[0], 1, 8, new Rng(7));
        double untrained = new RecallTask(network, 1, 400, new Rng(8)).Accuracy(0, new Pass(new Workspace(), threads, new Rng(0), Training: false));
        Assert.InRange(untrained, 0.1, 0.45);                        // chance is a quarter
    }

    [Fact]
    public void The_experiment_runs_and_every_verdict_has_its_figures()
    {
        using ThreadTeam threads = new(2);
        VanishSizes sizes = new()
        {
            Steps = 20, Hidden = 6, Draws = 2, ClippingUpdates = 20,
            Recall = new RecallSizes { Gaps = [1, 2], Hidden = 4, Updates = 4, Every = 2, Batch = 2 },
        };
        LabResult result = VanishLab.Measure(sizes, new LabRun(false, 1, threads, TextWriter.Null));
        Assert.Equal(["S07", "S07", "S08", "S09", "S09", "S10", "S11", "S11"], result.Verdicts.Select(verdict => verdict.Notes));
        Assert.All(result.Verdicts, verdict => Assert.Matches(@"\d", verdict.Found));
        LabTable rates = result.Sections[1].Tables[0];
        Assert.Equal(DecayRate.Radii, rates.Rows.Select(row => row[0].Number!.Value));
    }

    [Fact]
    public void Gaps_that_do_not_rise_are_refused() => Assert.Contains("--gaps: expected increasing whole numbers",
        CliRun.Of("lab", "vanish", "--gaps", "5,5").Refused());
}
