using Unroll.Core;

namespace Unroll.Tasks.Data.Audio;

/// <summary>How recordings are changed at random while training, each time anew, so that a network hears more voices than there are.</summary>
public sealed record AugmentationOptions
{
    /// <summary>The greatest change of speed, and with it of pitch and resonances: 0.1 is 0.9 to 1.1 times as fast; 0: none.</summary>
    public double Speed { get; init => field = Within(value, 0.5, "speed"); } = 0.1;

    /// <summary>The longest silence before and after, in seconds; 0: none.</summary>
    public double Shift { get; init => field = Within(value, 10, "shift"); }

    /// <summary>The greatest deviation of white noise, as a share of the recording's own; 0: none.</summary>
    public double Noise { get; init => field = Within(value, 10, "noise"); }

    /// <summary>
    /// The greatest share of the filters and of the steps that is hidden by one band each (Park et al. 2019, "SpecAugment",
    /// arXiv:1904.08779); 0: none.
    /// </summary>
    public double Mask { get; init => field = Within(value, 0.9, "mask"); } = 0.2;

    /// <summary>How many bands of each kind are hidden, each as wide as <see cref="Mask"/> says, 1 … 10.</summary>
    public int Masks
    {
        get;
        init => field = value is >= 1 and <= 10 ? value
            : throw new UserErrorException(FormattableString.Invariant($"masks: expected a whole number from 1 to 10, got {value}."));
    } = 1;

    /// <summary>
    /// The greatest change of the frequencies of formants, as of a longer or shorter vocal tract (Jaitly and Hinton 2013): 0.15 is 0.85 to 1.15
    /// times as high; 0: none.
    /// </summary>
    public double Vtlp { get; init => field = Within(value, 0.5, "vtlp"); }

    /// <summary>The greatest change of the tempo alone, with pitch and formants as they are; 0: none.</summary>
    public double Tempo { get; init => field = Within(value, 0.5, "tempo"); }

    /// <summary>Whether anything changes at all.</summary>
    internal bool Any => Speed > 0 || Shift > 0 || Noise > 0 || Mask > 0 || Vtlp > 0 || Tempo > 0;

    private static double Within(double value, double most, string option) => value >= 0 && value <= most ? value
        : throw new UserErrorException(FormattableString.Invariant($"{option}: expected a number from 0 to {most}, got {value}."));
}

/// <summary>Applies <see cref="AugmentationOptions"/>; every draw is a function of the generator that is handed in.</summary>
internal sealed class Augmentation(AugmentationOptions options, int rate)
{
    private const int Speeds = 8;                            // each way: so many tables are made at most
    private const int Tracts = 16;                           // each way: so many sets of filters are made at most
    private const int Unit = 80;                             // rates of changed speed are multiples of rate ÷ 80, so that the tables stay small
    private readonly Dictionary<int, SincKernel> _kernels = [];

    /// <summary>A changed copy.</summary>
    internal float[] Sound(float[] samples, Rng random)
    {
        samples = Faster(samples, random);
        int before = (int)(options.Shift * rate * random.Uniform(1)), after = (int)(options.Shift * rate * random.Uniform(2));
        float[] changed = new float[before + samples.Length + after];
        samples.CopyTo(changed, before);
        if (options.Noise == 0) return changed;
        double squares = 0;
        foreach (float sample in samples) squares += (double)sample * sample;
        double deviation = options.Noise * random.Uniform(3) * Math.Sqrt(squares / Math.Max(1, samples.Length));
        Rng noise = random.For("noise");
        for (int n = 0; n < changed.Length; n++) changed[n] += (float)(deviation * noise.Normal((ulong)n));
        return changed;
    }

    /// <summary>Gives what is extracted next a vocal tract and a tempo of its own.</summary>
    /// <param name="extractor">Of the recording's features.</param>
    /// <param name="random">Of this recording and epoch.</param>
    internal void Speaker(FeatureExtractor extractor, Rng random) => extractor.Change(
        1 + options.Vtlp * (random.Below(2 * Tracts + 1, 20) - Tracts) / Tracts, 1 + options.Tempo * (2 * random.Uniform(21) - 1));

    /// <summary>Hides bands of the filters (in every order of differences) and as many of the steps: they become zero, the mean.</summary>
    /// <param name="rows">[steps, features], normalized; changed in place.</param>
    /// <param name="features">Features of a step.</param>
    /// <param name="filters">Those of them before differences.</param>
    /// <param name="random">Of this recording and epoch.</param>
    internal void Mask(Span<float> rows, int features, int filters, Rng random)
    {
        int steps = rows.Length / features;
        for (ulong k = 0; k < (ulong)options.Masks; k++)
        {
            ulong draw = k == 0 ? 10 : 100 + 4 * k;
            (int from, int to) = Band(filters, random.Uniform(draw), random.Uniform(draw + 1));
            (int first, int last) = Band(steps, random.Uniform(draw + 2), random.Uniform(draw + 3));
            for (int t = 0; t < steps; t++)
            {
                Span<float> row = rows.Slice(t * features, features);
                if (t >= first && t < last) row.Clear();
                else
                    for (int at = 0; at < features; at += filters) row.Slice(at + from, to - from).Clear();
            }
        }
    }

    private (int From, int To) Band(int count, float width, float place)
    {
        int wide = (int)(options.Mask * count * width), from = (int)((count - wide + 1) * place);
        return (from, from + wide);
    }

    private float[] Faster(float[] samples, Rng random)
    {
        int most = Math.Min(Speeds, (int)Math.Round(options.Speed * Unit));
        if (most == 0) return samples;
        int draw = random.Below(2 * most + 1, 0) - most, change = (int)Math.Round(draw * options.Speed * Unit / most);
        if (change == 0) return samples;
        if (!_kernels.TryGetValue(change, out SincKernel? kernel)) _kernels.Add(change, kernel = new SincKernel(Unit + change, Unit));
        return SincResampler.Resample(samples, kernel);
    }
}
