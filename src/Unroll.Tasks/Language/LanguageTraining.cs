using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Text;
using Unroll.Training;

namespace Unroll.Tasks.Language;

/// <summary>Trains a language model, from options and text to a measured model file.</summary>
public sealed class LanguageTraining
{
    private const int DefaultEpochs = 12;
    private readonly LanguageTask _task;
    private readonly LanguageText _text;
    private readonly ThreadTeam _threads;

    private LanguageTraining(LanguageModel model, LanguageText text, int[] train, ThreadTeam threads, TrainingOptions training, Func<RunDirectory>? run, Action<string>? warn)
    {
        (Model, _text, _threads, Epochs) = (model, text, threads, training.Epochs);
        _task = new LanguageTask(model, train, model.Encode(text.Valid));
        Loop = new TrainingLoop<TruncatedUpdate>(_task, training, threads, run?.Invoke(), warn);
    }

    /// <summary>The epochs at most.</summary>
    public int Epochs { get; }

    /// <summary>The symbols that an epoch learns from.</summary>
    public long Examples => _task.Examples;

    /// <summary>The model that is trained.</summary>
    public LanguageModel Model { get; }

    /// <summary>The loop: where the run stands and how it ended.</summary>
    public TrainingLoop<TruncatedUpdate> Loop { get; }

    /// <summary>Reads the text, makes the vocabulary and the network, and initializes it.</summary>
    /// <param name="options">The run.</param>
    /// <param name="standardInput">Read where a file is <c>-</c>.</param>
    /// <param name="threads">Who does the work; their number changes no bit.</param>
    /// <param name="run">Makes the folder for checkpoints and models, once the text has been found good; null: nothing is written.</param>
    /// <param name="warn">Receives lines for the user.</param>
    /// <exception cref="UserErrorException">The text or the options will not do; one line that says where and why.</exception>
    public static LanguageTraining Begin(
        LanguageOptions options, TextReader standardInput, ThreadTeam threads, Func<RunDirectory>? run = null, Action<string>? warn = null)
    {
        TrainingOptions training = options.Learning.ForLoop(DefaultEpochs);
        LanguageText text = LanguageText.Read(options, standardInput);
        Vocabulary vocabulary = Vocabulary.Of(text.Train, options.TextUnit, options.Vocabulary, options.MinCount);
        LanguageModel model = new(new LanguageDescription(options, vocabulary));
        int[] train = model.Encode(text.Train);
        Require(model.Description, train, text, warn);
        bool small = options.Tied || options.TextUnit == TextUnit.Word;
        InitializationOptions first = new() { EmbeddingBound = small ? 0.1f : null };       // rows that are also output weights begin small
        Initialization.Apply(model.Network.Parameters, model.Network.Spec, first, new Rng(options.Learning.Seed).For("weights"));
        return new LanguageTraining(model, text, train, threads, training, run, warn);
    }

    /// <summary>Measures the best weights: on the test part, else on the validation part, else on the training part.</summary>
    public LanguageEvaluation Measure() => LanguageEvaluation.Of(Model, _text, _threads);

    private static void Require(LanguageDescription description, int[] train, LanguageText text, Action<string>? warn)
    {
        LanguageOptions options = description.Options;
        string what = $"the training part has {train.Length:N0} {description.Symbols}";
        if (train.Length < 2 * options.Batch + 1)
            throw new UserErrorException($"{what}, expected at least {2 * options.Batch + 1:N0} because {options.Batch} streams of it are read side by side; " +
                "give more text, or a smaller --batch.");
        if (description.Vocabulary.Size < 3)
            throw new UserErrorException($"{what} and {(description.Vocabulary.Size == 1 ? "none" : "only one")} of them is in the vocabulary; " +
                "expected two different ones at least; give other text, or a smaller --least-count.");
        if (train.Length / options.Batch < options.Bptt[0])
            warn?.Invoke($"note: {what}, {train.Length / options.Batch:N0} for each of {options.Batch} streams, fewer than the {options.Bptt[0]} of an update.");
        if (text.Valid.Length == 0) warn?.Invoke("note: nothing validates, so that the epoch with the lowest training loss is kept.");
        if (options.Dropout == 0 && options.Locked) warn?.Invoke("note: there is no dropout to be locked; give --dropout too.");
    }
}
