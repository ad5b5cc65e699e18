using Unroll.Inspection.Report;
using static Unroll.Cli.Lab.LabCell;

namespace Unroll.Cli.Lab.Vanish;

/// <summary>Which cell learns over which gap (S07).</summary>
/// <param name="Sizes">How much was trained.</param>
/// <param name="Results">[cell][gap].</param>
internal sealed record RecallFigures(RecallSizes Sizes, RecallResult[][] Results)
{
    internal static RecallFigures Measure(RecallSizes sizes, LabRun run)
    {
        // Long ones first, so that no thread is left with one at the end.
        (int Cell, int Gap)[] work = [.. from gap in Enumerable.Range(0, sizes.Gaps.Count).Reverse() from cell in Enumerable.Range(0,
            RecallCell.All.Count) select (cell, gap)];
        RecallResult[] results = run.Each(work, (item, threads) =>
        {
            RecallCell cell = RecallCell.All[item.Cell];
            RecallResult result = RecallResult.Of(cell, sizes.Gaps[item.Gap], sizes, run.Random.For("recall").At((ulong)sizes.Gaps[item.Gap]),
                threads, run);
            run.Progress($"  {cell.Name}, gap {sizes.Gaps[item.Gap]}: {Of(100 * result.Accuracy, "F0")} % after {result.Updates} updates");
            return result;
        });
        RecallResult[][] table = [.. RecallCell.All.Select(_ => new RecallResult[sizes.Gaps.Count])];
        for (int i = 0; i < work.Length; i++) table[work[i].Cell][work[i].Gap] = results[i];
        return new RecallFigures(sizes, table);
    }

    /// <summary>The first gap that a cell did not learn; null: it learned all.</summary>
    internal int? StopsAt(int cell)
    {
        for (int g = 0; g < Sizes.Gaps.Count; g++)
            if (Results[cell][g].Accuracy < Sizes.Solved) return Sizes.Gaps[g];
        return null;
    }

    internal IEnumerable<LabVerdict> Verdicts()
    {
        int last = Sizes.Gaps.Count - 1;
        string Ratio(int cell) => $"{RecallCell.All[cell].Name} {Short(Results[cell][last].FirstToLast)}";
        yield return new LabVerdict("S07", "as the gap grows the vanilla network stops learning the dependency",
            $"within {Sizes.Updates} updates: {Stops(0)}. Before training the first input's gradient over the gap of {Sizes.Gaps[last]} is "
                + $"{Short(Results[0][last].FirstToLast)} times "
            + $"the last input's, over the gap of {Sizes.Gaps[0]} {Short(Results[0][0].FirstToLast)}.", StopsAt(0) is null ? null
                : Results[0][0].Accuracy >= Sizes.Solved);

        int[] gated = [.. Enumerable.Range(1, RecallCell.All.Count - 1)];
        int Reach(int cell) => StopsAt(cell) ?? int.MaxValue;
        int[] farther = [.. gated.Where(cell => Reach(cell) > Reach(0))];
        yield return new LabVerdict("S07", "a gated network still learns it",
            $"{string.Join("; ", gated.Select(Stops))}. "
                + $"{(farther.Length == gated.Length ? "All of them" : farther.Length == 0 ? "None" : "Of these, " + string.Join(" and ",
                    farther.Select(c => RecallCell.All[c].Name)))} "
            + $"went further than the vanilla network. The first input's gradient over the gap of {Sizes.Gaps[last]}: "
                + $"{string.Join("; ", gated.Select(Ratio))}.",
            StopsAt(0) is null ? null : farther.Length > 0);
    }

    private string Stops(int cell) => $"{RecallCell.All[cell].Name} "
        + $"{(StopsAt(cell) is int gap ? $"stops at {gap}" : $"learns all, to {Sizes.Gaps[^1]}")}";

    internal LabSection Section()
    {
        string[] gaps = [.. Sizes.Gaps.Select(gap => $"gap {gap}")];
        LabTable accuracy = new("accuracy in % (chance: 25)", ["cell", .. gaps, "stops at"]),
            updates = new("updates until it was solved", ["cell", .. gaps]),
            gradients = new("‖∂L/∂x⟨1⟩‖ ÷ ‖∂L/∂x⟨T⟩‖ before training", ["cell", .. gaps]);
        for (int c = 0; c < RecallCell.All.Count; c++)
        {
            string name = RecallCell.All[c].Name;
            accuracy.Add([name, .. Results[c].Select(r => Of(100 * r.Accuracy, "F1")), StopsAt(c) is int gap ? $"{gap}" : "–"]);
            updates.Add([name, .. Results[c].Select(r => r.Accuracy >= Sizes.Solved ? (LabCell)r.Updates : "–")]);
            gradients.Add([name, .. Results[c].Select(r => (LabCell)r.FirstToLast)]);
        }
        return new LabSection("Recall over a gap",
            $"One of {RecallTask.Symbols} symbols, then noise, then a cue at which the network must output the symbol. {Sizes.Hidden} units, "
                + $"batches of "
                + $"{Sizes.Batch}, Adam at "
            + $"{Short(Math.Round(Sizes.Rate, 6))}, clipping at 1, at most {Sizes.Updates} updates; solved means at least "
                + $"{Of(100 * Sizes.Solved, "F0")} % "
                + $"of 256 new sequences.")
        {
            Tables = [accuracy, updates, gradients],
            Charts =
            [
                Chart("Accuracy, %", r => 100 * r.Accuracy) with { FromZero = true },
                Chart("‖∂L/∂x⟨1⟩‖ ÷ ‖∂L/∂x⟨T⟩‖ before training", r => r.FirstToLast) with { Logarithmic = true },
            ],
        };
    }

    private LineChart Chart(string title, Func<RecallResult, double> of) => new([.. Sizes.Gaps.Select(gap => $"{gap}")],
        [.. RecallCell.All.Select((cell, c) => new Line(cell.Name, [.. Results[c].Select(of)]))]) { Title = title, XName = "gap" };
}
