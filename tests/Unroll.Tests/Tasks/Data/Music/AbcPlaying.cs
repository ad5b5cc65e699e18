using Unroll.Core;
using Unroll.Tasks.Data.Music;

namespace Unroll.Tests.Tasks.Data.Music;

/// <summary>What tests of ABC ask: the notes of a tune in short, what is said of it, and what is refused.</summary>
internal static class AbcPlaying
{
    public const string Header = "M:4/4\nL:1/4\nK:C\n";

    public static string Played(string body, string header = Header) => Played(AbcReader.Read($"X:1\nT:A\n{header}{body}\n", "t.abc")[0]);

    public static string Played(AbcTune tune) => string.Join(' ', AbcPlayer.ToScore(tune).Notes.Select(n => FormattableString.Invariant(
        $"{n.Pitch}@{n.Start:0.###}+{n.Duration:0.###}")));

    /// <summary>The pitches in the order in which they begin, as letters: C is middle C, c the octave above.</summary>
    public static string Letters(string body, string header = Header) =>
        string.Concat(AbcPlayer.ToScore(AbcReader.Read($"X:1\n{header}{body}\n", "t.abc")[0]).Notes
            .Select(n => n.Pitch < 72 ? "C?D?EF?G?A?B"[n.Pitch - 60] : "c?d?ef?g?a?b"[n.Pitch - 72]));

    public static IReadOnlyList<string> Notes(string file, bool withChords = false)
    {
        AbcRemarks remarks = new();
        foreach (AbcTune tune in AbcReader.Read(file, "t.abc", remarks)) AbcPlayer.ToScore(tune, remarks);
        List<string> said = [];
        remarks.Say(said.Add, withChords);
        return said;
    }

    public static string Refused(Action act)
    {
        try
        {
            act();
        }
        catch (UserErrorException e)
        {
            return e.Message;
        }
        return "nothing was refused";
    }
}
