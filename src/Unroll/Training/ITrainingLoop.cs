namespace Unroll.Training;

/// <summary>A <see cref="TrainingLoop{TBatch}"/>, whatever its batches are.</summary>
public interface ITrainingLoop
{
    /// <summary>Where the run stands.</summary>
    TrainingState State { get; }

    /// <summary>How the run ended; <see cref="TrainingOutcome.Unfinished"/> until then.</summary>
    TrainingOutcome Outcome { get; }

    /// <inheritdoc cref="ITrainingTask{TBatch}.Data"/>
    IReadOnlyList<DataPart> Data { get; }

    /// <inheritdoc cref="TrainingLoop{TBatch}.Resume"/>
    void Resume();

    /// <inheritdoc cref="TrainingLoop{TBatch}.Run"/>
    IEnumerable<TrainingProgress> Run(CancellationToken stop = default);
}
