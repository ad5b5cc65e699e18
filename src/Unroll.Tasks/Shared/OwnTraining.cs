using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>The training part of a model's own run, read again: what simple rules are fitted on when the model is measured on other data.</summary>
public static class OwnTraining
{
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
