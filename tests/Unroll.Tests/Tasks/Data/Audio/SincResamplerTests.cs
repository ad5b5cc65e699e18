using Unroll.Core;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tests.Tasks.Data.Audio;

public sealed class SincResamplerTests
{
    private static float[] Tone(double hertz, int rate, int count) =>
        [.. Enumerable.Range(0, count).Select(n => (float)Math.Sin(2 * Math.PI * hertz * n / rate))];

    // Kaiser's window of beta 9 leaves ripples below 1e-4 in the pass band; 60 samples from the ends the sinc is whole.
    [Theory]
    [InlineData(8000, 16000)]
    [InlineData(44100, 8000)]
    [InlineData(11025, 8000)]
    [InlineData(8000, 7999)]
    public void A_tone_below_both_limits_stays_the_same_tone(int from, int to)
    {
        float[] found = SincResampler.Resample(Tone(700, from, from / 4), from, to), expected = Tone(700, to, found.Length);
        Assert.Equal((int)Math.Ceiling(from / 4 * (double)to / from), found.Length);
        for (int i = 60; i < found.Length - 60; i++) Assert.Equal(expected[i], found[i], 2e-4);
    }

    [Fact]
    public void A_tone_above_half_the_new_rate_is_gone_rather_than_folded_down()
    {
        float[] found = SincResampler.Resample(Tone(5000, 44100, 11025), 44100, 8000);
        for (int i = 60; i < found.Length - 60; i++) Assert.Equal(0, found[i], 2e-4);
    }

    [Fact]
    public void A_constant_stays_what_it_is()
    {
        float[] ones = new float[2000];
        Array.Fill(ones, 1f);
        float[] found = SincResampler.Resample(ones, 44100, 8000);
        for (int i = 60; i < found.Length - 60; i++) Assert.Equal(1, found[i], 1e-6);
    }

    [Fact]
    public void Pieces_give_the_bits_of_the_whole_however_long_the_stream()
    {
        float[] tone = Tone(300, 11025, 30_000);
        SincResampler resampler = new(11025, 8000);
        List<float> found = [];
        for (int at = 0; at < tone.Length; at += 333) resampler.Push(tone.AsSpan(at, Math.Min(333, tone.Length - at)), found);
        resampler.Finish(found);
        Assert.Equal(SincResampler.Resample(tone, 11025, 8000), found);
    }

    [Fact]
    public void Rates_that_do_not_go_together_are_refused()
    {
        Assert.Contains("factor of at most 256", Assert.Throws<UserErrorException>(() => new SincResampler(100, 48000)).Message);
        Assert.Contains("expected 1 … 768000", Assert.Throws<UserErrorException>(() => new SincResampler(0, 8000)).Message);
    }
}
