using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Training;

namespace Unroll.Tasks.Shared;

/// <summary>The training part of a model's own run, read again: what simple rules are fitted on when the model is measured on other data.</summary>
public static class OwnTraining
{
    /// <summary>
    /// Says that the data of a model's own run are others than it was trained on: parts are drawn anew then, and the test part may hold what it
    /// learned.
    /// </summary>
    /// <param name="trainedOn">The hash of the training part when the model was trained; empty: an earlier build kept none.</param>
    /// <param name="now">Those of the parts now.</param>
    /// <param name="data">The names of the data.</param>
    /// <param name="note">Receives the note; null: nobody.</param>
    internal static void NoteChanged(string trainedOn, IReadOnlyList<DataPart> now, IReadOnlyList<string> data, Action<string>? note)
    {
        if (trainedOn.Length > 0 && trainedOn != now[0].Sha256)
            note?.Invoke($"note: {string.Join(", ", data.Select(DataFiles.Called))}: the data have changed since the model was trained, so " +
                "that the parts are others, and what is measured may be what it learned; bring back the data of then, or name data that it has not " +
                "seen (data).");
    }

    /// <summary>Reads it; where its data cannot be read any more, a note says that the rules are left out.</summary>
    /// <param name="none">The value to use if the training part cannot be read.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="note">Receives the note; null: nobody.</param>
    public static T Or<T>(T none, Func<T> read, Action<string>? note)
    {
        try
        {
            return read();
        }
        catch (UserErrorException e)
        {
            note?.Invoke($"note: the simple rules are left out, because the model's own training part cannot be read again: {e.Message}");
            return none;
        }
    }
}
