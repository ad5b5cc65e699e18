using System.Globalization;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>What a model loses by weights of 8 bits: the same model with floats and quantized, on the test part of the same data.</summary>
/// <param name="Floats">The model with floats.</param>
/// <param name="Quantized">The model with weights of 8 bits.</param>
/// <param name="LargestDifference">max |Δ| over all outputs of the network, in the unit of its targets: scales above the anchor.</param>
/// <param name="MeanDifference">Mean |Δ| of the same.</param>
/// <param name="Outputs">How many outputs were compared.</param>
public sealed record ForecastQuantization(
    ForecastReport Floats, ForecastReport Quantized, double LargestDifference, double MeanDifference, long Outputs)
{
    /// <summary>Measures both.</summary>
    /// <param name="floats">The model.</param>
    /// <param name="quantized">The same model after <see cref="Networks.Network.Quantize"/>, or opened from a file of it.</param>
    /// <param name="series">The data, from <see cref="ForecastModel.ReadData"/>.</param>
    /// <param name="threads">Who does the work.</param>
    /// <exception cref="UserErrorException">The test part is too short.</exception>
    public static ForecastQuantization Of(ForecastModel floats, ForecastModel quantized, IReadOnlyList<Series> series, ThreadTeam threads)
    {
        ForecastEvaluation a = ForecastEvaluation.Of(floats, series, threads), b = ForecastEvaluation.Of(quantized, series, threads);
        double largest = 0, sum = 0;
        long count = 0;
        foreach ((float[] x, float[] y) in a.Outputs.Zip(b.Outputs))
            for (int i = 0; i < x.Length; i++, count++)
            {
                double difference = Math.Abs((double)x[i] - y[i]);
                (largest, sum) = (Math.Max(largest, difference), sum + difference);
            }
        return new(a.Report, b.Report, largest, sum / count, count);
    }

    /// <summary>The comparison as lines for a terminal.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"test: {Floats.Windows} window{(Floats.Windows == 1 ? "" : "s")}, {Floats.From} to {Floats.To}";
        foreach ((ColumnReport floats, ColumnReport quantized) in Floats.Columns.Zip(Quantized.Columns))
        {
            yield return $"  {floats.Column,-24} {"RMSE",10} {"MAE",10} {"sMAPE %",8} {"MASE",7}";
            yield return Row("floats", floats.Model);
            yield return Row("weights of 8 bits", quantized.Model);
            yield return Invariant($"    {"difference",-22} {Change(floats.Model.Rmse, quantized.Model.Rmse),10} {Change(floats.Model.Mae, quantized.Model.Mae),10}");
        }
        yield return Invariant($"outputs of the network: largest |Δ| {LargestDifference:G3}, mean |Δ| {MeanDifference:G3}, of {Outputs}");
    }

    private static string Row(string name, ForecastScores s) =>
        Invariant($"    {name,-22} {s.Rmse,10:G5} {s.Mae,10:G5} {s.Smape,8:F2} {s.Mase,7:F3}");

    private static string Change(double from, double to) => Invariant($"{100 * (to - from) / from:+0.00;-0.00;0.00} %");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
