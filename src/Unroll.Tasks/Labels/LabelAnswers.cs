using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>What a model says of one sequence.</summary>
/// <param name="Name">The sequence: its text, else where it stands.</param>
/// <param name="Labels">One label, or one for each step.</param>
/// <param name="Probabilities">Of each label.</param>
public sealed record LabelPrediction(string Name, IReadOnlyList<string> Labels, IReadOnlyList<float> Probabilities)
{
    /// <summary>Of an empty line: no label.</summary>
    internal static LabelPrediction None { get; } = new("", [], []);

    /// <summary>What the data call the sequence: a record's name, an id, a group; empty where they do not.</summary>
    public string Record { get; init; } = "";

    /// <summary>The label of the sequence; of a model that labels steps that of the first; empty: the sequence was.</summary>
    public string Label => Labels.Count > 0 ? Labels[0] : "";

    /// <summary>The probability of <see cref="Label"/>; NaN: there is none.</summary>
    public float Probability => Labels.Count > 0 ? Probabilities[0] : float.NaN;

    /// <summary>The name on one short line.</summary>
    public string Shown => Table.Shorten(Name);

    internal static LabelPrediction Of(LabeledSequence sequence, float[] shares, int[] said, IReadOnlyList<string> classes)
    {
        return new LabelPrediction(sequence.Text.Length > 0 ? sequence.Text : sequence.Where, [.. said.Select(k => classes[k])],
            [.. said.Select((k, row) => shares[row * classes.Count + k])]) { Record = sequence.Name };
    }
}

/// <summary>What a model says of some sequences.</summary>
/// <param name="Predictions">One for each sequence, in the order of the data.</param>
/// <param name="Reasons">For each sequence which steps decided; empty: nobody asked.</param>
/// <param name="Shown">How many of the strongest steps a terminal shows; JSON has all.</param>
public sealed record LabelAnswer(IReadOnlyList<LabelPrediction> Predictions, IReadOnlyList<LabelReasons> Reasons, int Shown = 0) : TaskAnswer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json) => json.Objects("predictions", Predictions.Index(), (own, one) =>
    {
        own.WriteString("sequence", one.Item.Name);
        if (one.Item.Record.Length > 0) own.WriteString("name", one.Item.Record);
        own.Texts("labels", one.Item.Labels);
        own.WriteNumbers("probabilities", one.Item.Probabilities.Select(p => Math.Round((double)p, 6)));
        if (Reasons.Count == 0) return;
        LabelReasons reasons = Reasons[one.Index];
        own.Objects("effects", reasons.Effects.Index(), (effect, step) =>
        {
            effect.WriteString("step", reasons.Steps[step.Index]);
            effect.WriteNumber("nats", Math.Round(step.Item, 5));
        });
    });
}

/// <summary>The labels of the bases of a genome as intervals, runs of one label each; bases without a feature are left out.</summary>
/// <param name="Intervals">In the order of the data.</param>
public sealed record LabelIntervals(IReadOnlyList<BedInterval> Intervals) : TaskAnswer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json) => json.Objects("intervals", Intervals, (own, one) =>
    {
        own.WriteString("sequence", one.Name);
        own.WriteNumber("start", one.Start);
        own.WriteNumber("end", one.End);
        own.WriteString("label", one.Label);
    });
}

/// <summary>What a session says after a step: the label of the step, or that of the sequence so far.</summary>
/// <param name="Classes">The labels.</param>
/// <param name="Probabilities">Of each, [classes].</param>
public sealed record LabelStep(IReadOnlyList<string> Classes, IReadOnlyList<float> Probabilities) : TaskAnswer
{
    /// <summary>The most probable label; of equal ones the first.</summary>
    public string Label => Classes[LabelScores.Largest([.. Probabilities])];

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("label", Label);
        json.Numbers("probabilities", Classes.Zip(Probabilities, (label, p) => (label, Math.Round((double)p, 6))));
    }
}
