using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

/// <summary>Everything that decides a run of <c>music</c>. The keys of its JSON are the options of the command line.</summary>
/// <remarks>Every property throws a <see cref="UserErrorException"/> for a value out of its range.</remarks>
public sealed record MusicOptions
{
    /// <summary>Files or folders: piano rolls as JSON, MIDI, or tunes in ABC.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>
    /// <c>roll</c>: which of 88 keys sound in each step; <c>tune</c>: a melody as symbols of ABC; auto: tunes where the files are ABC.
    /// </summary>
    public string Kind { get; init => field = Check.OneOf(KindWords, value, "kind"); } = "auto";

    /// <summary>
    /// The shares of the pieces to train on and to validate on where the file does not say; the rest tests. Piece i is dealt by i mod 10.
    /// </summary>
    public IReadOnlyList<double> Split { get; init => field = Check.Shares(value, "0.8,0.1"); } = [0.8, 0.1];

    /// <summary>Steps of a quarter note where MIDI or a score is laid on a grid, and of a piano roll where it is written as MIDI.</summary>
    public int StepsPerQuarter { get; init => field = Check.Between(1, 96, value, "steps-per-quarter"); } = 1;

    /// <summary>Rolls: half tones by which a piece is moved up or down at most, drawn anew in each epoch; 0: never.</summary>
    public int Transpose { get; init => field = Check.Between(0, 12, value, "transpose"); }

    /// <summary>Tunes: whether chord symbols are learned too.</summary>
    public bool Chords { get; init; }

    /// <summary>Tunes: features of an embedded symbol.</summary>
    public int Embedding { get; init => field = Check.Between(1, 16_384, value, "embedding"); } = 64;

    /// <summary><c>lstm</c>, <c>gru</c>, <c>gru-after</c>, <c>rnn</c>, <c>residual</c>, <c>lstm-ln</c> or <c>gru-ln</c>.</summary>
    public string Cell { get; init => field = Check.OneOf(ForecastOptions.CellWords, value, "cell"); } = "lstm";

    /// <summary>Units of each layer.</summary>
    public int Hidden { get; init => field = Check.Between(1, 16_384, value, "hidden"); } = 256;

    /// <summary>Recurrent layers on top of each other.</summary>
    public int Layers { get; init => field = Check.Between(1, 64, value, "layers"); } = 1;

    /// <summary>Probability that a feature of the input, of the layers between and of the output is dropped in training.</summary>
    public double Dropout { get; init => field = Check.Between(0, 0.99, value, "dropout"); } = 0.5;

    /// <summary>Pieces of a batch.</summary>
    public int Batch { get; init => field = Check.Between(1, 1_000_000, value, "batch"); } = 4;

    /// <summary>How it learns; epochs null: about 6,000 updates, 10 to 100 epochs.</summary>
    public LearningOptions Learning { get; init; } = new() { LearningRate = 2e-3, Optimizer = "adamw" };

    /// <summary>The words of <see cref="Kind"/>.</summary>
    public static IReadOnlyList<string> KindWords { get; } = ["auto", "roll", "tune"];

    /// <summary>The options as indented JSON.</summary>
    public string ToJson() => JsonText.Of(json => Write(json, this));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">What errors call it.</param>
    /// <exception cref="UserErrorException">It is no such JSON, has a key that is not an option, or a value out of range.</exception>
    public static MusicOptions FromJson(string json, string where)
    {
        try
        {
            return JsonRecord.Read(json, Read, "option");
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"{where}: not the options of such a run: {e.Message.TrimEnd('.')}; begin a run of another name.", e);
        }
    }

    internal static void Write(Utf8JsonWriter json, MusicOptions options)
    {
        json.WriteTexts("data", options.Data);
        json.WriteString("kind", options.Kind);
        json.WriteNumbers("split", options.Split);
        json.WriteNumber("steps-per-quarter", options.StepsPerQuarter);
        json.WriteNumber("transpose", options.Transpose);
        json.WriteBoolean("chords", options.Chords);
        json.WriteNumber("embedding", options.Embedding);
        json.WriteString("cell", options.Cell);
        json.WriteNumber("hidden", options.Hidden);
        json.WriteNumber("layers", options.Layers);
        json.WriteNumber("dropout", options.Dropout);
        json.WriteNumber("batch", options.Batch);
        LearningOptionsText.Write(json, options.Learning);
    }

    internal static MusicOptions Read(JsonRecord json) => new()
    {
        Data = json.Texts("data"),
        Kind = json.Text("kind"),
        Split = json.Reals("split"),
        StepsPerQuarter = json.Whole("steps-per-quarter"),
        Transpose = json.Whole("transpose"),
        Chords = json.Flag("chords"),
        Embedding = json.Whole("embedding"),
        Cell = json.Text("cell"),
        Hidden = json.Whole("hidden"),
        Layers = json.Whole("layers"),
        Dropout = json.Real("dropout"),
        Batch = json.Whole("batch"),
        Learning = LearningOptionsText.Read(json),
    };
}
