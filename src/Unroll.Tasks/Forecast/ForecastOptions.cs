using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Forecast;

/// <summary>
/// Everything that decides a forecasting run: data, model, training. The keys of its JSON are the options of the command line and of its
/// configuration files.
/// </summary>
/// <remarks>
/// <c>auto</c>, null and an empty list mean "chosen from the training part"; what was chosen stands in the <see cref="ForecastDescription"/>.
/// Every property throws a <see cref="UserErrorException"/> for a value out of its range.
/// </remarks>
public sealed record ForecastOptions
{
    /// <summary>An embedded data set (<c>sunspots</c>, <c>airline</c>), a CSV file, or <c>-</c> for standard input.</summary>
    public string Data { get; init; } = "sunspots";

    /// <summary>The columns to forecast; empty: every column of numbers without another role.</summary>
    public IReadOnlyList<string> Column { get; init; } = [];

    /// <summary>Columns that the network sees but does not forecast, known up to the present only.</summary>
    public IReadOnlyList<string> Input { get; init; } = [];

    /// <summary>Columns that are known in the future too.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];

    /// <summary>The time column; null: guessed where no column is named, else rows are one step apart.</summary>
    public string? Time { get; init; }

    /// <summary>The column that tells series apart; null: one series.</summary>
    public string? Group { get; init; }

    /// <summary>Null: irregular times are an error; <c>auto</c>: resampled to the commonest step; else a period such as <c>1day</c>.</summary>
    public string? Resample { get; init; }

    /// <summary><c>error</c>, <c>carry</c> (the last value again) or <c>interpolate</c>.</summary>
    public string Missing { get; init => field = Check.OneOf(MissingWords, value, "missing"); } = "error";

    /// <summary>The shares of the rows to train on and to validate on, in the order of time; the rest tests.</summary>
    public IReadOnlyList<double> Split { get; init => field = Check.Shares(value, "0.6,0.2"); } = [0.6, 0.2];

    /// <summary><c>auto</c>, or a word of <see cref="Unroll.Tasks.Data.TimeSeries.Transform"/>: what the network sees of a column.</summary>
    public string Transform { get; init => field = Check.OneOf(TransformWords, value, "transform"); } = "auto";

    /// <summary><c>auto</c>, or a word of <see cref="Unroll.Tasks.Forecast.AnchorKind"/>: the simple forecast whose error the network learns.</summary>
    public string Anchor { get; init => field = Check.OneOf(AnchorWords, value, "anchor"); } = "auto";

    /// <summary>Steps of a season; null: guessed from the step of the times; 1: none.</summary>
    public int? Season { get; init => field = value is int v ? Check.Between(1, 100_000, v, "season") : null; }

    /// <summary>Steps that the network sees; null: two seasons, fewer where the training part is short.</summary>
    public int? Window { get; init => field = value is int v ? Check.Between(1, 100_000, v, "window") : null; }

    /// <summary>Steps that are forecast at once.</summary>
    public int Horizon { get; init => field = Check.Between(1, 10_000, value, "horizon"); } = 1;

    /// <summary><c>lstm</c>, <c>gru</c>, <c>gru-after</c>, <c>rnn</c>, <c>residual</c>, <c>lstm-ln</c> or <c>gru-ln</c>.</summary>
    public string Cell { get; init => field = Check.OneOf(CellWords, value, "cell"); } = "gru";

    /// <summary>Units of each layer and direction.</summary>
    public int Hidden { get; init => field = Check.Between(1, 16_384, value, "hidden"); } = 32;

    /// <summary>Recurrent layers on top of each other.</summary>
    public int Layers { get; init => field = Check.Between(1, 64, value, "layers"); } = 1;

    /// <summary>Whether each layer also reads the window from its end.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>Probability that an output between two layers is dropped in training.</summary>
    public double Dropout { get; init => field = Check.Between(0, 0.99, value, "dropout"); }

    /// <summary>
    /// What a window, or with <see cref="Bptt"/> a whole series, begins with: <c>zero</c>, <c>random</c> (normal draws of deviation 0.1, the same for
    /// all) or <c>learned</c>.
    /// </summary>
    public string InitialState { get; init => field = Check.OneOf(InitialStateWords, value, "first-state"); } = "zero";

    /// <summary><c>mse</c>, <c>mae</c>, <c>huber</c>, <c>gaussian</c> or <c>quantile</c>.</summary>
    public string Loss { get; init => field = Check.OneOf(LossWords, value, "loss"); } = "mse";

    /// <summary>The share of future values that an interval should hold.</summary>
    public double Interval { get; init => field = Check.Between(0.01, 0.99, value, "interval"); } = 0.9;

    /// <summary>A model file to train on from; null: new weights.</summary>
    public string? From { get; init; }

    /// <summary>Passes over the training part, at most; null: about 700 updates, at least 10 epochs and at most 300.</summary>
    public int? Epochs { get; init => field = value is int v ? Check.Between(1, 1_000_000, v, "epochs") : null; }

    /// <summary>Windows of a batch.</summary>
    public int Batch { get; init => field = Check.Between(1, 1_000_000, value, "batch"); } = 32;

    /// <summary>The learning rate.</summary>
    public double LearningRate { get; init => field = Check.Between(1e-9, 100, value, "lr"); } = 5e-3;

    /// <summary>
    /// <c>constant</c>, <c>step</c>, <c>cosine</c> or <c>plateau</c>: how the learning rate goes; a cosine ends at 0 with the last epoch.
    /// </summary>
    public string Schedule { get; init => field = Check.OneOf(Unroll.Training.Schedule.Kinds, value, "schedule"); } = "cosine";

    /// <summary><c>adam</c>, <c>adamw</c>, <c>sgd</c>, <c>rmsprop</c> or <c>adagrad</c>.</summary>
    public string Optimizer { get; init => field = Check.OneOf(OptimizerOptions.Kinds, value, "optimizer"); } = "adam";

    /// <summary>μ of <c>sgd</c> and <c>rmsprop</c>, in [0, 1); 0: none.</summary>
    public double Momentum { get; init => field = Check.Between(0, 0.9999, value, "momentum"); }

    /// <summary>Whether <c>sgd</c> looks ahead by one step of its momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>The limit of the gradients; 0: none.</summary>
    public double Clip { get; init => field = Check.Between(0, 1e9, value, "clip"); } = 1;

    /// <summary>What <see cref="Clip"/> limits: the <c>norm</c> of all gradients together, that of each <c>tensor</c>, or each <c>value</c>.</summary>
    public string ClipBy { get; init => field = Check.OneOf(ClipByWords, value, "clip-by"); } = "norm";

    /// <summary>
    /// After a loss or a gradient that is not finite: <c>stop</c> with its place, <c>skip</c> the batch, or go <c>back</c> to the last checkpoint at the
    /// beginning of an epoch, with half the learning rate.
    /// </summary>
    public string NonFinite { get; init => field = Check.OneOf(NonFiniteWords, value, "non-finite"); } = "stop";

    /// <summary>k1, k2 of truncated backpropagation through whole series; empty: windows.</summary>
    public IReadOnlyList<int> Bptt { get; init => field = Truncation(value); } = [];

    /// <summary>Epochs without a better validation score after which training stops; null: a third of the epochs, at least 10.</summary>
    public int? Patience { get; init => field = value is int v ? Check.Between(1, 1_000_000, v, "patience") : null; }

    /// <summary>The seed of every random draw.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The words of <see cref="Missing"/>.</summary>
    public static IReadOnlyList<string> MissingWords { get; } = ["error", "carry", "interpolate"];

    /// <summary>The words of <see cref="Transform"/>.</summary>
    public static IReadOnlyList<string> TransformWords { get; } = ["auto", .. Unroll.Tasks.Data.TimeSeries.Transform.Words];

    /// <summary>The words of <see cref="Anchor"/>.</summary>
    public static IReadOnlyList<string> AnchorWords { get; } = ["auto", .. Unroll.Tasks.Forecast.Anchors.Words];

    /// <summary>The words of <see cref="Cell"/>.</summary>
    public static IReadOnlyList<string> CellWords { get; } = ["lstm", "gru", "gru-after", "rnn", "residual", "lstm-ln", "gru-ln"];

    /// <summary>The words of <see cref="InitialState"/>.</summary>
    public static IReadOnlyList<string> InitialStateWords { get; } = ["zero", "random", "learned"];

    /// <summary>The words of <see cref="ClipBy"/>.</summary>
    public static IReadOnlyList<string> ClipByWords { get; } = ["norm", "tensor", "value"];

    /// <summary>The words of <see cref="NonFinite"/>.</summary>
    public static IReadOnlyList<string> NonFiniteWords { get; } = ["stop", "skip", "back"];

    /// <summary>The words of <see cref="Loss"/>.</summary>
    public static IReadOnlyList<string> LossWords { get; } = ["mse", "mae", "huber", "gaussian", "quantile"];

    /// <summary>The options as indented JSON; what is null is left out.</summary>
    public string ToJson() => JsonText.Of(json => ForecastOptionsText.Write(json, this));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">What errors call it: the file's path.</param>
    /// <exception cref="UserErrorException">It is no such JSON, has a key that is not an option, or a value out of range.</exception>
    public static ForecastOptions FromJson(string json, string where)
    {
        try
        {
            return JsonRecord.Read(json, ForecastOptionsText.Read, "option");
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"{where}: not the options of a forecasting run: {e.Message.TrimEnd('.')}; begin a run of another name.", e);
        }
    }

    private static IReadOnlyList<int> Truncation(IReadOnlyList<int> value) =>
        value.Count == 0 || (value.Count == 2 && value[0] >= 1 && value[1] >= value[0])
            ? value
            : throw new UserErrorException("bptt: expected k1,k2 with 1 ≤ k1 ≤ k2, such as 16,48 (an update every k1 steps, through k2 steps), " +
                $"got {string.Join(',', value)}.");
}
