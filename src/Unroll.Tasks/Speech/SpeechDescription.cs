using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

/// <summary>What a speech model knows beside its weights: all that <c>predict</c> needs.</summary>
/// <param name="Options">The options of the run.</param>
/// <param name="Rate">Samples a second that the network hears.</param>
/// <param name="Words">The words it can say, in order; in mode <c>ctc</c> output 0 is the blank and word i has output i + 1.</param>
/// <param name="Mean">Of each feature over the training part; where members hear differently, kind after kind.</param>
/// <param name="Deviation">Of each feature over the training part, as <paramref name="Mean"/>; above 0.</param>
public sealed record SpeechDescription(
    SpeechOptions Options, int Rate, IReadOnlyList<string> Words, IReadOnlyList<double> Mean, IReadOnlyList<double> Deviation)
{
    /// <summary>What a step looks like, with its rate; where members hear differently, to the first one.</summary>
    public FeatureOptions Features => AllFeatures[0];

    /// <summary>The kinds of features that the members take in turn, of one size.</summary>
    public IReadOnlyList<FeatureOptions> AllFeatures =>
        [.. FeatureKinds.Of(Options.Features, Options.Kinds).Select(features => features with { Rate = Rate })];

    /// <summary>The n-gram that beam search weighs; null: none.</summary>
    public SpeechNGram? NGram { get; init; }

    /// <summary>Whether it writes down strings of words.</summary>
    public bool IsCtc => Options.Mode == SpeechMode.Ctc;

    /// <summary>The description of one member, which answers alone.</summary>
    /// <param name="member">Which, from 1; its kind of features is the next in turn.</param>
    internal SpeechDescription OfMember(int member)
    {
        if (Options.Members == 1) return this;
        SpeechOptions own = Ensemble.Options(Options, member);
        if (own.Kinds.Count < 2) return this with { Options = own };
        int size = Features.Features, kind = (member - 1) % own.Kinds.Count;
        double[] Own(IReadOnlyList<double> all) => [.. all.Skip(kind * size).Take(size)];
        return this with { Options = own with { Kinds = [own.Kinds[kind]] }, Mean = Own(Mean), Deviation = Own(Deviation) };
    }

    /// <summary>How features are normalized; never <see cref="FeatureNormalization.Auto"/>.</summary>
    public FeatureNormalization Normalize => Options.Normalize != FeatureNormalization.Auto ? Options.Normalize
        : IsForward ? FeatureNormalization.Training : FeatureNormalization.Recording;

    /// <summary>Whether it reads in the order of time alone.</summary>
    internal bool IsForward => Options.Direction == ReadingDirection.Forward;

    /// <summary>What is heard after every recording: a quiet room, 60 dB below full scale, the same each time.</summary>
    internal float[] Silence()
    {
        float[] samples = new float[(int)((Options.Tail ?? (IsCtc && IsForward ? 0.2 : 0)) * Rate)];
        Rng noise = new Rng(0).For("silence");
        for (int n = 0; n < samples.Length; n++) samples[n] = (float)(0.001 * noise.Normal((ulong)n));
        return samples;
    }

    /// <summary>The outputs of the network.</summary>
    public int Outputs => Words.Count + (IsCtc ? 1 : 0);

    /// <summary>The words of a text as outputs; −1 for a word that is not known.</summary>
    internal int[] Labels(string text)
    {
        if (!IsCtc) return [IndexOf(text)];
        return [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => IndexOf(word) is >= 0 and var at ? at + 1 : -1)];
    }

    /// <summary>The other way.</summary>
    internal string Text(IEnumerable<int> labels) => string.Join(' ', labels.Select(label => Words[label - (IsCtc ? 1 : 0)]));

    internal string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", "speech");
        json.WriteObject("options", Options, SpeechOptions.Table.Write);
        json.WriteNumber("rate", Rate);
        json.WriteTexts("words", Words);
        json.WriteNumbers("mean", Mean);
        json.WriteNumbers("deviation", Deviation);
        if (NGram is { } ngram) json.WriteObject("ngram", ngram, SpeechNGram.Write);
    });

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">The file's path.</param>
    /// <exception cref="UserErrorException">It is not such a text.</exception>
    internal static SpeechDescription FromJson(string json, string where)
    {
        try
        {
            SpeechDescription description = JsonRecord.Read(json, Read);
            int features = description.AllFeatures.Sum(kind => kind.Features);
            bool fits = description.Mean.Count == features && description.Deviation.Count == features && description.Deviation.All(d => d > 0)
                && description.Words.Count > 0 && description.Words.Distinct().Count() == description.Words.Count
                && description.NGram?.Texts.All(label => label >= 0 && label <= description.Words.Count) is not false;
            return fits ? description : throw new JsonException($"expected {features} means and deviations and at least one word, each once");
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{where}' is a damaged speech model: {e.Message.TrimEnd('.')}; fetch or train it again.", e);
        }
    }

    private static SpeechDescription Read(JsonRecord json)
    {
        if (json.Text("task") is var task and not "speech") throw new JsonException($"expected the task speech, found '{task}'");
        SpeechOptions own = SpeechOptions.Table.Read(json.Element("options"), new SpeechOptions { ChooseEpoch = EpochChoice.Valid });
        if (own.Mode == SpeechMode.Ctc) own = own with { Pooling = PoolingKind.None };             // earlier files name a pooling that no layer had
        return new(own, json.Between("rate", 1000, 96_000), json.Texts("words"), json.Reals("mean"), json.Reals("deviation"))
        {
            NGram = json.ObjectOrNull("ngram", SpeechNGram.Read),
        };
    }

    private int IndexOf(string word)
    {
        for (int i = 0; i < Words.Count; i++)
            if (Words[i] == word) return i;
        return -1;
    }
}
