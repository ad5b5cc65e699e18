using Unroll.Tasks.Data.Music;

namespace Unroll.Tasks.Music;

/// <summary>Whole pieces note by note.</summary>
internal static class NoteSpelling
{
    /// <summary>A piece as a network sees it.</summary>
    /// <param name="code">The spelling.</param>
    /// <param name="stepsPerQuarter">Steps of a quarter note.</param>
    /// <param name="roll">The piece.</param>
    /// <param name="transpose">Half tones up, or down below 0.</param>
    /// <returns>[symbols, inputs], [symbols, <see cref="NoteCode.Places"/>] and [symbols].</returns>
    public static (float[] X, float[] Places, int[] Symbols) Encode(NoteCode code, int stepsPerQuarter, PianoRoll roll, int transpose)
    {
        NoteSpeller speller = new(code, stepsPerQuarter);
        int[] all = Symbols(code, roll, transpose);
        int inputs = NoteSpeller.InputsOf(code);
        (float[] x, float[] places) = (new float[all.Length * inputs], new float[all.Length * NoteCode.Places]);
        for (int i = 0; i < all.Length; i++)
        {
            speller.Fill(x.AsSpan(i * inputs, inputs));
            speller.Place(places.AsSpan(i * NoteCode.Places));
            speller.Take(all[i]);
        }
        return (x, places, all);
    }

    /// <summary>The symbols of a piece.</summary>
    public static int[] Symbols(NoteCode code, PianoRoll roll, int transpose)
    {
        NoteSpeller speller = new(code, 1);
        List<int> all = [];
        void Add(int symbol)
        {
            all.Add(symbol);
            speller.Take(symbol);
        }
        for (int t = 0; t < roll.Steps.Count; t++)
        {
            foreach (int key in KeysOf(code, roll, t, transpose)) Add(speller.SymbolOf(key));
            if (code.Voices == 0) Add(NoteCode.End);
        }
        return [.. all];
    }

    /// <summary>How many symbols a piece has.</summary>
    public static int Count(NoteCode code, PianoRoll roll, int transpose = 0) => code.Voices > 0 ? code.Voices * roll.Steps.Count
        : Enumerable.Range(0, roll.Steps.Count).Sum(t => KeysOf(code, roll, t, transpose).Count + 1);

    /// <summary>The keys of a step in the order in which they are spelt; of a voice that rests −1. What the keyboard has not is left out.</summary>
    /// <remarks>Voices of a roll without voices: its pitches from the highest; the others rest; what is too many is left out.</remarks>
    public static IReadOnlyList<int> KeysOf(NoteCode code, PianoRoll roll, int step, int transpose)
    {
        int Key(int pitch) => pitch >= 0 && pitch + transpose - MusicModel.LowestKey is >= 0 and < NoteCode.Keys and int key ? key : -1;
        if (code.Voices > 0 && roll.Voices is { } voices && voices[step].Length == code.Voices) return [.. voices[step].Select(Key)];
        int[] falling = [.. roll.Steps[step].Select(Key).Where(key => key >= 0).OrderDescending()];
        return code.Voices == 0 ? falling
            : [.. falling.Take(code.Voices), .. Enumerable.Repeat(-1, Math.Max(0, code.Voices - falling.Length))];
    }

    /// <summary>The moves by semitones that keep all of a piece on the keyboard, among those that are asked for; at least 0.</summary>
    /// <param name="roll">The piece.</param>
    /// <param name="most">Semitones up or down at most; from 6 on, each of the twelve keys once.</param>
    public static IReadOnlyList<int> Moves(PianoRoll roll, int most)
    {
        const int low = MusicModel.LowestKey, high = low + NoteCode.Keys - 1;
        (int lowest, int highest) = (high, low);
        foreach (int[] step in roll.Steps)
            foreach (int pitch in step)
                if (pitch is >= low and <= high) (lowest, highest) = (Math.Min(lowest, pitch), Math.Max(highest, pitch));
        int count = Math.Min(2 * most + 1, 12);
        int[] moves = [.. Enumerable.Range(-((count - 1) / 2), count).Where(move => move == 0 || (lowest + move >= low && highest + move <= high))];
        return moves;
    }
}
