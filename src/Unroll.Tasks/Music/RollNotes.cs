using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Music;

namespace Unroll.Tasks.Music;

/// <summary>What pieces lose on their way to rolls and symbols, counted over all files that are read at once and said in a few lines.</summary>
/// <param name="stepsPerQuarter">The grid's steps of a quarter note.</param>
/// <param name="withChords">Whether the chord symbols of tunes are kept.</param>
internal sealed class RollNotes(int stepsPerQuarter, bool withChords)
{
    private readonly DoubtTally _doubts = new();
    private readonly HashSet<string> _losing = [];
    private readonly long[] _kept = new long[RollGrid.Finer.Count];
    private long _notes, _lost, _sounding;

    /// <summary>What tunes in ABC have that is not read, or with a doubt.</summary>
    public AbcRemarks Tunes { get; } = new();

    /// <summary>Counts a piece.</summary>
    /// <param name="source">What it is called.</param>
    /// <param name="roll">The piece.</param>
    /// <param name="score">What it was made of; null: its file has rolls.</param>
    public void Add(string source, PianoRoll roll, Score? score = null)
    {
        if (score is not null) _doubts.Add(source, score.Doubts);
        int outside = 0;
        foreach (int[] step in roll.Steps)
        {
            int on = step.Count(pitch => pitch - MusicModel.LowestKey is >= 0 and < MusicModel.Keys);
            _sounding += on;
            if (on < step.Length) outside++;
        }
        Count(source, outside, "in 1 step pitches that no key of a piano has (21 to 108) are left out",
            "in # steps pitches that no key of a piano has (21 to 108) are left out");
        Count(source, roll.Repeated, "a step names a pitch that it has already; it counts once",
            "# pitches stand in their step already; they count once");
        if (roll.Losses is not { } losses) return;
        _notes += losses.Notes;
        _lost += losses.Lost;
        if (losses.Lost > 0) _losing.Add(source);
        for (int i = 0; i < _kept.Length; i++) _kept[i] += losses.LostButKept[i];
        Count(source, losses.Moved, "on the grid 1 note begins or ends more than a quarter of a step from where it did",
            "on the grid # notes begin or end more than a quarter of a step from where they did");
        Count(source, losses.Joined, "1 note that is struck again without a rest is one with the note before it",
            "# notes that are struck again without a rest are one with the note before them");
        Count(source, losses.Shared, "1 note sounds together with another of its pitch; a roll has them once",
            "# notes sound together with another of their pitch; a roll has them once");
        Count(source, losses.Loudness ? 1 : 0, "a roll keeps how loud its steps are, not each note",
            "rolls keep how loud their steps are, not each note");
    }

    /// <summary>Counts a piece that is left out, as there is nothing in it.</summary>
    /// <param name="source">What it is called.</param>
    /// <param name="score">What its file has beside notes; null: nothing.</param>
    public void LeftOut(string source, Score? score = null)
    {
        if (score is not null) _doubts.Add(source, score.Doubts);
        Count(source, 1, "1 piece has no notes and is left out", "# pieces have no notes and are left out");
    }

    /// <summary>Says what was counted.</summary>
    /// <param name="files">Whom to tell.</param>
    public void Say(DataFiles files)
    {
        Tunes.Say(files.Note, withChords);
        if (Lost is { } lost) files.Note(lost);
        foreach (string line in _doubts.Lines()) files.Note(line);
    }

    /// <summary>Refuses pieces of which nothing but silence is left.</summary>
    /// <exception cref="UserErrorException">There are notes, and none is left.</exception>
    public void RequireSound()
    {
        if (_sounding == 0 && Lost is { } lost) throw new UserErrorException($"{lost}: nothing but silence is left.");
    }

    private string? Lost => _lost == 0 ? null : FormattableString.Invariant(
        $"{DoubtTally.Sources(_losing.First(), _losing.Count)}: {_lost:N0} of {_notes:N0} notes sound for less than half of a step and are lost ") +
        FormattableString.Invariant($"on the grid of {stepsPerQuarter} {(stepsPerQuarter == 1 ? "step" : "steps")} of a quarter note; {Remedy()}");

    // The coarsest grid that keeps all, and one that keeps most where that is much finer.
    private string Remedy()
    {
        int all = Array.FindIndex(_kept, kept => kept == _lost), most = Array.FindIndex(_kept, kept => kept >= 0.9 * _lost);
        if (most < 0) return "they are shorter than any grid can keep";
        string Keeps(int i) => FormattableString.Invariant($"training with steps-per-quarter {RollGrid.Finer[i]} keeps {_kept[i]:N0} of them");
        return all < 0 ? Keeps(most)
            : RollGrid.Finer[all] > 2 * RollGrid.Finer[most] ? $"{Keeps(most)}, steps-per-quarter {RollGrid.Finer[all]} all"
            : $"training with steps-per-quarter {RollGrid.Finer[all]} keeps them";
    }

    private void Count(string source, int count, string one, string many)
    {
        if (count > 0) _doubts.Add(source, new Doubt(one, many, count));
    }
}
