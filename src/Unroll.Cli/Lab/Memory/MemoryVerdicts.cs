using System.Globalization;

namespace Unroll.Cli.Lab.Memory;

/// <summary>What the figures of <c>lab memory</c> say.</summary>
internal static class MemoryVerdicts
{
    /// <summary>The longest length solved, all shorter ones solved too; 0: none.</summary>
    internal static int Longest(IReadOnlyList<MemoryResult> lengths) =>
        lengths.TakeWhile(result => result.IsSolved).LastOrDefault()?.Problem.Length ?? 0;

    /// <summary><c>100 (350)</c>, or <c>none</c>.</summary>
    internal static string UpTo(IReadOnlyList<MemoryResult> lengths) => lengths.TakeWhile(result => result.IsSolved).LastOrDefault() is { } last
        ? string.Create(CultureInfo.InvariantCulture, $"{last.Problem.Length} ({last.Updates})") : "none";

    internal static IReadOnlyList<LabVerdict> Of(MemoryPlan plan, IReadOnlyList<IReadOnlyList<MemoryResult>> results)
    {
        List<LabVerdict> verdicts = [];
        foreach ((string problem, IReadOnlyList<int> lengths) in plan.Problems)
        {
            IReadOnlyList<MemoryResult>[] cells = [.. results.Where(all => all[0].Problem.Name == problem)];
            IReadOnlyList<MemoryResult>? plain = cells.FirstOrDefault(all => all[0].Cell.Name == "rnn");
            IReadOnlyList<MemoryResult>[] gated = [.. cells.Where(all => all[0].Cell.KeepsByAGate)];
            if (plain is null || gated.Length == 0) continue;
            verdicts.Add(new LabVerdict(
                problem.EndsWith("parity", StringComparison.Ordinal) ? "S44" : "S07, S30",
                $"{problem}: cells with gates learn longer sequences than a vanilla one",
                $"{Sentence(cells)}; within {plan.Updates} updates, lengths tried {string.Join(", ", lengths)}.",
                    Holds(Longest(plain), [.. gated.Select(Longest)], lengths[^1])));
        }
        return verdicts;
    }

    // True: every cell with gates goes further. Null: both end at the last length tried, or only some go further.
    internal static bool? Holds(int plain, IReadOnlyList<int> gated, int longest)
    {
        if (gated.All(length => length > plain)) return true;
        if (gated.All(length => length <= plain) && !(plain == longest && gated.Contains(longest))) return plain == 0 ? null : false;
        return null;
    }

    private static string Sentence(IReadOnlyList<IReadOnlyList<MemoryResult>> cells) =>
        string.Join(", ", cells.Select(all =>
            Longest(all) is > 0 and int length ? $"{all[0].Cell.Name} solved up to {length}" : $"{all[0].Cell.Name} none"));
}
