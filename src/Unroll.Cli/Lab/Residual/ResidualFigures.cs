using Unroll.Inspection.Report;

namespace Unroll.Cli.Lab.Residual;

/// <summary>Tables and charts of the residual recurrence and what stands beside it.</summary>
internal static class ResidualFigures
{
    internal static IEnumerable<LabSection> Sections(Recurrences found)
    {
        yield return new LabSection("How the Jacobian grows",
            "‖∂s⟨t⟩/∂s⟨0⟩‖₂, the maximum factor by which a change of the initial state is amplified; s is the state, c for the LSTM.")
        {
            Tables = [Table("growth of the Jacobian", found, f => f.Growth)],
            Charts = [Chart("‖∂s⟨t⟩/∂s⟨0⟩‖₂", found, f => f.Growth)],
        };
        yield return new LabSection("State and saturation",
            "The mean of |s⟨t⟩| over units; for the residual recurrence also the mean of g, which each step adds, and of its slope g′.")
        {
            Tables = [Table("mean size of the state", found, f => f.State), Saturation(found)],
            Charts = [Chart("mean |s⟨t⟩|", found, f => f.State)],
        };
        yield return new LabSection("Effect of the inputs",
            "How far the newest input, x⟨t⟩, and the first one, x⟨1⟩, move the state s⟨t⟩: the norms of ∂s_u⟨t⟩/∂x⟨t⟩ and of ∂s_u⟨t⟩/∂x⟨1⟩, "
                + "root mean square over the units u.")
        {
            Tables = [Table("effect of the newest input", found, f => f.Newest), Table("effect of the first input", found, f => f.Oldest)],
            Charts = [Chart("‖∂s_u⟨t⟩/∂x⟨t⟩‖, the newest input", found, f => f.Newest),
                Chart("‖∂s_u⟨t⟩/∂x⟨1⟩‖, the first input", found, f => f.Oldest)],
        };
    }

    private static string[] Labels(Recurrences found) => [.. found.Sizes.Lengths.Select(t => $"{t}")];

    private static LabTable Table(string name, Recurrences found, Func<RecurrenceFigures, double> of)
    {
        LabTable table = new(name, ["recurrence", .. found.Sizes.Lengths.Select(t => $"t = {t}")]);
        for (int c = 0; c < RecurrenceCase.All.Count; c++)
            table.Add([RecurrenceCase.All[c].Name, .. found.All[c].Select(figures => (LabCell)of(figures))]);
        return table;
    }

    private static LabTable Saturation(Recurrences found)
    {
        LabTable table = new("mean of g and of its slope", ["", .. found.Sizes.Lengths.Select(t => $"t = {t}")]);
        foreach ((string name, IReadOnlyList<RecurrenceFigures> figures) in ((string, IReadOnlyList<RecurrenceFigures>)[])
            [("logistic", found.Logistic), ("tanh", found.Tanh)])
        {
            table.Add([$"g {name}", .. figures.Select(f => (LabCell)f.Added)]);
            table.Add([$"g′ {name}", .. figures.Select(f => (LabCell)f.Slope)]);
        }
        return table;
    }

    private static LineChart Chart(string title, Recurrences found, Func<RecurrenceFigures, double> of) =>
        new(Labels(found), [.. RecurrenceCase.All.Select((c, i) => new Line(c.Name, [.. found.All[i].Select(of)]))])
        { Title = title, XName = "t", Logarithmic = true };
}
