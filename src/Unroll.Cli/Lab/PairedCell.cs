using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Cli.Lab;

/// <summary>
/// One recurrent layer twice with the same weights: by the study notes' equations in double, and by the engine in float. Weights begin at zero and
/// are set through <see cref="Weights"/>; they are rounded to floats before either runs.
/// </summary>
internal sealed class PairedCell
{
    private readonly Dictionary<string, double[]> _values;

    internal PairedCell(CellOptions options, int inputs, int hidden)
    {
        (Options, Inputs, Hidden, Equations) = (options, inputs, hidden, CellEquations.Of(options));
        int rows = Equations.Gates.Length * hidden;
        _values = new()
        {
            ["weight_ih_l0"] = new double[rows * inputs], ["weight_hh_l0"] = new double[rows * hidden],
            ["bias_ih_l0"] = new double[rows], ["bias_hh_l0"] = new double[rows],
        };
        Weights = Views();
    }

    internal CellOptions Options { get; }

    internal int Inputs { get; }

    internal int Hidden { get; }

    internal ICellEquations Equations { get; }

    /// <summary>Gate by gate; what is written through it is what runs.</summary>
    internal CellWeights Weights { get; }

    /// <summary>Sets one gate: W_i, W_h (null: zero) and its bias.</summary>
    internal PairedCell Gate(char gate, Matrix? input, Matrix? recurrent, double bias = 0)
    {
        for (int row = 0; row < Hidden; row++)
        {
            for (int column = 0; column < Inputs; column++) Weights.Wi[gate][row, column] = input?[row, column] ?? 0;
            for (int column = 0; column < Hidden; column++) Weights.Wh[gate][row, column] = recurrent?[row, column] ?? 0;
            Weights.Bi[gate][row] = bias;
        }
        return this;
    }

    /// <summary>By the equations, from a given state or from zero.</summary>
    internal RecurrentRun Textbook(IReadOnlyList<Vector> x, Vector? h0 = null, Vector? c0 = null)
    {
        Round();
        Dictionary<string, Vector> first = new() { ["h"] = h0 ?? Vector.Zeros(Hidden), ["c"] = c0 ?? Vector.Zeros(Hidden) };
        return RecurrentRun.Forward(Equations, Weights, x, first);
    }

    /// <summary>Gradients of one sequence that are not kept.</summary>
    internal CellWeights Gradients() => new PairedCell(Options, Inputs, Hidden).Weights;

    /// <summary>By the engine, from a given state or from zero; with <paramref name="dLast"/> also back from δh of the last step alone.</summary>
    internal EngineRun Engine(IReadOnlyList<Vector> x, ThreadTeam threads, Vector? h0 = null, Vector? c0 = null, Vector? dLast = null)
    {
        Round();
        ParameterStore store = new();
        RecurrentLayer layer = new("cell", store, Options, Inputs, Hidden);
        using (Edit edit = store.Edit())
            foreach (Parameter parameter in store.All)
                for (int i = 0; i < parameter.Length; i++)
                    edit.Of(parameter)[i] = (float)_values[parameter.Name][i];
        State first = layer.NewState(1);
        for (int u = 0; h0 is not null && u < Hidden; u++) first.H[u] = (float)h0[u];
        for (int u = 0; c0 is not null && u < first.CellSize; u++) first.C[u] = (float)c0[u];
        SequenceBatch batch = SequenceBatch.Zeros(SequenceLayout.Uniform(1, x.Count), Inputs);
        for (int t = 0; t < x.Count; t++)
            for (int i = 0; i < Inputs; i++) batch.Row(t, 0)[i] = (float)x[t][i];
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: true);
        RecurrentCache cache = (RecurrentCache)layer.Forward(batch, first, pass);
        SequenceBatch? dx = dLast is null ? null : layer.Backward(Last(cache.Output, dLast), cache, pass);
        return new EngineRun(cache, Hidden, dx);
    }

    private static SequenceBatch Last(in SequenceBatch output, Vector dLast)
    {
        SequenceBatch dy = SequenceBatch.Zeros(output.Layout, output.Features);
        for (int u = 0; u < dLast.Count; u++) dy.Row(output.Layout.Steps - 1, 0)[u] = (float)dLast[u];
        return dy;
    }

    private void Round()
    {
        foreach (double[] values in _values.Values)
            for (int i = 0; i < values.Length; i++) values[i] = (float)values[i];
    }

    private CellWeights Views() => new(_values, "", "l0", Equations, Inputs, Hidden);
}

/// <summary>One sequence through the engine.</summary>
/// <param name="Cache">Every gate and state.</param>
/// <param name="Hidden">H.</param>
/// <param name="DX">∂L/∂x⟨t⟩, [1, T] rows; null without a backward pass.</param>
internal sealed record EngineRun(RecurrentCache Cache, int Hidden, SequenceBatch? DX)
{
    /// <summary>h⟨t⟩, t from 0.</summary>
    internal Vector H(int t) => Copy(Cache.H.Row(t)[..Hidden]);

    /// <summary>c⟨t⟩, t from 0; a cell that has one.</summary>
    internal Vector C(int t) => Copy(Cache.C.Row(t)[..Hidden]);

    /// <summary>A gate by its name in the engine.</summary>
    internal Vector Gate(string name, int t) => Copy(Cache.Saved(name).Row(t)[..Hidden]);

    /// <summary>∂L/∂x⟨t⟩.</summary>
    internal Vector Dx(int t) => Copy(DX!.Value.Row(t, 0));

    private static Vector Copy(ReadOnlySpan<float> values)
    {
        Vector copy = Vector.Zeros(values.Length);
        for (int i = 0; i < values.Length; i++) copy[i] = values[i];
        return copy;
    }
}
