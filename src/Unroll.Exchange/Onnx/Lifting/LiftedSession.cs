using Unroll.Core;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Runs a lifted network again and again in memory of its own; for one caller at a time.</summary>
public sealed class LiftedSession
{
    private readonly LiftedNetwork _lifted;
    private readonly Pass _pass;
    private readonly RowsIn _in;
    private readonly RowsOut _out;
    private State? _first, _last;

    internal LiftedSession(LiftedNetwork lifted, ThreadTeam threads)
    {
        _lifted = lifted;
        _pass = new Pass(new Workspace(), threads, new Rng(0), Training: false) { InferenceOnly = true };
        (_in, _out) = (new RowsIn(lifted.Parts, lifted.Network), new RowsOut(lifted));
    }

    private Network Network => _lifted.Network;

    private LiftedParts Parts => _lifted.Parts;

    /// <inheritdoc cref="LiftedNetwork.Run"/>
    public IReadOnlyDictionary<string, OnnxValue> Run(IReadOnlyDictionary<string, OnnxValue> inputs) => TryRun(inputs) ?? _lifted.Model.Run(inputs);

    /// <summary>The outputs of the network; null: these inputs are not what it takes, and the graph must be asked.</summary>
    /// <param name="inputs">As <see cref="OnnxModel.Run"/> takes them.</param>
    public IReadOnlyDictionary<string, OnnxValue>? TryRun(IReadOnlyDictionary<string, OnnxValue> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Keys.Any(name => !_lifted.Model.Inputs.Any(input => input.Name == name))) return null;
        foreach (OnnxPort port in _lifted.Model.Inputs)
            if (inputs.GetValueOrDefault(port.Name) is not OnnxTensor tensor || !Fits(port, tensor)) return null;
        _pass.Workspace.Reset();
        if (_in.Read(inputs, _pass.Workspace) is not { } x || !First(inputs, x.Layout.Sequences)) return null;
        Cache cache = Network.Forward(x, _first, _pass);
        if (_out.WantsStates)
        {
            if (_last?.Sequences != x.Layout.Sequences) _last = Network.NewState(x.Layout.Sequences);
            Network.Last(cache, _last!);
        }
        return _out.Write(cache.Output, x.Layout, _in.Steps, _last, _pass);
    }

    private static bool Fits(OnnxPort port, OnnxTensor tensor) => tensor.Type == port.Type && tensor.Rank == port.Shape!.Count
        && Enumerable.Range(0, tensor.Rank).All(axis => tensor.Shape[axis] > 0
            && (port.Shape[axis].Size ?? tensor.Shape[axis]) == tensor.Shape[axis]);

    // The states that the graph's inputs give; what no input gives begins where the network begins.
    private bool First(IReadOnlyDictionary<string, OnnxValue> inputs, int sequences)
    {
        if (!Parts.Recurrent.Any(layer => layer.FirstH.Concat(layer.FirstC).Any(state => state is FirstState.Given))) return true;
        if (_first?.Sequences != sequences) _first = Network.NewState(sequences);
        for (int layer = 0; layer < Parts.Recurrent.Count; layer++)
            for (int direction = 0; direction < Parts.Recurrent[layer].Directions; direction++)
            {
                RecurrentRows own = Parts.Recurrent[layer];
                State leaf = own.Directions == 2 ? _first!.Children[layer].Children[direction] : _first!.Children[layer];
                if (!Copy(inputs, own.FirstH[direction], leaf.H, sequences)
                    || (own.FirstC.Count > 0 && !Copy(inputs, own.FirstC[direction], leaf.C, sequences)))
                    return false;
            }
        return true;
    }

    private static bool Copy(IReadOnlyDictionary<string, OnnxValue> inputs, FirstState state, Span<float> into, int sequences)
    {
        if (state is not FirstState.Given given) return true;
        OnnxTensor tensor = (OnnxTensor)inputs[given.Port.Name];
        AtomStrides strides = new(given.Axes, atom => tensor.Shape[given.Axes.Of(atom)]);
        if ((given.Sequences is { } counting ? tensor.Shape[given.Axes.Of(counting)] : 1) != sequences) return false;
        int start = given.Fixed.Sum(one => one.Value * strides.Of(one.Key)), width = into.Length / sequences;
        ReadOnlySpan<float> values = tensor.Values<float>();
        for (int s = 0; s < sequences; s++)
            for (int u = 0; u < width; u++) into[s * width + u] = values[start + s * strides.Of(given.Sequences) + u * strides.Of(given.Units)];
        return true;
    }
}
