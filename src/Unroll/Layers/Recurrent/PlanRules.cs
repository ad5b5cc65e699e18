using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Layers.Recurrent;

/// <summary>What the recurrent layer relies on in a cell's own plan.</summary>
internal readonly struct PlanRules
{
    private const int MaxCount = 4;                                     // blocks of one tile of a product
    private readonly ICell _cell;
    private readonly StepPlan _plan;
    private readonly int _hidden;

    private PlanRules(ICell cell, StepPlan plan, int hidden) => (_cell, _plan, _hidden) = (cell, plan, hidden);

    /// <summary>Throws at the first rule that the plan breaks in a layer of these sizes.</summary>
    public static void Check(ICell cell, StepPlan plan, int inputs, int hidden)
    {
        PlanRules rules = new(cell, plan, hidden);
        if (cell.Stages < 1) rules.Refuse("stages", "at least 1", $"{cell.Stages}");
        if (cell.Saved.Count == 0) rules.Refuse("saved", "at least one slot", "none");
        if (plan.Matrices.Count == 0) rules.Refuse("matrices", "at least one", "none");
        rules.CheckStates();
        rules.CheckParameters();
        for (int argument = 0; argument < plan.Arguments.Count; argument++) rules.CheckArgument(argument);
        for (int source = 0; source < plan.Sources.Count; source++) rules.CheckSource(source);
        for (int product = 0; product < plan.Products.Count; product++) rules.CheckProduct(product);
        if (plan.ReadsInput && inputs != hidden)
            rules.Refuse("input size", $"{hidden}, as many as units, because it uses x unit by unit", $"{inputs}");
        if (plan.InputDelta >= 0 != plan.ReadsInput) rules.Refuse("input delta", "a slot of δ if and only if it reads x", $"{plan.InputDelta}");
        if (plan.InputDelta >= plan.Deltas) rules.Refuse("input delta", $"below {plan.Deltas}", $"{plan.InputDelta}");
        if (plan.DeltaNames.Count > 0 && plan.DeltaNames.Count != plan.Deltas)
            rules.Refuse("delta names", $"{plan.Deltas} or none", $"{plan.DeltaNames.Count}");
    }

    private void CheckStates()
    {
        if (_plan.States.Count == 0) Refuse("states", "at least one", "none");
        if (_cell.HasCellState != _plan.States.Count > 1)
            Refuse("cell state", _plan.States.Count > 1 ? "yes, because there are further states" : "no, because there is one state",
                _cell.HasCellState ? "yes" : "no");
        foreach (PlannedState state in _plan.States)
        {
            if (Width(state) is var width && (width < 1 || width > _hidden))
                Refuse($"state '{state.Name}' width", $"1 to {_hidden}, the units", $"{width}");
            if (!float.IsFinite(state.Initial)) Refuse($"state '{state.Name}' initial", "a finite number", $"{state.Initial}");
        }
        if (_plan.States[0].Width is not null && !_plan.Projects)
            Refuse($"state '{_plan.States[0].Name}' width", "the units, because no product makes it", $"{Width(_plan.States[0])}");
    }

    private void CheckParameters()
    {
        IEnumerable<string> names = [.. _plan.Matrices.Select(one => one.Name), .. _plan.Vectors.Select(one => one.Name),
            .. _plan.States.Select(one => $"{one.Name}0")];
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Key.Length == 0 || group.Count() > 1) is { } twice)
            Refuse("parameters", "a name of its own for each", $"'{twice.Key}' {twice.Count()} times");
        foreach (PlannedMatrix matrix in _plan.Matrices)
        {
            if (matrix.Blocks < 1) Refuse($"matrix '{matrix.Name}' blocks", "at least 1", $"{matrix.Blocks}");
            if (matrix.StoredAfter < 0 || matrix.StoredAfter > _plan.Vectors.Count)
                Refuse($"matrix '{matrix.Name}' stored after", $"0 to {_plan.Vectors.Count} vectors", $"{matrix.StoredAfter}");
            CheckPlace($"matrix '{matrix.Name}'", matrix.Of);
        }
        foreach (PlannedVector vector in _plan.Vectors)
            if (vector.Rows < 1 || vector.IsScalar && vector.Rows != 1)
                Refuse($"vector '{vector.Name}' rows", vector.IsScalar ? "1, because it is a number" : "at least 1", $"{vector.Rows}");
        int extras = _plan.Vectors.Where(vector => vector.IsExtra).Sum(vector => vector.Rows);
        if (_cell.ExtraRows != extras) Refuse("extra rows", $"{extras}, those of the vectors that the cell sees", $"{_cell.ExtraRows}");
    }

    private void CheckArgument(int index)
    {
        PlannedArgument argument = _plan.Arguments[index];
        string name = $"argument {index}";
        if (argument.Slot < -1 || argument.Slot >= _cell.Saved.Count) Refuse($"{name} slot", $"-1 to {_cell.Saved.Count - 1}", $"{argument.Slot}");
        if (argument.Delta >= _plan.Deltas || argument.Delta < 0 != argument.Slot < 0 || argument.Delta < -1)
            Refuse($"{name} delta", argument.Slot < 0 ? "-1, as its slot" : $"0 to {_plan.Deltas - 1}", $"{argument.Delta}");
        if (argument.Biases.Count > (argument.Slot < 0 ? 0 : 2))
            Refuse($"{name} biases", argument.Slot < 0 ? "none of a state that a product makes" : "at most 2", $"{argument.Biases.Count}");
        foreach ((int vector, int row) in argument.Biases)
            if (vector < 0 || vector >= _plan.Vectors.Count || row < 0 || row >= _plan.Vectors[vector].Rows)
                Refuse($"{name} biases", "a vector and a row of it", $"({vector}, {row})");
        for (int other = 0; other < index; other++)
            if (_plan.Arguments[other].Slot == argument.Slot || _plan.Arguments[other].Delta == argument.Delta)
                Refuse($"{name} slot and delta", $"others than those of argument {other}", $"{argument.Slot} and {argument.Delta}");
        if (argument.Slot < 0 && !_plan.Products.Any(product => product.Argument == index))
            Refuse(name, "a product, because it is the state itself", "none");
    }

    private void CheckSource(int index)
    {
        ProductSource source = _plan.Sources[index];
        if (source.Kind is SourceKind.Input or SourceKind.Before)
            Refuse($"source {index}", "a saved slot or a state of this step", $"{source.Kind}");
        if (_plan.Sources.Take(index).Contains(source)) Refuse($"source {index}", "each once", "one twice");
        if (!_plan.Products.Any(product => product.Of == source)) Refuse($"source {index}", "a product of it", "none");
    }

    private void CheckProduct(int index)
    {
        PlannedProduct product = _plan.Products[index];
        string name = $"product {index}";
        if (product.Stage < 0 || product.Stage >= _cell.Stages) Refuse($"{name} stage", $"0 to {_cell.Stages - 1}", $"{product.Stage}");
        CheckPlace(name, product.Of);
        if (product.Of.Kind is SourceKind.After or SourceKind.Saved)
        {
            if (product.Stage == 0) Refuse($"{name} stage", "a later one than 0, because an earlier stage makes what it multiplies", "0");
            if (!_plan.Sources.Contains(product.Of)) Refuse($"{name} source", "one of the plan's sources", $"{product.Of.Kind} {product.Of.Index}");
        }
        if (product.Matrix < 0 || product.Matrix >= _plan.Matrices.Count) Refuse($"{name} matrix", $"0 to {_plan.Matrices.Count - 1}",
            $"{product.Matrix}");
        PlannedMatrix matrix = _plan.Matrices[product.Matrix];
        if (product.Count is < 1 or > MaxCount) Refuse($"{name} count", $"1 to {MaxCount}", $"{product.Count}");
        if (product.Block < 0 || product.Block + product.Count > matrix.Blocks)
            Refuse($"{name} blocks", $"some of the {matrix.Blocks} of '{matrix.Name}'", $"{product.Block} to {product.Block + product.Count - 1}");
        if (product.Argument < 0 || product.Argument + product.Count > _plan.Arguments.Count)
            Refuse($"{name} arguments", $"some of {_plan.Arguments.Count}", $"{product.Argument} to {product.Argument + product.Count - 1}");
        PlannedArgument first = _plan.Arguments[product.Argument];
        for (int k = 1; k < product.Count; k++)
            if (_plan.Arguments[product.Argument + k] is var next && (next.Slot != first.Slot + k || next.Delta != first.Delta + k || first.Slot < 0))
                Refuse($"{name} arguments", "slots and deltas that follow each other", $"{next.Slot} and {next.Delta}");
        if (Width(product.Of) != Width(matrix.Of) && product.Form == MatrixForm.Plain)
            Refuse($"{name} width", $"{Width(matrix.Of)}, the columns of '{matrix.Name}'", $"{Width(product.Of)}");
        if (product.Form != MatrixForm.Plain && (matrix.Blocks != 1 || Width(matrix.Of) != _hidden || Width(product.Of) != _hidden))
            Refuse($"{name} form", $"a square matrix of one block because it is used {product.Form.ToString().ToLowerInvariant()}",
                $"'{matrix.Name}' of {matrix.Blocks} blocks [{_hidden}, {Width(matrix.Of)}]");
        bool makes = first.Slot < 0;
        if (makes && product.Of.Kind is SourceKind.Input or SourceKind.Before)
            Refuse($"{name} source", "a saved slot, because it makes the state", $"{product.Of.Kind}");
        foreach (PlannedProduct other in _plan.Products)
        {
            if (other.Matrix == product.Matrix && _plan.Arguments[other.Argument].Slot < 0 != makes && Width(_plan.States[0]) != _hidden)
                Refuse($"matrix '{matrix.Name}'", "use for the state or for other arguments, which are of another size", "both");
            if (product.Of is { Kind: SourceKind.After, Index: 0 } && _plan.Arguments[other.Argument].Slot < 0 && other.Stage >= product.Stage)
                Refuse($"{name} stage", "a later one than that of the product that makes the state", $"{product.Stage}");
        }
    }

    private void CheckPlace(string name, ProductSource source)
    {
        int count = source.Kind switch { SourceKind.Input => 1, SourceKind.Saved => _cell.Saved.Count, _ => _plan.States.Count };
        if (source.Index < 0 || source.Index >= count) Refuse($"{name} source", $"an index of 0 to {count - 1}", $"{source.Index}");
    }

    private int Width(PlannedState state) => state.Width?.Invoke(_hidden) ?? _hidden;

    // −1 stands for the input's.
    private int Width(ProductSource of) => of.Kind switch
    {
        SourceKind.Input => -1,
        SourceKind.Saved => _hidden,
        _ => Width(_plan.States[of.Index]),
    };

    private void Refuse(string rule, string expected, string got) =>
        throw new UserErrorException($"cell '{_cell.Name}' {rule}: expected {expected}, got {got}.");
}
