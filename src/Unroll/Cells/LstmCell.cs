using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>
/// Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber, Cummins 2000; notes S22 to S30), with its variants:
/// peepholes, coupled input and forget gate, projection, clipped cell state, clipped gate arguments.
/// </summary>
public sealed class LstmCell : ICell
{
    private readonly CellOptions _options;
    private readonly int _i, _f, _g, _o, _m, _projected;

    /// <summary>Makes the cell.</summary>
    /// <param name="options">The variant; see <see cref="CellOptions"/>.</param>
    public LstmCell(CellOptions options)
    {
        _options = options;
        List<string> saved = options.Coupled ? ["i", "g", "o", "f", "m"] : ["i", "f", "g", "o", "m"];
        (_i, _f, _g, _o, _m) = (0, saved.IndexOf("f"), saved.IndexOf("g"), saved.IndexOf("o"), saved.IndexOf("m"));
        Gates = options.Coupled ? "igo" : "ifgo";
        if (options.Projection is null)
        {
            Products = [new Product(Gates, "h")];
        }
        else
        {
            _projected = saved.Count;
            saved.Add("hm");                                             // o ⊙ m, which W_hr projects onto h
            Products = [new Product(Gates, "h"), new Product("h", "hm", Stage: 1)];
        }
        Saved = saved;
    }

    /// <summary>Its line in the catalog.</summary>
    public static CellEntry Entry { get; } = new("lstm", options => new LstmCell(options))
    {
        Summary = "the default of most: a cell state beside the output",
        Choices = CellChoices.Peepholes | CellChoices.Coupled | CellChoices.Projection | CellChoices.CellClip | CellChoices.GateClip,
        Variants =
        [
            new("lstm", new() { Kind = "lstm" }),
            new("lstm peephole", new() { Kind = "lstm", Peepholes = true }),
            new("lstm projection", new() { Kind = "lstm", Projection = 3 }),
            new("lstm coupled", new() { Kind = "lstm", Coupled = true }),
            new("lstm clipped cell", new() { Kind = "lstm", CellClip = 0.3f }),
            new("lstm clipped gates", new() { Kind = "lstm", GateClip = 0.4f }),
            new("lstm peephole coupled projection clipped",
                new() { Kind = "lstm", Peepholes = true, Coupled = true, Projection = 3, CellClip = 0.3f, GateClip = 0.4f }),
        ],
    };

    /// <inheritdoc/>
    public string Name => "lstm";

    /// <inheritdoc/>
    public string Gates { get; }

    /// <inheritdoc/>
    public bool HasCellState => true;

    /// <inheritdoc/>
    public IReadOnlyList<string> Saved { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Product> Products { get; }

    /// <inheritdoc/>
    public int Stages => Products.Count;

    /// <inheritdoc/>
    public int ExtraRows => _options.Peepholes ? 3 : 0;

    /// <inheritdoc/>
    public void Forward(int stage, in Tile s)
    {
        if (stage == 0) LstmGates.Forward(Gather(s));                    // stage 1, the projection, is a product alone
    }

    /// <inheritdoc/>
    public void Backward(int stage, in TileBack s)
    {
        if (stage == 1) return;
        bool projected = _options.Projection is not null;
        if (!projected) MatrixViews.Clear(s.DHPrev);                          // every path from h₋ leads through a product
        LstmGates.Backward(new LstmTileBack
        {
            Forward = new LstmTile
            {
                I = s.Saved(_i), F = s.Saved(_f), G = s.Saved(_g), O = s.Saved(_o), M = s.Saved(_m), CPrev = s.CPrev, C = s.C,
                Peephole = s.Extras, Coupled = _options.Coupled, CellClip = _options.CellLimit, GateClip = _options.GateLimit,
            },
            DH = projected ? s.DSource : s.DH,
            DC = s.DC,
            DI = s.DA(0),
            DF = _options.Coupled ? default : s.DA(1),
            DG = s.DA(_options.Coupled ? 1 : 2),
            DO = s.DA(_options.Coupled ? 2 : 3),
        });
    }

    /// <inheritdoc/>
    public void AddExtraGradients(in UnitRange s)
    {
        if (!_options.Peepholes) return;
        LstmGates.AddPeepholeGradient(s.DA(0), s.CPrev, s.DExtra(0));
        if (!_options.Coupled) LstmGates.AddPeepholeGradient(s.DA(1), s.CPrev, s.DExtra(1));
        LstmGates.AddPeepholeGradient(s.DA(_options.Coupled ? 2 : 3), s.C, s.DExtra(2));
    }

    /// <summary>What c is clipped to; infinite for no clip.</summary>
    internal float CellLimit => _options.CellLimit;

    private LstmTile Gather(in Tile s) => new()
    {
        I = s.Saved(_i), F = s.Saved(_f), G = s.Saved(_g), O = s.Saved(_o), M = s.Saved(_m),
        H = _options.Projection is null ? s.H : s.Saved(_projected),
        CPrev = s.CPrev, C = s.C, Peephole = s.Extras, Coupled = _options.Coupled,
        CellClip = _options.CellLimit, GateClip = _options.GateLimit,
    };
}
