namespace Unroll.Cells;

//  argument of gate g       slot g, δ g          b_ih + b_hh + W_ih x + W_hh h₋ (or of what the product multiplies)
//  of a product apart       its own slot and δ   b_hh + W_hh h₋
//  of a cell of rows        W_ih x and every product apart, bare; the gates themselves have δ alone

/// <summary>The plan that follows from a cell's gates and products.</summary>
internal static class DerivedPlan
{
    private static readonly ProductSource s_x = new(SourceKind.Input), s_before = new(SourceKind.Before);

    public static StepPlan Of(ICell cell, int? projection)
    {
        int gates = cell.Gates.Length;
        IRowCell? rows = cell as IRowCell;
        List<string> saved = [.. cell.Saved], deltas = [.. saved.Take(gates)];
        List<PlannedArgument> arguments = [];
        List<PlannedProduct> products = [];
        List<PlannedMatrix> matrices = [new("weight_ih", gates, s_x), new("weight_hh", gates, s_before)];

        int AddArguments(int slot, int delta, IEnumerable<IReadOnlyList<(int, int)>> biases)
        {
            int first = arguments.Count;
            foreach (IReadOnlyList<(int, int)> bias in biases) arguments.Add(new(slot++, delta++, bias));
            return first;
        }

        bool IsApart(int gate) => cell.Products.Any(product => product.Into is not null && product.Gates.Contains(cell.Gates[gate]));

        int apart = cell.Products.Where(product => product.Into is not null).Sum(product => product.Gates.Length);
        int input = rows is null
            ? AddArguments(0, 0, Enumerable.Range(0, gates).Select(IReadOnlyList<(int, int)> (g) => IsApart(g) ? [(0, g)] : [(0, g), (1, g)]))
            : AddArguments(saved.IndexOf(rows.InputInto), gates + apart, Enumerable.Repeat<IReadOnlyList<(int, int)>>([], gates));
        products.Add(new(0, 0, input, gates, s_x, 0));
        foreach (Product product in cell.Products)
        {
            ProductSource of = product.Of == "h" ? s_before : new(SourceKind.Saved, saved.IndexOf(product.Of));
            int gate = cell.Gates.IndexOf(product.Gates[0]), count = product.Gates.Length;
            if (product.Gates == "h")
            {
                matrices.Add(new("weight_hr", 1, of) { StoredAfter = 2 });
                products.Add(new(matrices.Count - 1, 0, AddArguments(-1, -1, [[]]), 1, of, product.Stage));
                continue;
            }
            int into = gate;
            if (product.Into is not null)
            {
                int slot = saved.IndexOf(product.Into);
                into = AddArguments(slot, deltas.Count,
                    Enumerable.Range(gate, count).Select(IReadOnlyList<(int, int)> (g) => rows is null ? [(1, g)] : []));
                deltas.AddRange(saved.Skip(slot).Take(count));
            }
            products.Add(new(1, gate, into, count, of, product.Stage));
        }
        if (rows is not null)
            deltas = [.. deltas, .. saved.Skip(saved.IndexOf(rows.InputInto)).Take(gates), .. rows.Deltas.Select(name => "δ" + name)];
        bool bare = rows is not null;
        return new StepPlan
        {
            States = [new("h", projection is { } width ? _ => width : null), .. cell.HasCellState ? [new("c")] : (ReadOnlySpan<PlannedState>)[]],
            Matrices = matrices,
            Vectors =
            [
                new("bias_ih", gates) { IsExtra = bare }, new("bias_hh", gates) { IsExtra = bare },
                .. rows?.Parameters.Select(own => new PlannedVector(own.Name, own.Rows, own.Initial) { IsExtra = true }) ?? [],
                .. rows is null && cell.ExtraRows > 0 ? [new("peephole", cell.ExtraRows) { IsExtra = true, IsTable = true }]
                    : (ReadOnlySpan<PlannedVector>)[],
            ],
            Arguments = arguments,
            Products = products,
            Sources = [.. products.Select(product => product.Of).Where(of => of.Kind == SourceKind.Saved).Distinct()],
            Deltas = deltas.Count,
            DeltaNames = deltas,
            NeedsWholeRows = bare,
        };
    }
}
