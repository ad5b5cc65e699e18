using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tasks.Speech;

/// <summary>
/// Listens to a sound as it comes and says each word once the network has heard it; the words are those that greedy decoding of the whole gives.
/// A step is certain when its window is over, and two steps later for each order of differences in time.
/// </summary>
public sealed class SpeechListener
{
    private readonly SpeechModel _model;
    private readonly FeatureExtractor _extractor;
    private readonly FeatureStream _stream;
    private readonly State _state;
    private readonly CtcGreedyStream _greedy = new();
    private readonly List<float> _rows = [];
    private readonly float[] _outputs;
    private int _steps;

    internal SpeechListener(SpeechModel model, int rate)
    {
        SpeechDescription description = model.Description;
        if (!description.IsCtc)
            throw new UserErrorException("listening to a stream needs a model of strings of words, and this one gives a whole recording one label; train with --mode ctc.");
        model.Network.RequireCausal("listening to a stream");
        if (description.Normalize == "recording")
            throw new UserErrorException("listening to a stream needs features that do not wait for the end, and the model normalizes by whole recordings; " +
                "train with --normalise training.");
        (_model, _extractor) = (model, new FeatureExtractor(description.Features));
        _stream = new FeatureStream(_extractor, rate);
        _state = model.Network.NewState(1);
        _outputs = new float[model.Network.OutputSize];
    }

    /// <summary>Takes the next samples.</summary>
    /// <param name="samples">At the rate that was named.</param>
    /// <returns>The words that the network has heard since the last call; From and To are when it did.</returns>
    public IReadOnlyList<SpokenWord> Push(ReadOnlySpan<float> samples)
    {
        _stream.Push(samples, _rows);
        return Words();
    }

    /// <summary>The sound is over: what the network still says in the silence that it was trained to hear after the last word.</summary>
    /// <returns>The words that were still missing.</returns>
    public IReadOnlyList<SpokenWord> Finish()
    {
        _stream.Finish(_rows, _model.Description.Silence());
        return Words();
    }

    private List<SpokenWord> Words()
    {
        List<SpokenWord> words = [];
        float[] rows = [.. _rows];
        _rows.Clear();
        SpeechFeatures.Normalize(_model.Description, rows);
        int features = _model.Network.InputSize;
        for (int at = 0; at < rows.Length; at += features, _steps++)
        {
            _model.Network.Step(rows.AsSpan(at, features), _state, _outputs);
            if (_greedy.Push(_outputs) is var label and not CtcLoss.Blank)
                words.Add(new SpokenWord(_model.Description.Words[label - 1], _extractor.SecondsOf(_steps), _extractor.SecondsOf(_steps)));
        }
        return words;
    }
}
