using Unroll.Core;

namespace Unroll.Tasks.Data.Audio;

//  x(t) = Σₖ a(k·f₀) sin(2π ∫ k·f₀),   a(f) = Σᵢ 1 / (1 + ((f − Fᵢ(t)) / 90)²):
//  a hum of pitch f₀ with two resonances that glide from one vowel to the next

/// <summary>
/// Ten made-up words that nobody spoke: hums whose two resonances glide between vowels, in five voices, computed from a seed. They show that
/// everything works where there are no recordings; what is measured on them says nothing about speech.
/// </summary>
public static class ToneWords
{
    /// <summary>The name that stands for them where data are named.</summary>
    public const string Name = "tones";

    private const int Rate = 8000, Takes = 8;
    private const double Width = 90;

    // The first two formants of vowels, in Hz, rounded from Peterson and Barney 1952, "Control methods used in a study of the vowels".
    private static readonly (string Word, (double, double)[] Glide)[] s_words =
    [
        ("ai", [(730, 1090), (270, 2290)]), ("au", [(730, 1090), (300, 870)]), ("ia", [(270, 2290), (730, 1090)]), ("iu", [(270, 2290), (300, 870)]),
        ("ua", [(300, 870), (730, 1090)]), ("ui", [(300, 870), (270, 2290)]), ("e", [(530, 1840), (530, 1840)]), ("o", [(570, 840), (570, 840)]),
        ("aia", [(730, 1090), (270, 2290), (730, 1090)]), ("uiu", [(300, 870), (270, 2290), (300, 870)]),
    ];

    private static readonly (string Name, double Pitch, double Tract)[] s_voices =
        [("alto", 190, 1.08), ("baritone", 120, 0.96), ("bass", 95, 0.92), ("soprano", 230, 1.15), ("tenor", 145, 1.0)];

    /// <summary>Every word by every voice, eight times each; the last two takes of each are its test part.</summary>
    /// <param name="seed">Of the draws: speed, pitch, loudness, noise.</param>
    public static IReadOnlyList<Recording> All(ulong seed)
    {
        List<Recording> all = [];
        Rng random = new Rng(seed).For("tone words");
        for (int word = 0; word < s_words.Length; word++)
            for (int voice = 0; voice < s_voices.Length; voice++)
                for (int take = 0; take < Takes; take++)
                {
                    string name = $"{s_words[word].Word}_{s_voices[voice].Name}_{take}.wav";
                    float[] samples = Samples(s_words[word].Glide, s_voices[voice], random.At((ulong)all.Count));
                    all.Add(new Recording(name, s_words[word].Word, s_voices[voice].Name, take < Takes - 2 ? "train" : "test")
                    {
                        Sound = new Sound(samples, Rate, name),
                    });
                }
        return all;
    }

    private static float[] Samples((double First, double Second)[] glide, (string, double Pitch, double Tract) voice, Rng random)
    {
        double Spread(ulong counter, double share) => 1 + share * (2 * random.Uniform(counter) - 1);
        int count = (int)(Rate * 0.3 * Spread(0, 0.3));
        double pitch = voice.Pitch * Spread(1, 0.08), tract = voice.Tract * Spread(2, 0.03), level = 0.05 * Spread(3, 0.5);
        float[] samples = new float[count];
        double phase = 0;
        for (int n = 0; n < count; n++)
        {
            double at = (double)n / count, place = at * (glide.Length - 1);
            int leg = Math.Min((int)place, glide.Length - 2);
            double share = place - leg, f0 = pitch * (1.05 - 0.1 * at);
            double first = tract * (glide[leg].First + share * (glide[leg + 1].First - glide[leg].First));
            double second = tract * (glide[leg].Second + share * (glide[leg + 1].Second - glide[leg].Second));
            phase += 2 * Math.PI * f0 / Rate;
            double sum = 0;
            for (int k = 1; k * f0 < 3400; k++) sum += (Resonance(k * f0 - first) + 0.6 * Resonance(k * f0 - second)) * Math.Sin(k * phase);
            samples[n] = (float)(level * Math.Sin(Math.PI * at) * sum + 0.003 * random.Normal((ulong)(10 + n)));
        }
        return samples;
    }

    private static double Resonance(double away) => 1 / (1 + away / Width * (away / Width));
}
