namespace Unroll.Tasks.Data.Music;

/// <summary>One note.</summary>
/// <param name="Pitch">MIDI's number, 0 … 127; 60 is middle C, 69 is A of 440 Hz.</param>
/// <param name="Start">When it begins, in quarter notes from the piece's begin, at least 0.</param>
/// <param name="Duration">How long it sounds, in quarter notes, above 0.</param>
/// <param name="Velocity">How loud, 1 … 127.</param>
public readonly record struct Note(int Pitch, double Start, double Duration, int Velocity = 80)
{
    /// <summary>When it ends, in quarter notes.</summary>
    public double End => Start + Duration;
}

/// <summary>A piece of music as notes in time.</summary>
/// <param name="Notes">In order of their start, then of their pitch.</param>
public sealed record Score(IReadOnlyList<Note> Notes)
{
    /// <summary>What it is called; may be empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>Its tempo at the begin.</summary>
    public double QuartersPerMinute { get; init; } = 120;

    /// <summary>What its reader left out, filled in or doubted.</summary>
    internal IReadOnlyList<Doubt> Doubts { get; init; } = [];

    /// <summary>When its last note ends, in quarter notes; 0 where there is none.</summary>
    public double Length => Notes.Count == 0 ? 0 : Notes.Max(note => note.End);

    /// <summary>A score whose notes are put in order.</summary>
    public static Score Of(IEnumerable<Note> notes, string title = "") =>
        new([.. notes.OrderBy(note => note.Start).ThenBy(note => note.Pitch).ThenBy(note => note.Duration)]) { Title = title };
}
