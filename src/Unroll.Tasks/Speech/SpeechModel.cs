using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

/// <summary>A speech model: words from sound. Opened from a file, it hears recordings of any rate.</summary>
public sealed class SpeechModel : ITaskModel
{
    internal SpeechModel(SpeechDescription description, NetworkSpec? spec = null)
    {
        Description = description;
        Network = Network.Build(spec ?? SpeechNetwork.SpecOf(description));
    }

    /// <summary>What it knows beside its weights.</summary>
    public SpeechDescription Description { get; }

    /// <inheritdoc/>
    public string Task => "speech";

    /// <inheritdoc/>
    public Network Network { get; }

    /// <inheritdoc/>
    public string WeightsSha256 => WeightsHash.Compute(Network.Parameters);

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, or damaged.</exception>
    public static SpeechModel Open(string path)
    {
        ModelFile file = ModelFile.Load(path);
        SpeechDescription description = SpeechDescription.FromJson(file.TaskJson, path);
        SpeechModel model = new(description, file.Spec);
        if (model.Network.InputSize != description.Features.Features || model.Network.OutputSize != description.Outputs)
            throw new UserErrorException($"'{path}' is a damaged speech model: its network maps {model.Network.InputSize} features to " +
                $"{model.Network.OutputSize} outputs, and its description needs {description.Features.Features} and {description.Outputs}; " +
                "fetch or train it again.");
        file.CopyInto(model.Network.Parameters);
        if (file.Precision == WeightPrecision.Int8) model.Network.Quantize();
        return model;
    }

    /// <inheritdoc/>
    public void Save(string path) => ModelFile.Save(path, Network.Spec, Description.ToJson(), Network.Parameters, Network.Precision);

    /// <summary>What is said in recordings.</summary>
    /// <param name="sounds">Of any rate.</param>
    /// <param name="threads">Who does the work; their number changes no bit.</param>
    /// <param name="beam">How many strings of words are followed at a time; 0: the best label of each step (greedy).</param>
    /// <returns>One for each, in their order.</returns>
    /// <exception cref="UserErrorException">A rate cannot be brought to the model's, or <paramref name="beam"/> is not 0 … 10000.</exception>
    public IReadOnlyList<SpeechResult> Recognize(IReadOnlyList<Sound> sounds, ThreadTeam threads, int beam = 8)
    {
        Check.Between(0, 10_000, beam, "beam");
        FeatureExtractor extractor = new(Description.Features);
        float[][] rows = Features([.. sounds.Select(s => Example(s))], threads);
        List<SpeechResult> results = [];
        foreach ((SequenceBatch outputs, int from, int count) in SpeechNetwork.Run(Network, rows, threads, new Workspace()))
            for (int s = 0; s < count; s++)
                results.Add(SpeechResult.Of(Description, extractor, outputs, s, sounds[from + s], beam));
        return results;
    }

    /// <summary>What is said in a sound that is still coming: each word as soon as the network has heard it.</summary>
    /// <param name="rate">Samples a second of what comes.</param>
    /// <exception cref="UserErrorException">The model does not write strings of words, looks ahead, or normalizes by whole recordings.</exception>
    public SpeechListener Listen(int rate) => new(this, rate);

    /// <inheritdoc/>
    /// <remarks>The data are a folder, a manifest or <c>tones</c>; null: the test part of those the model was trained on.</remarks>
    public InspectionSubject Subject(string? data, int sequence, TextReader standardInput) => new SpeechSubject(this).Of(data, sequence);

    /// <summary>Features as the network sees them.</summary>
    internal float[][] Features(IReadOnlyList<SpeechExample> examples, ThreadTeam threads) => new SpeechFeatures(Description, null).Of(examples, [], threads);

    private SpeechExample Example(Sound sound) =>
        new([new SpeechClip(new Recording(sound.Source, ""), sound.At(Description.Rate).Samples)]);
}
