using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Layers.Recurrent;

/// <summary>What the recurrent layer relies on in a cell; a custom cell may break it.</summary>
internal static class CellRules
{
    private const int MaxGates = 4;                                     // of one tile of a product

    /// <summary>Throws at the first rule that the cell breaks; otherwise returns its plan.</summary>
    public static StepPlan Check(ICell cell, int? projection, int inputs, int hidden)
    {
        CheckDescription(cell);
        if (cell is IPlannedCell) PlanRules.Check(cell, StepPlan.Of(cell, projection), inputs, hidden);
        else CheckGates(cell, projection);
        return StepPlan.Of(cell, projection);
    }

    private static void CheckGates(ICell cell, int? projection)
    {
        if (cell.Gates.Length is 0 or > MaxGates)
            Refuse(cell, $"gates: expected at least 1 and at most {MaxGates}, a letter each, got '{cell.Gates}'");
        for (int gate = 0; gate < cell.Gates.Length; gate++)
            if (gate >= cell.Saved.Count || cell.Saved[gate] != cell.Gates[gate].ToString())
                Refuse(cell, $"saved: expected the gates of '{cell.Gates}' first and in order, got '{string.Join(", ", cell.Saved)}'");
        foreach (Product product in cell.Products) Check(cell, product, projection is not null);
        if (cell is IRowCell rows) Check(rows, projection);
        if (projection is not null != cell.Products.Any(product => product.Gates == "h"))
            Refuse(cell, $"projection: expected a size if and only if a product gives 'h', got {projection?.ToString() ?? "none"}");
        foreach (Product product in cell.Products)
            if (product.Of != "h" && cell.Products.Count(other => other.Of != "h" && other.Stage == product.Stage) is > 1 and var count)
                Refuse(cell, $"stage {product.Stage}: expected at most one product of a saved slot, got {count}");
    }

    private static void Check(ICell cell, Product product, bool projected)
    {
        string name = $"product '{product.Gates}' of '{product.Of}'";
        bool projection = product.Gates == "h", fromState = product.Of == "h";
        if (product.Stage < 0 || product.Stage >= cell.Stages) Refuse(cell, $"{name}, stage: expected 0 … {cell.Stages - 1}, got {product.Stage}");
        if (!projection && (product.Gates.Length == 0 || !cell.Gates.Contains(product.Gates, StringComparison.Ordinal)))
            Refuse(cell, $"{name}: expected a run of the gates '{cell.Gates}', or 'h' for a projection");
        if (!fromState && (product.Stage == 0 || !cell.Saved.Contains(product.Of)))
            Refuse(cell, $"{name}: expected 'h', or a saved slot that an earlier stage has filled");
        if (projection && fromState) Refuse(cell, $"{name}: expected a saved slot, because a projection makes the new state");
        if (projected && !projection && !(fromState && product.Stage == 0))
            Refuse(cell, $"{name}: expected a product of 'h' in stage 0, because with a projection the state is narrower than the units");
        if (product.Into is not null
            && (product.Gates.Length != 1 && cell is not IRowCell || projection || !Holds(cell, product.Into, product.Gates.Length)))
            Refuse(cell, $"{name} into '{product.Into}': expected one gate and a saved slot");
    }

    // What it says of itself must be of its own gates and slots: files, initial weights and inspection go by it.
    private static void CheckDescription(ICell cell)
    {
        GateConvention convention = cell.Convention;
        if (convention.Gates != cell.Gates) Refuse(cell, $"convention: expected the gates '{cell.Gates}', got '{convention.Gates}'");
        if (convention.Update is not null && !cell.Gates.Contains('z'))
            Refuse(cell, $"convention: expected an update gate 'z' because it says what that multiplies, got the gates '{cell.Gates}'");
        CellDescription description = cell.Description;
        if (description.Memory is { } memory && !(cell.Gates.Contains(memory.Gate) && cell.Gates.Contains(memory.Admits ?? memory.Gate)))
            Refuse(cell, $"memory bias: expected gates of '{cell.Gates}', got '{memory.Gate}{memory.Admits}'");
        if (description.Keeper is { } keeper && !cell.Saved.Contains(keeper.Name))
            Refuse(cell, $"slot '{keeper.Name}': expected a saved slot because it says how much of the state is kept");
        if (description.StatePath is not { } path) return;
        if (!cell.HasCellState) Refuse(cell, "path of c: expected none because it has no c");
        foreach (string slot in (string[])[path.Keeps, path.Shows, path.Shown])
            if (!cell.Saved.Contains(slot)) Refuse(cell, $"path of c: expected saved slots, got '{slot}'");
    }

    private static void Check(IRowCell cell, int? projection)
    {
        if (projection is not null) Refuse(cell, $"projection: expected none of a cell that standardizes rows, got {projection}");
        if (!Holds(cell, cell.InputInto, cell.Gates.Length))
            Refuse(cell, $"input into '{cell.InputInto}': expected a saved slot that those of the other gates follow");
        if (cell.Products.FirstOrDefault(product => product.Into is null) is { } product)
            Refuse(cell, $"product '{product.Gates}' of '{product.Of}': expected slots of its own because the cell standardizes it, got none");
        int rows = 2 * cell.Gates.Length + cell.Parameters.Sum(parameter => parameter.Rows);
        if (cell.ExtraRows != rows) Refuse(cell, $"extra rows: expected {rows}, the biases' and those of its parameters, got {cell.ExtraRows}");
    }

    // Whether so many slots begin at that one.
    private static bool Holds(ICell cell, string slot, int slots)
    {
        int at = cell.Saved.ToList().IndexOf(slot);
        return at >= 0 && at + slots <= cell.Saved.Count;
    }

    private static void Refuse(ICell cell, string rule) => throw new UserErrorException($"cell '{cell.Name}' {rule}.");
}
