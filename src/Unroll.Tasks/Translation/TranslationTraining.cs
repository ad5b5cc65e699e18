using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tasks.Translation;

/// <summary>Trains a translation model, from options and files to a measured model file.</summary>
public sealed class TranslationTraining
{
    private const int DefaultUpdates = 5000, MinEpochs = 10, MaxEpochs = 60;
    private readonly TranslationData _data;
    private readonly ThreadTeam _threads;

    private TranslationTraining(TranslationModel model, TranslationData data, ThreadTeam threads, Func<RunDirectory>? run, Action<string>? warn)
    {
        (Model, _data, _threads) = (model, data, threads);
        int updates = (data.Training.Count + model.Options.Batch - 1) / model.Options.Batch;
        Epochs = model.Options.Learning.Epochs ?? Math.Clamp((DefaultUpdates + updates - 1) / updates, MinEpochs, MaxEpochs);
        TranslationTask task = new(model, data, Epochs);
        Examples = task.Examples;
        model.EncoderDecoder.Initialize(new InitializationOptions(), new Rng(model.Options.Learning.Seed).For("weights"));
        TrainingLoop<TranslationBatch> loop = new(task, model.Options.Learning.ForLoop(Epochs), threads, run?.Invoke(), warn);
        Loop = loop;
        if (task.TooLong > 0) warn?.Invoke($"{task.TooLong} pairs with more than {model.Options.MaxLength} symbols on a side are not trained on (--max-length).");
    }

    /// <summary>The model that is trained.</summary>
    public TranslationModel Model { get; }

    /// <summary>The loop: where the run stands and how it ended.</summary>
    public ITrainingLoop Loop { get; }

    /// <summary>The epochs at most.</summary>
    public int Epochs { get; }

    /// <summary>The pairs that an epoch learns from.</summary>
    public int Examples { get; }

    /// <summary>Pairs to train on, to validate on and to test on.</summary>
    public (int Training, int Validation, int Test) Parts => (_data.Training.Count, _data.Validation.Count, _data.Test.Count);

    /// <summary>Reads the data, learns the symbols of both sides, makes the network and initializes it.</summary>
    /// <param name="options">The run.</param>
    /// <param name="standardInput">Read when a file is <c>-</c>.</param>
    /// <param name="threads">Who does the work; their number changes no bit.</param>
    /// <param name="run">Makes the folder for checkpoints and models, once the data have been found good; null: nothing is written.</param>
    /// <param name="warn">Receives lines for the user.</param>
    /// <exception cref="UserErrorException">The data are not as they should be.</exception>
    public static TranslationTraining Begin(
        TranslationOptions options, TextReader standardInput, ThreadTeam threads, Func<RunDirectory>? run = null, Action<string>? warn = null)
    {
        TranslationData data = TranslationData.Read(options, standardInput);
        TranslationSide source = TranslationSide.Learn(data.Training.Select(pair => pair.Source), options, options.Unit),
            target = TranslationSide.Learn(data.Training.Select(pair => pair.Target), options, options.TargetUnit ?? options.Unit);
        foreach (string line in data.Repeated()) warn?.Invoke(line);
        return new TranslationTraining(new TranslationModel(options, source, target), data, threads, run, warn);
    }

    /// <summary>Trains; see <see cref="TrainingLoop{TBatch}.Run"/>.</summary>
    public IEnumerable<TrainingProgress> Run(CancellationToken stop = default) => Loop.Run(stop);

    /// <summary>
    /// Measures the best weights on the test part, beside simple rules learned from the training part, and greedily on the validation part; null where
    /// there is no test part.
    /// </summary>
    public TranslationEvaluation? Finish() => _data.Test.Count == 0 ? null : TranslationEvaluation.Of(Model, _data, Model.Search, _threads);
}
