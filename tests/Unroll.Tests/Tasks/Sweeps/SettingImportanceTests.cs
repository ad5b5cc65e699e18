using Unroll.Core;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Sweeps;

namespace Unroll.Tests.Tasks.Sweeps;

public sealed class SettingImportanceTests
{
    private static SweepPlan Plan(int trials, ulong seed = 1) => SweepPlan.Of(ForecastTask.Instance, new ForecastOptions { Seed = seed },
        new SweepOptions { Space = "lr=log:1e-4..1e-2; dropout=0..0.5; hidden=8,16,32", Trials = trials });

    //  ranks 1 … 9 in three groups of three, perfectly ordered: H = 7.2, ε² = (7.2 − 2) / 6
    [Fact]
    public void Ranks_that_the_groups_decide_have_the_share_of_the_formula() =>
        Assert.Equal((7.2 - 2) / 6, SettingImportance.Epsilon([0, 0, 0, 1, 1, 1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9]), 12);

    [Fact]
    public void A_setting_that_decides_is_found_and_the_others_are_not()
    {
        SweepPlan plan = Plan(48);
        Rng noise = new(9);
        double[] scores = [.. plan.Trials.Select((trial, i) => Math.Abs(Math.Log(trial.Options.LearningRate / 1e-3)) +
            0.3 * noise.Uniform((ulong)i))];
        scores[5] = double.PositiveInfinity;                                                 // one that diverged is the last, and no more
        IReadOnlyList<SettingImportance> all = SettingImportance.Of(plan, scores);
        SettingImportance rate = all[0];
        Assert.Equal(("lr", 48), (rate.Name, rate.Trials));
        Assert.True(rate.P < 0.01 && rate.Low > 0 && rate.Low < rate.Share && rate.Share < rate.High, $"{rate}");
        Assert.All(all.Skip(1), one => Assert.True(one.P > 0.05 && one.Share < 0.2, $"{one}"));
        Assert.Equal(all, SettingImportance.Of(plan, scores));
        Assert.Empty(SettingImportance.Of(Plan(7), new double[7]));
        scores[5] = double.NaN;
        Assert.Equal(47, SettingImportance.Of(plan, scores)[0].Trials);
    }

    // Of 60 settings that do nothing about 3 have p < 0.05; 10 or more have a probability of 0.1 %.
    [Fact]
    public void Settings_that_do_nothing_are_called_found_no_oftener_than_promised()
    {
        int found = 0;
        double sum = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            Rng noise = new Rng(seed).For("scores");
            foreach (SettingImportance one in SettingImportance.Of(Plan(20, seed),
                [.. Enumerable.Range(0, 20).Select(i => (double)noise.Uniform((ulong)i))]))
            {
                if (one.P < 0.05) found++;
                sum += one.Share;
            }
        }
        Assert.InRange(found, 0, 9);
        Assert.InRange(sum / 60, 0, 0.1);
    }

    [Fact]
    public void Equal_scores_say_nothing() =>
        Assert.All(SettingImportance.Of(Plan(12), new double[12]), one => Assert.Equal((0, 1), (one.Share, one.P)));
}
