using Unroll.Cells;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Synthetic;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Synthetic;

public sealed class SequenceProblemTests
{
    private static readonly Rng Draws = new(11);

    public static TheoryData<string> Names => [.. SequenceProblems.Names];

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(30)]
    public void The_answer_of_adding_is_the_sum_of_two_marked_numbers_one_in_each_half(int steps)
    {
        AddingProblem problem = new(steps);
        for (ulong s = 0; s < 50; s++)
        {
            ProblemSequence one = problem.Draw(steps, Draws.At(s));
            int[] marked = [.. Enumerable.Range(0, steps).Where(t => one.Inputs[2 * t + 1] == 1)];
            Assert.Equal(2, marked.Length);
            Assert.True(marked[0] < steps / 2 && marked[1] >= steps / 2);
            Assert.Equal(one.Inputs[2 * marked[0]] + one.Inputs[2 * marked[1]], Assert.Single(one.Answers));
            Assert.Equal(steps - 2, Enumerable.Range(0, steps).Count(t => one.Inputs[2 * t + 1] == 0));
        }
    }

    [Fact]
    public void Copying_shows_letters_then_blanks_then_the_sign_and_asks_for_the_letters_at_the_end()
    {
        CopyMemory problem = new(5) { Symbols = 3 };
        ProblemSequence one = problem.Draw(problem.MaxSteps, Draws);
        int[] shown = [.. one.Inputs.Chunk(problem.Inputs).Select(step => Array.IndexOf(step, 1f))];
        Assert.Equal(11, shown.Length);                                      // T + 2S
        Assert.All(one.Inputs.Chunk(problem.Inputs), step => Assert.Equal(1, step.Sum()));
        Assert.All(shown[..3], letter => Assert.InRange(letter, 0, 7));
        Assert.Equal([8, 8, 8, 8, 9, 8, 8, 8], shown[3..]);                  // T − 1 blanks, the sign, S blanks
        Assert.All(one.Answers[..8], answer => Assert.Equal(8, answer));     // T + S blanks
        Assert.Equal(shown[..3], one.Answers[8..].Select(answer => (int)answer));
    }

    [Fact]
    public void Parity_counts_the_ones_so_far()
    {
        Parity last = new(12), every = new(12) { EveryStep = true };
        for (ulong s = 0; s < 20; s++)
        {
            ProblemSequence a = last.Draw(12, Draws.At(s)), b = every.Draw(12, Draws.At(s));
            Assert.Equal(a.Inputs, b.Inputs);
            Assert.Equal(a.Inputs.Sum() % 2, Assert.Single(a.Answers));
            for (int t = 0; t < 12; t++) Assert.Equal(b.Inputs[..(t + 1)].Sum() % 2, b.Answers[t]);
        }
    }

    [Fact]
    public void Recall_asks_at_the_last_step_for_the_letter_of_the_first()
    {
        DelayedRecall problem = new(6) { Cues = 3 };
        for (ulong s = 0; s < 20; s++)
        {
            ProblemSequence one = problem.Draw(7, Draws.At(s));
            int[] shown = [.. one.Inputs.Chunk(7).Select(step => Array.IndexOf(step, 1f))];
            Assert.Equal(shown[0], Assert.Single(one.Answers));
            Assert.InRange(shown[0], 0, 2);
            Assert.All(shown[1..6], noise => Assert.InRange(noise, 3, 5));
            Assert.Equal(6, shown[6]);
        }
    }

    //  Who does not look does best by the distribution of the answers, step by step: for classes its entropy in nats, for numbers its variance.
    //  4,000 sequences: an entropy of K classes is low by (K − 1) / 8,000 ≤ 0.0009 and scatters less; the variance scatters by
    //  √((1/15 − 1/36) / 4000) = 0.0031, four times which is 0.0125.
    [Theory]
    [MemberData(nameof(Names))]
    public void The_baseline_is_what_the_answers_alone_allow(string name)
    {
        ISequenceProblem problem = SequenceProblems.Make(name, 6);
        float[][] answers = [.. Enumerable.Range(0, 4000).Select(s => problem.Draw(problem.MaxSteps, Draws.At((ulong)s)).Answers)];
        double[] steps = [.. Enumerable.Range(0, answers[0].Length)
            .Select(t => Uncertainty([.. answers.Select(one => one[t])], problem.AnswersAreClasses))];
        Assert.Equal(problem.BaselineLoss, steps.Average(), problem.AnswersAreClasses ? 0.002 : 0.0125);
        if (problem.BaselineAccuracy is not double guessing) return;
        double commonest = steps.Index().TakeLast(problem.AnswerSteps)
            .Average(t => answers.GroupBy(one => one[t.Index]).Max(group => group.Count()) / 4000.0);
        Assert.Equal(guessing, commonest, 0.03);                             // four deviations of a share of a half: 4 · √(1/4 / 4000) = 0.032
    }

    private static double Uncertainty(float[] answers, bool classes) => classes
        ? -answers.CountBy(answer => answer).Sum(one => (double)one.Value / answers.Length * Math.Log((double)one.Value / answers.Length))
        : answers.Average(answer => (double)answer * answer) - Math.Pow(answers.Average(answer => (double)answer), 2);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sequence_is_a_function_of_its_generator_and_its_length(string name)
    {
        ISequenceProblem problem = SequenceProblems.Make(name, 8);
        ProblemSequence one = problem.Draw(problem.MaxSteps, Draws.At(3)), again = problem.Draw(problem.MaxSteps, Draws.At(3));
        Assert.Equal(one.Inputs, again.Inputs);
        Assert.Equal(one.Answers, again.Answers);
        Assert.Equal(problem.MaxSteps * problem.Inputs, one.Inputs.Length);
        Assert.Equal(problem.OneAnswer ? 1 : problem.MaxSteps, one.Answers.Length);
        Assert.NotEqual(one.Inputs, problem.Draw(problem.MaxSteps, Draws.At(4)).Inputs);
    }

    [Fact]
    public void Lengths_to_learn_from_are_drawn_between_the_fewest_and_the_most_and_all_occur()
    {
        AddingProblem problem = new(20);
        ProblemBatch batch = ProblemBatch.Draw(problem, [.. Enumerable.Range(0, 60).Select(s => Draws.At((ulong)s))], ragged: true);
        Assert.Equal([18, 19, 20], batch.Inputs.Layout.Lengths.ToArray().Distinct().Order());
    }

    [Fact]
    public void Epochs_of_fresh_sequences_have_none_in_common_and_epochs_of_a_set_have_the_same()
    {
        long[] Numbers(bool fresh, int epoch) =>
            [.. Task(new DelayedRecall(2), new ProblemData { Batch = 4, Updates = 3, Fresh = fresh }).Batches(epoch, Draws.At((ulong)epoch))
                .SelectMany(batch => batch).Order()];
        Assert.Empty(Numbers(true, 0).Intersect(Numbers(true, 1)));
        Assert.Equal(Numbers(false, 0), Numbers(false, 1));
        Assert.Equal(12, Numbers(true, 5).Distinct().Count());
    }

    [Fact]
    public void A_short_recall_is_learned_from_the_baseline_down()
    {
        ProblemTask task = Task(new DelayedRecall(2), new ProblemData { Batch = 16, Updates = 10, Validation = 40 });
        using ThreadTeam alone = new(1);
        ProblemScore before = task.Test(100, new Pass(new Workspace(), alone, Draws, Training: false));
        TrainingLoop<long[]> loop = new(task, new TrainingOptions { Epochs = 20, Step = new() { Schedule = new ConstantSchedule { Rate = 0.02f } } },
            alone);
        foreach (TrainingProgress _ in loop.Run()) { }
        ProblemScore after = task.Test(100, new Pass(new Workspace(), alone, Draws, Training: false));
        Assert.False(before.IsSolved);
        Assert.Equal(1, before.Share, 0.3);                                  // untrained: about the baseline
        Assert.True(after.IsSolved, $"right {after.Accuracy}");
    }

    [Fact]
    public void A_wrong_name_and_an_impossible_length_are_refused()
    {
        Assert.Equal("problem: there is no 'ading' (did you mean 'adding'?); expected one of adding, copy, parity, running-parity, recall.",
            Assert.Throws<UserErrorException>(() => SequenceProblems.Make("ading", 5)).Message);
        Assert.Equal("length of the adding problem: expected a whole number from 2 to 100000, got 1.",
            Assert.Throws<UserErrorException>(() => SequenceProblems.Make("adding", 1)).Message);
    }

    private static ProblemTask Task(ISequenceProblem problem, ProblemData data)
    {
        Network network = Network.Build(ProblemTask.NetworkFor(problem, new CellOptions { Kind = "gru" }, 8));
        Initialization.Apply(network.Parameters, network.Spec, new InitializationOptions(), new Rng(3));
        return new ProblemTask(problem, network, data);
    }
}
