using System.Text.Json;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

/// <summary>How rolls are written, counted: what a teacher of harmony looks at, and whether bars come again.</summary>
/// <param name="Pieces">How many pieces.</param>
/// <param name="Steps">How many steps.</param>
/// <param name="NotesPerStep">The mean.</param>
/// <param name="ThreeOrFour">The share of steps with three or four notes (of voices that are kept apart, those that sound).</param>
/// <param name="Changes">Steps that differ from the step before.</param>
/// <param name="Crossings">The share of steps in which a voice sounds above a higher one; null: the rolls do not keep voices apart.</param>
/// <param name="Fifths">Pairs of voices that go from one fifth to another in the same direction, per 100 changes.</param>
/// <param name="Octaves">The same for octaves and unisons.</param>
/// <param name="RepeatedBars">The share of bars (four quarter notes) that have been in the same piece before.</param>
/// <remarks>
/// Where voices are not kept apart, the notes of a step count as voices from the highest to the lowest, between steps with as many notes.
/// </remarks>
public sealed record MusicStatistics(int Pieces, long Steps, double NotesPerStep, double ThreeOrFour, long Changes, double? Crossings,
    double Fifths, double Octaves, double RepeatedBars)
{
    /// <summary>Counts.</summary>
    /// <param name="rolls">Pieces.</param>
    /// <param name="stepsPerQuarter">Steps of a quarter note.</param>
    public static MusicStatistics Of(IReadOnlyList<PianoRoll> rolls, int stepsPerQuarter)
    {
        long steps = 0, notes = 0, full = 0, changes = 0, crossed = 0, fifths = 0, octaves = 0, bars = 0, again = 0;
        bool apart = rolls.Count > 0 && rolls.All(roll => roll.Voices is not null);
        foreach (PianoRoll roll in rolls)
        {
            IReadOnlyList<int[]> voices = roll.Voices ?? [.. roll.Steps.Select(step => (int[])[.. step.OrderDescending()])];
            HashSet<string> known = [];
            for (int t = 0; t < voices.Count; t++)
            {
                int sounding = voices[t].Count(pitch => pitch >= 0);
                (steps, notes, full) = (steps + 1, notes + sounding, full + (sounding is 3 or 4 ? 1 : 0));
                if (apart && Crossed(voices[t])) crossed++;
                if (t > 0 && !voices[t].AsSpan().SequenceEqual(voices[t - 1]))
                {
                    changes++;
                    Parallels(voices[t - 1], voices[t], ref fifths, ref octaves);
                }
            }
            int bar = 4 * stepsPerQuarter;
            for (int t = 0; t + bar <= voices.Count; t += bar, bars++)
                if (!known.Add(string.Join(';', voices.Skip(t).Take(bar).Select(step => string.Join(',', step))))) again++;
        }
        double Per(double what, long all) => all == 0 ? double.NaN : what / all;
        return new MusicStatistics(rolls.Count, steps, Per(notes, steps), Per(full, steps), changes, apart ? Per(crossed, steps) : null,
            Per(100.0 * fifths, changes), Per(100.0 * octaves, changes), Per(again, bars));
    }

    internal void WriteJson(Utf8JsonWriter json)
    {
        json.WriteNumber("pieces", Pieces);
        json.WriteNumber("steps", Steps);
        json.Number("notes_per_step", NotesPerStep);
        json.Number("three_or_four_notes", ThreeOrFour);
        json.WriteNumber("changes", Changes);
        json.Number("voice_crossings", Crossings);
        json.Number("parallel_fifths_per_100_changes", Fifths);
        json.Number("parallel_octaves_per_100_changes", Octaves);
        json.Number("repeated_bars", RepeatedBars);
    }

    internal static void WriteJson(Utf8JsonWriter json, IReadOnlyList<(string Of, MusicStatistics Counted)> all)
    {
        if (all.Count == 0) return;
        json.WriteStartObject("statistics");
        foreach ((string of, MusicStatistics counted) in all)
        {
            json.WriteStartObject(of);
            counted.WriteJson(json);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static bool Crossed(int[] step)
    {
        int above = int.MaxValue;
        foreach (int pitch in step)
        {
            if (pitch > above) return true;
            if (pitch >= 0) above = pitch;
        }
        return false;
    }

    private static void Parallels(int[] before, int[] now, ref long fifths, ref long octaves)
    {
        if (before.Length != now.Length) return;
        for (int low = 1; low < now.Length; low++)
            for (int high = 0; high < low; high++)
            {
                if (before[low] < 0 || before[high] < 0 || now[low] < 0 || now[high] < 0) continue;
                int up = now[high] - before[high], down = now[low] - before[low];
                if (up == 0 || down == 0 || up > 0 != down > 0) continue;
                int was = Math.Abs(before[high] - before[low]) % 12, isNow = Math.Abs(now[high] - now[low]) % 12;
                if (was != isNow) continue;
                if (isNow == 7) fifths++;
                else if (isNow == 0) octaves++;
            }
    }
}
