namespace Unroll.Tasks.Data.Music;

/// <summary>Whether the places of a file's steps are voices.</summary>
internal static class RollVoices
{
    private const int Fewest = 2, Most = 16;

    /// <summary>The pieces with their voices, from the highest to the lowest; without them where the file does not keep voices apart.</summary>
    /// <param name="parts">The pieces of a file, with the places of each step as voices.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<PianoRoll>> KeptApart(IReadOnlyDictionary<string, IReadOnlyList<PianoRoll>> parts)
    {
        int[][] steps = [.. parts.Values.SelectMany(pieces => pieces).SelectMany(piece => piece.Voices ?? [])];
        bool apart = steps is [{ Length: >= Fewest and <= Most } first, ..] && Array.TrueForAll(steps, step => step.Length == first.Length)
            && steps.Any(step => !IsSet(step, 1) && !IsSet(step, -1));
        bool rising = apart && Mean(steps, steps[0].Length - 1) > Mean(steps, 0);
        IReadOnlyList<int[]>? Of(PianoRoll piece) =>
            !apart || piece.Steps.Count == 0 ? null : rising ? [.. piece.Voices!.Select(step => (int[])[.. step.Reverse()])] : piece.Voices;
        return parts.ToDictionary(part => part.Key, IReadOnlyList<PianoRoll> (part) =>
            [.. part.Value.Select(piece => piece with { Voices = Of(piece), Repeated = apart ? 0 : piece.Repeated })]);
    }

    // Pitches that rise, or fall, without a rest.
    private static bool IsSet(int[] step, int sign)
    {
        for (int i = 0; i < step.Length; i++)
            if (step[i] < 0 || (i > 0 && (step[i] - step[i - 1]) * sign <= 0)) return false;
        return true;
    }

    private static double Mean(int[][] steps, int voice) => steps.Select(step => step[voice]).Where(pitch => pitch >= 0).DefaultIfEmpty(0).Average();
}
