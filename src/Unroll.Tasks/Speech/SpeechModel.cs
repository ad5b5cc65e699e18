using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Speech;

/// <summary>A speech model: words from sound. It takes recordings of any rate.</summary>
/// <remarks>Safe for use by several threads at once as long as nobody trains or quantizes it.</remarks>
public sealed class SpeechModel : ITaskModel
{
    private readonly HashOnce _hash = new();

    internal SpeechModel(SpeechDescription description, NetworkSpec? spec = null, CellCatalog? cells = null)
    {
        Description = description;
        Members = description.Options.Members == 1 ? [this]
            : [.. Enumerable.Range(1, description.Options.Members).Select(member => new SpeechModel(description.OfMember(member), spec, cells))];
        Network = Members[0] == this ? Network.Build(spec ?? SpeechNetwork.SpecOf(description), cells) : Members[0].Network;
    }

    /// <summary>What it knows beside its weights.</summary>
    public SpeechDescription Description { get; internal set; }

    /// <summary>The options of the run it came from.</summary>
    public SpeechOptions Options => Description.Options;

    /// <inheritdoc/>
    public string Task => SpeechTask.Instance.Name;

    /// <inheritdoc cref="ITaskModel.Members"/>
    /// <remarks>
    /// What they say together is the geometric mean of their probabilities: of words, or of whole strings. Members write a word of a string down at
    /// different steps, so that a mean at each step would lose it.
    /// </remarks>
    public IReadOnlyList<SpeechModel> Members { get; }

    IReadOnlyList<ITaskModel> ITaskModel.Members => Members;

    /// <inheritdoc/>
    public Network Network { get; }

    /// <inheritdoc/>
    public string WeightsSha256 => _hash.Of(this);

    /// <summary>Whether it can listen to a sound while it comes: it writes strings of words, in the order of time, without waiting for the
    /// end.</summary>
    public bool CanListen => WhyNotListening() is null;

    TaskOptions ITaskModel.Options => Options;

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <param name="cells">The cells that its network may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, or damaged.</exception>
    public static SpeechModel Open(string path, CellCatalog? cells = null) => Open(ModelFile.Load(path, cells));

    /// <summary>Trains a model of recordings in memory.</summary>
    /// <param name="recordings">Each with what is said, and perhaps the speaker and the part; see <see cref="Recording.Of"/>.</param>
    /// <param name="options">How; null: the defaults.</param>
    /// <param name="progress">Told of every step and epoch; null: nobody.</param>
    /// <param name="stop">Asks the run to end after the step under way; what was learned is kept.</param>
    /// <returns>The model of the best epoch.</returns>
    /// <exception cref="UserErrorException">The recordings or the options will not do.</exception>
    public static SpeechModel Train(
        IEnumerable<Recording> recordings, SpeechOptions? options = null, IProgress<TrainingProgress>? progress = null,
        CancellationToken stop = default)
    {
        SpeechRun run = SpeechRun.Begin(options ?? new SpeechOptions(), recordings);
        foreach (TrainingProgress one in run.Loop.Run(stop)) progress?.Report(one);
        return run.Model;
    }

    /// <inheritdoc/>
    public void Save(string path) =>
        ModelFile.Save(path, Network.Spec, Description.ToJson(), Ensemble.Weights(this), Network.Precision, Network.Cells);

    /// <inheritdoc/>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteNumber("rate", Description.Rate);
        json.WriteTexts("words", Description.Words);
    }

    /// <summary>What is said in recordings.</summary>
    /// <param name="sounds">Of any rate.</param>
    /// <param name="beam">Strings of words that beam search follows, 0 … 10000; 0: the best label of each step (greedy).</param>
    /// <param name="threads">The threads; null: a team that all callers share. Their number changes no bit.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>One for each, in their order.</returns>
    /// <exception cref="UserErrorException">A rate cannot be brought to the model's, or <paramref name="beam"/> is out of range.</exception>
    public IReadOnlyList<SpeechResult> Recognize(
        IReadOnlyList<Sound> sounds, int beam = SpeechResult.DefaultBeam, ThreadTeam? threads = null, CancellationToken stop = default)
    {
        return Recognize(sounds, SpeechSearch.Of(Description, beam), threads, stop);
    }

    internal IReadOnlyList<SpeechResult> Recognize(IReadOnlyList<Sound> sounds, SpeechSearch search, ThreadTeam? threads, CancellationToken stop)
    {
        FeatureExtractor extractor = new(Description.Features);
        SpeechExample[] examples =
            [.. sounds.Select(s => new SpeechExample([new SpeechClip(new Recording(s.Source, ""), s.At(Description.Rate).Samples)]))];
        List<SpeechResult> results = [];
        foreach ((IReadOnlyList<SequenceBatch> outputs, int from, int count) in Outputs(examples, TaskThreads.Or(threads), stop))
            for (int s = 0; s < count; s++) results.Add(SpeechResult.Of(Description, extractor, outputs, s, sounds[from + s], search));
        return results;
    }

    /// <summary>What is said in one recording.</summary>
    /// <param name="samples">One channel; full scale is −1 … 1.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="beam">As for many recordings.</param>
    /// <exception cref="UserErrorException">The rate cannot be brought to the model's, or <paramref name="beam"/> is out of range.</exception>
    public SpeechResult Recognize(float[] samples, int rate, int beam = SpeechResult.DefaultBeam) =>
        Recognize([new Sound(samples, rate, "the recording")], beam)[0];

    /// <summary>Listens to a sound that is still coming: each word is said as soon as the network has heard it.</summary>
    /// <param name="rate">Samples a second of what comes.</param>
    /// <param name="keepEvery">A snapshot is kept every so many samples, for <see cref="SessionState.Rewind"/>; 0: none.</param>
    /// <exception cref="UserErrorException">The model does not write strings of words, looks ahead, or normalizes by whole recordings.</exception>
    public SpeechSession Listen(int rate, int keepEvery = 0) =>
        WhyNotListening() is { } why ? throw new UserErrorException($"listening to a stream {why}.") : new(this, rate, keepEvery);

    /// <summary>Measures it on recordings that it was not trained on, all of them; simple rules are fitted on its own training part where that can be
    /// read.</summary>
    /// <param name="recordings">With what is said in each.</param>
    /// <param name="beam">Strings of words that beam search follows.</param>
    /// <param name="threads">The threads; null: a team that all callers share.</param>
    /// <param name="stop">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">A sound cannot be used, or there is none.</exception>
    public SpeechEvaluation Evaluate(
        IEnumerable<Recording> recordings, int beam = SpeechResult.DefaultBeam, ThreadTeam? threads = null, CancellationToken stop = default) =>
        SpeechMeasure.OfOthers(this, "recordings", [.. recordings], Options, SpeechSearch.Of(Description, beam),
            new TaskCall(DataFiles.Disk, threads, stop));

    /// <inheritdoc/>
    /// <remarks>The data are a folder, a manifest or <c>tones</c>; null: the test part of those the model was trained on.</remarks>
    public InspectionSubject Subject(string? data, int sequence, DataFiles files) => new SpeechSubject(Members[0]).Of(data, sequence, files);

    /// <inheritdoc/>
    public ITaskSession? NewSession() => CanListen ? Listen(Description.Rate) : null;

    ITaskSession? ITaskModel.NewSession(SessionSettings settings)
    {
        settings.Require("a speech model", rate: true);
        return CanListen ? Listen(settings.Rate ?? Description.Rate) : null;
    }

    internal static SpeechModel Open(ModelFile file)
    {
        SpeechDescription description = SpeechDescription.FromJson(file.TaskJson, file.Name);
        Ensemble.Require(file, description.Options);
        SpeechModel model = new(description, file.Spec, file.Cells);
        if (model.Network.InputSize != description.Features.Features || model.Network.OutputSize != description.Outputs)
            throw new UserErrorException($"'{file.Name}' is a damaged speech model: its network maps {model.Network.InputSize} features to " +
                $"{model.Network.OutputSize} outputs, and its description needs {description.Features.Features} and {description.Outputs}; " +
                "fetch or train it again.");
        foreach ((int k, SpeechModel member) in model.Members.Index())
        {
            file.CopyInto(member.Network.Parameters, k + 1);
            member.Network.Quantize(file.Precision);
        }
        return model;
    }

    /// <summary>Features as the network sees them.</summary>
    internal float[][] Features(IReadOnlyList<SpeechExample> examples, ThreadTeam threads) =>
        new SpeechFeatures(Description, null).Of(examples, [], threads);

    /// <summary>
    /// What the network says of examples, some at a time; the outputs of each live until the next. Of several members the logarithms of what they say
    /// together, for one word a recording; for strings what each says.
    /// </summary>
    internal IEnumerable<(IReadOnlyList<SequenceBatch> Outputs, int From, int Count)> Outputs(
        IReadOnlyList<SpeechExample> examples, ThreadTeam threads, CancellationToken stop)
    {
        // Members that hear alike share what they hear.
        int kinds = Math.Min(Members.Count, Description.AllFeatures.Count);
        SpeechFeatures[] features = [.. Members.Take(kinds).Select(member => new SpeechFeatures(member.Description, null))];
        Workspace workspace = new();
        for (int from = 0; from < examples.Count; from += SpeechNetwork.RecordingsAtOnce)
        {
            stop.ThrowIfCancellationRequested();
            SpeechExample[] some = [.. examples.Skip(from).Take(SpeechNetwork.RecordingsAtOnce)];
            float[][][] rows = [.. features.Select(own => own.Of(some, [], threads))];
            List<SequenceBatch> each = [];
            for (int k = 0; k < Members.Count; k++)
                foreach ((SequenceBatch outputs, _, _) in SpeechNetwork.Run(Members[k].Network, rows[k % kinds], threads, workspace))
                    each.Add(Members.Count == 1 ? outputs : Copy(outputs));
            yield return (Description.IsCtc || Members.Count == 1 ? each : [Together(each)], from, some.Length);
        }
    }

    private static SequenceBatch Copy(in SequenceBatch outputs) =>
        new(outputs.Layout, outputs.Features, outputs.All[..(outputs.Layout.Rows * outputs.Features)].ToArray());

    private static SequenceBatch Together(IReadOnlyList<SequenceBatch> each)
    {
        MemberLogMean mean = new();
        foreach (SequenceBatch own in each) mean.Add(own.All, own.Features);
        float[] scores = new float[each[0].All.Length];
        mean.Take(scores);
        return new SequenceBatch(each[0].Layout, each[0].Features, scores);
    }

    private string? WhyNotListening() =>
        Members.Count > 1 ? $"needs one network, and the {Members.Count} members of this model compare whole strings; listen by one of them"
        : !Description.IsCtc ? "needs a model of strings of words, and this one gives a whole recording one label; train one in mode ctc"
        : !Network.Causal ? "needs a network that reads in the order of time, and this one looks ahead; train one with direction forward"
        : Description.Normalize == FeatureNormalization.Recording
            ? "needs features that do not wait for the end, and the model normalizes by whole recordings; train one that normalizes by the " +
                "training part"
        : null;
}
