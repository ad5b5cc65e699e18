using System.Text.RegularExpressions;

namespace Unroll.Cli;

/// <summary>What the numbers of the study notes in the output mean.</summary>
internal static partial class StudyNotes
{
    /// <summary>One line for readers who meet such a number for the first time.</summary>
    internal const string Line = "Numbers such as S07 refer to the statements of the study notes that docs/notes-index.md lists.";

    [GeneratedRegex(@"\bS\d\d\b|\bthe notes\b")]
    private static partial Regex Mention();

    /// <summary>Writes lines, and after them <see cref="Line"/> if one of them mentions the notes.</summary>
    internal static void Write(TextWriter output, IEnumerable<string> lines)
    {
        bool mentioned = false;
        foreach (string line in lines)
        {
            mentioned |= Mention().IsMatch(line);
            output.WriteLine(line);
        }
        if (mentioned) output.WriteLine(Line);
    }
}
