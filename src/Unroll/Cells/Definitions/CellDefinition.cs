namespace Unroll.Cells.Definitions;

/// <summary>
/// A cell as its equations say it: the one definition from which forward, backward, every named term, the derivation and the kernels come. Immutable.
/// </summary>
public sealed partial record CellDefinition
{
    /// <summary>The name: small letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>Who published it and what it is, a line each: the comments at the head of the text.</summary>
    public IReadOnlyList<string> Comments { get; init; } = [];

    /// <summary>The equations, in an order in which each uses only inputs, states of the step before and quantities of earlier ones.</summary>
    public required IReadOnlyList<CellAssignment> Assignments { get; init; }

    /// <summary>The states, the one of which the layer's output is made first where that is a state: <c>h</c>, <c>c</c>.</summary>
    public required IReadOnlyList<CellState> States { get; init; }

    /// <summary>The quantity that is the layer's output: a state, or what the text declares by <c>out</c>.</summary>
    public required string Output { get; init; }

    /// <summary>Every learnable parameter, in the order of its first use.</summary>
    public required IReadOnlyList<DefinedParameter> Parameters { get; init; }

    /// <summary>What is declared of gates and other quantities: for those who look inside.</summary>
    public IReadOnlyList<DefinedRole> Roles { get; init; } = [];
}

/// <summary>An equation: name = value.</summary>
/// <param name="Name">The quantity.</param>
/// <param name="Value">Its value.</param>
public sealed record CellAssignment(string Name, CellExpression Value)
{
    /// <summary>Where it stands.</summary>
    public SourcePlace Place { get; init; }
}

/// <summary>A state: carried from step to step.</summary>
/// <param name="Name">Its name, which is also the quantity that is its new value.</param>
public sealed record CellState(string Name)
{
    /// <summary>What its first value is, in every unit, where the layer has no first state of its own.</summary>
    public float Initial { get; init; }

    /// <summary>How many numbers it has, where that is not the units.</summary>
    public CellWidth? Width { get; init; }
}

/// <summary>A width other than the units: a fixed number, or the units divided.</summary>
/// <param name="Fixed">The number; 0: none is fixed.</param>
/// <param name="Divisor">Else the units are divided by this, rounded up.</param>
public readonly record struct CellWidth(int Fixed, int Divisor)
{
    /// <summary>The width in a layer of so many units.</summary>
    public int Of(int units) => Fixed > 0 ? Fixed : (units + Divisor - 1) / Divisor;
}

/// <summary>What kind of parameter.</summary>
public enum ParameterKind
{
    /// <summary>[units, width of what it multiplies].</summary>
    Matrix,
    /// <summary>[units].</summary>
    Vector,
    /// <summary>[1].</summary>
    Scalar,
}

/// <summary>A learnable parameter.</summary>
/// <param name="Name">Its name in the equations.</param>
/// <param name="Kind">What it is.</param>
public sealed record DefinedParameter(string Name, ParameterKind Kind)
{
    /// <summary>How it begins; null: matrices as the network's weights, vectors and scalars at 0.</summary>
    public ParameterStart? Start { get; init; }
}

/// <summary>How a parameter begins.</summary>
public enum ParameterRule
{
    /// <summary>Every number at <see cref="ParameterStart.Value"/>.</summary>
    Constant,
    /// <summary>Uniform in ± <see cref="ParameterStart.Value"/>.</summary>
    Uniform,
    /// <summary>Normal of deviation <see cref="ParameterStart.Value"/>.</summary>
    Normal,
    /// <summary>Orthogonal, times <see cref="ParameterStart.Value"/>.</summary>
    Orthogonal,
    /// <summary>The identity times <see cref="ParameterStart.Value"/>.</summary>
    Identity,
}

/// <summary>How a parameter begins.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Value">Its number.</param>
public sealed record ParameterStart(ParameterRule Rule, double Value = 1);

/// <summary>What is declared of a quantity.</summary>
/// <param name="Name">The quantity.</param>
/// <param name="Called">What it is called: <c>"forget gate"</c>.</param>
/// <param name="Role">What it does; never guessed from a letter.</param>
public sealed record DefinedRole(string Name, string Called, GateRole Role = GateRole.Other);
