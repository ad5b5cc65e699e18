using Unroll.Core;

namespace Unroll.Training;

/// <summary>
/// Everything that a <see cref="TrainingLoop{TBatch}"/> asks of a problem. The rest (steps, checkpoints, metrics, stopping) is the loop's.
/// </summary>
/// <typeparam name="TBatch">What one step learns from: the rows themselves, or only which rows.</typeparam>
public interface ITrainingTask<TBatch> : IObjective<TBatch>
{
    /// <summary>
    /// What the weights belong to: the network's description, as JSON. A checkpoint with another one is refused.
    /// </summary>
    string Model { get; }

    /// <summary>What else a reader of the checkpoint needs, as JSON (vocabulary, standardization, …); <c>"{}"</c> for nothing.</summary>
    string Notes { get; }

    /// <summary>
    /// The parts of the data that the run depends on, those that only measure included. A checkpoint of other data is refused, by the part's name;
    /// empty: data are not checked.
    /// </summary>
    IReadOnlyList<DataPart> Data => [];

    /// <summary>
    /// The batches of an epoch: a function of the epoch and the generator alone, so that a run that is resumed finds the same ones.
    /// The list may make each batch when it is asked for.
    /// </summary>
    /// <param name="epoch">0, 1, ….</param>
    /// <param name="random">The epoch's own generator, for the shuffle.</param>
    IReadOnlyList<TBatch> Batches(int epoch, Rng random);

    /// <summary>Measures the weights on data that is not trained on; null if there is none, and the epoch's mean loss takes its place.</summary>
    /// <param name="pass">Workspace (reset before), threads, the generator of this epoch's validation; not training.</param>
    Validation? Validate(in Pass pass);

    /// <summary>
    /// The same by several ranks together: all call it, and get the same answer to the bit, whatever their number. By default each does all the work.
    /// </summary>
    /// <param name="pass">As above.</param>
    /// <param name="ranks">Those that measure; see <see cref="CollectiveExtensions.Shared"/>.</param>
    Validation? Validate(in Pass pass, ICollective ranks) => Validate(pass);

    /// <summary>Writes the weights as they are as a model file, completely or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    void Save(string path);
}

/// <summary>What a validation found.</summary>
/// <param name="Score">What is minimized: the best model is the one with the lowest.</param>
/// <param name="Metrics">What else was measured, by name, for the metrics file; may be empty.</param>
public sealed record Validation(double Score, params IReadOnlyList<KeyValuePair<string, double>> Metrics);
