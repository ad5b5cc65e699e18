using System.Globalization;
using Unroll.Core;

namespace Unroll.Formats;

/// <summary>What an <c>nn.RNN</c>, <c>nn.GRU</c> or <c>nn.LSTM</c> was, inferred from the names and shapes of its tensors.</summary>
/// <param name="Gates">Blocks of rows in <c>weight_ih</c>: 1, 3 or 4.</param>
/// <param name="Inputs">Features of the input.</param>
/// <param name="Hidden">Units.</param>
/// <param name="Layers">Stacked layers.</param>
/// <param name="Bidirectional">Whether there is a second set of weights, <c>_reverse</c>.</param>
/// <param name="HasBias">Whether there are biases.</param>
/// <param name="Projection">Rows of <c>weight_hr</c>; null if there is none.</param>
internal sealed record PyTorchModule(int Gates, int Inputs, int Hidden, int Layers, bool Bidirectional, bool HasBias, int? Projection)
{
    /// <summary>The cell that has this number of gates; PyTorch's GRU resets after the product.</summary>
    public string Kind => Gates switch { 1 => "rnn", 3 => "gru-after", _ => "lstm" };

    private int Outputs => Projection ?? Hidden;

    /// <summary>Infers the module from its tensors, and checks that it is complete.</summary>
    /// <param name="tensors">By PyTorch's names, <c>weight_ih_l0</c> and so on, and no others.</param>
    /// <param name="what">The name of the module in errors.</param>
    /// <exception cref="UserErrorException">Tensors are missing or do not fit each other: all of them in one line.</exception>
    public static PyTorchModule Infer(IReadOnlyDictionary<string, Tensor> tensors, string what)
    {
        (int rows, int inputs) = Matrix(tensors, "weight_ih_l0", what);
        bool projects = tensors.Keys.Any(name => name.StartsWith("weight_hr", StringComparison.Ordinal));
        (int outputs, int hidden) = projects ? Matrix(tensors, "weight_hr_l0", what) : (0, Matrix(tensors, "weight_hh_l0", what).Columns);
        if (rows % hidden != 0 || rows / hidden is not (1 or 3 or 4))
            throw new UserErrorException(
                $"{what}: weight_ih_l0 has {rows} rows for {hidden} hidden units; expected 1, 3 or 4 times as many (nn.RNN, nn.GRU, nn.LSTM).");

        int layers = tensors.Keys.Select(LayerOf).Distinct().Count();
        PyTorchModule module = new(rows / hidden, inputs, hidden, layers,
            Bidirectional: tensors.Keys.Any(name => name.EndsWith("_reverse", StringComparison.Ordinal)),
            HasBias: tensors.Keys.Any(name => name.StartsWith("bias", StringComparison.Ordinal)),
            Projection: projects ? outputs : null);
        module.RequireWhole(tensors, what);
        return module;
    }

    // Each layer above the first sees the outputs of both directions of the one below.
    private IEnumerable<(string Name, int[] Shape)> Expected()
    {
        string[] directions = Bidirectional ? ["", "_reverse"] : [""];
        for (int layer = 0; layer < Layers; layer++)
            foreach (string direction in directions)
            {
                string end = string.Create(CultureInfo.InvariantCulture, $"_l{layer}{direction}");
                yield return ("weight_ih" + end, [Gates * Hidden, layer == 0 ? Inputs : directions.Length * Outputs]);
                yield return ("weight_hh" + end, [Gates * Hidden, Outputs]);
                if (HasBias) yield return ("bias_ih" + end, [Gates * Hidden]);
                if (HasBias) yield return ("bias_hh" + end, [Gates * Hidden]);
                if (Projection is int projection) yield return ("weight_hr" + end, [projection, Hidden]);
            }
    }

    private void RequireWhole(IReadOnlyDictionary<string, Tensor> tensors, string what)
    {
        List<string> faults = [];
        HashSet<string> left = [.. tensors.Keys];
        foreach ((string name, int[] shape) in Expected())
        {
            left.Remove(name);
            if (!tensors.TryGetValue(name, out Tensor? tensor)) faults.Add($"{name} {Tensor.TextOf(shape)} is missing");
            else if (!tensor.Shape.SequenceEqual(shape)) faults.Add($"{name} is {tensor.ShapeText}, expected {Tensor.TextOf(shape)}");
        }
        faults.AddRange(left.Order(StringComparer.Ordinal).Select(name => $"{name} is not expected"));
        if (faults.Count > 0)
            throw new UserErrorException(
                $"{what} is no whole module of {Layers} layers with {Hidden} hidden units: {string.Join(", ", faults)}; save it again.");
    }

    private static (int Rows, int Columns) Matrix(IReadOnlyDictionary<string, Tensor> tensors, string name, string what)
    {
        if (!tensors.TryGetValue(name, out Tensor? tensor))
            throw new UserErrorException($"{what} has no tensor '{name}'; save the whole state_dict.");
        if (tensor.Shape.Length != 2 || tensor.Count == 0)
            throw new UserErrorException($"{what}: {name} is {tensor.ShapeText}, expected a matrix with at least one row and column; save it again.");
        return (tensor.Shape[0], tensor.Shape[1]);
    }

    // "weight_ih_l12_reverse" → "l12"
    private static string LayerOf(string name) => name.Split('_')[2];
}
