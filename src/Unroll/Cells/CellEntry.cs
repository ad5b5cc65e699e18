using Unroll.Core;

namespace Unroll.Cells;

/// <summary>Which of the options of <see cref="CellOptions"/> a cell understands, its activation and its kind apart.</summary>
[Flags]
public enum CellChoices
{
    /// <summary>None of them.</summary>
    None = 0,
    /// <summary><see cref="CellOptions.Peepholes"/>.</summary>
    Peepholes = 1,
    /// <summary><see cref="CellOptions.Coupled"/>.</summary>
    Coupled = 2,
    /// <summary><see cref="CellOptions.Projection"/>.</summary>
    Projection = 4,
    /// <summary><see cref="CellOptions.CellClip"/>.</summary>
    CellClip = 8,
    /// <summary><see cref="CellOptions.GateClip"/>.</summary>
    GateClip = 16,
}

/// <summary>A cell with options of its own: one on which laws are tested and gradients are checked.</summary>
/// <param name="Name">The kind, then what is special in words: <c>"lstm peephole"</c>.</param>
/// <param name="Options">The options.</param>
public sealed record CellVariant(string Name, CellOptions Options);

/// <summary>One line of a <see cref="CellCatalog"/>: the name of a cell, what it can be asked for, and how it is made. Immutable.</summary>
public sealed class CellEntry
{
    private readonly Func<CellOptions, ICell> _make;

    /// <summary>Names a cell.</summary>
    /// <param name="kind">As in <see cref="CellOptions.Kind"/> and <see cref="ICell.Name"/>: small letters, digits and hyphens.</param>
    /// <param name="make">Makes it; the options have been checked against what the entry says.</param>
    /// <exception cref="UserErrorException">The name has other characters, or none.</exception>
    public CellEntry(string kind, Func<CellOptions, ICell> make)
    {
        if (kind.Length == 0 || !kind.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw new UserErrorException($"cell kind: expected small letters, digits and hyphens because files and options hold it, got '{kind}'.");
        (Kind, _make, Variants) = (kind, make, [new CellVariant(kind, new CellOptions { Kind = kind })]);
    }

    /// <summary>The name.</summary>
    public string Kind { get; }

    /// <summary>What it is in a few words, for help: <c>"reset before the product"</c>. Empty: nothing to say.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The options that it understands.</summary>
    public CellChoices Choices { get; init; }

    /// <summary>The names that <see cref="CellOptions.Activation"/> can have, the default first; none where there is no choice.</summary>
    public IReadOnlyList<string> Activations { get; init; } = [];

    /// <summary>Why there is no <see cref="CellOptions.GateClip"/>, where <see cref="Choices"/> leaves it out.</summary>
    public string WhyNoGateClip { get; init; } = "the cell has none";

    /// <summary>Every variant that has mathematics of its own: laws and gradient checks run on each. By default the cell as it is.</summary>
    public IReadOnlyList<CellVariant> Variants { get; init; }

    /// <summary>Makes the cell; see <see cref="CellCatalog.Make"/>.</summary>
    internal ICell Make(CellOptions options)
    {
        Check(options);
        ICell cell = _make(options);
        return cell.Name == Kind ? cell
            : throw new UserErrorException($"cell '{Kind}': what the catalog makes for it calls itself '{cell.Name}'; give both one name.");
    }

    /// <summary>Whether an option that few cells have is asked for and not understood: peepholes, coupling, projection, cell clip.</summary>
    internal bool Lacks(CellOptions options) =>
        options.Peepholes && !Has(CellChoices.Peepholes) || options.Coupled && !Has(CellChoices.Coupled)
        || options.Projection is not null && !Has(CellChoices.Projection) || options.CellClip is not null && !Has(CellChoices.CellClip);

    /// <summary>Whether it understands one of those.</summary>
    internal bool HasRare => (Choices & ~CellChoices.GateClip) != 0;

    private bool Has(CellChoices choice) => (Choices & choice) != 0;

    private void Check(CellOptions options)
    {
        if (options.Projection is < 1 or > SizeLimits.Hidden)
            throw new UserErrorException($"cell '{Kind}' projection: expected 1 to {SizeLimits.Hidden}, got {options.Projection}.");
        if (options.CellClip is { } cell && !(cell > 0 && float.IsFinite(cell)))
            throw new UserErrorException($"cell '{Kind}' cell clip: expected a finite number above 0, or none, got {cell}.");
        if (options.GateClip is { } gate && !(gate > 0 && float.IsFinite(gate)))
            throw new UserErrorException($"cell '{Kind}' gate clip: expected a finite number above 0, or none, got {gate}.");
        if (options.GateClip is not null && !Has(CellChoices.GateClip))
            throw new UserErrorException($"cell '{Kind}' gate clip: expected none, because {WhyNoGateClip}.");
        if (options.Activation is { } name && !Activations.Contains(name))
            throw new UserErrorException(Activations.Count == 0
                ? $"cell '{Kind}' activation: it has no choice of one, got '{name}'."
                : $"cell '{Kind}' activation: expected {string.Join(" or ", Activations)}, got '{name}'.");
    }
}
