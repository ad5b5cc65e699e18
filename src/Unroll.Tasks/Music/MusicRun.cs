using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tasks.Music;

/// <summary>Trains a model of music, from files to a measured model file.</summary>
public sealed class MusicTraining
{
    private const int DefaultUpdates = 6000, MinEpochs = 10, MaxEpochs = 100, Fewest = 2;
    private readonly ThreadTeam _threads;

    private MusicTraining(MusicModel model, MusicPieces pieces, MusicTask task, ThreadTeam threads, RunDirectory? run, Action<string>? warn)
    {
        (Model, Pieces, _threads) = (model, pieces, threads);
        int updates = (pieces.Training.Count + model.Options.Batch - 1) / model.Options.Batch;
        Epochs = model.Options.Learning.Epochs ?? Math.Clamp((DefaultUpdates + updates - 1) / updates, MinEpochs, MaxEpochs);
        Loop = new TrainingLoop<int[]>(task, model.Options.Learning.ForLoop(Epochs), threads, run, warn);
    }

    /// <summary>The model that is trained.</summary>
    public MusicModel Model { get; }

    /// <summary>The pieces in their parts.</summary>
    public MusicPieces Pieces { get; }

    /// <summary>The epochs at most.</summary>
    public int Epochs { get; }

    /// <summary>The loop: where the run stands and how it ended.</summary>
    public TrainingLoop<int[]> Loop { get; }

    /// <summary>Reads the pieces, makes the network and initializes it.</summary>
    /// <param name="options">The run.</param>
    /// <param name="threads">Who does the work; their number changes no bit.</param>
    /// <param name="run">Makes the folder for checkpoints and models, once the data have been found good; null: nothing is written.</param>
    /// <param name="warn">Receives lines for the user.</param>
    /// <exception cref="UserErrorException">The data are not as they should be.</exception>
    public static MusicTraining Begin(MusicOptions options, ThreadTeam threads, Func<RunDirectory>? run = null, Action<string>? warn = null)
    {
        MusicPieces pieces = MusicPieces.Read(options);
        MusicModel model = new(options, pieces.Kind, pieces.Kind == "roll" ? [] : SymbolsOf(pieces.Training));
        MusicTask task = new(model, pieces);
        foreach (MusicPiece piece in pieces.Validation.Concat(pieces.Test)) _ = model.Encode(piece);
        Initialization.Apply(model.Network.Parameters, model.Network.Spec, new InitializationOptions(),
            new Rng(options.Learning.Seed).For("weights"));
        return new MusicTraining(model, pieces, task, threads, run?.Invoke(), warn);
    }

    /// <summary>Trains; see <see cref="TrainingLoop{TBatch}.Run"/>.</summary>
    public IEnumerable<TrainingProgress> Run(CancellationToken stop = default) => Loop.Run(stop);

    /// <summary>Measures the best weights on the test part, beside simple rules learned from the training part; null where there is none.</summary>
    public MusicEvaluation? Finish() => Pieces.Test.Count == 0 ? null : MusicEvaluation.Of(Model, Pieces, _threads);

    // What occurs at least twice; the rest is one symbol of its own.
    private static IReadOnlyList<string> SymbolsOf(IReadOnlyList<MusicPiece> training) =>
    [
        "<end>", "<unk>",
        .. training.SelectMany(piece => piece.Symbols).CountBy(symbol => symbol).Where(count => count.Value >= Fewest)
            .OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal).Select(count => count.Key),
    ];
}

/// <summary>A model of music measured on pieces that it was not trained on.</summary>
/// <param name="Kind"><c>roll</c> or <c>tune</c>.</param>
/// <param name="NatsPerStep">−ln of the probability of what came, a step.</param>
/// <param name="Baselines">Simple rules and theirs.</param>
/// <param name="Pieces">How many pieces.</param>
/// <param name="Steps">How many steps.</param>
public sealed record MusicEvaluation(
    string Kind, double NatsPerStep, IReadOnlyList<(string Name, double NatsPerStep)> Baselines, int Pieces, long Steps)
{
    /// <summary>Measures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pieces">The test part is measured, the simple rules learn from the training part.</param>
    /// <param name="threads">Who does the work.</param>
    public static MusicEvaluation Of(MusicModel model, MusicPieces pieces, ThreadTeam threads)
    {
        long steps = pieces.Test.Sum(piece => (long)model.Encode(piece).X.Length / model.Network.InputSize);
        return new MusicEvaluation(model.Kind, MusicScore.NatsPerStep(model, pieces.Test, threads),
            model.IsRoll ? MusicRules.OfRolls(model, pieces) : MusicRules.OfTunes(model, pieces),
            pieces.Test.Count, steps);
    }
}
