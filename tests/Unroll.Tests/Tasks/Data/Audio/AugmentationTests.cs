using Unroll.Core;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tests.Tasks.Data.Audio;

public sealed class AugmentationTests
{
    private static readonly AugmentationOptions s_none = new() { Speed = 0, Mask = 0 };
    private static readonly FeatureOptions s_features = new() { Mels = 40, Deltas = 0 };
    private static readonly Rng s_random = new(5);

    private static float[] Tone(double hertz) => [.. Enumerable.Range(0, 4000).Select(n => (float)(0.3 * Math.Sin(2 * Math.PI * hertz * n / 8000)))];

    private static float[] Extract(FeatureExtractor extractor, double hertz) => extractor.Extract(new Sound(Tone(hertz), 8000, "tone"));

    private static int Loudest(float[] rows)
    {
        double[] sums = new double[s_features.Mels];
        for (int i = 0; i < rows.Length; i++) sums[i % sums.Length] += rows[i];
        return Array.IndexOf(sums, sums.Max());
    }

    [Theory]
    [InlineData(0.8)]
    [InlineData(1)]
    [InlineData(1.2)]
    public void A_vocal_tract_moves_formants_by_its_factor_and_nothing_beyond_the_spectrum(double factor)
    {
        Assert.Equal(1000 * factor, VocalTract.Warp(1000, factor, 16_000), 1e-9);
        Assert.Equal(8000, VocalTract.Warp(8000, factor, 16_000), 1e-9);
        double[] all = [.. Enumerable.Range(0, 801).Select(i => VocalTract.Warp(10 * i, factor, 16_000))];
        for (int i = 1; i < all.Length; i++) Assert.InRange(all[i] - all[i - 1], 1e-9, 60);                  // rising, without a step
    }

    [Fact]
    public void A_warp_hears_a_tone_elsewhere_and_a_tempo_hears_fewer_steps()
    {
        FeatureExtractor extractor = new(s_features);
        float[] plain = Extract(extractor, 1000);
        extractor.Change(1.25, 1);                                           // filters of 800 Hz now lie at 1000
        Assert.Equal(Loudest(plain), Loudest(Extract(extractor, 1250)));
        Assert.True(Loudest(Extract(extractor, 1000)) < Loudest(plain));
        extractor.Change(1, 1.25);
        float[] faster = Extract(extractor, 1000);
        Assert.Equal(plain.Length / 40 * 0.8, faster.Length / 40, 1.0);
        Assert.Equal(Loudest(plain), Loudest(faster));
        extractor.Change(1, 1);
        Assert.Equal(plain, Extract(extractor, 1000));
    }

    [Fact]
    public void Narrow_filters_that_a_warp_leaves_empty_take_the_nearest_frequency()
    {
        FeatureExtractor extractor = new(s_features with { Mels = 60, WindowMs = 64 });
        extractor.Change(0.5, 1);
        Assert.All(Extract(extractor, 1000), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Without_changes_the_features_are_the_same_bits_and_the_same_draw_gives_the_same_change()
    {
        FeatureExtractor extractor = new(s_features), other = new(s_features);
        float[] plain = Extract(extractor, 700);
        new Augmentation(s_none, 8000).Speaker(extractor, s_random);
        Assert.Equal(plain, Extract(extractor, 700));
        Augmentation change = new(s_none with { Vtlp = 0.15, Tempo = 0.2 }, 8000);
        HashSet<(int, float)> different = [];
        for (ulong draw = 0; draw < 20; draw++)
        {
            change.Speaker(extractor, s_random.At(draw));
            change.Speaker(other, s_random.At(draw));
            float[] rows = Extract(extractor, 700);
            Assert.Equal(rows, Extract(other, 700));
            different.Add((rows.Length, rows[100]));
        }
        Assert.InRange(different.Count, 15, 20);
    }

    [Fact]
    public void Two_masks_hide_what_one_hides_and_more()
    {
        float[] One(int masks)
        {
            float[] rows = [.. Enumerable.Repeat(1f, 100 * 40)];
            new Augmentation(s_none with { Mask = 0.3, Masks = masks }, 8000).Mask(rows, 40, 20, s_random);
            return rows;
        }

        float[] one = One(1), two = One(2);
        Assert.True(two.Sum() < one.Sum() && one.Sum() < 4000);
        for (int i = 0; i < one.Length; i++) Assert.True(two[i] <= one[i]);
        for (int i = 0; i < 4000; i++) Assert.Equal(two[i], two[i / 40 * 40 + (i + 20) % 40]);               // in every order of differences
    }
}
