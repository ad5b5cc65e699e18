using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Inspection.Report;
using Unroll.Layers.LinearChain;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Labels.Rules;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Labels;

/// <summary>A model that gives each sequence, or each step, one of some labels. Opened from a file, it needs nothing else.</summary>
public sealed class LabelModel : ITaskModel
{
    private readonly HashOnce _hash = new();
    private const int RowsAtOnce = 8192, LogoWindows = 2000;

    internal LabelModel(LabelOptions options, LabelEncoding encoding, NetworkSpec? spec = null, CellCatalog? cells = null)
    {
        (Options, Encoding) = (options, encoding);
        Members = options.Members == 1 ? [this]
            : [.. Ensemble.OptionsOfEach(options).Select(own => new LabelModel(own, encoding, spec, cells))];
        Network = options.Members == 1 ? Network.Build(spec ?? LabelNetwork.SpecOf(options, encoding), cells) : Members[0].Network;
    }

    /// <inheritdoc/>
    public string Task => LabelTask.WordOf(Options.Task);

    /// <summary>The run that it came from.</summary>
    public LabelOptions Options { get; }

    TaskOptions ITaskModel.Options => Options;

    /// <inheritdoc cref="ITaskModel.Members"/>
    public IReadOnlyList<LabelModel> Members { get; }

    IReadOnlyList<ITaskModel> ITaskModel.Members => Members;

    /// <inheritdoc/>
    public ModelFront? Front => new(this, Encoding.HasVocabulary ? Encoding.Vocabulary : [], "encoder") { Before = ["filters"] };

    /// <summary>From sequences to what the network sees, and from its outputs to labels.</summary>
    public LabelEncoding Encoding { get; }

    /// <summary>The labels, in the order of probabilities.</summary>
    public IReadOnlyList<string> Classes => Encoding.Classes;

    /// <summary>Whether whole paths of labels are scored, by a conditional random field on top of the network.</summary>
    public bool ScoresPaths => Network.All[^1] is Crf;

    /// <summary>What it reads of a table: texts, or columns of numbers by their names.</summary>
    internal ModelColumns Columns => new(Encoding.Unit != LabelUnit.Number, Encoding.Columns);

    /// <summary>A simple rule that has a say in what the model says; null: none.</summary>
    internal RuleMember? Rule { get; set; }

    /// <summary>What log-probabilities are divided by; 1: they are as the network and the rule give them.</summary>
    internal double Temperature { get; set; } = 1;

    /// <summary>The hash of the training part, by which other data of the same name are told from it; empty: none was kept.</summary>
    internal string TrainedOn
    {
        get;
        set
        {
            field = value;
            if (Members.Count > 1) foreach (LabelModel member in Members) member.TrainedOn = value;
        }
    } = "";

    /// <inheritdoc/>
    public Network Network { get; }

    /// <inheritdoc/>
    public string WeightsSha256 => _hash.Of(this);

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <param name="cells">The cells that its network may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, or damaged.</exception>
    public static LabelModel Open(string path, CellCatalog? cells = null) => Open(ModelFile.Load(path, cells));

    internal static LabelModel Open(ModelFile file)
    {
        Described told = Read(file.TaskJson, file.Name);
        (LabelOptions options, LabelEncoding encoding) = (told.Options, told.Encoding);
        Ensemble.Require(file, options);
        LabelModel model = new(options, encoding, file.Spec, file.Cells)
        {
            TrainedOn = told.TrainedOn, Rule = told.Rule, Temperature = told.Temperature,
        };
        int inputs = encoding.Features;
        if (model.Network.InputSize != inputs || model.Network.OutputSize != encoding.Classes.Count)
            throw new UserErrorException($"'{file.Name}' is a damaged model: its network maps {model.Network.InputSize} features to " +
                $"{model.Network.OutputSize} outputs, and its description needs {inputs} and {encoding.Classes.Count}; fetch or train it again.");
        foreach ((int k, LabelModel member) in model.Members.Index())
        {
            file.CopyInto(member.Network.Parameters, k + 1);
            member.Network.Quantize(file.Precision);
        }
        return model;
    }

    /// <summary>Trains a model on data in memory and measures nothing: begin a <see cref="LabelRun"/> for more.</summary>
    /// <param name="data">The sequences with their labels.</param>
    /// <param name="options">The run; null: the defaults of <see cref="LabelKind.Classify"/>.</param>
    /// <param name="progress">Told of every step and epoch; null: nobody.</param>
    /// <param name="stop">Asks the run to end after the step under way; the best model so far is returned.</param>
    /// <exception cref="UserErrorException">The data or the options will not do.</exception>
    public static LabelModel Train(
        LabelData data, LabelOptions? options = null, IProgress<TrainingProgress>? progress = null, CancellationToken stop = default)
    {
        LabelRun run = LabelRun.Begin(options ?? new LabelOptions(), data);
        foreach (TrainingProgress one in run.Loop.Run(stop)) progress?.Report(one);
        run.Finish(measure: false);
        return run.Model;
    }

    /// <inheritdoc/>
    public void Save(string path) => ModelFile.Save(path, Network.Spec, ToJson(), Ensemble.Weights(this), Network.Precision, Network.Cells);

    /// <inheritdoc/>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.Texts("labels", Encoding.Classes);
        json.WriteString("unit", Encoding.UnitWord);
        json.WriteNumber("vocabulary", Encoding.Vocabulary.Count);
        if (Encoding.Unit == LabelUnit.Kmer) json.WriteNumber("kmer", Encoding.Kmer);
        if (Encoding.Unit == LabelUnit.Number) json.WriteNumber("features", Encoding.Features);
        if (Rule is not null)
        {
            json.WriteString("rule", RuleFeatures.NameOf(Rule.Rule.Kind));
            json.WriteNumber("rule_weight", Rule.Weight);
        }
        if (Temperature != 1) json.WriteNumber("temperature", Temperature);
    }

    /// <summary>The task's part of the model file.</summary>
    internal string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", Task);
        json.WriteObject("options", Options, LabelOptions.Table.Write);
        json.WriteObject("encoding", Encoding, LabelEncoding.Write);
        if (TrainedOn.Length > 0) json.WriteString("trained_on", TrainedOn);
        if (Rule is not null) json.WriteObject("rule", Rule, RuleMember.Write);
        if (Temperature != 1) json.WriteNumber("temperature", Temperature);
    });

    /// <summary>The label of a text, or of each of its steps.</summary>
    /// <param name="text">A text or the letters of nucleotides; cut into steps as in training.</param>
    /// <exception cref="UserErrorException">It does not fit the model.</exception>
    public LabelPrediction Predict(string text) => Predict([text])[0];

    /// <summary>The labels of texts, or of each of their steps.</summary>
    /// <param name="texts">Texts or letters of nucleotides; cut into steps as in training.</param>
    /// <param name="threads">The threads; null: the team that all share. Their number changes no bit.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">A text does not fit the model.</exception>
    public IReadOnlyList<LabelPrediction> Predict(IReadOnlyList<string> texts, ThreadTeam? threads = null, CancellationToken stop = default) =>
        Predict([.. texts.Select((text, i) => LabeledSequence.OfText(text) with { Line = i + 1 })], threads, stop);

    /// <summary>The labels of sequences of any kind, or of each of their steps.</summary>
    /// <param name="sequences">Made by the methods of <see cref="LabeledSequence"/>, or as a reader gave them.</param>
    /// <param name="threads">The threads; null: the team that all share. Their number changes no bit.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">A sequence does not fit the model.</exception>
    public IReadOnlyList<LabelPrediction> Predict(
        IReadOnlyList<LabeledSequence> sequences, ThreadTeam? threads = null, CancellationToken stop = default) =>
        [.. Decode(sequences, threads, stop).Select((one, i) => LabelPrediction.Of(sequences[i], one.Shares, one.Path, Encoding.Classes))];

    /// <summary>The probability of each label for each sequence, or for each step of each sequence.</summary>
    /// <param name="sequences">Made by the methods of <see cref="LabeledSequence"/>, or as a reader gave them.</param>
    /// <param name="threads">The threads; null: the team that all share. Their number changes no bit.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>For each sequence [rows, classes]: one row, or one for each step.</returns>
    /// <exception cref="UserErrorException">A sequence does not fit the model.</exception>
    public IReadOnlyList<float[]> Probabilities(
        IReadOnlyList<LabeledSequence> sequences, ThreadTeam? threads = null, CancellationToken stop = default)
    {
        IReadOnlyList<float[]> shares = OfNetwork(sequences, threads, stop);
        for (int i = 0; i < shares.Count; i++) Finish(shares[i], RuleScores(sequences[i]));
        return shares;
    }

    /// <summary>The same without rule and calibration: what the network says.</summary>
    internal IReadOnlyList<float[]> OfNetwork(
        IReadOnlyList<LabeledSequence> sequences, ThreadTeam? threads = null, CancellationToken stop = default)
    {
        IReadOnlyList<float[]> own = Run([.. sequences.Select(Encoding.Encode)], threads, stop);
        if (!Options.BothStrands) return own;
        IReadOnlyList<float[]> other = Run([.. sequences.Select(one => Encoding.Encode(LabelUnits.OtherStrand(one)))], threads, stop);
        return [.. own.Zip(other, (a, b) => a.Zip(b, (p, q) => 0.5f * (p + q)).ToArray())];
    }

    /// <summary>What the network said of a sequence, with the rule's say and calibrated.</summary>
    /// <param name="shares">[classes], or [steps, classes] where there is no rule; overwritten.</param>
    /// <param name="scores">The rule's; ignored where there is none.</param>
    internal void Finish(Span<float> shares, double[] scores)
    {
        Rule?.Combine(shares, scores);
        if (Temperature != 1)
            for (int at = 0; at < shares.Length; at += Classes.Count) Rules.Temperature.Apply(shares.Slice(at, Classes.Count), Temperature);
    }

    /// <summary>What the rule says, of both strands the mean, as the network's; nothing where there is none.</summary>
    /// <param name="one">The sequence.</param>
    /// <param name="hidden">A step of it that is hidden; below 0: none.</param>
    internal double[] RuleScores(LabeledSequence one, int hidden = -1)
    {
        if (Rule is null) return [];
        double[] own = Rule.Rule.Scores(RuleFeatures.Hidden(Rule.Rule.Kind, one, Encoding, hidden));
        if (!Options.BothStrands) return own;
        int other = hidden < 0 ? -1 : Encoding.Steps(one).Count - 1 - hidden;
        return [.. own.Zip(Rule.Rule.Scores(RuleFeatures.Hidden(Rule.Rule.Kind, LabelUnits.OtherStrand(one), Encoding, other)),
            (a, b) => 0.5 * (a + b))];
    }

    // The probabilities, and the labels that they mean: each step's, those of the best path of a field, or of the best legal one.
    internal IReadOnlyList<(float[] Shares, int[] Path)> Decode(
        IReadOnlyList<LabeledSequence> sequences, ThreadTeam? threads = null, CancellationToken stop = default)
    {
        if (!Options.PerStep)
            return [.. Probabilities(sequences, threads, stop).Select(shares => (shares, (int[])[LabelScores.Largest(shares)]))];
        int[][] paths = new int[sequences.Count][];
        float[][] all = Run([.. sequences.Select(Encoding.Encode)], threads, stop, paths);
        for (int i = 0; i < all.Length; i++) Finish(all[i], RuleScores(sequences[i]));
        return [.. all.Zip(paths)];
    }

    /// <summary>The loss that its network is trained by: of single labels, or of whole paths.</summary>
    internal ILoss NewLoss() => Network.All[^1] is Crf field ? new CrfLoss(field)
        : new SoftmaxCrossEntropy { Smoothing = (float)Options.LabelSmoothing };

    /// <summary>Which steps decided the label of a text; for a model that labels sequences.</summary>
    /// <exception cref="UserErrorException">The text does not fit the model, or each of its steps has a label.</exception>
    public LabelReasons Explain(string text) => Explain(LabeledSequence.OfText(text));

    /// <summary>Which steps decided the label of a sequence; for a model that labels sequences.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="threads">The threads; null: the team that all share. Their number changes no bit.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">The sequence does not fit the model, or each of its steps has a label.</exception>
    public LabelReasons Explain(LabeledSequence sequence, ThreadTeam? threads = null, CancellationToken stop = default) => Options.PerStep
        ? throw new OptionException("explain", "the model gives each step a label; only the label of a whole sequence is explained.")
        : LabelReasons.Of(this, sequence, TaskThreads.Or(threads), stop);

    /// <summary>Begins a session: a step in, its label out; or the label of the sequence so far.</summary>
    /// <param name="keepEvery">A snapshot is kept every so many steps, for <see cref="SessionState.Rewind"/>; 0: none.</param>
    /// <exception cref="UserErrorException">The model needs whole sequences; says why.</exception>
    public LabelSession NewSession(int keepEvery = 0)
    {
        if (Options.BothStrands) throw new OptionException("both-strands", "the model averages over both strands, so it needs whole sequences.");
        Network.RequireCausal("labeling step by step");
        return new LabelSession(this, keepEvery);
    }

    ITaskSession? ITaskModel.NewSession() => Network.Causal && !Options.BothStrands ? NewSession() : null;

    /// <summary>The same for what <see cref="LabelEncoding"/> made of them, as it stands: the mean over the members.</summary>
    /// <param name="inputs">[steps, features] of each sequence.</param>
    /// <param name="threads">The threads; null: the team that all share.</param>
    /// <param name="stop">Ends the call.</param>
    /// <param name="paths">Receives the labels of each; null: they are not wanted.</param>
    internal float[][] Run(float[][] inputs, ThreadTeam? threads = null, CancellationToken stop = default, int[][]? paths = null)
    {
        TagDecoder decoder = new(this);
        if (Members.Count > 1)
        {
            float[][] mean = Ensemble.Mean([.. Members.Select(member => member.Run(inputs, threads, stop))]);
            for (int i = 0; i < mean.Length && paths is not null; i++) paths[i] = decoder.Path(mean[i]);
            return mean;
        }
        Crf? field = Network.All[^1] as Crf;
        float[][] result = new float[inputs.Length][];
        Workspace workspace = new();
        int classes = Encoding.Classes.Count;
        // Of like length together; the result does not depend on it.
        int[] order = [.. Enumerable.Range(0, inputs.Length).OrderByDescending(i => inputs[i].Length)];
        for (int from = 0; from < order.Length;)
        {
            stop.ThrowIfCancellationRequested();
            int steps = Math.Max(1, inputs[order[from]].Length / Encoding.Features),
                count = Math.Min(Math.Clamp(RowsAtOnce / steps, 1, 512), order.Length - from);
            int[] batch = order[from..(from + count)];
            workspace.Reset();
            SequenceBatch x = SequenceBatch.FromSequences(Encoding.Features, [.. batch.Select(i => inputs[i])]);
            Pass pass = new(workspace, TaskThreads.Or(threads), new Rng(0), Training: false) { InferenceOnly = true };
            SequenceBatch y = Network.Forward(x, null, pass).Output;
            for (int s = 0; s < count; s++)
            {
                float[] rows = result[batch[s]] = new float[y.Layout.Lengths[s] * classes];
                if (field is not null) field.Marginals(y, s, rows);
                else
                    for (int t = 0; t < y.Layout.Lengths[s]; t++) Softmax.Row(y.Row(t, s), rows.AsSpan(t * classes, classes));
                if (paths is not null) paths[batch[s]] = decoder.Path(y, s, rows);
            }
            from += count;
        }
        return result;
    }

    /// <inheritdoc/>
    public InspectionSubject Subject(string? data, int sequence, DataFiles files)
    {
        string[] names = data is not null ? [data] : Options.Test.Count > 0 ? [.. Options.Test] : [.. Options.Data];
        if (names.Length == 0) throw new OptionException("data", "the model was trained on data in memory; name some to look at.");
        IReadOnlyList<LabeledSequence> all = data is null ? LabelData.Read(names, this, files, labels: false) : LabelData.ReadBare(data, this, files);
        if (sequence < 0 || sequence >= all.Count)
            throw new UserErrorException($"sequence: expected 0 … {all.Count - 1} because the data have {all.Count} sequences, got {sequence}.");
        LabeledSequence one = all[sequence];
        SequenceBatch x = SequenceBatch.FromSequences(Encoding.Features, Encoding.Encode(one));
        int[] labels = Labels(one, x.Layout.Steps);
        return new InspectionSubject($"{one.Source}, sequence {sequence}", Network, x, Encoding.Steps(one), NewLoss(),
            Targets.Of(labels))
        {
            TargetLabels = [.. labels.Select(k => k < 0 ? "" : Encoding.Classes[k])],
            OutputNames = Encoding.Classes,
            Sections = Logos(all),
        };
    }

    // Over the test part, where the file tells it apart.
    private IReadOnlyList<ReportSection> Logos(IReadOnlyList<LabeledSequence> all)
    {
        LabeledSequence[] test = [.. all.Where(one => PartName.Of(one.Part) == PartName.Test)];
        LabeledSequence[] shown = [.. (test.Length > 0 ? test : all).Take(LogoWindows)];
        return LabelLogo.Sections(LabelLogo.Of(this, shown),
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

    private sealed record Described(LabelOptions Options, LabelEncoding Encoding, string TrainedOn, RuleMember? Rule, double Temperature);

    private static Described Read(string json, string path)
    {
        try
        {
            return JsonRecord.Read(json, root =>
            {
                string name = root.Text("task");
                LabelTask task = LabelTask.All.FirstOrDefault(one => one.Name == name) ?? throw new UserErrorException(
                    $"it is one of the task '{name}', expected {string.Join(", ", LabelTask.All.Select(one => one.Name))}");
                LabelOptions options = LabelOptions.Table.Read(root.Element("options"), (LabelOptions)task.Defaults);
                // Earlier files have a pooling here, which the network of a tagger never had.
                if (options.PerStep) options = options with { Pooling = PoolingKind.None };
                LabelEncoding encoding = root.Object("encoding", LabelEncoding.Read);
                RuleMember? rule = root.Absent("rule") ? null : root.Object("rule", RuleMember.Read);
                if (rule is not null && rule.Rule.Classes != encoding.Classes.Count)
                    throw new JsonException($"the rule has {rule.Rule.Classes} labels, and the model {encoding.Classes.Count}");
                return new Described(options, encoding, root.Text("trained_on", ""), rule,
                    root.Absent("temperature") ? 1 : root.RealBetween("temperature", 0.01, 100));
            });
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{path}' is a damaged model: {e.Message.TrimEnd('.')}; fetch or train it again.", e);
        }
    }
}
