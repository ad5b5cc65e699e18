using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tasks.Speech;

/// <summary>A recording as the network sees and hears it.</summary>
/// <param name="Name">The recording, or the recordings of a string.</param>
/// <param name="Said">What is said in it.</param>
/// <param name="Heard">What was heard.</param>
/// <param name="Seconds">The middle of each step's window.</param>
/// <param name="Spectrogram">[mel filters][steps]: the logarithm of the energy, whatever the network is given.</param>
/// <param name="Names">The filters' names.</param>
/// <param name="Probabilities">[words, for strings after "(nothing)"][steps or 1]: what the network says at each step, or once.</param>
/// <param name="Outputs">The names of the rows of <paramref name="Probabilities"/>.</param>
public sealed record SpeechPicture(
    string Name, string Said, SpeechResult Heard, IReadOnlyList<double> Seconds, IReadOnlyList<IReadOnlyList<double>> Spectrogram,
    IReadOnlyList<string> Names, IReadOnlyList<IReadOnlyList<double>> Probabilities, IReadOnlyList<string> Outputs)
{
    internal static SpeechPicture Of(
        SpeechModel model, Sound sound, in SequenceBatch outputs, int sequence, string said, SpeechResult heard)
    {
        SpeechDescription description = model.Description;
        FeatureOptions mels = description.Features with { Cepstra = 0, Deltas = 0 };
        FeatureExtractor extractor = new(mels);
        float[] rows = extractor.Extract(sound);
        int steps = rows.Length / mels.Mels, shown = outputs.Layout.Lengths[sequence];
        double[][] probabilities = [.. Enumerable.Range(0, outputs.Features).Select(_ => new double[shown])];
        float[] p = new float[outputs.Features];
        for (int t = 0; t < shown; t++)
        {
            double sum = Softmax.Exponentials(outputs.Row(t, sequence), p, out _);
            for (int k = 0; k < p.Length; k++) probabilities[k][t] = p[k] / sum;
        }
        double[][] spectrogram = [.. Enumerable.Range(0, mels.Mels).Select(i =>
            Enumerable.Range(0, steps).Select(t => (double)rows[t * mels.Mels + i]).ToArray())];
        return new SpeechPicture(heard.Source, said, heard, [.. Enumerable.Range(0, steps).Select(extractor.SecondsOf)], spectrogram,
            mels.Names, probabilities,
            description.IsCtc ? ["(nothing)", .. description.Words] : description.Words);
    }
}
