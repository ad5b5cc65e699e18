using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Recurrent;

namespace Unroll.Inspection;

//  loss = Σ w ⊙ y with seeded weights w, so that δy is w

/// <summary>The gradient check for a layer, and so for a cell, of one's own.</summary>
/// <param name="layer">The layer.</param>
/// <param name="store">Its parameters, with the values to check at; they are put back.</param>
/// <param name="x">Inputs, away from the layer's kinks; they are put back.</param>
/// <param name="pass">Workspace, threads, random draws; the workspace is reset.</param>
public sealed class GradientCheckOfLayer(ILayer layer, ParameterStore store, SequenceBatch x, Pass pass)
{
    private const float FloatEpsilon = 1e-2f;
    private readonly SequenceBatch _w = Weights(x.Layout, layer.OutputSize);

    /// <summary>
    /// Against the layer's own forward pass in float, if there is nothing better: central differences with a step of 10⁻². The error is
    /// |a − n| ÷ (1 + the tensor's largest |a|), its tolerance 10⁻⁴: such differences are off by a few 10⁻⁵ in float, so that a wrong sign or factor
    /// is found, but no wrong digit beyond the fourth.
    /// </summary>
    public IReadOnlyList<GradientCheckResult> AgainstFloatDifferences()
    {
        List<GradientCheckResult> results = [];
        foreach (Quantity quantity in Quantities())
        {
            double difference = 0, largest = quantity.Gradient.Select(Math.Abs).DefaultIfEmpty().Max();
            for (int k = 0; k < quantity.Gradient.Length; k++)
            {
                float kept = quantity.Get(k), above = kept + FloatEpsilon, below = kept - FloatEpsilon;
                double numeric = (LossWith(quantity, k, above) - LossWith(quantity, k, below)) / ((double)above - below);
                quantity.Set(k, kept);
                difference = GradientCheck.Largest(difference, Math.Abs(quantity.Gradient[k] - numeric));
            }
            results.Add(new GradientCheckResult("layer", layer.Name, quantity.Name, null, difference / (1 + largest)) { EngineTolerance = 1e-4 });
        }
        return results;
    }

    /// <summary>
    /// Against a reference in double: the first column is the reference's gradient against the central differences of its forward, the second the
    /// layer against the reference. A reference with only a forward pass has no first column; the layer is then compared with its central
    /// differences.
    /// </summary>
    /// <param name="reference">The reference.</param>
    public IReadOnlyList<GradientCheckResult> Against(IGradientReference reference)
    {
        TextbookParameters parameters = new(store.All.ToDictionary(one => one.Name, one => Doubles(one.Values)));
        Vector[][] inputs = Sequences(x), weights = Sequences(_w);
        double Loss() => inputs.Zip(weights, (sequence, w) => reference.Outputs(parameters, sequence).Zip(w, (y, wt) => (y * wt).Sum()).Sum()).Sum();

        Vector[]? dx = [];
        for (int s = 0; s < inputs.Length; s++)
            dx = dx is not null && reference.Backward(parameters, inputs[s], weights[s]) is { } given ? [.. dx, .. given] : null;

        List<GradientCheckResult> results = [];
        foreach (Quantity quantity in Quantities())
        {
            bool isInput = quantity.Name == InputName;
            double[] numeric = isInput
                ? [.. inputs.SelectMany(sequence => sequence).SelectMany(row => row.Select((_, k) => GradientCheck.Difference(row, k, Loss)))]
                : [.. parameters.Values[quantity.Name].Select((_, k) => GradientCheck.Difference(new(parameters.Values[quantity.Name]), k, Loss))];
            double[]? analytic = dx is null ? null : isInput ? [.. dx.SelectMany(row => row)] : parameters.Gradients[quantity.Name];
            double? error = analytic?.Zip(numeric, GradientCheck.Error).Append(0).Aggregate(GradientCheck.Largest);
            double share = GradientCheckEngine.Share(quantity.Gradient, analytic ?? numeric);
            results.Add(new GradientCheckResult("layer", layer.Name, quantity.Name, error, share));
        }
        return results;
    }

    private const string InputName = "x";

    /// <summary>Something the loss depends on, in the caller's order, with the engine's gradient by it.</summary>
    private sealed record Quantity(string Name, float[] Gradient, Func<int, float> Get, Action<int, float> Set);

    private List<Quantity> Quantities()
    {
        pass.Workspace.Reset();
        store.ClearGradients();
        SequenceBatch dx = layer.Backward(_w, layer.Forward(x, pass), pass);
        List<Quantity> all = [];
        foreach (Parameter parameter in store.All)
            all.Add(new Quantity(parameter.Name, parameter.Gradients.ToArray(), k => parameter.Values[k], (k, value) =>
            {
                using Edit edit = store.Edit();
                edit.Of(parameter)[k] = value;
            }));
        (int S, int T, int K)[] places = [.. Places()];
        all.Add(new Quantity(
            InputName, [.. places.Select(at => dx.Row(at.T, at.S)[at.K])], k => x.Row(places[k].T, places[k].S)[places[k].K],
            (k, value) => x.Row(places[k].T, places[k].S)[places[k].K] = value));
        return all;
    }

    private IEnumerable<(int S, int T, int K)> Places()
    {
        for (int s = 0; s < x.Layout.Sequences; s++)
            for (int t = 0; t < x.Layout.Lengths[s]; t++)
                for (int k = 0; k < x.Features; k++) yield return (s, t, k);
    }

    private double LossWith(Quantity quantity, int k, float value)
    {
        quantity.Set(k, value);
        pass.Workspace.Reset();
        ReadOnlySpan<float> y = layer.Forward(x, pass).Output.All, w = _w.All;
        double loss = 0;
        for (int i = 0; i < y.Length; i++) loss += (double)w[i] * y[i];
        return loss;
    }

    private static Vector[][] Sequences(SequenceBatch batch)
    {
        Vector[][] sequences = new Vector[batch.Layout.Sequences][];
        for (int s = 0; s < sequences.Length; s++)
        {
            sequences[s] = new Vector[batch.Layout.Lengths[s]];
            for (int t = 0; t < sequences[s].Length; t++) sequences[s][t] = new Vector(Doubles(batch.Row(t, s)));
        }
        return sequences;
    }

    private static double[] Doubles(ReadOnlySpan<float> values)
    {
        double[] doubles = new double[values.Length];
        for (int k = 0; k < doubles.Length; k++) doubles[k] = values[k];
        return doubles;
    }

    private static SequenceBatch Weights(SequenceLayout layout, int features)
    {
        SequenceBatch w = SequenceBatch.Zeros(layout, features);
        Rng rng = new(3);
        for (int k = 0; k < w.All.Length; k++) w.All[k] = (float)rng.Normal((ulong)k);
        return w;
    }
}
