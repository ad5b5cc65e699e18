using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Exchange.Hdf5.Keras.Writing;

/// <summary>Parameters as variables of Keras: matrices transposed, gates in its order.</summary>
internal sealed class KerasVariables(ParameterStore parameters)
{
    private readonly Dictionary<string, Parameter> _byName = parameters.All.ToDictionary(parameter => parameter.Name);

    /// <summary>A parameter as it is.</summary>
    public (int[] Shape, float[] Values) Of(string name) => ([.. _byName[name].Shape], _byName[name].Values.ToArray());

    //  ours [gates · units, columns] in the order `from` → Keras's [columns, gates · units] in the order `to`
    /// <summary>A matrix.</summary>
    public (int[] Shape, float[] Values) Turned(string name, string from, string to, int units, int columns)
    {
        ReadOnlySpan<float> values = _byName[name].Values;
        int rows = to.Length * units;
        float[] turned = new float[values.Length];
        for (int g = 0; g < to.Length; g++)
            for (int u = 0, source = from.IndexOf(to[g]) * units; u < units; u++)
                for (int c = 0; c < columns; c++) turned[(long)c * rows + g * units + u] = values[(source + u) * columns + c];
        return ([columns, rows], turned);
    }

    //  kernel [inputs, gates · H], recurrent kernel [H, gates · H], bias [gates · H] = b_ih + b_hh, or [2, gates · H] of a GRU that resets after
    /// <summary>The variables of a cell.</summary>
    public List<(int[] Shape, float[] Values)> Cell(string prefix, string end, string gates, RecurrentSpec spec, int inputs)
    {
        string ours = gates.Length == 3 ? "rzn" : gates;
        float[] first = Bias($"{prefix}bias_ih{end}", ours, gates), second = Bias($"{prefix}bias_hh{end}", ours, gates);
        (int[], float[]) bias = spec.Cell.Kind == "gru-after"
            ? ([2, first.Length], [.. first, .. second])
            : ([first.Length], [.. first.Zip(second, (one, other) => one + other)]);
        return [Turned($"{prefix}weight_ih{end}", ours, gates, spec.Hidden, inputs), Turned($"{prefix}weight_hh{end}", ours, gates, spec.Hidden,
            spec.Hidden), bias];
    }

    private float[] Bias(string name, string from, string to)
    {
        float[] into = new float[_byName[name].Length];
        Formats.GateOrder.Permute(_byName[name].Values, from, into, to);
        return into;
    }
}
