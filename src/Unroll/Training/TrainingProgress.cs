using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Unroll.Training;

/// <summary>How a run ended.</summary>
public enum TrainingOutcome
{
    /// <summary>It has not.</summary>
    Unfinished,

    /// <summary>After the last epoch.</summary>
    Finished,

    /// <summary>Because the score did not improve any more.</summary>
    StoppedEarly,

    /// <summary>By the user; a checkpoint has been saved, from which it can be resumed.</summary>
    Interrupted,

    /// <summary>By <see cref="TrainingOptions.TimeLimit"/>; a checkpoint has been saved, from which it can be resumed.</summary>
    TimeLimit,
}

/// <summary>What a <see cref="TrainingLoop{TBatch}"/> reports: a step, or the end of an epoch.</summary>
/// <param name="Step">The step that was taken; null at the end of an epoch.</param>
/// <param name="Batches">How many batches the epoch has.</param>
/// <param name="Epoch">The result of the epoch; null after a step.</param>
public readonly record struct TrainingProgress(TrainingStep? Step, int Batches, EpochResult? Epoch)
{
    /// <summary>Which network of the run, from 1.</summary>
    public int Member { get; init; } = 1;
}

/// <summary>The result of an epoch: a line of the metrics file.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Steps">Steps since the beginning.</param>
/// <param name="Sums">What its steps added up.</param>
/// <param name="LearningRate">η at its end.</param>
/// <param name="Score">The validation score; without validation the mean loss.</param>
/// <param name="IsBest">Whether it is the lowest so far.</param>
/// <param name="Metrics">What else the validation measured.</param>
public sealed record EpochResult(
    int Epoch, long Steps, EpochSums Sums, float LearningRate, double Score, bool IsBest, IReadOnlyList<KeyValuePair<string, double>> Metrics)
{
    /// <summary>The epoch's mean loss, each batch before its step.</summary>
    public double Loss => Sums.Loss.Mean;

    /// <summary>The mean of its gradients' norms before clipping.</summary>
    public double GradientNorm => Sums.NormSum / Sums.Steps;

    /// <summary>
    /// The line of the metrics file. It has no times: a run that was resumed writes the same line as one that was not. What is not
    /// finite is null.
    /// </summary>
    public string ToJson()
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("epoch", Epoch);
            json.WriteNumber("steps", Steps);
            Write(json, "loss", Loss);
            Write(json, "score", Score);
            json.WriteBoolean("best", IsBest);
            Write(json, "learning_rate", LearningRate);
            Write(json, "gradient_norm", GradientNorm);
            Write(json, "gradient_norm_max", Sums.NormMax);
            json.WriteNumber("clipped_steps", Sums.Clipped);
            json.WriteNumber("faults", Sums.Faults);
            foreach ((string name, double value) in Metrics) Write(json, name, value);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    private static void Write(Utf8JsonWriter json, string name, float value) => json.WriteNumber(name, value);
}
