using System.Text.RegularExpressions;

namespace Unroll.Cells.Definitions;

//  W * x     W @ x    W.x                       is  W x            Uh₋   Wx                is  U h₋   W x
//  W [x; h₋]                                    is  W x + U h₋     U.T h₋                  is  Uᵀ h₋
//  f ∘ h₋    f .* h₋                            is  f ⊙ h₋         σ_g(a)                  is  σ(a)
//  0.1 tanh(a)   2h₋                            is  0.1 ⊙ tanh(a)   2 ⊙ h₋
//  tanh x                                       is  tanh(x)        Δt tanh(a)              is  dt ⊙ tanh(a)
// and names with the step as an index, CellIndices. A line that may be meant otherwise is not written.

/// <summary>What is often written in papers and programs and is not the language: it is found, and the line is written as it was meant.</summary>
internal static partial class CellSlips
{
    private const int LongestLine = 110;
    private const string Part = @"[\p{L}\p{M}\p{N}_′']", Alone = @"(?<![\p{L}\p{M}\p{N}_′'.])", Unit = "∘◦○⊗⊙";

    /// <summary>Whether a name is a step of time, which its capital letter makes a matrix: Δt, Dt.</summary>
    /// <param name="name">The name.</param>
    public static bool IsStepOfTime(string name) => StepOfTime().Match(name) is { Success: true } found && found.Length == name.Length;

    /// <summary>The function whose word begins a name, with an index behind it: σ of σ_g; null: there is none.</summary>
    public static string? FunctionIn(string name) => IndexedFunction().Match(name + "(") is { Success: true, Index: 0 } found
        ? found.Groups["function"].Value : null;

    /// <summary>Whether brackets that join two values begin at a place: [x; h₋].</summary>
    public static bool Joins(string line, int at) => JoinedHere().IsMatch(line, at);

    /// <summary>The line as it was probably meant; null: nothing is known that would cure it.</summary>
    /// <param name="lines">All lines of the text.</param>
    /// <param name="names">The names in them.</param>
    /// <param name="number">Which, from 1.</param>
    public static string? Meant(IReadOnlyList<string> lines, CellWrittenNames names, int number)
    {
        if (number < 1 || number > lines.Count) return null;
        string line = lines[number - 1].Split('#')[0].Trim();
        if (line.Length > LongestLine || CellIndices.Without(line, names, number) is not { } meant) return null;
        if (WithoutBrackets(meant, names) is not { } single) return null;
        meant = WithoutBraces().Replace(single, found => Subscripted(found, names));
        meant = TransposedOtherwise().Replace(meant, "${matrix}" + CellWords.Transposed);
        meant = ByUnit().Replace(meant, found => found.Groups["sign"].Value is [_, not '*'] pointed ? pointed[1..] : "⊙");
        meant = StepOfTime().Replace(meant, found => Step(found, names));
        if (MatrixByUnit().IsMatch(meant)) return null;             // W ∘ c₋ is no product with a matrix
        meant = SignedMatrix().Replace(meant, "${matrix} ");
        meant = IndexedFunction().Replace(meant,
            found => IsSigmoid(found) && !names.IsSet(found.Value) ? found.Groups["function"].Value : found.Value);
        string[] known = [CellWords.Input, .. names.Quantities];
        meant = Glued().Replace(meant, found => Parted(found.Groups["word"].Value, found.Groups["before"].Value, known));
        meant = Unclosed().Replace(meant, "${function}(${operand})");
        meant = Number().Replace(meant, "${number} ⊙ ");
        return meant == line ? null : meant;
    }

    // σ_c and σ_h are tanh in some papers.
    private static bool IsSigmoid(Match found) => found.Groups["index"].Value is not ("c" or "h");

    // W_f [x; h₋] is W_f x + U_f h₋, if W_f is used once and U_f nowhere.
    private static string? WithoutBrackets(string line, CellWrittenNames names)
    {
        HashSet<string> made = [];
        bool isClear = true;
        string meant = JoinedMatrix().Replace(line, found =>
        {
            string matrix = found.Groups["matrix"].Value, other = (matrix[0] == 'U' ? "V" : "U") + matrix[1..];
            isClear &= char.IsAsciiLetterUpper(matrix[0]) && names.Count(matrix) == 1 && names.Count(other) == 0 && made.Add(other);
            string first = Operand(found.Groups["first"].Value), second = Operand(found.Groups["second"].Value);
            return second == CellWords.Input ? $"{other} {first} + {matrix} {second}" : $"{matrix} {first} + {other} {second}";
        });
        return isClear ? meant : null;

        static string Operand(string part) => SingleName().IsMatch(part.Trim()) ? part.Trim() : $"({part.Trim()})";
    }

    // W_{xh} is W_xh; W_{x,h} too, if there is no such name yet.
    private static string Subscripted(Match found, CellWrittenNames names)
    {
        string stem = found.Groups["stem"].Value, index = found.Groups["index"].Value, plain = index.Replace(",", "").Replace(" ", "");
        if (plain == index || names.Count($"{stem}_{plain}") == 0) return $"{stem}_{plain}";
        string parted = $"{stem}_{string.Join('_', index.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))}";
        return names.Count(parted) == 0 ? parted : found.Value;
    }

    // Δt is dt, or δt where both are set.
    private static string Step(Match found, CellWrittenNames names)
    {
        string rest = found.Groups["rest"].Value, name = found.Groups["name"].Value, meant = "d" + rest;
        if (names.IsSet("δ" + rest)) meant = "δ" + rest;
        else if (names.IsSet(name) && names.Count(meant) > 0) meant = names.Count("δ" + rest) == 0 ? "δ" + rest : name;
        return meant + (found.Groups["value"].Success ? " ⊙ " : "");
    }

    // Uh₋ is U and the state h₋; U_fh₋ is U_f and h₋. Without a state's sign it is a name that stands alone: Wx.
    private static string Parted(string word, string before, string[] names)
    {
        string end = names.Where(name => name.Length < word.Length && word.EndsWith(name, StringComparison.Ordinal)
            && word[^(name.Length + 1)] != '_').MaxBy(name => name.Length)
            ?? (before.Length > 0 && word.Length > 1 && word[^2] != '_' ? word[^1..] : "");
        return end.Length == 0 ? word + before : $"{word[..^end.Length]} {end}{before}";
    }

    [GeneratedRegex(@"(?<stem>\p{L}" + Part + @"*)_\{(?<index>[\p{L}\p{N}, ]+)\}")]
    private static partial Regex WithoutBraces();

    [GeneratedRegex(@"\G\[[^\[\],;]*[,;][^\[\]]*\]")]
    private static partial Regex JoinedHere();

    [GeneratedRegex(@"(?<=[=(+,]\s*)(?<matrix>\p{Lu}" + Part + @"*)\s*[*@·×∗•⋅∙.]?\s*\[(?<first>[^\[\](),;]+)[,;](?<second>[^\[\](),;]+)\]"
        + @"(?=\s*(?:[-+−),]|$))")]
    private static partial Regex JoinedMatrix();

    [GeneratedRegex(@"^\p{L}" + Part + "*₋?$")]
    private static partial Regex SingleName();

    [GeneratedRegex(Alone + @"(?<matrix>\p{Lu}" + Part + @"*)(?:\.T(?!" + Part + @")|\s?\^?[⊤⊺]|\^\{\s*(?:T|⊤|⊺|\\top)\s*\})")]
    private static partial Regex TransposedOtherwise();

    [GeneratedRegex(Alone + @"\p{Lu}" + Part + @"*\s*[" + Unit + "]")]
    private static partial Regex MatrixByUnit();

    [GeneratedRegex("(?<sign>[" + Unit + @"]|\.[*/^])")]
    private static partial Regex ByUnit();

    [GeneratedRegex(Alone + @"(?<name>[Δ∆](?<rest>\p{Ll}" + Part + @"*)|D(?<rest>t))(?!" + Part + @")(?<value>\s+(?=[\p{L}(]))?")]
    private static partial Regex StepOfTime();

    [GeneratedRegex(Alone + @"(?<matrix>\p{Lu}" + Part + @"*)\s*[*@·×∗•⋅∙.]\s*(?=[\p{L}(])")]
    private static partial Regex SignedMatrix();

    [GeneratedRegex(Alone + @"(?<function>tanh|σ|sigma|sigmoid|relu|exp|log|softplus|hardsigmoid|sqrt|norm)_(?<index>" + Part + @"+)(?=\()")]
    private static partial Regex IndexedFunction();

    [GeneratedRegex(Alone + @"(?<word>\p{Lu}" + Part + @"*?)(?:(?<before>₋|_prev)(?!" + Part + @")|(?<before>)(?=\s*(?:[-+−)⊙*/,]|$)))")]
    private static partial Regex Glued();

    [GeneratedRegex(Alone + @"(?<function>tanh|σ|sigma|sigmoid|relu|exp|log|softplus|hardsigmoid|sqrt|norm)\s+(?<operand>\p{Lu}" + Part
        + @"*\s+(?:" + Part + @"+₋?|\([^()]*\))|" + Part + "+₋?)")]
    private static partial Regex Unclosed();

    [GeneratedRegex(Alone + @"(?<number>(?>[0-9]+(?:\.[0-9]+)?(?:[eE][-−+]?[0-9]+)?))\s*(?=[\p{L}(])")]
    private static partial Regex Number();
}
