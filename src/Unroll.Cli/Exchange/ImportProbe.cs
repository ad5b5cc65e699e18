using Unroll.Formats;
using Unroll.Inspection.Textbook;
using Unroll.Tasks.Networks;

namespace Unroll.Cli.Exchange;

/// <summary>Compares an imported network with the textbook's equations in double, which take the numbers of the file and not those of the
/// network.</summary>
internal static class ImportProbe
{
    internal const int Sequences = 3;

    // A right conversion differs by rounding alone, of the order of 1e-6 of the outputs; a wrong one by the order of the outputs.
    internal const double Allowed = 1e-2;

    private const int Steps = 12;
    private const long LargestNetwork = 20_000_000;

    /// <summary>The largest difference, as a share of the largest output where that is above 1; of networks too large for a textbook fewer
    /// steps.</summary>
    /// <param name="model">The network.</param>
    /// <param name="sources">The file's numbers for its parameters.</param>
    internal static double Difference(NetworkModel model, IReadOnlyDictionary<string, Tensor> sources)
    {
        Dictionary<string, double[]> values = [];
        foreach ((string name, int[] shape) in TextbookParameters.Shapes(model.Network.Spec, model.Network.Cells))
            values.Add(name, sources.TryGetValue(name, out Tensor? tensor) ? Doubles(tensor) : new double[shape.Aggregate(1, (a, b) => a * b)]);
        TextbookNetwork textbook = new(model.Network.Spec, new TextbookParameters(values), model.Network.Cells);
        bool large = model.Network.Parameters.Length > LargestNetwork;
        NetworkRows rows = NetworkRows.Probe(model, large ? 1 : Sequences, large ? 2 : Steps);
        IReadOnlyList<float[]> outputs = model.Run(rows.Sequences);
        double largest = 0, apart = 0;
        for (int n = 0; n < outputs.Count; n++)
        {
            Vector[] x = [.. rows.Sequences[n].Chunk(model.Network.InputSize).Select(row => new Vector(Array.ConvertAll(row, value =>
                (double)value)))];
            double[] expected = [.. textbook.Forward(x).Outputs.SelectMany(row => row)];
            for (int i = 0; i < expected.Length; i++)
            {
                apart = Math.Max(apart, Math.Abs(expected[i] - outputs[n][i]));
                largest = Math.Max(largest, Math.Abs(expected[i]));
            }
        }
        return apart / Math.Max(1, largest);
    }

    private static double[] Doubles(Tensor tensor) =>
        tensor.Type == TensorType.F64 ? tensor.Float64.ToArray() : Array.ConvertAll(tensor.Float32.ToArray(), value => (double)value);
}
