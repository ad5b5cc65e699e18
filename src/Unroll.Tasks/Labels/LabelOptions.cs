using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>
/// Everything that decides a run of <c>classify</c>, <c>dna</c> or <c>tag</c>: a label for each sequence, or for each step. The keys of its JSON are
/// the options of the command line.
/// </summary>
/// <remarks>Every property throws a <see cref="UserErrorException"/> for a value out of its range.</remarks>
public sealed record LabelOptions
{
    /// <summary>The task: <c>classify</c>, <c>dna</c> or <c>tag</c>.</summary>
    public string Task { get; init; } = "classify";

    /// <summary>Files to train on; of FASTA files each is a label.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Files to validate on; empty: taken from <see cref="Data"/>.</summary>
    public IReadOnlyList<string> Valid { get; init; } = [];

    /// <summary>Files to test on; empty: taken from <see cref="Data"/>.</summary>
    public IReadOnlyList<string> Test { get; init; } = [];

    /// <summary>The column of the label; null: found by its usual names.</summary>
    public string? Label { get; init; }

    /// <summary>BED files with the label of each base of FASTA files, for <c>tag</c>; empty: the data have their labels themselves.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Bases of the windows that sequences with <see cref="Labels"/> are cut into.</summary>
    public int Window { get; init => field = Check.Between(1, 1_000_000, value, "window"); } = 200;

    /// <summary>The column of the text or the letters; null: found by its usual names, else all other columns are numbers.</summary>
    public string? Text { get; init; }

    /// <summary>The column of training, validation and test, or of folds; null: found by its usual names.</summary>
    public string? Part { get; init; }

    /// <summary>The column whose equal values make the steps of one sequence; null: none.</summary>
    public string? Group { get; init; }

    /// <summary>The fold of the part column that tests; or k of <see cref="Folds"/>; null: none.</summary>
    public string? Fold { get; init; }

    /// <summary>Folds that the data are dealt into, sequence i into fold i mod folds; 0: none.</summary>
    public int Folds { get; init => field = Check.Between(0, 1_000_000, value, "folds"); }

    /// <summary>Whether every fold tests in its turn: one run for each, see <see cref="LabelFolds"/>.</summary>
    public bool CrossValidate { get; init; }

    /// <summary>The shares to train on and to validate on where neither files nor a column say it; the rest tests.</summary>
    public IReadOnlyList<double> Split { get; init => field = Check.Shares(value, "0.8,0.1"); } = [0.8, 0.1];

    /// <summary>What a step is: <c>word</c>, <c>char</c>, <c>base</c>, <c>kmer</c>, <c>number</c>; auto: by the task and the data.</summary>
    public string Unit { get; init => field = Check.OneOf(UnitWords, value, "unit"); } = "auto";

    /// <summary>Letters of a k-mer.</summary>
    public int Kmer { get; init => field = Check.Between(1, 8, value, "kmer"); } = 3;

    /// <summary>Images: <c>rows</c>, a step each, or <c>pixels</c>.</summary>
    public string Image { get; init => field = Check.OneOf(ImageWords, value, "image"); } = "rows";

    /// <summary>Images: the side of the squares of pixels whose mean becomes one pixel; 1: as they are.</summary>
    public int Shrink { get; init => field = Check.Between(1, 1_000, value, "shrink"); } = 1;

    /// <summary>Whether capital letters are kept apart from small ones.</summary>
    public bool Cased { get; init; }

    /// <summary>How often a word, character or k-mer must occur in the training part to be known.</summary>
    public int MinCount { get; init => field = Check.Between(1, 1_000_000, value, "min-count"); } = 1;

    /// <summary>Features of an embedded word, character or k-mer.</summary>
    public int Embedding { get; init => field = Check.Between(1, 16_384, value, "embedding"); } = 100;

    /// <summary>A text file of word vectors (GloVe, word2vec) that the embedding begins with; null: random ones.</summary>
    public string? Vectors { get; init; }

    /// <summary><c>lstm</c>, <c>gru</c>, <c>gru-after</c>, <c>rnn</c>, <c>residual</c>, <c>lstm-ln</c> or <c>gru-ln</c>.</summary>
    public string Cell { get; init => field = Check.OneOf(ForecastOptions.CellWords, value, "cell"); } = "lstm";

    /// <summary>Units of each layer and direction.</summary>
    public int Hidden { get; init => field = Check.Between(1, 16_384, value, "hidden"); } = 64;

    /// <summary>Recurrent layers on top of each other.</summary>
    public int Layers { get; init => field = Check.Between(1, 64, value, "layers"); } = 1;

    /// <summary>Whether the sequence is read from its begin alone, rather than from both ends.</summary>
    public bool OneWay { get; init; }

    /// <summary>
    /// How a sequence becomes one row: <c>last</c> (each direction's last state), <c>mean</c>, <c>max</c>, <c>attention</c>, <c>center</c>, or
    /// <c>flatten</c> (all steps side by side; every sequence then has the length of the first).
    /// </summary>
    public string Reading { get; init => field = Check.OneOf(ReadingWords, value, "reading"); } = "max";

    /// <summary>Probability that a feature of the input, of the layers between and of the reading is dropped in training.</summary>
    public double Dropout { get; init => field = Check.Between(0, 0.99, value, "dropout"); } = 0.5;

    /// <summary>Probability that a word, character or k-mer is hidden in training.</summary>
    public double WordDropout { get; init => field = Check.Between(0, 0.99, value, "word-dropout"); }

    /// <summary>DNA: whether the other strand is trained on too, and predictions are averaged over both.</summary>
    public bool BothStrands { get; init; }

    /// <summary>Sequences of a batch.</summary>
    public int Batch { get; init => field = Check.Between(1, 1_000_000, value, "batch"); } = 32;

    /// <summary>How it learns; epochs null: those that go through about 80,000 sequences, 10 to 40.</summary>
    public LearningOptions Learning { get; init; } = new() { LearningRate = 2e-3, Optimizer = "adamw" };

    /// <summary>Whether each step has a label, rather than the whole.</summary>
    public bool PerStep => Task == "tag";

    /// <summary>The words of <see cref="Unit"/>.</summary>
    public static IReadOnlyList<string> UnitWords { get; } = ["auto", "word", "char", "base", "kmer", "number"];

    /// <summary>The words of <see cref="Image"/>.</summary>
    public static IReadOnlyList<string> ImageWords { get; } = ["rows", "pixels"];

    /// <summary>The words of <see cref="Reading"/>.</summary>
    public static IReadOnlyList<string> ReadingWords { get; } = ["last", "mean", "max", "attention", "centre", "flatten"];

    /// <summary>What a task begins with.</summary>
    /// <param name="task"><c>classify</c>, <c>dna</c> or <c>tag</c>.</param>
    public static LabelOptions Of(string task) => task switch
    {
        "dna" => new LabelOptions
        {
            Task = task, Hidden = 48, Reading = "centre", Dropout = 0.3,
            Learning = new LearningOptions { LearningRate = 3e-3, Optimizer = "adamw" },
        },
        "tag" => new LabelOptions { Task = task, Dropout = 0.3 },
        _ => new LabelOptions { Task = "classify", Embedding = 200, WordDropout = 0.3, Reading = "mean", Batch = 16 },
    };

    internal LabelColumns Columns => new(Label, Text, Part, Group);

    /// <summary>The options as indented JSON; what is null is left out.</summary>
    public string ToJson() => JsonText.Of(json => LabelOptionsText.Write(json, this));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">What errors call it.</param>
    /// <exception cref="UserErrorException">It is no such JSON, has a key that is not an option, or a value out of range.</exception>
    public static LabelOptions FromJson(string json, string where)
    {
        try
        {
            return JsonRecord.Read(json, LabelOptionsText.Read, "option");
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"{where}: not the options of such a run: {e.Message.TrimEnd('.')}; begin a run of another name.", e);
        }
    }
}
