using Unroll.Core;

namespace Unroll.Tasks.Data.Audio;

//  window t is samples [t·hop, t·hop + window);  w[n] = ½ − ½ cos(2πn/window)  (Hann's, periodic)
//  P[k] = |FFT(w · x)|²,   e[m] = Σ filter[m][k] P[k],   log-mel[m] = ln max(e[m], 1e−8)
//  cepstrum[i] = sᵢ Σₘ log-mel[m] cos(π i (m + ½) / mels),   s₀ = √(1/mels), else √(2/mels)         (DCT-II, orthonormal)

/// <summary>
/// Sound → features of its windows: pre-emphasis, Hann's window, power spectrum, mel filters, logarithm, and if asked for the cosine transform
/// (Davis and Mermelstein 1980). A pure function of the samples; not safe for use by several threads at once.
/// </summary>
public sealed class FeatureExtractor
{
    private const double Floor = 1e-8;
    private readonly double[] _window, _frame, _power, _energies, _cosines;
    private readonly RealFft _fft;
    private readonly MelFilters _plain;
    private readonly Dictionary<double, MelFilters> _warped = [];
    private MelFilters _filters;

    /// <summary>Prepares tables.</summary>
    /// <param name="options">What to compute.</param>
    /// <exception cref="UserErrorException">The options contradict each other.</exception>
    public FeatureExtractor(FeatureOptions options)
    {
        Options = options;
        double high = options.HighHz ?? options.Rate / 2.0;
        if (high > options.Rate / 2.0 || high <= options.LowHz)
            throw new UserErrorException(FormattableString.Invariant(
                $"high: expected more than low ({options.LowHz} Hz) and at most half the rate ({options.Rate / 2.0} Hz), got {high}."));
        if (options.Hop > options.Window)
            throw new UserErrorException(FormattableString.Invariant(
                $"hop: expected at most the window of {options.WindowMs} ms, so that nothing is passed over, got {options.HopMs} ms."));
        if (options.Cepstra > options.Mels)
            throw new UserErrorException($"cepstra: expected at most {options.Mels} because there are that many mel filters, got {options.Cepstra}.");
        _window = new double[options.Window];
        for (int n = 0; n < _window.Length; n++) _window[n] = 0.5 - 0.5 * Math.Cos(2 * Math.PI * n / _window.Length);
        _fft = new RealFft((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_window.Length));
        _filters = _plain = Filters(warp: 1);
        Hop = options.Hop;
        (_frame, _power, _energies) = (new double[_window.Length], new double[_fft.Size / 2 + 1], new double[options.Mels]);
        _cosines = new double[options.Cepstra * options.Mels];
        for (int i = 0; i < options.Cepstra; i++)
            for (int m = 0; m < options.Mels; m++)
                _cosines[i * options.Mels + m] = Math.Sqrt((i == 0 ? 1.0 : 2.0) / options.Mels) * Math.Cos(Math.PI * i * (m + 0.5) / options.Mels);
    }

    /// <summary>What is computed.</summary>
    public FeatureOptions Options { get; }

    /// <summary>Samples from one window to the next.</summary>
    internal int Hop { get; private set; }

    /// <summary>What is heard from now on is spoken by another vocal tract and at another tempo; (1, 1): as it is.</summary>
    /// <param name="warp">The factor of its frequencies; filters are kept for each, so that there should be few.</param>
    /// <param name="tempo">How many times as fast: windows lie so much farther apart, while each sounds as it does.</param>
    internal void Change(double warp, double tempo)
    {
        if (warp == 1) _filters = _plain;
        else if (_warped.TryGetValue(warp, out MelFilters? filters)) _filters = filters;
        else _warped.Add(warp, _filters = Filters(warp));
        Hop = Math.Clamp((int)Math.Round(Options.Hop * tempo), 1, Options.Window);
    }

    /// <summary>The features of a whole sound; one shorter than a window counts as if silence followed.</summary>
    /// <param name="sound">Of any rate.</param>
    /// <returns>[windows, <see cref="FeatureOptions.Features"/>], at least one window.</returns>
    /// <exception cref="UserErrorException">The sound's rate cannot be brought to that of the options.</exception>
    public float[] Extract(Sound sound)
    {
        FeatureStream stream = new(this, Options.Rate);
        List<float> rows = [];
        stream.Push(sound.At(Options.Rate).Samples, rows);
        stream.Finish(rows);
        return [.. rows];
    }

    /// <summary>The seconds at which a step's window has its middle.</summary>
    public double SecondsOf(int step) => (step * (double)Options.Hop + Options.Window / 2.0) / Options.Rate;

    private MelFilters Filters(double warp) =>
        new(Options.Mels, Options.Scale, Options.LowHz, Options.HighHz ?? Options.Rate / 2.0, Options.Rate, _fft.Size, warp);

    /// <summary>One window, without differences in time.</summary>
    /// <param name="samples">[window], after pre-emphasis.</param>
    /// <param name="features">[static]; overwritten.</param>
    internal void Window(ReadOnlySpan<float> samples, Span<float> features)
    {
        for (int n = 0; n < _frame.Length; n++) _frame[n] = _window[n] * samples[n];
        _fft.Power(_frame, _power);
        _filters.Apply(_power, _energies);
        for (int m = 0; m < _energies.Length; m++) _energies[m] = Math.Log(Math.Max(_energies[m], Floor));
        for (int i = 0; i < features.Length; i++)
        {
            if (Options.Cepstra == 0)
            {
                features[i] = (float)_energies[i];
                continue;
            }
            double sum = 0;
            for (int m = 0; m < _energies.Length; m++) sum += _cosines[i * Options.Mels + m] * _energies[m];
            features[i] = (float)sum;
        }
    }
}
