using System.Globalization;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Training;

/// <summary>The checkpoints of a run: <c>step-000123.checkpoint.safetensors</c>; the last two are kept.</summary>
public sealed class CheckpointFolder
{
    private const string Ending = ".checkpoint.safetensors", Beginning = "step-";
    private readonly string _path;

    /// <summary>Opens the folder and removes temporary files left there by a process that has ended.</summary>
    /// <param name="path">The folder; it is made if it is missing.</param>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    public CheckpointFolder(string path)
    {
        _path = path;
        Folder.Create(path);
        AtomicFile.RemoveStale(path);
    }

    /// <summary>How many are kept, at least 1.</summary>
    public int Keep { get; init => field = Range.AtLeast(1, value, "checkpoints that are kept"); } = 2;

    /// <summary>Whether the one at the beginning of the epoch under way is kept too, however old it is.</summary>
    public bool KeepEpochStart { get; init; }

    /// <summary>The paths, oldest first.</summary>
    public IReadOnlyList<string> Files => [.. Folder.Files(_path, Ending).Where(file => StepOf(file) >= 0).OrderBy(StepOf)];

    /// <summary>Writes a checkpoint and deletes the oldest.</summary>
    /// <exception cref="UserErrorException">The file system reported an error, or a weight is not finite.</exception>
    public void Write<TBatch>(ITrainingTask<TBatch> task, Optimizer optimizer, TrainingState state, ReadOnlySpan<float> best,
        IReadOnlyList<NamedFloats>? average = null, int shards = 1)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{Beginning}{state.Place.Step:D6}{Ending}");
        Checkpoint.Write(Path.Combine(_path, name), task, optimizer, state, best, average, shards);
        IReadOnlyList<string> files = Files;
        foreach (string file in files.Take(files.Count - Keep))
            if (!KeepEpochStart || StepOf(file) != state.EpochStart) Folder.Delete(file);
    }

    /// <summary>Deletes the checkpoints of later steps, which a return has made void.</summary>
    public void DeleteAfter(long step)
    {
        foreach (string file in Files.Where(file => StepOf(file) > step)) Folder.Delete(file);
    }

    /// <summary>
    /// The newest checkpoint that is whole and, if asked for, stands at the beginning of an epoch; null where there is no checkpoint at all.
    /// </summary>
    /// <param name="warn">Receives a line for every damaged one that is passed over.</param>
    /// <param name="epochStart">Whether only the beginning of an epoch will do.</param>
    /// <exception cref="UserErrorException">There are checkpoints, but none will do.</exception>
    public Checkpoint? ReadNewest(Action<string> warn, bool epochStart = false)
    {
        IReadOnlyList<string> files = Files;
        for (int i = files.Count - 1; i >= 0; i--)
        {
            try
            {
                Checkpoint checkpoint = Checkpoint.Read(files[i]);
                if (epochStart && checkpoint.State.Place.Batch != 0) continue;
                return checkpoint;
            }
            catch (UserErrorException e)
            {
                warn($"passing over a checkpoint: {e.Message}");
            }
        }
        return files.Count == 0
            ? null
            : throw new UserErrorException($"'{_path}' has {files.Count} checkpoints and none of them can be used; begin a run of another name.");
    }

    private static long StepOf(string file)
    {
        ReadOnlySpan<char> name = Path.GetFileName(file.AsSpan());
        return name.StartsWith(Beginning)
            && long.TryParse(name[Beginning.Length..^Ending.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            ? step
            : -1;
    }
}
