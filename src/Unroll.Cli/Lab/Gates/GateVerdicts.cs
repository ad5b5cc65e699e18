using static Unroll.Cli.Lab.LabCell;

namespace Unroll.Cli.Lab.Gates;

/// <summary>What the figures say about one gate versus two, and about ignoring the past.</summary>
internal static class GateVerdicts
{
    internal static IEnumerable<LabVerdict> Of(LabTable reach, LabTable mix, LabTable past, int steps)
    {
        double[] lstm = Engine(mix, "lstm", 4), gru = Engine(mix, "gru", 4);
        yield return new LabVerdict("S45", "a GRU weighs old against new; an LSTM can also take both, or neither",
            $"from an old state of 1 and a candidate of 1 the LSTM's gates make {string.Join(", ", lstm.Select(Short))}, the GRU's always "
                + $"{Span(gru)}. "
            + "(A GRU can still empty its state if its candidate is 0.)",
            lstm.Contains(0) && lstm.Contains(2) && gru.All(h => Math.Abs(h - 1) < 1e-6));

        double counted = Counted(reach, "lstm (c)"), coupled = Counted(reach, "lstm, f"), one = Counted(reach, "gru");
        double wild = reach.Rows.Where(row => row[0].ToString().StartsWith("gru", StringComparison.Ordinal)).Max(row => row[3].Number!.Value);
        yield return new LabVerdict("S45", "there are states that an LSTM can reach and a GRU cannot",
            $"with its gates open an LSTM counts to {Short(counted)} in {steps} steps; coupled gates stop at {Short(coupled)}, a GRU at "
                + $"{Short(one)}, and with "
            + $"weights ten times as large no GRU exceeded {Short(wild)}: its state stays between −1 and 1 if it starts there.",
            counted > 0.99 * steps && coupled <= 1 && one <= 1 && wild <= 1);

        double[] open = Engine(past, "lstm", 3);
        double reset = Engine(past, "gru", 3)[1];
        yield return new LabVerdict("S46", "a GRU can leave h₋ out of its candidate; an LSTM cannot",
            $"between h₋ and −h₋ the GRU's candidate moves by {Short(reset)} with Γr = 0; the LSTM's by {Span(open)}, whatever the values of its "
            + "three gates. (Only the output gate of the previous step can hide h₋, and then from everything.)", reset == 0 && open.Min() > 0.01
                && open.Min() == open.Max());
    }

    private static double[] Engine(LabTable table, string cell, int column) =>
        [.. table.Rows.Where(row => row[0].ToString() == cell).Select(row => row[column].Number!.Value)];

    private static double Counted(LabTable reach, string cell) =>
        reach.Rows.First(row => row[0].ToString().StartsWith(cell, StringComparison.Ordinal))[2].Number!.Value;
}
