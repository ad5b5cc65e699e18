using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>
/// Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber, Cummins 2000; notes S22 to S30), with its variants:
/// peepholes, coupled input and forget gate, projection, clipped cell state, clipped gate arguments.
/// </summary>
public sealed class LstmCell : IUnsaturated
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
        Summary = "the usual choice: a cell state in addition to the output",
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

    /// <summary>What i, f, g and o are, in every LSTM of this library.</summary>
    internal static IReadOnlyList<SlotDescription> GateSlots { get; } =
    [
        new("i", "i, input gate", GateRange.Logistic, GateRole.Admits)
        {
            AtLower = new("the cell takes nothing in: the input never reaches c", IsHarm: true),
            AtUpper = new("every candidate is taken in completely", IsHarm: false),
        },
        new("f", "f, forget gate", GateRange.Logistic, GateRole.Keeps)
        {
            AtLower = new("the cell forgets at every step", IsHarm: true),
            AtUpper = new("the cell never forgets: c is a running sum", IsHarm: false),
        },
        new("g", "g, candidate", GateRange.Tanh, GateRole.Candidate),
        new("o", "o, output gate", GateRange.Logistic, GateRole.Shows)
        {
            AtLower = new("the cell shows nothing: h is near 0 and little gradient reaches c", IsHarm: true),
            AtUpper = new("the cell always shows all of c", IsHarm: false),
        },
    ];

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
            DH = projected ? s.DSource() : s.DH,
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

    /// <summary>The orders of the whole cell; coupled gates leave out <c>f</c>, and no other program has them.</summary>
    public IReadOnlyList<GateConvention> OtherConventions => _options.Coupled ? [] :
    [
        new(GateConvention.PyTorch, "ifgo"),
        new(GateConvention.Onnx, "iofg"),                                    // i o f c in its own letters
        new(GateConvention.Keras, "ifgo"),                                   // i f c o in its own letters
        new(GateConvention.Notes, "figo"),                                   // W_f W_i W_c W_o
    ];

    /// <inheritdoc/>
    public CellDescription Description => field ??= new()
    {
        Slots =
        [
            .. GateSlots,
            new("m", "m = tanh(c)", GateRange.Tanh, GateRole.Shown),
            new("hm", "o ⊙ m, before the projection"),
        ],
        // f = 1 − i with coupled gates: what keeps is then minus the bias of i
        Memory = _options.Coupled ? new('i') { Negated = true, TakesForgetBias = true } : new('f') { TakesForgetBias = true, Admits = 'i' },
        StatePath = new("f", "o", "m")
        {
            Clip = _options.CellLimit,
            Peepholes = !_options.Peepholes ? [] : _options.Coupled ? [("i", 0, false), ("o", 2, true)]
                : [("i", 0, false), ("f", 1, false), ("o", 2, true)],
        },
        Equations =
        [
            new("i = σ(W_i x + U_i h₋ + b_i)", "how much of the candidate is taken in", "S22, S23, S25"),
            new(_options.Coupled ? "f = 1 − i" : "f = σ(W_f x + U_f h₋ + b_f)", "how much of the past is kept", "S23, S25, S30"),
            new("g = tanh(W_g x + U_g h₋ + b_g)", "the candidate", "S23"),
            new("o = σ(W_o x + U_o h₋ + b_o)", "how much of the cell state is shown", "S23, S25"),
            .. _options.Peepholes ? [new("+ p_i ⊙ c₋, + p_f ⊙ c₋, + p_o ⊙ c", "peepholes, inside i, f and o", "S28")]
                : (ReadOnlySpan<CellEquation>)[],
            new("c = f ⊙ c₋ + i ⊙ g", "the cell state; its direct path backward is f", "S22, S30"),
            new("m = tanh(c),  " + (_options.Projection is null ? "h = o ⊙ m" : "h = W_hr (o ⊙ m)"), "the output", "S23, S24"),
        ],
    };

    //  δa_o = ¼ δhm ⊙ m      δc = δc₊ + δhm ⊙ o + p_o ⊙ δa_o      δa_g = δc ⊙ i      δa_f = ¼ δc ⊙ c₋      δa_i = ¼ δc ⊙ g  (coupled: g − c₋)
    //  δc₋ = δc ⊙ f + p_i ⊙ δa_i + p_f ⊙ δa_f      δh₋ = 0: every path from h₋ leads through a product
    /// <inheritdoc/>
    public void BackwardUnsaturated(int stage, in TileBack s)
    {
        if (stage == 1) return;
        bool coupled = _options.Coupled, peepholes = s.Extras.Rows > 0, projected = _options.Projection is not null;
        for (int row = 0; row < s.DC.Rows; row++)
        {
            Span<float> i = s.Saved(_i).Row(row), f = s.Saved(_f).Row(row), g = s.Saved(_g).Row(row), o = s.Saved(_o).Row(row),
                m = s.Saved(_m).Row(row);
            Span<float> before = s.CPrev.Row(row), dc = s.DC.Row(row), dh = (projected ? s.DSource() : s.DH).Row(row);
            Span<float> di = s.DA(0).Row(row), df = coupled ? default : s.DA(1).Row(row), dg = s.DA(coupled ? 1 : 2).Row(row),
                @do = s.DA(coupled ? 2 : 3).Row(row);
            if (!projected) s.DHPrev.Row(row).Clear();
            for (int u = 0; u < dc.Length; u++)
            {
                @do[u] = dh[u] * m[u] * LargestSlope.Sigmoid;
                float d = dc[u] + dh[u] * o[u] * LargestSlope.Tanh + (peepholes ? s.Extras.Row(2)[u] * @do[u] : 0);
                dg[u] = d * i[u] * LargestSlope.Tanh;
                di[u] = d * (coupled ? g[u] - before[u] : g[u]) * LargestSlope.Sigmoid;
                if (!coupled) df[u] = d * before[u] * LargestSlope.Sigmoid;
                dc[u] = d * f[u] + (peepholes ? s.Extras.Row(0)[u] * di[u] + (coupled ? 0 : s.Extras.Row(1)[u] * df[u]) : 0);
            }
        }
    }

    private LstmTile Gather(in Tile s) => new()
    {
        I = s.Saved(_i), F = s.Saved(_f), G = s.Saved(_g), O = s.Saved(_o), M = s.Saved(_m),
        H = _options.Projection is null ? s.H : s.Saved(_projected),
        CPrev = s.CPrev, C = s.C, Peephole = s.Extras, Coupled = _options.Coupled,
        CellClip = _options.CellLimit, GateClip = _options.GateLimit,
    };
}
