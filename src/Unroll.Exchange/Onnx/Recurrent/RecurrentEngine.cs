using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Onnx.Values;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>
/// A recurrent node on this library's own layers: made once from its weights, used as long as the node gets the same tensors. Safe from several
/// threads at once.
/// </summary>
internal sealed class RecurrentEngine
{
    private readonly RecurrentLayer[] _layers;
    private readonly OnnxTensor _w, _r;
    private readonly OnnxTensor? _b, _p;
    private EngineScratch? _idle = new();

    private RecurrentEngine(RecurrentInputs inputs, RecurrentLayer[] layers) =>
        (_layers, _w, _r, _b, _p) = (layers, inputs.W, inputs.R, inputs.B, inputs.P);

    /// <summary>Layers with the weights of a node, or null where they do not compute what it says.</summary>
    public static RecurrentEngine? For(RecurrentInputs inputs)
    {
        if (inputs.X.Type != OnnxType.Float || !Fits(inputs)) return null;
        CellOptions?[] cells = new CellOptions?[inputs.Convention.Directions];
        for (int d = 0; d < cells.Length; d++) cells[d] = EngineCell.For(inputs.Convention, d, inputs.P is not null);
        return cells.Contains(null) ? null : new(inputs, [.. cells.Select((cell, d) => Layer(inputs, d, cell!))]);
    }

    /// <summary>Whether the layers have the weights of these inputs: the tensors themselves, not merely equal ones.</summary>
    public bool Serves(RecurrentInputs inputs) =>
        ReferenceEquals(_w, inputs.W) && ReferenceEquals(_r, inputs.R) && ReferenceEquals(_b, inputs.B) && ReferenceEquals(_p, inputs.P);

    /// <summary>Computes the outputs.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="outputs">Receive the numbers; zero before, and still past the sequences' ends.</param>
    public void Run(RecurrentInputs inputs, RecurrentOutputs<float> outputs)
    {
        EngineScratch scratch = Interlocked.Exchange(ref _idle, null) ?? new();
        scratch.Workspace.Reset();
        SequenceLayout layout = scratch.LayoutOf(inputs.Lengths);
        SequenceBatch x = scratch.Workspace.Rent(layout, inputs.InputSize);
        Gather(inputs, x);
        Pass pass = new(scratch.Workspace, ThreadTeam.Default, new Rng(0), Training: false) { InferenceOnly = true };
        for (int d = 0; d < _layers.Length; d++)
        {
            State state = scratch.StateOf(_layers, d, inputs.Sequences);
            Begin(inputs, d, inputs.InitialH, state.H);
            if (state.CellSize > 0) Begin(inputs, d, inputs.InitialC, state.C);
            Cache cache = _layers[d].Forward(x, state, pass);
            if (!outputs.Y.IsEmpty) Scatter(inputs, d, cache.Output, outputs.Y);
            _layers[d].Last(cache, state);
            Finish(inputs, d, state.H, outputs.LastH);
            if (state.CellSize > 0) Finish(inputs, d, state.C, outputs.LastC);
        }
        _idle = scratch;
    }

    // A layer pads its matrices to whole vectors, and an array has its limit.
    private static bool Fits(RecurrentInputs inputs) => inputs.InputSize >= 1 && inputs.Hidden is >= 1 and <= SizeLimits.Hidden
        && (inputs.Convention.Gates + 2) * (inputs.Hidden + 15L) * (Math.Max(inputs.InputSize, inputs.Hidden) + 15L) < 2_000_000_000;

    private static RecurrentLayer Layer(RecurrentInputs inputs, int direction, CellOptions cell)
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("onnx", store, cell, inputs.InputSize, inputs.Hidden, inputs.Convention.IsReverse(direction));
        LayerTensors tensors = LayerTensors.Of(inputs.Convention, direction, inputs.InputSize, inputs.Hidden, inputs.W.Values<float>(),
            inputs.R.Values<float>(), inputs.B is { } b ? b.Values<float>() : default, inputs.P is { } p ? p.Values<float>() : default);
        using Edit edit = store.Edit();
        tensors.InputToHidden.CopyTo(edit.Of(layer.InputToHidden));
        tensors.HiddenToHidden.CopyTo(edit.Of(layer.HiddenToHidden));
        tensors.InputBias.CopyTo(edit.Of(layer.InputBias));
        tensors.HiddenBias.CopyTo(edit.Of(layer.HiddenBias));
        tensors.Peepholes?.CopyTo(edit.Of(layer.CellParameters[0]));
        return layer;
    }

    // [T, B, I] is what a batch of equal lengths is in memory.
    private static void Gather(RecurrentInputs inputs, SequenceBatch x)
    {
        ReadOnlySpan<float> from = inputs.X.Values<float>();
        if (inputs.Convention.Layout == 0 && x.Layout.Rows == inputs.Steps * inputs.Sequences)
        {
            from.CopyTo(x.All);
            return;
        }
        for (int s = 0; s < inputs.Sequences; s++)
            for (int t = 0; t < inputs.Lengths[s]; t++) from.Slice(inputs.InputRow(t, s), inputs.InputSize).CopyTo(x.Row(t, s));
    }

    private static void Scatter(RecurrentInputs inputs, int direction, SequenceBatch from, Span<float> y)
    {
        if (y.Length == from.All.Length && inputs.Convention.Layout == 0)
        {
            from.All.CopyTo(y);
            return;
        }
        for (int s = 0; s < inputs.Sequences; s++)
            for (int t = 0; t < inputs.Lengths[s]; t++) from.Row(t, s).CopyTo(y[inputs.OutputRow(t, direction, s)..]);
    }

    private static void Begin(RecurrentInputs inputs, int direction, OnnxTensor? initial, Span<float> to)
    {
        to.Clear();
        if (initial is null) return;
        for (int s = 0; s < inputs.Sequences; s++)
            initial.Values<float>().Slice(inputs.StateRow(direction, s), inputs.Hidden).CopyTo(to[(s * inputs.Hidden)..]);
    }

    private static void Finish(RecurrentInputs inputs, int direction, ReadOnlySpan<float> from, Span<float> last)
    {
        if (last.IsEmpty) return;
        for (int s = 0; s < inputs.Sequences; s++)
            from.Slice(s * inputs.Hidden, inputs.Hidden).CopyTo(last[inputs.StateRow(direction, s)..]);
    }
}
