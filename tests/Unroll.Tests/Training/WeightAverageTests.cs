using Unroll.Core;
using Unroll.Tests.Laws;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The average of a run's weights by its definition, in double.</summary>
public sealed class WeightAverageTests
{
    private static readonly float[][] s_weights = [[1, 2], [3, -4], [5, 0.5f], [-2, 8]];

    private static ParameterStore Store(float[] values)
    {
        ParameterStore store = new();
        store.Add("w", 2);
        using Edit edit = store.Edit();
        values.CopyTo(edit.Values);
        return store;
    }

    private static float[] Average(Averaging options, IReadOnlyList<double>? scores = null)
    {
        WeightAverage average = new(options, 2);
        AveragingState state = AveragingState.Start;
        for (int i = 0; i < s_weights.Length; i++)
        {
            state = average.AfterStep(state, s_weights[i]);
            state = average.AfterEpoch(state, s_weights[i]);
            state = average.AfterScore(state, scores?[i] ?? 0);
        }
        ParameterStore store = Store([7, 7]);
        average.Show(state, store);
        float[] shown = store.Values.ToArray();
        average.PutBack(state, store);
        Assert.Equal([7, 7], store.Values.ToArray());
        return shown;
    }

    [Fact]
    public void The_last_epochs_have_equal_shares() => Assert.Equal([1.5f, 4.25f], Average(new() { Kind = AveragingKind.Last, Epochs = 2 }));

    [Fact]
    public void The_moving_average_forgets_its_beginning()
    {
        float[] actual = Average(new() { Kind = AveragingKind.Ema, Decay = 0.15 });
        for (int j = 0; j < 2; j++)
        {
            double a = s_weights[0][j];
            for (int t = 1; t < s_weights.Length; t++) a += (1 - Math.Min(0.15, (1.0 + t) / (10 + t))) * (s_weights[t][j] - a);
            Assert.Equal(a, actual[j], 1e-6);
        }
    }

    [Fact]
    public void The_mean_of_all_steps_begins_once_the_score_has_stalled()
    {
        // The second score is no better than the first: the mean has the third and the fourth weights.
        Assert.Equal([1.5f, 4.25f], Average(new() { Kind = AveragingKind.Asgd, Wait = 1 }, [1, 1, 0, 0]));
        // It never stalls: the weights themselves stay.
        Assert.Equal([7, 7], Average(new() { Kind = AveragingKind.Asgd, Wait = 1 }, [4, 3, 2, 1]));
    }

    [Fact]
    public void The_average_is_validated_and_kept_while_training_goes_on_with_the_weights()
    {
        // Without noise the losses of the steps are the same with and without an average; what is kept is not.
        TrainingOptions options = new() { Epochs = 3 };
        TaggingTask plain = Task(), averaged = Task();
        double[] expected = Losses(plain, options), actual = Losses(averaged, options with { Averaging = new() { Kind = AveragingKind.Last } });
        Assert.Equal(expected, actual);
        Assert.NotEqual(plain.Parameters.Values.ToArray(), averaged.Parameters.Values.ToArray());
    }

    private static TaggingTask Task() => new(new Unroll.Networks.RecurrentSpec { Name = "core", Hidden = 5 });

    private static double[] Losses(TaggingTask task, TrainingOptions options) =>
    [
        .. new TrainingLoop<int[]>(task, options, LayerCases.One).Run(TestContext.Current.CancellationToken)
            .Where(one => one.Epoch is not null).Select(one => one.Epoch!.Loss),
    ];
}
