using Unroll.Cells;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>One step of a cell in operators of ONNX.</summary>
internal abstract class ScanCell(CellOptions options, RecurrentPlace place, GraphWeights weights)
{
    /// <summary>The cell's options.</summary>
    protected CellOptions Options => options;

    /// <summary>Units of a gate.</summary>
    protected int Hidden => place.Hidden;

    /// <summary>How many gates have rows.</summary>
    protected abstract int Gates { get; }

    /// <summary>Features of what the input brings to a step.</summary>
    public virtual int Width => Gates * Hidden;

    /// <summary>The step of a cell that has no operator.</summary>
    public static ScanCell Of(CellOptions options, RecurrentPlace place, GraphWeights weights) => options.Kind switch
    {
        _ when options.Definition is not null => new ScanDefined(options, place, weights),
        "lstm" => new ScanLstm(options, place, weights),
        "residual" => new ScanResidual(options, place, weights),
        "lstm-ln" => new ScanLayerNormLstm(options, place, weights),
        "gru-ln" => new ScanLayerNormGru(options, place, weights),
        _ => throw new InvalidOperationException($"there is no step of the cell '{options.Kind}'"),
    };

    //  W x + b_ih + b_hh
    /// <summary>What the input brings to the gates, of all steps: [steps, batch, width].</summary>
    public virtual string Arguments(GraphWriter g, string x) => g.Add(g.Add(Product(g, x), Whole("bias_ih")), Whole("bias_hh"));

    /// <summary>Writes outside the loop what every step needs.</summary>
    public virtual void Prepare(GraphWriter g) { }

    /// <summary>The next state.</summary>
    /// <param name="g">The graph of a step.</param>
    /// <param name="a">[batch, width]: what the input brings.</param>
    /// <param name="h">[batch, state size].</param>
    /// <param name="c">[batch, cell size]: the further states side by side; null where the cell has none.</param>
    public abstract (string H, string? C) Next(GraphWriter g, string a, string h, string? c);

    /// <summary>W x.</summary>
    protected string Product(GraphWriter g, string x) => g.MatMul(x, weights.Turned(place.Parameter("weight_ih")));

    /// <summary>U h₋.</summary>
    protected string Recurrent(GraphWriter g, string h) => g.MatMul(h, weights.Turned(place.Parameter("weight_hh")));

    /// <summary>A parameter of the layer.</summary>
    protected string Whole(string stem) => weights.Whole(place.Parameter(stem));

    /// <summary>A matrix of the layer, [inputs, outputs].</summary>
    protected string Turned(string stem) => weights.Turned(place.Parameter(stem));

    /// <summary>Each gate's part of [batch, gates · hidden].</summary>
    protected string[] Split(GraphWriter g, string all) => g.Split(all, -1, [.. Enumerable.Repeat((long)Hidden, Gates)]);
}

//  i, f, g, o as LSTM's, with peepholes, f = 1 − i where coupled, arguments within ±γ      c = f ⊙ c₋ + i ⊙ g within ±κ      h = W_hr (o ⊙ tanh c)
internal sealed class ScanLstm(CellOptions options, RecurrentPlace place, GraphWeights weights) : ScanCell(options, place, weights)
{
    private string[] _peepholes = [];

    protected override int Gates => Options.Coupled ? 3 : 4;

    public override void Prepare(GraphWriter g)
    {
        if (Options.Peepholes) _peepholes = [.. g.Split(Whole("peephole"), 0, 1, 1, 1).Select(row => g.Squeeze(row, 0))];
    }

    public override (string H, string? C) Next(GraphWriter g, string a, string h, string? c)
    {
        string[] gates = Split(g, g.Add(a, Recurrent(g, h)));
        string i = g.Sigmoid(Argument(g, gates[0], 0, c!));
        string f = Options.Coupled ? g.Sub(g.Float(1), i) : g.Sigmoid(Argument(g, gates[1], 1, c!));
        string candidate = g.Tanh(g.Clip(gates[^2], Options.GateClip));
        string next = g.Clip(g.Add(g.Mul(f, c!), g.Mul(i, candidate)), Options.CellClip);
        string shown = g.Mul(g.Sigmoid(Argument(g, gates[^1], 2, next)), g.Tanh(next));
        return (Options.Projection is null ? shown : g.MatMul(shown, Turned("weight_hr")), next);
    }

    private string Argument(GraphWriter g, string a, int row, string c) =>
        g.Clip(Options.Peepholes ? g.Add(a, g.Mul(_peepholes[row], c)) : a, Options.GateClip);
}

//  h = h₋ + φ(W x + U h₋ + b)
internal sealed class ScanResidual(CellOptions options, RecurrentPlace place, GraphWeights weights) : ScanCell(options, place, weights)
{
    protected override int Gates => 1;

    public override (string H, string? C) Next(GraphWriter g, string a, string h, string? c)
    {
        string argument = g.Clip(g.Add(a, Recurrent(g, h)), Options.GateClip);
        return (g.Add(h, Options.Activation == "logistic" ? g.Sigmoid(argument) : g.Tanh(argument)), null);
    }
}

//  a = LN(W x; α_ih, b_ih) + LN(U h₋; α_hh, b_hh), all gates together
//  c = σ(a_f) ⊙ c₋ + σ(a_i) ⊙ tanh(a_g)      h = σ(a_o) ⊙ tanh(LN(c; α_c, b_c))
internal sealed class ScanLayerNormLstm(CellOptions options, RecurrentPlace place, GraphWeights weights) : ScanCell(options, place, weights)
{
    protected override int Gates => 4;

    public override string Arguments(GraphWriter g, string x) => g.LayerNorm(Product(g, x), Whole("gain_ih"), Whole("bias_ih"));

    public override (string H, string? C) Next(GraphWriter g, string a, string h, string? c)
    {
        string[] gates = Split(g, g.Add(a, g.LayerNorm(Recurrent(g, h), Whole("gain_hh"), Whole("bias_hh"))));
        string next = g.Add(g.Mul(g.Sigmoid(gates[1]), c!), g.Mul(g.Sigmoid(gates[0]), g.Tanh(gates[2])));
        return (g.Mul(g.Sigmoid(gates[3]), g.Tanh(g.LayerNorm(next, Whole("gain_c"), Whole("bias_c")))), next);
    }
}

//  a_r, a_z = LN(W x) + LN(U h₋), both gates together      n = tanh(LN(W_n x) + σ(a_r) ⊙ LN(U_n h₋))      h = (1 − z) ⊙ n + z ⊙ h₋
internal sealed class ScanLayerNormGru(CellOptions options, RecurrentPlace place, GraphWeights weights) : ScanCell(options, place, weights)
{
    private string[] _gains = [], _biases = [];

    protected override int Gates => 3;

    public override string Arguments(GraphWriter g, string x) =>
        g.Concat(-1, Normal(g, Product(g, x), Parts(g, Whole("gain_ih")), Parts(g, Whole("bias_ih"))));

    public override void Prepare(GraphWriter g) => (_gains, _biases) = (Parts(g, Whole("gain_hh")), Parts(g, Whole("bias_hh")));

    public override (string H, string? C) Next(GraphWriter g, string a, string h, string? c)
    {
        string[] x = g.Split(a, -1, 2L * Hidden, Hidden), u = Normal(g, Recurrent(g, h), _gains, _biases);
        string[] gates = g.Split(g.Sigmoid(g.Add(x[0], u[0])), -1, Hidden, Hidden);
        string n = g.Tanh(g.Add(x[1], g.Mul(gates[0], u[1])));
        return (g.Add(g.Mul(g.Sub(g.Float(1), gates[1]), n), g.Mul(gates[1], h)), null);
    }

    private string[] Parts(GraphWriter g, string all) => g.Split(all, -1, 2L * Hidden, Hidden);

    private string[] Normal(GraphWriter g, string all, string[] gains, string[] biases)
    {
        string[] parts = Parts(g, all);
        return [g.LayerNorm(parts[0], gains[0], biases[0]), g.LayerNorm(parts[1], gains[1], biases[1])];
    }
}
