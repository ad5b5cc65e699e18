using System.Text.Json;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>A model that gives each sequence, or each step, one of some labels. Opened from a file, it needs nothing else.</summary>
public sealed class LabelModel : ITaskModel
{
    private const int RowsAtOnce = 8192, LogoWindows = 2000;

    internal LabelModel(LabelOptions options, LabelEncoding encoding, NetworkSpec? spec = null)
    {
        (Options, Encoding) = (options, encoding);
        Network = Network.Build(spec ?? LabelNetwork.SpecOf(options, encoding));
    }

    /// <inheritdoc/>
    public string Task => Options.Task;

    /// <summary>The run that it came from.</summary>
    public LabelOptions Options { get; }

    /// <summary>From sequences to what the network sees, and from its outputs to labels.</summary>
    public LabelEncoding Encoding { get; }

    /// <inheritdoc/>
    public Network Network { get; }

    /// <inheritdoc/>
    public string WeightsSha256 => WeightsHash.Compute(Network.Parameters);

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, or damaged.</exception>
    public static LabelModel Open(string path)
    {
        ModelFile file = ModelFile.Load(path);
        (LabelOptions options, LabelEncoding encoding) = Read(file.TaskJson, path);
        LabelModel model = new(options, encoding, file.Spec);
        int inputs = encoding.HasVocabulary ? 1 : encoding.Features;
        if (model.Network.InputSize != inputs || model.Network.OutputSize != encoding.Classes.Count)
            throw new UserErrorException($"'{path}' is a damaged model: its network maps {model.Network.InputSize} features to " +
                $"{model.Network.OutputSize} outputs, and its description needs {inputs} and {encoding.Classes.Count}; fetch or train it again.");
        file.CopyInto(model.Network.Parameters);
        if (file.Precision == WeightPrecision.Int8) model.Network.Quantize();
        return model;
    }

    /// <inheritdoc/>
    public void Save(string path) => ModelFile.Save(path, Network.Spec, ToJson(), Network.Parameters, Network.Precision);

    /// <summary>The task's part of the model file.</summary>
    internal string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", Task);
        json.WriteObject("options", Options, LabelOptionsText.Write);
        json.WriteObject("encoding", Encoding, LabelEncoding.Write);
    });

    /// <summary>The probability of each label for each sequence, or for each step of each sequence.</summary>
    /// <param name="sequences">As a reader gave them.</param>
    /// <param name="threads">Who does the work; their number changes no bit.</param>
    /// <returns>For each sequence [rows, classes]: one row, or one for each step.</returns>
    /// <exception cref="UserErrorException">A sequence does not fit the model.</exception>
    public IReadOnlyList<float[]> Probabilities(IReadOnlyList<LabeledSequence> sequences, ThreadTeam threads)
    {
        IReadOnlyList<float[]> own = Run([.. sequences.Select(Encoding.Encode)], threads);
        if (!Options.BothStrands) return own;
        IReadOnlyList<float[]> other = Run([.. sequences.Select(one => Encoding.Encode(LabelUnits.OtherStrand(one)))], threads);
        return [.. own.Zip(other, (a, b) => a.Zip(b, (p, q) => 0.5f * (p + q)).ToArray())];
    }

    /// <summary>The same for what <see cref="LabelEncoding"/> made of them, as it stands.</summary>
    internal float[][] Run(float[][] inputs, ThreadTeam threads)
    {
        float[][] result = new float[inputs.Length][];
        Workspace workspace = new();
        int classes = Encoding.Classes.Count;
        // Of like length together; the result does not depend on it.
        int[] order = [.. Enumerable.Range(0, inputs.Length).OrderByDescending(i => inputs[i].Length)];
        for (int from = 0; from < order.Length;)
        {
            int steps = Math.Max(1, inputs[order[from]].Length / Encoding.Features),
                count = Math.Min(Math.Clamp(RowsAtOnce / steps, 1, 512), order.Length - from);
            int[] batch = order[from..(from + count)];
            workspace.Reset();
            SequenceBatch x = SequenceBatch.FromSequences(Encoding.Features, [.. batch.Select(i => inputs[i])]);
            SequenceBatch y = Network.Forward(x, null, new Pass(workspace, threads, new Rng(0), Training: false) { InferenceOnly = true }).Output;
            for (int s = 0; s < count; s++)
            {
                float[] rows = result[batch[s]] = new float[y.Layout.Lengths[s] * classes];
                for (int t = 0; t < y.Layout.Lengths[s]; t++) Softmax.Row(y.Row(t, s), rows.AsSpan(t * classes, classes));
            }
            from += count;
        }
        return result;
    }

    /// <inheritdoc/>
    public InspectionSubject Subject(string? data, int sequence, TextReader standardInput)
    {
        string[] files = data is not null ? [data] : Options.Test.Count > 0 ? [.. Options.Test] : [.. Options.Data];
        IReadOnlyList<LabeledSequence> all = LabelData.Files(files, Options, standardInput, labels: false);
        if (sequence < 0 || sequence >= all.Count)
            throw new UserErrorException($"sequence: expected 0 … {all.Count - 1} because the data have {all.Count} sequences, got {sequence}.");
        LabeledSequence one = all[sequence];
        SequenceBatch x = SequenceBatch.FromSequences(Encoding.Features, Encoding.Encode(one));
        int[] labels = Labels(one, x.Layout.Steps);
        return new InspectionSubject($"{one.Source}, sequence {sequence}", Network, x, Encoding.Steps(one), new SoftmaxCrossEntropy(),
            Targets.Of(labels))
        {
            TargetLabels = [.. labels.Select(k => k < 0 ? "" : Encoding.Classes[k])],
            OutputNames = Encoding.Classes,
            Sections = Logos(all),
        };
    }

    // Over the test part, where the file tells it apart.
    private IReadOnlyList<Inspection.Report.ReportSection> Logos(IReadOnlyList<LabeledSequence> all)
    {
        LabeledSequence[] test = [.. all.Where(one => PartName.Of(one.Part) == PartName.Test)];
        LabeledSequence[] shown = [.. (test.Length > 0 ? test : all).Take(LogoWindows)];
        using ThreadTeam one = new(1);
        return LabelLogo.Sections(LabelLogo.Of(this, shown, one),
            test.Length > 0 ? "test part" : shown.Length < all.Count ? $"the first {shown.Length:N0}" : "all data");
    }

    /// <summary>The places of a sequence's labels; where it has none, that of what the model would say is not known here: not counted.</summary>
    internal int[] Labels(LabeledSequence one, int steps)
    {
        if (!Options.PerStep) return [string.IsNullOrEmpty(one.Label) ? Targets.Ignored : Encoding.ClassOf(one.Label, one)];
        if (one.StepLabels.Count == 0) return [.. Enumerable.Repeat(Targets.Ignored, steps)];
        if (one.StepLabels.Count != steps)
            throw new UserErrorException($"{one.Where}: expected a label for each of {steps} steps, found {one.StepLabels.Count}.");
        return [.. one.StepLabels.Select(label => Encoding.ClassOf(label, one))];
    }

    private static (LabelOptions, LabelEncoding) Read(string json, string path)
    {
        try
        {
            return JsonRecord.Read(json, record =>
            {
                record.Ignore("task");
                return (record.Object("options", LabelOptionsText.Read, "option"), record.Object("encoding", LabelEncoding.Read));
            });
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{path}' is a damaged model: {e.Message.TrimEnd('.')}; fetch or train it again.", e);
        }
    }
}
