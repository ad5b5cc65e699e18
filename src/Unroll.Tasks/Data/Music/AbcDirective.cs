namespace Unroll.Tasks.Data.Music;

/// <summary>
/// Instructions to programs, <c>%%name …</c> and <c>I:name …</c>: of those that change which notes sound it is said that they are not followed.
/// </summary>
internal static class AbcDirective
{
    /// <summary>Says of an instruction that it is not followed, where it changes notes.</summary>
    /// <param name="text">The instruction, without <c>%%</c> and <c>I:</c>.</param>
    /// <param name="source">The file.</param>
    /// <param name="line">Its line.</param>
    /// <param name="remarks">Is told.</param>
    public static void Remark(string text, string source, int line, AbcRemarks remarks)
    {
        string[] words = text.Split([' ', '\t', '=', ':'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return;
        string name = words[0].ToLowerInvariant() == "midi" && words.Length > 1 ? $"MIDI {words[1].ToLowerInvariant()}" : words[0].ToLowerInvariant();
        bool changes = name is "propagate-accidentals" ? words[^1] != "octave"
            : name is "MIDI transpose" or "MIDI rtranspose" or "transpose" or "octave" && words[^1] != "0"
            || name == "MIDI channel" && words[^1] == "10";              // percussion
        if (changes) remarks.Doubt($"the instruction '{name}' is not followed, and the notes are read as written", source, line);
    }
}
