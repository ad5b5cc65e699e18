using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tests.Tasks.Data.Audio;

public sealed class FeatureTests
{
    private static readonly TensorFile s_golden =
        TensorFile.Read(Path.Combine(AppContext.BaseDirectory, "Tasks", "Data", "Audio", "Fixtures", "audio-features.safetensors"),
            NonFinite.Refused);

    private static readonly FeatureOptions s_plain = new() { PreEmphasis = 0, Deltas = 0 };

    private static double[] Golden(string name) => s_golden.Find(name)!.Float64.ToArray();

    private static Sound Chirp => new([.. Golden("samples").Select(v => (float)v)], 8000, "chirp");

    // Both compute in double; what is left is the rounding of the result to float, 6e-8 of numbers up to 20, and of sums of 256 terms before a
    // logarithm.
    private static void Close(double[] expected, float[] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], tolerance);
    }

    [Fact]
    public void The_power_spectrum_equals_that_of_torch_stft()
    {
        double[] golden = Golden("power");
        RealFft fft = new(256);
        double[] frame = new double[200], power = new double[129];
        float[] samples = Chirp.Samples;
        for (int t = 0; t < golden.Length / 129; t++)
        {
            for (int n = 0; n < 200; n++) frame[n] = samples[t * 80 + n] * (0.5 - 0.5 * Math.Cos(2 * Math.PI * n / 200));
            fft.Power(frame, power);
            for (int k = 0; k < 129; k++) Assert.Equal(golden[t * 129 + k], power[k], 1e-9 * (1 + golden[t * 129 + k]));
        }
    }

    [Fact]
    public void Log_mel_energies_equal_the_written_definition_on_both_scales()
    {
        Close(Golden("htk.log"), new FeatureExtractor(s_plain).Extract(Chirp), 2e-5);
        FeatureOptions slaney = s_plain with { Mels = 26, Scale = MelScale.Slaney, LowHz = 0, HighHz = 3800 };
        Close(Golden("slaney.log"), new FeatureExtractor(slaney).Extract(Chirp), 2e-5);
    }

    [Fact]
    public void Cepstra_and_two_orders_of_differences_equal_the_written_definition() =>
        Close(Golden("mfcc"), new FeatureExtractor(new FeatureOptions { Cepstra = 13, Deltas = 2 }).Extract(Chirp), 1e-3);

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(64)]
    public void The_fast_transform_equals_the_sum_it_stands_for(int size)
    {
        double[] x = [.. Enumerable.Range(0, size).Select(n => new Rng(5).Normal((ulong)n))];
        double[] power = new double[size / 2 + 1];
        new RealFft(size).Power(x, power);
        for (int k = 0; k < power.Length; k++)
        {
            double re = 0, im = 0;
            for (int n = 0; n < size; n++) (re, im) =
                (re + x[n] * Math.Cos(2 * Math.PI * k * n / size), im - x[n] * Math.Sin(2 * Math.PI * k * n / size));
            Assert.Equal(re * re + im * im, power[k], 1e-10 * size * size);
        }
    }

    [Theory]
    [InlineData(8000, 1)]
    [InlineData(8000, 77)]
    [InlineData(11025, 500)]
    [InlineData(6000, 1000)]
    public void A_sound_in_pieces_gives_the_bits_of_the_whole(int rate, int piece)
    {
        FeatureExtractor extractor = new(new FeatureOptions { Mels = 20, Deltas = 2 });
        Sound sound = Chirp with { Rate = rate };
        FeatureStream stream = new(extractor, rate);
        List<float> rows = [];
        for (int at = 0; at < sound.Samples.Length; at += piece)
            stream.Push(sound.Samples.AsSpan(at, Math.Min(piece, sound.Samples.Length - at)), rows);
        stream.Finish(rows);
        Assert.Equal(extractor.Extract(sound), rows);
    }

    [Fact]
    public void A_sound_shorter_than_a_window_is_one_step_and_nothing_is_none()
    {
        FeatureExtractor extractor = new(s_plain);
        Assert.Equal(40, extractor.Extract(new Sound([0.5f], 8000, "click")).Length);
        Assert.Empty(extractor.Extract(new Sound([], 8000, "nothing")));
    }

    [Fact]
    public void Features_that_cannot_be_are_refused_in_one_line()
    {
        (FeatureOptions Options, string Part)[] cases =
        [
            (new FeatureOptions { HighHz = 5000 }, "at most half the rate (4000 Hz), got 5000"),
            (new FeatureOptions { Cepstra = 50 }, "expected at most 40"),
            (new FeatureOptions { Mels = 300 }, "choose fewer filters or a longer window"),
            (new FeatureOptions { HopMs = 30 }, "expected at most the window of 25 ms"),
        ];
        foreach ((FeatureOptions options, string part) in cases)
            Assert.Contains(part, Assert.Throws<UserErrorException>(() => new FeatureExtractor(options)).Message);
        Assert.Throws<UserErrorException>(() => new FeatureOptions { Deltas = 3 });
    }
}
