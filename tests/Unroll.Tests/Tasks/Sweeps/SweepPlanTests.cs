using Unroll.Core;
using Unroll.Tasks;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;

namespace Unroll.Tests.Tasks.Sweeps;

/// <summary>Spaces, settings of trials, rungs, and what is refused of them.</summary>
public sealed class SweepPlanTests
{
    private static SweepPlan Plan(string space, Func<SweepOptions, SweepOptions>? more = null, TaskOptions? options = null) =>
        SweepPlan.Of(ForecastTask.Instance, options ?? new ForecastOptions { Epochs = 9 }, (more ?? (o => o))(new SweepOptions { Space = space,
            Trials = 16 }));

    private static string[] Texts(SweepPlan plan) => [.. plan.Trials.Select(trial => trial.Text)];

    [Theory, InlineData(SweepSearch.Sobol), InlineData(SweepSearch.Random)]
    public void The_settings_of_a_trial_are_a_function_of_seed_and_number_alone(SweepSearch search)
    {
        const string space = "lr=log:1e-4..1e-2; dropout=0..0.5; hidden=16..64; cell=lstm,gru,mgu";
        SweepPlan few = Plan(space, o => o with { Search = search, Trials = 7 }), many = Plan(space, o => o with { Search = search, Trials = 40 });
        Assert.Equal(Texts(few), Texts(many).Take(7));
        Assert.Equal(40, Texts(many).Distinct().Count());
        Assert.NotEqual(Texts(few), Texts(Plan(space, o => o with { Search = search, Trials = 7 }, new ForecastOptions { Seed = 2 })));
        foreach (SweepTrial trial in many.Trials)
        {
            ForecastOptions own = (ForecastOptions)trial.Options;
            Assert.InRange(own.LearningRate, 1e-4, 1e-2);
            Assert.InRange(own.Dropout, 0, 0.5);
            Assert.InRange(own.Hidden, 16, 64);
            // What is printed is what is trained: a text of few digits, read again to the same bits.
            foreach ((string name, string value) in trial.Settings.Where(one => one.Name != "cell"))
            {
                Assert.Equal(value, ForecastOptions.Table.Find(name)!.Text(own));
                Assert.InRange(value.Trim('0').Replace("0.", "").Replace(".", "").TrimStart('0').Split('E')[0].Length, 0, 4);
            }
        }
    }

    [Fact]
    public void A_logarithmic_range_is_even_in_the_logarithm_and_a_range_of_whole_numbers_has_both_ends()
    {
        SweepPlan plan = Plan("lr=log:1e-4..1; hidden=3..6", o => o with { Trials = 64 });
        int[] decades = [.. plan.Trials.Select(trial => (int)Math.Floor(Math.Log10(((ForecastOptions)trial.Options).LearningRate) + 4))];
        Assert.Equal([16, 16, 16, 16], Enumerable.Range(0, 4).Select(decade => decades.Count(own => own == decade)));
        int[] units = [.. plan.Trials.Select(trial => trial.Options.Hidden)];
        Assert.Equal([16, 16, 16, 16], Enumerable.Range(3, 4).Select(hidden => units.Count(own => own == hidden)));
        int[] small = [.. Plan("hidden=log:1..4096; lr=0.1..0.2", o => o with { Trials = 64 }).Trials.Select(trial => trial.Options.Hidden)];
        Assert.InRange(small.Count(hidden => hidden < 64), 30, 34);                          // 64 is the middle of the logarithms
        SweepPlan narrow = Plan("lr=0.50001..0.50002", o => o with { Trials = 30 });
        Assert.Equal(30, narrow.Trials.Select(trial => trial.Options.LearningRate).Distinct().Count());
    }

    [Fact]
    public void A_grid_has_every_combination_and_the_last_setting_changes_first()
    {
        SweepPlan plan = Plan("cell=gru,lstm; layers=1..3", o => o with { Search = SweepSearch.Grid, Trials = null });
        Assert.Equal(["cell gru, layers 1", "cell gru, layers 2", "cell gru, layers 3", "cell lstm, layers 1", "cell lstm, layers 2",
            "cell lstm, layers 3"],
            Texts(plan));
        Assert.Equal(6, Plan("cell=gru,lstm; layers=1..3", o => o with { Trials = 6 }).Trials.Count);
    }

    [Fact]
    public void Words_switches_and_lists_are_values_too()
    {
        SweepPlan plan = Plan("optimizer=adam,adamw; locked-dropout=true,false; bptt=8,8|8,16", o => o with { Search = SweepSearch.Grid,
            Trials = null },
            new ForecastOptions { Bptt = [4, 4] } is var o ? o with { Epochs = 2 } : null);
        Assert.Equal(8, plan.Trials.Count);
        Assert.Equal("optimizer adamw, locked-dropout false, bptt 8,16", plan.Trials[^1].Text);
    }

    [Fact]
    public void Rungs_divide_the_trials_and_multiply_the_epochs_by_eta()
    {
        SweepOptions Halving(SweepOptions o) => o with { Halving = true, Trials = 27 };
        Assert.Equal([3, 9, 27, null], Plan("lr=0.1..0.2", Halving, new ForecastOptions { Epochs = 81 }).Rungs);
        Assert.Equal([2, 4, null], Plan("lr=0.1..0.2", Halving, new ForecastOptions { Epochs = 10 }).Rungs);
        Assert.Equal([5, null], Plan("lr=0.1..0.2", o => Halving(o) with { Trials = 3, Eta = 2 }, new ForecastOptions { Epochs = 10 }).Rungs);
        Assert.Equal([null], Plan("lr=0.1..0.2").Rungs);
        Assert.Equal([9, 3, 1, 1], ((int[])[27, 9, 3, 2]).Select(Plan("lr=0.1..0.2", Halving).Survivors));
    }

    [Theory]
    [InlineData("", "space: expected an option of the task and what to try, such as lr=log:1e-4..1e-2, found nothing.")]
    [InlineData("lr", "space: expected NAME=log:A..B, NAME=A..B or NAME=A,B,C, such as lr=log:1e-4..1e-2, found 'lr'.")]
    [InlineData("=1..2", "space: expected NAME=log:A..B, NAME=A..B or NAME=A,B,C, such as lr=log:1e-4..1e-2, found '=1..2'.")]
    [InlineData("hiden=1,2", "space: the task forecast has no option 'hiden'; did you mean 'hidden'?")]
    [InlineData("lr=1,2; lr=0.1..0.2", "space: lr is there twice; give it once, with all its values.")]
    [InlineData("lr=0.2..0.1", "space: lr: expected a range from a smaller number to a greater one, found '0.2..0.1'.")]
    [InlineData("lr=0.1..0.1", "space: lr: expected a range from a smaller number to a greater one, found '0.1..0.1'.")]
    [InlineData("dropout=log:0..0.5", "space: dropout: expected a range above 0 because it is one of logarithms, found 'log:0..0.5'.")]
    [InlineData("lr=log:0.1", "space: lr: expected log:A..B, found 'log:0.1'.")]
    [InlineData("dropout=0..2", "space: dropout: expected a number from 0 to 0.99, got 2.")]
    [InlineData("hidden=1.5..3", "space: hidden: expected a whole number, found '1.5'.")]
    [InlineData("hidden=8,many", "space: hidden: expected a whole number, found 'many'.")]
    [InlineData("hidden=8,", "space: hidden: expected a value between the separators, found nothing in '8,'.")]
    [InlineData("hidden=8,08", "space: hidden: the value '08' is there twice in '8,08'; give it once.")]
    [InlineData("hidden=8", "space: hidden: expected several values or a range, found '8'; a single value is given by the option itself.")]
    [InlineData("cell=gru..lstm", "space: cell: it is no number, so that there is no range of it; expected values separated by commas, found " +
        "'gru..lstm'.")]
    [InlineData("split=0.8,0.1|0.7,0.1", "space: split cannot be swept: it decides which data are learned from and validated on, and scores on " +
        "other data "
        + "do not compare.")]
    [InlineData("loss=mse,mae", "space: loss cannot be swept: it decides what the validation score measures, and scores of another kind do not " +
        "compare.")]
    [InlineData("mix=none,ar", "space: mix cannot be swept: it has no part in training, and the validation score does not depend on it.")]
    [InlineData("seed=1,2", "space: seed cannot be swept: it deals the data out to the parts; of the same parts, training-seed draws other " +
        "first weights, "
        + "shuffles and dropout.")]
    [InlineData("members=1,2", "space: members cannot be swept: the validation score of several members is the mean of theirs, and not that of " +
        "the model "
        + "that they are together.")]
    [InlineData("hidden=8,9", "trials: the space has 2 different settings, and 16 are asked for; choose the search grid, or fewer trials.")]
    [InlineData("optimizer=sgd,adam; momentum=0.1..0.9", "space: trial 2 (optimizer adam, momentum 0.1914) cannot be: momentum: adam has none " +
        "of this kind; "
        + "choose the optimizer sgd or rmsprop, or leave it out; narrow the space so that every trial can.")]
    public void What_cannot_be_is_refused_with_what_was_expected(string space, string message) =>
        Assert.Equal(message, Assert.Throws<OptionException>(() => Plan(space)).Message);

    [Fact]
    public void Grids_rungs_and_cross_validations_that_cannot_be_are_refused()
    {
        string Refused(string space, Func<SweepOptions, SweepOptions> more, TaskOptions? options = null) =>
            Assert.Throws<OptionException>(() => Plan(space, more, options)).Message;
        Assert.Equal("space: lr: a grid has listed values, such as lr=0.125,0.175, found the range '0.1..0.2'; list them, or choose the search " +
            "sobol.",
            Refused("lr=0.1..0.2", o => o with { Search = SweepSearch.Grid }));
        Assert.Equal("trials: the grid has 2 combinations, and all of them are tried, got 16; leave it out.",
            Refused("hidden=8,9", o => o with { Search = SweepSearch.Grid }));
        Assert.Equal("search: the grid has more than 10000 combinations; choose the search sobol, or list fewer.",
            Refused("hidden=1..4096; layers=1..8", o => o with { Search = SweepSearch.Grid }));
        Assert.Equal("halving: rungs are counted in epochs, and their number goes by the data; give the option epochs.",
            Refused("lr=0.1..0.2", o => o with { Halving = true }, new ForecastOptions()));
        Assert.Equal("space: epochs: with halving the rungs are counted in epochs, which all trials have alike; give epochs by the option itself.",
            Refused("epochs=2..30", o => o with { Halving = true }));
        Assert.Equal("halving: expected at least 3 trials and 3 epochs, as many as eta says, got 2 and 9; give more, or leave halving out.",
            Refused("lr=0.1..0.2", o => o with { Halving = true, Trials = 2 }));
        Assert.Equal("members: with halving a trial trains one network; leave it out, and train several with the best settings.",
            Refused("lr=0.1..0.2", o => o with { Halving = true }, new ForecastOptions { Epochs = 9, Members = 2 }));
        Assert.Equal("cross-validate: a sweep chooses by the validation part; cross-validate with the best settings afterwards.",
            Refused("lr=0.1..0.2", o => o, new ForecastOptions { CrossValidate = true }));
        Assert.Equal("trials: expected a whole number from 1 to 10000, got 0.", Refused("lr=0.1..0.2", o => o with { Trials = 0 }));
        Assert.Equal("eta: expected a whole number from 2 to 10, got 1.", Refused("lr=0.1..0.2", o => o with { Eta = 1 }));
        string many = string.Join(';', Enumerable.Range(0, 22).Select(i => $"o{i}=1..2"));
        Assert.StartsWith("space: the task forecast has no option 'o0'", Refused(many, o => o));
    }

    [Fact]
    public void Every_option_of_every_task_can_be_swept_or_says_why_not()
    {
        foreach (ITask task in TaskList.All)
            foreach (OptionLine line in task.Options.OfferedBy(task.Name).Where(line => line.NotSwept is not null))
                Assert.False(line.NotSwept!.EndsWith('.') || char.IsUpper(line.NotSwept[0]), $"{task.Name} {line.Name}");
    }
}
