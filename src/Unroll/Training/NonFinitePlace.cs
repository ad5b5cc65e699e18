using System.Globalization;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>Finds where in a network the numbers of a pass stop being finite, for <see cref="IObjective{TBatch}.LocateNonFinite"/>.</summary>
public static class NonFinitePlace
{
    /// <summary>
    /// The first NaN or infinity in the forward pass: in the input, else in the lowest layer that has one, there at the first step it computed; of a
    /// recurrent layer the gate or state, and the unit: <c>"layer 'encoder.1', gate f, unit 3, sequence 2, step 17"</c>.
    /// </summary>
    /// <param name="network">Whose pass it was.</param>
    /// <param name="x">The input, [rows, input size].</param>
    /// <param name="cache">What <see cref="Network.Forward"/> returned.</param>
    /// <returns>Null if every number is finite.</returns>
    public static string? Forward(Network network, in SequenceBatch x, Cache cache)
    {
        if (NonFiniteRow.First(x) is { } input) return $"the input of {input}";
        for (int i = 0; i < network.All.Count; i++)
            if (InLayer(network.All[i], network.Part(cache, i)) is { } place) return place;
        return null;
    }

    /// <summary>
    /// The first NaN or infinity in the backward pass: in the gradient of the loss, else in the highest layer that passes one down, there at the
    /// first step that the backward pass reached: <c>"the backward pass through layer 'encoder.1', sequence 2, step 17"</c>. It runs the backward
    /// pass again;
    /// the parameters' gradients stay as they are.
    /// </summary>
    /// <param name="network">Whose pass it was.</param>
    /// <param name="dy">∂L/∂y, [rows, output size].</param>
    /// <param name="dLast">∂L/∂(final state); null for zero.</param>
    /// <param name="cache">What <see cref="Network.Forward"/> returned, its workspace not yet reset.</param>
    /// <param name="pass">The same pass as forward's.</param>
    /// <returns>Null if every number that is handed down is finite.</returns>
    public static string? Backward(Network network, in SequenceBatch dy, State? dLast, Cache cache, in Pass pass)
    {
        float[] kept = network.Parameters.Gradients.ToArray();
        SequenceBatch d = dy;
        string? place = NonFiniteRow.First(d) is { } loss ? $"the gradient of the loss by the output of {loss}" : null;
        int state = network.All.OfType<IRecurrentLayer>().Count();
        for (int i = network.All.Count - 1; i >= 0 && place is null; i--)
        {
            ILayer layer = network.All[i];
            Cache part = network.Part(cache, i);
            d = layer is IRecurrentLayer recurrent
                ? recurrent.Backward(d, dLast?.Children[--state], part, null, pass)
                : layer.Backward(d, part, pass);
            if (NonFiniteRow.First(d, fromEnd: layer is IRecurrentLayer { Causal: true }) is { } row)
                place = $"the backward pass through layer '{layer.Name}', {row}";
        }
        kept.CopyTo(network.Parameters.Gradients);
        return place;
    }

    private static string? InLayer(ILayer layer, Cache cache)
    {
        if (layer is Bidirectional both)
            return InLayer(both.ForwardLayer, both.ForwardPart(cache)) ?? InLayer(both.ReverseLayer, both.ReversePart(cache));
        if (cache is not RecurrentCache gates)
            return NonFiniteRow.First(cache.Output) is { } row ? $"the output of layer '{layer.Name}', {row}" : null;

        using RecurrentReplay replay = new((RecurrentLayer)layer, gates);
        SequenceLayout layout = gates.Layout;
        bool reverse = layer is RecurrentLayer { Reverse: true };
        for (int s = 0; s < layout.Steps; s++)
        {
            int t = reverse ? layout.Steps - 1 - s : s, row = layout.Offset(t) - replay.Visit(s).Row;
            if (InStep(gates, replay, t, row) is { } place) return $"layer '{layer.Name}', {place}";
        }
        return null;
    }

    private static string? InStep(RecurrentCache cache, RecurrentReplay replay, int t, int row)
    {
        for (int slot = 0; slot < cache.SavedNames.Count; slot++)
            if (InRows(replay.Saved(slot), cache.Layout, t, row) is { } place) return $"gate {cache.SavedNames[slot]}, {place}";
        return InRows(replay.C, cache.Layout, t, row) is { } c ? $"state c, {c}"
            : InRows(cache.H, cache.Layout, t, cache.Layout.Offset(t)) is { } h ? $"state h, {h}" : null;
    }

    // Rows of a step, which begin with that one.
    private static string? InRows(in MatrixView rows, SequenceLayout layout, int t, int row)
    {
        for (int p = 0; p < layout.Active(t); p++)
        {
            int unit = Reduce.IndexOfNonFinite(rows.Row(row + p));
            if (unit >= 0) return string.Create(CultureInfo.InvariantCulture, $"unit {unit}, sequence {layout.Order[p]}, step {t}");
        }
        return null;
    }
}
