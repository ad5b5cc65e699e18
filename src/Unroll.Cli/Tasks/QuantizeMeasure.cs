using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>What a model loses by weights of fewer bits: both measured on the same data, and the outputs of both compared.</summary>
/// <param name="Floats">The model with floats; null: there are no data.</param>
/// <param name="Quantized">The other.</param>
internal sealed record QuantizeMeasure(TaskAnswer? Floats, TaskAnswer? Quantized)
{
    private const int Compared = 20;

    /// <summary>Why nothing was measured.</summary>
    private string? Why { get; init; }

    /// <summary>Of the outputs for some sequences.</summary>
    private (double Largest, double Mean, long Count) Difference { get; init; }

    /// <summary>Measures on the data that the options name.</summary>
    /// <param name="floats">The model with floats.</param>
    /// <param name="small">The model with weights of fewer bits.</param>
    /// <param name="verb">How models of their task are measured.</param>
    /// <param name="options">Its options.</param>
    /// <param name="data">The data whose first sequences are compared; null: those of the model's run.</param>
    /// <param name="call">Files, threads, notes.</param>
    /// <exception cref="UserErrorException">The data cannot be read or do not fit the model.</exception>
    internal static QuantizeMeasure Of(ITaskModel floats, ITaskModel small, TaskVerb verb, object options, string? data, TaskCall call) =>
        new(verb.Ask(floats, options, call), verb.Ask(small, options, call)) { Difference = DifferenceOf(floats, small, data, call) };

    /// <summary>Measures on the data of the model's run, where they can still be read.</summary>
    internal static QuantizeMeasure OfOwnData(ITaskModel floats, ITaskModel small, TaskVerb verb, object options, TaskCall call)
    {
        try
        {
            return Of(floats, small, verb, options, null, call);
        }
        catch (UserErrorException e)
        {
            return new QuantizeMeasure(null, null) { Why = e.Message };
        }
    }

    private IReadOnlyList<(string Name, double Floats, double Quantized)> Changes =>
        Floats is TaskEvaluation a && Quantized is TaskEvaluation b && a.Measures.Count == b.Measures.Count
            ? [.. a.Measures.Zip(b.Measures, (x, y) => (x.Name, x.Value, y.Value))
                .Where(one => double.IsFinite(one.Item2) || double.IsFinite(one.Item3))] : [];

    private PredictionChange? Change => Floats is TaskEvaluation a && Quantized is TaskEvaluation b ? b.ChangeFrom(a) : null;

    /// <summary>Lines for a terminal.</summary>
    /// <param name="view">Of the task.</param>
    /// <param name="path">The model with floats.</param>
    /// <param name="words">What the weights of the other are.</param>
    internal IEnumerable<string> Lines(ITaskView view, string path, string words)
    {
        if (Why is not null)
        {
            yield return $"accuracy: not measured, because the data of the model's run cannot be used: {Why}";
            yield return $"  unroll quantize {path} --data DATA measures both models on other data";
            yield break;
        }
        yield return "floats:";
        foreach (string line in view.Lines(Floats!)) yield return line;
        yield return $"{words}:";
        foreach (string line in view.Lines(Quantized!)) yield return line;
        if (Changes.Count > 0)
            yield return Invariant($"{TextColumns.Left("what it costs", 30)} {"floats",12} {"quantized",12} {"difference",12}");
        foreach ((string name, double a, double b) in Changes)
            yield return Invariant($"  {TextColumns.Left(name, 28)} {a,12:G6} {b,12:G6} {b - a,12:+0.######;-0.######;0}");
        if (Change is { } change)
            yield return Invariant($"predictions changed: {change.Changed:N0} of {change.All:N0} {change.What}, {100 * change.Share:F2} %");
        yield return Invariant($"difference of the network's outputs: largest |Δ| {Difference.Largest:G3}, mean |Δ| {Difference.Mean:G3}, ")
            + Invariant($"of {Difference.Count}");
    }

    /// <summary>Writes the members that both models share.</summary>
    internal void WriteJson(Utf8JsonWriter json)
    {
        if (Why is not null)
        {
            json.WriteString("not_measured", Why);
            return;
        }
        json.Numbers("changes", Changes.Select(one => (one.Name, one.Quantized - one.Floats)));
        if (Change is { } change)
        {
            json.WriteNumber("predictions", change.All);
            json.WriteNumber("predictions_changed", change.Changed);
            json.Number("share_changed", change.Share);
        }
        json.Number("largest_output_difference", Difference.Largest);
        json.Number("mean_output_difference", Difference.Mean);
        json.WriteNumber("outputs", Difference.Count);
    }

    // Of the network's outputs for the first sequences that inspection would look at.
    private static (double Largest, double Mean, long Count) DifferenceOf(ITaskModel floats, ITaskModel small, string? data, TaskCall call)
    {
        double largest = 0, sum = 0;
        long count = 0;
        using ThreadTeam one = new(1);
        for (int sequence = 0; sequence < Compared; sequence++)
        {
            InspectionSubject subject;
            try
            {
                subject = floats.Subject(data, sequence, call.Files);
            }
            catch (UserErrorException) when (sequence > 0)
            {
                break;                                       // there are no more
            }
            foreach ((ITaskModel own, ITaskModel quantized) in floats.Members.Zip(small.Members))
            {
                float[] a = Outputs(own, subject, one), b = Outputs(quantized, subject, one);
                for (int i = 0; i < a.Length; i++, count++)
                {
                    double difference = Math.Abs((double)a[i] - b[i]);
                    (largest, sum) = (Math.Max(largest, difference), sum + difference);
                }
            }
        }
        return (largest, sum / Math.Max(1, count), count);
    }

    private static float[] Outputs(ITaskModel model, InspectionSubject subject, ThreadTeam threads) =>
        model.Network.Forward(subject.Input, null, new Pass(new Workspace(), threads, new Rng(0), Training: false)).Output.All.ToArray();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
