namespace Unroll.Cells.Definitions;

/// <summary>What a definition says of its gates to those who look inside: ranges from the functions, roles as declared.</summary>
internal static class DefinedDescription
{
    /// <summary>The description.</summary>
    /// <param name="derivation">What was derived.</param>
    /// <param name="saved">The names of what is kept.</param>
    public static CellDescription Of(CellDerivation derivation, IReadOnlyList<string> saved) => new()
    {
        Slots = [.. saved.Select(name => Slot(derivation, name))],
        Keepers =
        [
            .. from role in derivation.Definition.Roles
               from state in derivation.Definition.States
               where derivation.KeepsBy(role.Name, state.Name) == role.Role
               select (role.Name, state.Name),
        ],
        Equations = [.. derivation.Definition.Assignments.Select(one => new CellEquation(EquationOf(one), Called(derivation.Definition, one.Name)))],
    };

    private static string EquationOf(CellAssignment one) => $"{one.Name} = {CellText.Format(one.Value)}";

    private static string Called(CellDefinition definition, string name) =>
        definition.Roles.FirstOrDefault(role => role.Name == name)?.Called ?? (definition.Output == name ? "the output" : "");

    private static SlotDescription Slot(CellDerivation derivation, string name)
    {
        if (derivation.Find(name) is not { } quantity) return new(name, name);
        DefinedRole? role = derivation.Definition.Roles.FirstOrDefault(one => one.Name == name);
        string called = role is not null ? $"{name}, {role.Called}" : quantity.IsNamed ? name : $"{name} = {CellText.Format(quantity.Value)}";
        GateRange range = quantity.Value switch
        {
            FunctionExpression { Function: CellFunction.Sigmoid or CellFunction.HardSigmoid } => GateRange.Logistic,
            FunctionExpression { Function: CellFunction.Tanh } => GateRange.Tanh,
            _ => GateRange.Unbounded,
        };
        (StuckGate? lower, StuckGate? upper) = Meanings(role?.Role ?? GateRole.Other, range);
        return new(name, called, range, role?.Role ?? GateRole.Other) { AtLower = lower, AtUpper = upper };
    }

    // Said of a gate within 0 … 1 by its declared role alone.
    private static (StuckGate? Lower, StuckGate? Upper) Meanings(GateRole role, GateRange range) =>
        range != GateRange.Logistic ? default : role switch
    {
        GateRole.Keeps => (new("nothing of the state before is kept", IsHarm: true), new("the state before is kept completely", IsHarm: false)),
        GateRole.Forgets => (new("the state is copied from step to step: nothing is forgotten", IsHarm: true),
            new("nothing of the state before is kept", IsHarm: true)),
        GateRole.Admits => (new("nothing new comes in", IsHarm: true), new("every candidate is taken in completely", IsHarm: false)),
        GateRole.Shows => (new("the cell shows nothing, and little gradient comes in through the output", IsHarm: true),
            new("the cell always shows all of its state", IsHarm: false)),
        GateRole.Resets => (new("the candidate sees only the input and nothing of the past", IsHarm: true),
            new("the candidate always sees the whole past", IsHarm: false)),
        _ => default,
    };
}
