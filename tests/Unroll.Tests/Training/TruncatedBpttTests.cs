using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Laws;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Truncated backpropagation through time: which steps count, how far gradients go back, which state each update begins with.</summary>
public sealed class TruncatedBpttTests : IDisposable
{
    private static readonly int[] Lengths = [11, 4, 0, 11, 8];
    private readonly ThreadTeam _threads = new(1);

    public void Dispose() => _threads.Dispose();

    public static TheoryData<int, int> Truncations() =>
        new() { { 1, 1 }, { 1, 4 }, { 2, 2 }, { 2, 5 }, { 3, 4 }, { 4, 8 }, { 5, 6 }, { 5, 20 }, { 11, 11 }, { 20, 30 } };

    private static NetworkSpec Spec => new(2,
    [
        new RecurrentSpec { Name = "core", Hidden = 5, Layers = 2, InitialState = InitialState.Learned },
        new DenseSpec { Name = "head", Outputs = 2 },
    ]);

    private static Network Build()
    {
        Network network = Network.Build(Spec);
        Initialization.Apply(network.Parameters, Spec, new InitializationOptions(), new Rng(1));
        using Edit edit = network.Parameters.Edit();
        foreach (Parameter p in network.Parameters.All.Where(p => p.Name.Contains("0_l"))) edit.Of(p).Fill(0.2f);
        return network;
    }

    private static (SequenceBatch X, SequenceBatch Targets) Data(params int[] lengths)
    {
        SequenceLayout layout = SequenceLayout.FromLengths(lengths.Length == 0 ? Lengths : lengths);
        return (LayerCases.Draw(layout, 2, 1), LayerCases.Draw(layout, 2, 2));
    }

    private Pass Pass() => new(new Workspace(), _threads, new Rng(3), Training: true);

    private static (LossSum Loss, float[] Gradients) Full(Network network, SequenceBatch x, SequenceBatch targets, State? first, int silent,
        Pass pass)
    {
        network.Parameters.ClearGradients();
        Cache cache = network.Forward(x, first, pass);
        SequenceBatch dy = SequenceBatch.Zeros(x.Layout, 2);
        float[] weights = new float[x.Layout.Rows];
        weights.AsSpan(x.Layout.Offset(silent)).Fill(1);
        LossSum loss = new SquaredError().Compute(cache.Output, new Targets { Values = targets, RowWeights = weights }, dy, pass);
        network.Backward(dy, cache, pass);
        return (loss, network.Parameters.Gradients.ToArray());
    }

    [Fact]
    public void Truncated_nowhere_it_is_full_backpropagation_bit_for_bit()
    {
        (SequenceBatch x, SequenceBatch targets) = Data();
        Network network = Build();
        (LossSum loss, float[] expected) = Full(network, x, targets, null, 0, Pass());
        TruncatedBptt bptt = new(network, new SquaredError(), 11, 11, Lengths.Length);
        network.Parameters.ClearGradients();
        Assert.Equal(loss, bptt.Accumulate(Assert.Single(bptt.UpdatesOf(x, Targets.Of(targets))), Pass()));
        LayerLaws.Same(expected, network.Parameters.Gradients, "gradients");
    }

    // Every step of every sequence counts once; outputs have the same bits as in one piece, so that sums in double differ by their order alone.
    [Theory, MemberData(nameof(Truncations))]
    public void While_the_weights_stay_the_losses_add_up_to_the_whole(int k1, int k2)
    {
        (SequenceBatch x, SequenceBatch targets) = Data();
        Network network = Build();
        TruncatedBptt bptt = new(network, new SquaredError(), k1, k2, Lengths.Length);
        LossSum sum = bptt.UpdatesOf(x, Targets.Of(targets)).Aggregate(default(LossSum), (sum, update) => sum + bptt.Accumulate(update, Pass()));
        LossSum whole = Full(network, x, targets, null, 0, Pass()).Loss;
        Assert.Equal(whole.Count, sum.Count);
        Assert.Equal(whole.Sum, sum.Sum, whole.Sum * 1e-13);
    }

    // The oracle keeps its own states: it steps from start(j) to start(j+1) with the weights that update j had. A window in two pieces adds its
    // rows in another order than in one: rounding of some dozens of float terms.
    [Theory, MemberData(nameof(Truncations))]
    public void Each_update_is_its_window_from_the_state_that_was_left_there_with_nothing_behind_it(int k1, int k2)
    {
        (SequenceBatch x, SequenceBatch targets) = Data();
        Network network = Build(), oracle = Build();
        TruncatedBptt bptt = new(network, new SquaredError(), k1, k2, Lengths.Length);
        State? saved = null;
        int start = 0;
        foreach (TruncatedUpdate update in bptt.UpdatesOf(x, Targets.Of(targets)))
        {
            int from = update.Index * k1, end = Math.Min(from + k1, 11);
            Assert.Equal(Math.Max(0, from + k1 - k2), start);
            (LossSum loss, float[] expected) = Full(oracle, x.Slice(start, end), targets.Slice(start, end), saved, from - start, Pass());
            network.Parameters.ClearGradients();
            LossSum actual = bptt.Accumulate(update, Pass());
            Assert.Equal(loss.Count, actual.Count);
            Assert.Equal(loss.Sum, actual.Sum, 1e-12 * loss.Sum);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], network.Parameters.Gradients[i], 2e-5 * (1 + Math.Abs(expected[i])));

            int next = Math.Min(Math.Max(0, from + 2 * k1 - k2), end);
            if (next > start)
            {
                State state = oracle.NewState(Lengths.Length);
                oracle.Last(oracle.Forward(x.Slice(start, next), saved, Pass()), state);
                (saved, start) = (state, next);
            }
            using Edit a = network.Parameters.Edit(), b = oracle.Parameters.Edit();
            for (int i = 0; i < expected.Length; i++) a.Values[i] = b.Values[i] -= 0.01f * expected[i];
        }
    }

    // The textbook in double, which knows nothing of windows: 1e-5 of the largest gradient, as everywhere between engine and textbook.
    [Fact]
    public void The_gradient_of_an_update_is_the_textbooks_with_the_state_detached()
    {
        (SequenceBatch x, SequenceBatch targets) = Data(9);
        Network network = Build();
        TruncatedBptt bptt = new(network, new SquaredError(), 2, 5, 1);
        IReadOnlyList<TruncatedUpdate> updates = bptt.UpdatesOf(x, Targets.Of(targets));
        for (int j = 0; j < 3; j++) bptt.Accumulate(updates[j], Pass());                            // the next counts 6, 7 and goes back to 3
        network.Parameters.ClearGradients();
        bptt.Accumulate(updates[3], Pass());

        TextbookParameters parameters =
            new(network.Parameters.All.ToDictionary(p => p.Name, p => p.Values.ToArray().Select(v => (double)v).ToArray()));
        TextbookNetwork textbook = new(Spec, parameters);
        Vector[] rows = [.. Enumerable.Range(0, 9).Select(t => new Vector(x.Row(t, 0).ToArray().Select(v => (double)v).ToArray()))];
        Dictionary<string, Vector> states = [];
        foreach (DirectionRun direction in textbook.Forward(rows[..3]).Directions)
            (states[direction.Name("h0")], states[direction.Name("c0")]) = (direction.Run.Last("h"), direction.Run.Last("c"));
        NetworkRun run = textbook.Forward(rows[3..8], new Given { FirstStates = states });
        run.Backward([.. run.Outputs.Select((y, t) =>
            t + 3 < 6 ? Vector.Zeros(2) : new Vector(2 * (y[0] - targets.Row(t + 3, 0)[0]), 2 * (y[1] - targets.Row(t + 3, 0)[1])))]);
        foreach (Parameter p in network.Parameters.All)
        {
            double[] expected = parameters.Gradients[p.Name];
            double largest = expected.Max(Math.Abs);
            for (int i = 0; i < p.Length; i++) Assert.Equal(expected[i], p.Gradients[i], 1e-5 * largest);
            Assert.Equal(p.Name.Contains("0_l"), largest == 0);                                     // no update goes behind its state
        }
    }

    [Theory, InlineData(2, 5), InlineData(3, 3), InlineData(6, 6)]
    public void A_batch_that_goes_on_begins_with_the_state_that_the_one_before_ended_with(int k1, int k2)
    {
        (SequenceBatch x, SequenceBatch targets) = Data(12, 12);
        Network network = Build();
        TruncatedBptt bptt = new(network, new SquaredError(), k1, k2, 2);
        double whole = Full(network, x, targets, null, 0, Pass()).Loss.Sum;
        double Sum(int from, int to, bool continues) =>
            bptt.UpdatesOf(x.Slice(from, to), Targets.Of(targets.Slice(from, to)), continues).Sum(update => bptt.Accumulate(update, Pass()).Sum);
        for (int epoch = 0; epoch < 2; epoch++) Assert.Equal(whole, Sum(0, 6, continues: false) + Sum(6, 12, continues: true), whole * 1e-13);
        Sum(0, 6, continues: false);
        Assert.NotEqual(whole, Sum(0, 6, continues: true) + Sum(6, 12, continues: false), whole * 1e-6);
    }

    [Fact]
    public void A_trainer_takes_its_updates_and_what_is_carried_resumes_them_to_the_bit()
    {
        (SequenceBatch x, SequenceBatch targets) = Data();
        float[] Train(int stopAfter)
        {
            Network network = Build();
            TruncatedBptt bptt = new(network, new SquaredError(), 2, 5, Lengths.Length);
            float[] carried = [];
            int done = 0;
            foreach (int until in new[] { stopAfter, 6 })
            {
                if (carried.Length > 0)
                {
                    bptt = new TruncatedBptt(network, new SquaredError(), 2, 5, Lengths.Length);
                    int at = 0;
                    foreach (NamedFloats floats in bptt.CarriedState)
                        carried.AsSpan((at += floats.Values.Length) - floats.Values.Length, floats.Values.Length).CopyTo(floats.Values.Span);
                }
                Trainer<TruncatedUpdate> trainer = new(bptt, new SgdOptions().Create(network.Parameters.Length),
                    new TrainerOptions { Schedule = new ConstantSchedule { Rate = 0.1f } }, _threads);
                foreach (TrainingStep step in trainer.Run(bptt.UpdatesOf(x, Targets.Of(targets)), new TrainingPlace(0, done, done),
                    PlateauState.Start, new Rng(5)))
                    if (++done == until) break;
                carried = [.. bptt.CarriedState.SelectMany(floats => floats.Values.ToArray())];
            }
            Assert.Equal(6, done);
            return network.Parameters.Values.ToArray();
        }
        float[] whole = Train(6);
        Assert.NotEqual(Build().Parameters.Values.ToArray(), whole);
        for (int stop = 1; stop < 6; stop++) LayerLaws.Same(whole, Train(stop), $"stopped after {stop}");
    }

    [Fact]
    public void Labels_and_weights_are_cut_with_the_steps()
    {
        SequenceLayout layout = SequenceLayout.FromLengths(7, 3);
        SequenceBatch x = LayerCases.Draw(layout, 2, 1);
        Targets targets = Targets.OfSequences(layout, [0, 1, Targets.Ignored, 1, 0, 0, 1], [1, 1, 0]) with
        {
            RowWeights = Enumerable.Range(0, 10).Select(row => row % 3 * 0.5f).ToArray(),
        };
        Network network = Build();
        Pass pass = Pass();
        SequenceBatch y = network.Forward(x, null, pass).Output;
        LossSum whole = new SoftmaxCrossEntropy().Compute(y, targets, SequenceBatch.Zeros(layout, 2), pass);
        TruncatedBptt bptt = new(network, new SoftmaxCrossEntropy(), 2, 3, 2);
        LossSum sum = bptt.UpdatesOf(x, targets).Aggregate(default(LossSum), (sum, update) => sum + bptt.Accumulate(update, Pass()));
        Assert.Equal(whole.Count, sum.Count);
        Assert.Equal(whole.Sum, sum.Sum, 1e-12);
    }

    [Fact]
    public void What_cannot_be_truncated_is_refused_by_name()
    {
        RecurrentSpec core = new() { Name = "core", Hidden = 3 };
        string Refused(int k1, int k2, params LayerSpec[] layers) =>
            Assert.Throws<UserErrorException>(() => new TruncatedBptt(Network.Build(new NetworkSpec(2, layers)), new SquaredError(), k1, k2, 1))
                .Message;
        Assert.Contains("'core.0' looks ahead", Refused(1, 1, core with { Direction = Direction.Bidirectional }));
        Assert.Contains("'core.0.reverse' looks ahead", Refused(1, 1, core with { Direction = Direction.Reverse }));
        Assert.Contains("'last'", Refused(1, 1, core, new LastStepSpec { Name = "last" }));
        Assert.Contains("k1 = 0", Refused(0, 1, core));
        Assert.Contains("k2 = 3", Refused(4, 3, core));
        TruncatedBptt bptt = new(Build(), new SquaredError(), 1, 1, 2);
        (SequenceBatch x, SequenceBatch targets) = Data(4, 2);
        Assert.Throws<ShapeException>(() => bptt.UpdatesOf(x, Targets.Of(Data(2, 4).Targets)));
        Assert.Throws<ShapeException>(() => bptt.UpdatesOf(Data(4).X, Targets.Of(targets)));
    }

    [Fact]
    public void The_place_of_a_bad_number_says_where_its_steps_are_counted_from()
    {
        (SequenceBatch x, SequenceBatch targets) = Data(9);
        Network network = Build();
        TruncatedBptt bptt = new(network, new SquaredError(), 2, 4, 1);
        IReadOnlyList<TruncatedUpdate> updates = bptt.UpdatesOf(x, Targets.Of(targets));
        for (int j = 0; j < 3; j++) bptt.Accumulate(updates[j], Pass());
        bptt.Accumulate(updates[3], Pass());
        Assert.Null(bptt.LocateNonFinite(updates[3], Pass()));
        x.Row(5, 0)[0] = float.NaN;
        Assert.Equal("the input of sequence 0, step 1 of those from step 4 on", bptt.LocateNonFinite(updates[3], Pass()));
        bptt.Accumulate(updates[3], Pass());
        x.Row(5, 0)[0] = 0;
        Assert.Equal("layer 'core.0', gate i, unit 0, sequence 0, step 1 of those from step 4 on", bptt.LocateNonFinite(updates[3], Pass()));
        Assert.Equal("ifgo", bptt.GatesOf(network.Parameters.Find("core.bias_hh_l1")!));
        Assert.Null(bptt.GatesOf(network.Parameters.Find("core.h0_l1")!));
    }
}
