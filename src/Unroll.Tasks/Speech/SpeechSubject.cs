using System.Globalization;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers.Losses;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tasks.Speech;

/// <summary>A recording or string of a speech model to inspect. For strings each step's label is that of the likeliest alignment of what was
/// said.</summary>
/// <param name="model">The model.</param>
internal sealed class SpeechSubject(SpeechModel model)
{
    private readonly SpeechDescription _description = model.Description;

    internal InspectionSubject Of(string? data, int sequence, DataFiles files)
    {
        SpeechOptions options = _description.Options;
        IReadOnlyList<SpeechExample> examples = SpeechData.Examples(options, Clips(data, files), new Rng(options.Seed).For("test"));
        if (sequence < 0 || sequence >= examples.Count)
            throw new UserErrorException($"sequence: expected 0 … {examples.Count - 1} because the data have {examples.Count} recordings or " +
                $"strings, got {sequence}.");
        return Of(examples[sequence]);
    }

    private IReadOnlyList<SpeechClip> Clips(string? data, DataFiles files)
    {
        SpeechOptions options = _description.Options;
        if (data is not null && (files.Alone || !options.Data.SequenceEqual([data])))
            return SpeechData.Clips(SpeechData.List([data], options with { Path = null, Label = null, Folder = null }, files), files,
                _description.Features);
        SpeechData own = SpeechData.Read(options, files, _description.Rate);
        return own.Test.Count > 0 ? own.Test : own.All;
    }

    private InspectionSubject Of(SpeechExample example)
    {
        using ThreadTeam threads = new(1);
        float[][] rows = model.Features([example], threads);
        int features = _description.Features.Features;
        SequenceBatch x = new(SequenceLayout.Uniform(1, rows[0].Length / features), features, rows[0]);
        FeatureExtractor extractor = new(_description.Features);
        int[] labels = Labels(example, rows, threads);
        string[] outputs = _description.IsCtc ? ["(nothing)", .. _description.Words] : [.. _description.Words];
        return new InspectionSubject($"'{example.Text}', {example.Name}", model.Network, x,
            [.. Enumerable.Range(0, x.Layout.Steps).Select(t => extractor.SecondsOf(t).ToString("0.000", CultureInfo.InvariantCulture) + " s")],
            new SoftmaxCrossEntropy(), Targets.Of(labels))
        {
            TargetLabels = [.. labels.Select(label => label < 0 ? "" : outputs[label])],
            OutputNames = outputs,
            InputNames = _description.Features.Names,
        };
    }

    private int[] Labels(SpeechExample example, float[][] rows, ThreadTeam threads)
    {
        int[] said = _description.Labels(example.Text);
        if (!_description.IsCtc) return [said[0] < 0 ? Targets.Ignored : said[0]];
        foreach ((SequenceBatch outputs, _, _) in SpeechNetwork.Run(model.Network, rows, threads, new Workspace()))
            return [.. CtcAlignment.Of(outputs, 0, said).Steps.Select(step => step < 0 ? CtcLoss.Blank : said[step])];
        return [];
    }
}
