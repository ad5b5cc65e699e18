using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>
/// A cell written in C#: the same definition as the text gives. Equations are set in order; each uses x, states of the step before and what is set
/// above.
/// </summary>
/// <example><code>
/// CellBuilder cell = new("mgu");
/// CellExpression x = cell.Input, before = cell.Before("h");
/// CellExpression f = cell.Set("f", Sigmoid(cell.Matrix("W_f") * x + cell.Matrix("U_f") * before + cell.Vector("b_f")));
/// CellExpression n = cell.Set("n", Tanh(cell.Matrix("W_n") * x + cell.Matrix("U_n") * (f * before) + cell.Vector("b_n")));
/// cell.Set("h", (1 - f) * before + f * n);
/// CellDefinition mgu = cell.Build();
/// </code></example>
public sealed class CellBuilder
{
    private readonly CellDraft _draft;

    /// <summary>Begins a cell.</summary>
    /// <param name="name">Its name: small letters, digits and hyphens.</param>
    public CellBuilder(string name) => _draft = new CellDraft(new CellSource(null)) { Name = name };

    /// <summary>x, the input of the step.</summary>
    public CellExpression Input { get; } = new InputExpression();

    /// <summary>A state of the step before; some equation must set it.</summary>
    /// <param name="state">The state's name.</param>
    public CellExpression Before(string state) => new PreviousExpression(state);

    /// <summary>A learnable matrix.</summary>
    /// <param name="name">Its name, with a capital letter first.</param>
    /// <param name="start">How it begins; null: as the network's weights. Said once for each name.</param>
    public CellMatrix Matrix(string name, ParameterStart? start = null)
    {
        Begin(name, start);
        return new CellMatrix(name);
    }

    /// <summary>A learnable vector, one number a unit.</summary>
    /// <param name="name">Its name, with a small letter first.</param>
    /// <param name="start">How it begins; null: at 0. Said once for each name.</param>
    public CellExpression Vector(string name, ParameterStart? start = null)
    {
        if (!CellWords.IsVector(name)) Declare(name, ParameterKind.Vector);
        Begin(name, start);
        return new VectorExpression(name);
    }

    /// <summary>A learnable number.</summary>
    /// <param name="name">Its name, with a small letter first.</param>
    /// <param name="start">How it begins; null: at 0. Said once for each name.</param>
    public CellExpression Scalar(string name, ParameterStart? start = null)
    {
        Declare(name, ParameterKind.Scalar);
        Begin(name, start);
        return new ScalarExpression(name);
    }

    /// <summary>An equation: name = value. A name that is also used by <see cref="Before"/> is a state.</summary>
    /// <param name="name">The quantity.</param>
    /// <param name="value">Its value.</param>
    /// <returns>The quantity, for the equations that follow.</returns>
    public CellExpression Set(string name, CellExpression value)
    {
        _draft.Assignments.Add(new CellAssignment(name, value));
        return new QuantityExpression(name);
    }

    /// <summary>The equation of the layer's output, where that is not the state h.</summary>
    /// <param name="name">The quantity.</param>
    /// <param name="value">Its value.</param>
    /// <returns>The quantity, for the equations that follow.</returns>
    /// <exception cref="UserErrorException">There is an output already.</exception>
    public CellExpression Output(string name, CellExpression value)
    {
        if (_draft.Output is { } other)
            throw new UserErrorException($"cell '{_draft.Name}', {name}: a second output; expected one, and '{other.Name}' is it; use Set for "
                + "this one.");
        _draft.Output = new(name, true, default);
        return Set(name, value);
    }

    /// <summary>The first value of a state, in every unit.</summary>
    /// <param name="state">The state.</param>
    /// <param name="value">The value.</param>
    public CellBuilder Initial(string state, float value)
    {
        _draft.Initials.Add(new(state, value, default));
        return this;
    }

    /// <summary>The width of a state, where that is not the units.</summary>
    /// <param name="state">The state.</param>
    /// <param name="width">How many numbers it has.</param>
    public CellBuilder Width(string state, int width)
    {
        CheckWidth(state, width, least: 1);
        _draft.Widths.Add(new(state, new CellWidth(width, 1), default));
        return this;
    }

    /// <summary>The width of a state as a part of the units, rounded up.</summary>
    /// <param name="state">The state.</param>
    /// <param name="divisor">What the units are divided by, from 2.</param>
    public CellBuilder WidthOfUnits(string state, int divisor)
    {
        CheckWidth(state, divisor, least: 2);
        _draft.Widths.Add(new(state, new CellWidth(0, divisor), default));
        return this;
    }

    /// <summary>What a quantity is called and does, for those who look inside.</summary>
    /// <param name="quantity">The quantity.</param>
    /// <param name="called">What it is called: <c>"forget gate"</c>.</param>
    /// <param name="role">What it does.</param>
    public CellBuilder Describe(string quantity, string called, GateRole role = GateRole.Other)
    {
        _draft.Roles.Add(new(quantity, new DefinedRole(quantity, called, role), default));
        return this;
    }

    /// <summary>A line of the head: who published it, what it is.</summary>
    /// <param name="line">The line.</param>
    public CellBuilder Comment(string line)
    {
        string comment = line.ReplaceLineEndings(" ").Trim();
        if (comment.Length > 0) _draft.Comments.Add(comment);
        return this;
    }

    /// <summary>The definition.</summary>
    /// <exception cref="UserErrorException">Something is wrong: in which equation, what, and what to do.</exception>
    public CellDefinition Build() => CellChecker.Complete(_draft);

    private void Declare(string name, ParameterKind kind)
    {
        if (_draft.DeclarationOf(name) is null) _draft.Declared.Add(new(name, kind, default));
    }

    private void Begin(string name, ParameterStart? start)
    {
        if (start is not null) _draft.Starts.Add(new(name, start, default));
    }

    private void CheckWidth(string state, int number, int least)
    {
        if (number < least || number > SizeLimits.Hidden)
            throw new UserErrorException($"cell '{_draft.Name}', width of {state}: expected {least} to {SizeLimits.Hidden}, got {number}.");
    }
}
