using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Music;

/// <summary>A piece as a grid: for each step of equal length the pitches that sound.</summary>
/// <param name="Steps">[steps], each a list of MIDI pitches, ascending, without repetition; an empty one is silence.</param>
public sealed record PianoRoll(IReadOnlyList<int[]> Steps)
{
    /// <summary>The most steps that a score is laid on.</summary>
    internal const int MaxSteps = 500_000;

    /// <summary>What it is called; may be empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>
    /// [steps][voices]: the pitch of each voice, from the highest voice to the lowest, −1 where it rests; null: the voices are not kept apart.
    /// </summary>
    public IReadOnlyList<int[]>? Voices { get; init; }

    /// <summary>Its tempo at the begin.</summary>
    public double QuartersPerMinute { get; init; } = 120;

    /// <summary>[steps]: how loud the notes that begin in a step are in the mean, 1 … 127, or those that sound on; null: not known.</summary>
    public IReadOnlyList<int>? Loudness { get; init; }

    /// <summary>What the grid did not keep of the notes; null: it was not made of notes.</summary>
    internal RollLosses? Losses { get; init; }

    /// <summary>Pitches that a step of its file named again; they count once.</summary>
    internal int Repeated { get; init; }

    /// <summary>The grid of a score: a step holds every pitch that sounds for at least half of it.</summary>
    /// <param name="score">The notes.</param>
    /// <param name="stepsPerQuarter">Steps of a quarter note, at least 1.</param>
    /// <exception cref="UserErrorException">It would have more than 500,000 steps, or more than 16,000,000 pitches in all of them.</exception>
    public static PianoRoll Of(Score score, int stepsPerQuarter) => Of(score, stepsPerQuarter, "score");

    /// <inheritdoc cref="Of(Score, int)"/>
    /// <param name="score">The notes.</param>
    /// <param name="stepsPerQuarter">Steps of a quarter note, at least 1.</param>
    /// <param name="source">What errors call the score.</param>
    internal static PianoRoll Of(Score score, int stepsPerQuarter, string source)
    {
        if (!(score.Length * stepsPerQuarter <= MaxSteps))
            throw new UserErrorException(FormattableString.Invariant($"{source}: expected a piece of at most {MaxSteps:N0} steps, found one of ") +
                FormattableString.Invariant($"{score.Length:G4} quarter notes; a length in it is wrong, or the steps are too short ") +
                "(steps-per-quarter).");
        try
        {
            (int[][] steps, RollLosses losses) = RollGrid.Lay(score, stepsPerQuarter);
            return new PianoRoll(steps)
            {
                Title = score.Title, QuartersPerMinute = score.QuartersPerMinute,
                Loudness = RollSound.LoudnessOf(score, stepsPerQuarter, steps.Length), Losses = losses,
            };
        }
        catch (UserErrorException e)
        {
            throw new UserErrorException($"{source}: {e.Message}", e);
        }
    }

    /// <summary>
    /// The score of a grid: a pitch of several steps in a row is one note that is held, and as loud as the step in which it begins (80 where that is
    /// not known).
    /// </summary>
    /// <param name="stepsPerQuarter">Steps of a quarter note, at least 1.</param>
    public Score ToScore(int stepsPerQuarter)
    {
        List<Note> notes = [];
        int voices = Voices is [var first, ..] ? first.Length : 1;
        for (int voice = 0; voice < voices; voice++)
        {
            Dictionary<int, int> begun = [];
            for (int t = 0; t <= Steps.Count; t++)
            {
                int[] now = t == Steps.Count ? [] : Voices is null ? Steps[t] : Voices[t][voice] is >= 0 and int own ? [own] : [];
                foreach (int pitch in begun.Keys.Except(now).ToArray())
                {
                    int from = begun[pitch];
                    notes.Add(new Note(pitch, from / (double)stepsPerQuarter, (t - from) / (double)stepsPerQuarter, Loudness?[from] ?? 80));
                    begun.Remove(pitch);
                }
                foreach (int pitch in now) begun.TryAdd(pitch, t);
            }
        }
        return Score.Of(notes, Title) with { QuartersPerMinute = QuartersPerMinute };
    }

    /// <summary>
    /// Reads <c>{"train": [piece, …], "valid": …, "test": …}</c> or <c>[piece, …]</c>; a piece is a list of steps, a step a list of pitches, in
    /// which −1 is a voice that rests. Where every step of the file has as many places as every other and one is no ordered set (a rest, a pitch
    /// twice, another order), the places are voices; see <see cref="Voices"/>.
    /// </summary>
    /// <param name="json">UTF-8 bytes.</param>
    /// <param name="source">What errors call them.</param>
    /// <returns>The pieces of each part, <c>train</c>, <c>valid</c> or <c>test</c>; the part of a list without names is <c>""</c>.</returns>
    /// <exception cref="UserErrorException">It is not such a file; the message names the part, the piece and the step, or the line.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<PianoRoll>> ReadJson(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            return RollVoices.KeptApart(JsonRecord.Parse(json, root => Parts(root, source)));
        }
        catch (InvalidOperationException e)
        {
            throw new UserErrorException($"{source}: expected names that are text, found half of a surrogate pair (\\ud800 … \\udfff) alone.", e);
        }
        catch (JsonException e)
        {
            throw new UserErrorException(e.LineNumber is { } line && e.BytePositionInLine is { } at
                ? $"{source}, line {line + 1}, byte {at}: expected JSON: a piano roll is lists of lists of pitches."
                : $"{source}: expected JSON, lists of lists of pitches: {e.Message}.", e);
        }
    }

    private static Dictionary<string, IReadOnlyList<PianoRoll>> Parts(JsonElement root, string source)
    {
        if (root.ValueKind == JsonValueKind.Array) return new Dictionary<string, IReadOnlyList<PianoRoll>> { [""] = Pieces(root, source, "") };
        if (root.ValueKind != JsonValueKind.Object)
            throw new UserErrorException($"{source}: expected an object of parts (\"train\": [pieces]) or a list of pieces, found {Kind(root)}.");
        Dictionary<string, IReadOnlyList<PianoRoll>> parts = [];
        foreach (JsonProperty one in root.EnumerateObject())
        {
            string name = PartName.Of(one.Name) ?? throw new UserErrorException(
                $"{source}: expected the parts train, valid and test, found '{Table.Shorten(one.Name)}'.");
            if (!parts.TryAdd(name, Pieces(one.Value, source, $"part '{name}', ")))
                throw new UserErrorException($"{source}: the part '{name}' stands in it twice; join them.");
        }
        return parts;
    }

    private static IReadOnlyList<PianoRoll> Pieces(JsonElement part, string source, string where)
    {
        Require(part, $"{source}, {where}");
        return [.. part.EnumerateArray().Select((piece, i) =>
        {
            Require(piece, $"{source}, {where}piece {i + 1}: ");
            int repeated = 0;
            int[][] places = [.. piece.EnumerateArray().Select((step, t) => Step(step, $"{source}, {where}piece {i + 1}, step {t + 1}: "))];
            int[][] steps = [.. places.Select(step => Sounding(step, ref repeated))];
            return new PianoRoll(steps) { Repeated = repeated, Voices = places };
        })];
    }

    private static int[] Step(JsonElement step, string where)
    {
        Require(step, where);
        int[] places = new int[step.GetArrayLength()];
        int at = 0;
        foreach (JsonElement one in step.EnumerateArray())
        {
            if (one.ValueKind != JsonValueKind.Number || !one.TryGetDouble(out double pitch) || pitch != Math.Floor(pitch) || pitch is < -1 or > 127)
                throw new UserErrorException($"{where}expected a MIDI pitch from 0 to 127, or -1 for a rest, found " +
                    $"{Table.Shorten(one.GetRawText())}.");
            places[at++] = (int)pitch;
        }
        return places;
    }

    private static int[] Sounding(int[] places, ref int repeated)
    {
        SortedSet<int> pitches = [];
        foreach (int pitch in places)
            if (pitch >= 0 && !pitches.Add(pitch)) repeated++;
        return [.. pitches];
    }

    private static void Require(JsonElement list, string where)
    {
        if (list.ValueKind != JsonValueKind.Array) throw new UserErrorException($"{where}expected a list, found {Kind(list)}.");
    }

    private static string Kind(JsonElement e) => e.ValueKind.ToString().ToLowerInvariant();
}
