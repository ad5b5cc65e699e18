using System.Globalization;
using Unroll.Cli.Lab.Statistics;
using Unroll.Inspection.Report;

namespace Unroll.Cli.Lab.Feedforward;

/// <summary>The tables and verdicts of <c>lab feedforward</c>.</summary>
internal static class FeedforwardReport
{
    private const int Embedding = 100, Vocabulary = 10_000, Units = 128;
    private static readonly int[] Lengths = [10, 100, 1000];

    internal static IReadOnlyList<LabVerdict> Verdicts(FeedforwardPlan plan, IReadOnlyList<FeedforwardOutcome> outcomes, Right ahead)
    {
        int longest = plan.Lengths[^1];
        Right other = Mean(outcomes, one => one.OtherHalf), seen = Mean(outcomes, one => one.SeenHalf), far = Mean(outcomes, one => one.ByLength[^1]),
            home = Mean(outcomes, one => one.ByLength[1]), permuted = Mean(outcomes, one => one.Permuted);
        Right even = Mean(outcomes, one => one.SeenPlaces), odd = Mean(outcomes, one => one.OtherPlaces);
        PairedDifference shared = Paired(outcomes, one => one.OtherPlaces.Recurrent, one => one.OtherPlaces.Feedforward);
        PairedDifference flatOrder = Paired(outcomes, one => one.Permuted.Feedforward, one => one.ByLength[1].Feedforward);
        PairedDifference order = Paired(outcomes, one => one.Permuted.Recurrent, one => one.ByLength[1].Recurrent);
        bool everywhere = odd.Recurrent > 0.9 * even.Recurrent && other.Recurrent > 0.9 * seen.Recurrent;
        long flat = FeedforwardFacts.FlatParameters(Lengths[^1], Embedding, Units),
            recurrent = FeedforwardFacts.RecurrentParameters(plan.Cell, Embedding, Units);
        string refusal = FeedforwardFacts.Refusal(plan, 2 * plan.Steps);
        return
        [
            new("S13", "what is learned at one position is not applied at another",
                $"trained on motifs at even places, tested on odd ones: without recurrence {Percent(odd.Feedforward)} right (even places "
                    + $"{Percent(even.Feedforward)}), "
                + $"{plan.Cell.Name} {Percent(odd.Recurrent)} (even places {Percent(even.Recurrent)}); difference at odd places {Interval(shared)}.",
                shared.P < 0.05 && shared.Mean > 0 && even.Feedforward - odd.Feedforward > 0.1),
            new("S13", "a recurrent network applies what it has learned at every position",
                $"at positions between those it was trained on, {plan.Cell.Name} has {Percent(odd.Recurrent)} right; trained on the first half of "
                    + $"the "
                    + $"sequence and tested on the second, "
                + $"{Percent(other.Recurrent)} right (first half {Percent(seen.Recurrent)}), without recurrence "
                + $"{Percent(other.Feedforward)} ({Percent(seen.Feedforward)})."
                + (everywhere ? "" : " The weights are shared, but the state can distinguish early steps from late ones."),
                everywhere),
            new("S13", "it accepts only the length it was built for",
                $"twice the length: \"{refusal}\" Cut to its window it has {Percent(far.Feedforward)} right at {longest} letters "
                    + $"({Percent(home.Feedforward)} at {plan.Steps}); "
                + $"{plan.Cell.Name} {Percent(far.Recurrent)} ({Percent(home.Recurrent)}).", refusal.Length > 0 && far.Recurrent > far.Feedforward),
            new("S13", "its parameters grow with the length and the width of the input",
                string.Create(CultureInfo.InvariantCulture, $"{Units} units on {Lengths[^1]} steps of {Embedding} features: {flat:N0} "
                    + $"weights without recurrence, {recurrent:N0} as {plan.Cell.Name} at every length, ")
                + string.Create(CultureInfo.InvariantCulture, $"{(double)flat / recurrent:F0} times as many."), flat > recurrent),
            new("S13", "it is not causal: an output may depend on later inputs",
                $"changing the last step's input changes outputs of earlier steps by up to {LabCell.Short(ahead.Feedforward)} without "
                    + $"recurrence, by {LabCell.Short(ahead.Recurrent)} as {plan.Cell.Name}.",
                ahead.Feedforward > 0 && ahead.Recurrent == 0),
            new("S13", "the order of the steps is irrelevant to it",
                $"with the steps of all sequences in a different order it has {Percent(permuted.Feedforward)} right, "
                    + $"{Percent(home.Feedforward)} in their own (change {Interval(flatOrder)}); "
                + $"{plan.Cell.Name} {Percent(permuted.Recurrent)} and {Percent(home.Recurrent)} (change {Interval(order)}).",
                flatOrder.P >= 0.05 && order.P < 0.05 && order.Mean < 0 ? true : order.P >= 0.05 ? null : flatOrder.P >= 0.05),
        ];
    }

    internal static IReadOnlyList<LabSection> Sections(FeedforwardPlan plan, IReadOnlyList<FeedforwardOutcome> outcomes, Right ahead) =>
    [
        new LabSection("Right answers", "Mean over the seeds, and the lowest and highest. Longer sequences are truncated to the window of the "
            + "network without recurrence, shorter ones padded with zeros.")
        {
            Tables = [Answers(plan, outcomes)],
            Charts =
            [
                new BarChart(["learned places", "places between", "learned half", "other half", "own order", "other order"],
                    new Bars("without recurrence", Bars(outcomes, right => right.Feedforward)),
                        new Bars(plan.Cell.Name, Bars(outcomes, right => right.Recurrent)))
                { Title = "Share of right answers", ValueName = "share right" },
                new LineChart([.. plan.Lengths.Select(length => length.ToString(CultureInfo.InvariantCulture))],
                    new Line("without recurrence", [.. plan.Lengths.Select((_, i) => Mean(outcomes, one => one.ByLength[i]).Feedforward)]),
                    new Line(plan.Cell.Name, [.. plan.Lengths.Select((_, i) => Mean(outcomes, one => one.ByLength[i]).Recurrent)]))
                { Title = "Share of right answers at other lengths", XName = "letters", YName = "share right",
                    Caption = $"Both were trained on {plan.Steps} letters; 0.5 is guessing." },
            ],
        },
        new LabSection("Parameters", string.Create(CultureInfo.InvariantCulture, $"One layer of {Units} units; the input an embedding of "
            + $"{Embedding} features or one-hot of {Vocabulary:N0} words."))
        {
            Tables = [Parameters(plan)],
        },
        new LabSection("Causality", "Networks with random weights and an output for each step: the largest change of the outputs before the "
            + "last step when the last input changes.")
        {
            Tables = [Causality(plan, ahead)],
        },
    ];

    private static LabTable Answers(FeedforwardPlan plan, IReadOnlyList<FeedforwardOutcome> outcomes)
    {
        LabTable table = new("share of right answers", "learned from", "asked about", "without recurrence", "lowest", "highest", plan.Cell.Name,
            "lowest", "highest");
        Row("even places", "even places", one => one.SeenPlaces);
        Row("even places", "odd places", one => one.OtherPlaces);
        Row("first half", "first half", one => one.SeenHalf);
        Row("first half", "second half", one => one.OtherHalf);
        for (int i = 0; i < plan.Lengths.Count; i++)
        {
            int k = i;
            Row($"{plan.Steps} letters", $"{plan.Lengths[i]} letters", one => one.ByLength[k]);
        }
        Row("another order", "the same other order", one => one.Permuted);
        return table;

        void Row(string learned, string asked, Func<FeedforwardOutcome, Right> of)
        {
            Right[] all = [.. outcomes.Select(of)];
            LabCell[] Cells(Func<Right, double> one) =>
                [LabCell.Of(all.Average(one), "P1"), LabCell.Of(all.Min(one), "P1"), LabCell.Of(all.Max(one), "P1")];
            table.Add([learned, asked, .. Cells(right => right.Feedforward), .. Cells(right => right.Recurrent)]);
        }
    }

    private static LabTable Parameters(FeedforwardPlan plan)
    {
        LabTable table = new("parameters", "steps", "features of a step", "without recurrence", plan.Cell.Name, "ratio");
        foreach (int inputs in (int[])[Embedding, Vocabulary])
            foreach (int steps in Lengths)
            {
                long flat = FeedforwardFacts.FlatParameters(steps, inputs, Units),
                    recurrent = FeedforwardFacts.RecurrentParameters(plan.Cell, inputs, Units);
                table.Add(steps, inputs, LabCell.Of(flat, "F0"), LabCell.Of(recurrent, "F0"), (double)flat / recurrent);
            }
        return table;
    }

    private static LabTable Causality(FeedforwardPlan plan, Right ahead)
    {
        LabTable table = new("change of earlier outputs", "network", "largest change");
        table.Add("without recurrence", ahead.Feedforward);
        table.Add(plan.Cell.Name, ahead.Recurrent);
        return table;
    }

    private static double[] Bars(IReadOnlyList<FeedforwardOutcome> outcomes, Func<Right, double> of) =>
        [of(Mean(outcomes, one => one.SeenPlaces)), of(Mean(outcomes, one => one.OtherPlaces)), of(Mean(outcomes, one => one.SeenHalf)),
            of(Mean(outcomes, one => one.OtherHalf)), of(Mean(outcomes, one => one.ByLength[1])), of(Mean(outcomes, one => one.Permuted))];

    private static Right Mean(IReadOnlyList<FeedforwardOutcome> outcomes, Func<FeedforwardOutcome, Right> of) =>
        new(outcomes.Average(one => of(one).Feedforward), outcomes.Average(one => of(one).Recurrent));

    private static PairedDifference Paired(
        IReadOnlyList<FeedforwardOutcome> outcomes, Func<FeedforwardOutcome, double> a, Func<FeedforwardOutcome, double> b) =>
        PairedDifference.Of([.. outcomes.Select(a)], [.. outcomes.Select(b)]);

    private static string Percent(double share) => share.ToString("P1", CultureInfo.InvariantCulture);

    private static string Interval(PairedDifference d) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * d.Mean:+0.0;-0.0;0.0} points [{100 * d.Low:0.0}, {100 * d.High:0.0}]");
}
