using Unroll.Cells;
using Unroll.Cells.Definitions;
using static Unroll.Cells.Definitions.CellExpression;

namespace Unroll.Inspection.Textbook;

//  clipped gates       i = σ(a)               →   i = σ(clip(a, −κ, κ))
//  clipped cell        c = f ⊙ c₋ + i ⊙ g     →   c = clip(f ⊙ c₋ + i ⊙ g, −κ, κ)
//  coupled             f = σ(…)               →   f = 1 − i
//  projection          h = o ⊙ m              →   h = W_hr (o ⊙ m)

/// <summary>The built-in cells in every variant that options can say: their definitions, changed where a variant differs.</summary>
internal static class BuiltInEquations
{
    /// <summary>The equations of a cell; null: the language has no words for it.</summary>
    /// <param name="options">The cell.</param>
    public static DefinedEquations? Of(CellOptions options)
    {
        CellOptions plain = options with
        {
            Activation = options.Activation == "tanh" ? null : options.Activation,
            Coupled = options is { Coupled: true, Peepholes: false }, Projection = null, CellClip = null, GateClip = null,
        };
        if (BuiltInDefinitions.All.FirstOrDefault(one => one.Options == plain)?.Definition is not { } definition) return null;
        string letters = CellCatalog.BuiltIn.Make(options).Gates;
        if (options is { Coupled: true, Peepholes: true }) definition = With(definition, "f", 1 - new QuantityExpression("i"));
        foreach (CellAssignment one in definition.Assignments)
            if (options.GateClip is { } gates && one.Value is FunctionExpression gate && gate.All().Any(part => part is ProductExpression))
                definition = With(definition, one.Name, gate with { Of = Clip(gate.Of, -gates, gates) });
        if (options.CellClip is { } cell) definition = With(definition, "c", Clip(Value(definition, "c"), -cell, cell));
        if (options.Projection is { } width) definition = Projected(definition, width);
        return new DefinedEquations(definition, Layout(definition, letters), letters);
    }

    //  one gate: W, U, b      several: W_r, U_r, b_r …      PyTorch stacks them, and has every bias twice, added up, but for b_hn of gru-after
    private static DefinedLayout Layout(CellDefinition definition, string gates)
    {
        List<StoredParameter> stored =
        [
            new(DefinedLayout.OfInput, ParameterKind.Matrix, Rows("W")) { Of = new InputExpression() },
            new(DefinedLayout.OfState, ParameterKind.Matrix, Rows("U")) { Of = new PreviousExpression("h"), Columns = definition.States[0].Width },
            new("bias_ih", ParameterKind.Vector, Rows("b")),
            new("bias_hh", ParameterKind.Vector, [.. Rows("b").Select(name => Has(name.Replace("_", "_h")) ? name.Replace("_", "_h") : name)]),
        ];
        if (Has("p_o")) stored.Add(StackedLayout.Vectors("peephole", "p_", "ifo"));
        if (Has("W_hr"))
            stored.Add(new("weight_hr", ParameterKind.Matrix, ["W_hr"]) { Of = new QuantityExpression("om"), Rows = definition.States[0].Width });
        return new DefinedLayout(stored);

        string[] Rows(string name) => gates.Length == 1 ? [name] : [.. gates.Select(gate => $"{name}_{gate}")];
        bool Has(string name) => definition.Parameters.Any(one => one.Name == name);
    }

    private static CellDefinition Projected(CellDefinition definition, int width) =>
        With(definition with
        {
            States = [.. definition.States.Select(state => state.Name == "h" ? state with { Width = new CellWidth(width, 0) } : state)],
            Parameters = [.. definition.Parameters, new DefinedParameter("W_hr", ParameterKind.Matrix)],
        }, "h", new ProductExpression("W_hr", Value(definition, "h")));

    private static CellExpression Value(CellDefinition definition, string name) => definition.Assignments.Single(one => one.Name == name).Value;

    // Another value of a quantity, and the parameters that are left.
    private static CellDefinition With(CellDefinition definition, string name, CellExpression value)
    {
        CellAssignment[] all = [.. definition.Assignments.Select(one => one.Name == name ? one with { Value = value } : one)];
        HashSet<string> used = [.. all.SelectMany(one => one.Value.All())
            .Select(part => part is ProductExpression product ? product.Matrix : part.LeafName).OfType<string>()];
        return definition with { Assignments = all, Parameters = [.. definition.Parameters.Where(one => used.Contains(one.Name))] };
    }
}
