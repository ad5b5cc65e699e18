using System.Text.RegularExpressions;

namespace Unroll.Cells.Definitions;

//  h_{t-1}   h_t-1   h[t-1]   h(t-1)   hₜ₋₁     is  h₋         h_t   h_{t}   h[t]   hₜ     is  h
//  W * x     W @ x                              is  W x        Uh₋   Wx                    is  U h₋   W x
//  0.1 tanh(a)   2h₋                            is  0.1 ⊙ tanh(a)   2 ⊙ h₋
//  tanh x                                       is  tanh(x)    Δt tanh(a)                  is  dt ⊙ tanh(a)

/// <summary>What is often written in papers and programs and is not the language: it is found, and the line is written as it was meant.</summary>
internal static partial class CellSlips
{
    private const int LongestLine = 110;
    private const string Part = @"[\p{L}\p{M}\p{N}_′']", Alone = @"(?<![\p{L}\p{M}\p{N}_′'.])", One = @"\s*[-−–]\s*1\s*";
    private const string Stem = @"(?<name>\p{L}" + Part + "{0,40}?)";
    private const string Earlier = Stem + @"(?:_?\{\s*t" + One + @"\}|\[\s*t" + One + @"\]|_?\(\s*t" + One + @"\)|\^[({]{1,2}t" + One
        + @"[)}]{1,2}|⟨\s*t" + One + @"⟩|_t[-−–]1(?![\p{N}.])|ₜ₋₁)";
    private const string Present = Stem + @"(?:_?\{\s*t\s*\}|\[\s*t\s*\]|_?\(\s*t\s*\)|\^[({]{1,2}t[)}]{1,2}|⟨\s*t\s*⟩|(?<plain>_t)(?!"
        + Part + ")|ₜ)";

    /// <summary>The length of a name whose step is written as an index, from where it begins; 0: it is none.</summary>
    /// <param name="line">The line.</param>
    /// <param name="at">Where the name begins.</param>
    public static int LengthOfIndexed(string line, int at)
    {
        foreach (Regex one in (Regex[])[EarlierHere(), PresentHere()])
            if (one.Match(line, at) is { Success: true } found && IsIndexed(found)) return found.Length;
        return 0;
    }

    /// <summary>Whether a name is a step of time, which its capital letter makes a matrix: Δt, Dt.</summary>
    /// <param name="name">The name.</param>
    public static bool IsStepOfTime(string name) => StepOfTime().Match(name) is { Success: true } found && found.Length == name.Length;

    /// <summary>The line as it was probably meant; null: nothing is known that would cure it.</summary>
    /// <param name="lines">All lines of the text.</param>
    /// <param name="number">Which, from 1.</param>
    public static string? Meant(IReadOnlyList<string> lines, int number)
    {
        if (number < 1 || number > lines.Count) return null;
        string line = lines[number - 1].Split('#')[0].Trim();
        if (line.Length > LongestLine) return null;
        string[] names = [CellWords.Input, .. lines.Take(1000).Where(one => one.Length <= LongestLine).Select(SetBy).Where(CellWords.IsName)
            .Where(name => !CellWords.IsMatrix(name))];
        string meant = WithoutIndices(line);
        meant = Braces().Replace(meant, found => "_" + found.Groups[1].Value.Replace(",", "").Replace(" ", ""));
        meant = StepOfTime().Replace(meant, found => "d" + found.Groups["rest"].Value + (found.Groups["value"].Success ? " ⊙ " : ""));
        meant = SignedMatrix().Replace(meant, "${matrix} ");
        meant = Glued().Replace(meant, found => Parted(found.Groups["word"].Value, found.Groups["before"].Value, names));
        meant = Unclosed().Replace(meant, "${function}(${operand})");
        meant = Number().Replace(meant, "${number} ⊙ ");
        return meant == line ? null : meant;
    }

    private static string WithoutIndices(string line) => PresentAnywhere().Replace(
        EarlierAnywhere().Replace(line, found => IsIndexed(found) ? found.Groups["name"].Value + CellWords.Before : found.Value),
        found => IsIndexed(found) ? found.Groups["name"].Value : found.Value);

    // W_t and b_t are the parameters of a gate t; exp(t) is a function of a quantity t.
    private static bool IsIndexed(Match found)
    {
        string name = found.Groups["name"].Value;
        return !CellWords.IsFunction(name) && !(found.Groups["plain"].Success && (CellWords.IsMatrix(name) || name is "b" or "p"));
    }

    private static string SetBy(string line)
    {
        string left = WithoutIndices(line.Split('=')[0].Trim());
        return left.StartsWith("out ", StringComparison.Ordinal) ? left[4..].Trim() : left;
    }

    // Uh₋ is U and the state h₋; U_fh₋ is U_f and h₋. Without a state's sign it is a name that stands alone: Wx.
    private static string Parted(string word, string before, string[] names)
    {
        string end = names.Where(name => name.Length < word.Length && word.EndsWith(name, StringComparison.Ordinal)
            && word[^(name.Length + 1)] != '_').MaxBy(name => name.Length)
            ?? (before.Length > 0 && word.Length > 1 && word[^2] != '_' ? word[^1..] : "");
        return end.Length == 0 ? word + before : $"{word[..^end.Length]} {end}{before}";
    }

    [GeneratedRegex(@"\G" + Earlier)]
    private static partial Regex EarlierHere();

    [GeneratedRegex(@"\G" + Present)]
    private static partial Regex PresentHere();

    [GeneratedRegex(Alone + Earlier)]
    private static partial Regex EarlierAnywhere();

    [GeneratedRegex(Alone + Present)]
    private static partial Regex PresentAnywhere();

    [GeneratedRegex(@"_\{([\p{L}\p{N}, ]+)\}")]
    private static partial Regex Braces();

    [GeneratedRegex(Alone + @"(?:[Δ∆](?<rest>\p{Ll}" + Part + @"*)|D(?<rest>t))(?!" + Part + @")(?<value>\s+(?=[\p{L}(]))?")]
    private static partial Regex StepOfTime();

    [GeneratedRegex(Alone + @"(?<matrix>\p{Lu}" + Part + @"*)\s*[*@·×⊙∘∗•⋅]\s*(?=[\p{L}(])")]
    private static partial Regex SignedMatrix();

    [GeneratedRegex(Alone + @"(?<word>\p{Lu}" + Part + @"*?)(?:(?<before>₋|_prev)(?!" + Part + @")|(?<before>)(?=\s*(?:[-+−)⊙*/,]|$)))")]
    private static partial Regex Glued();

    [GeneratedRegex(Alone + @"(?<function>tanh|σ|sigma|sigmoid|relu|exp|log|softplus|hardsigmoid|sqrt|norm)\s+(?<operand>\p{Lu}" + Part
        + @"*\s+(?:" + Part + @"+₋?|\([^()]*\))|" + Part + "+₋?)")]
    private static partial Regex Unclosed();

    [GeneratedRegex(Alone + @"(?<number>(?>[0-9]+(?:\.[0-9]+)?(?:[eE][-−+]?[0-9]+)?))\s*(?=[\p{L}(])")]
    private static partial Regex Number();
}
