namespace Unroll.Training;

/// <summary>A <see cref="TrainingLoop{TBatch}"/>, whatever its batches are.</summary>
public interface ITrainingLoop
{
    /// <summary>Where the run stands.</summary>
    TrainingState State { get; }

    /// <summary>Where each network of the run stands: of a run that trains one, <see cref="State"/> alone.</summary>
    IReadOnlyList<TrainingState> States => [State];

    /// <summary>How the run ended; <see cref="TrainingOutcome.Unfinished"/> until then.</summary>
    TrainingOutcome Outcome { get; }

    /// <inheritdoc cref="ITrainingTask{TBatch}.Data"/>
    IReadOnlyList<DataPart> Data { get; }

    /// <inheritdoc cref="TrainingLoop{TBatch}.Resume"/>
    void Resume();

    /// <inheritdoc cref="TrainingLoop{TBatch}.Run"/>
    IEnumerable<TrainingProgress> Run(CancellationToken stop = default);
}
