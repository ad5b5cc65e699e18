using System.Text;
using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>The words of the language, and which name is what: one place for those who read, check and write.</summary>
internal static class CellWords
{
    /// <summary>The input of the step.</summary>
    public const string Input = "x";

    /// <summary>What stands behind the name of a state for its value of the step before.</summary>
    public const char Before = '₋';

    /// <summary>The same in ASCII.</summary>
    public const string BeforeInAscii = "_prev";

    /// <summary>What stands behind a matrix that is transposed; in ASCII <c>^T</c>.</summary>
    public const char Transposed = 'ᵀ';

    /// <summary>The most characters of a name.</summary>
    public const int LongestName = 40;

    /// <summary>Words that begin a line.</summary>
    public static readonly string[] Keywords = ["cell", "vector", "scalar", "out", "initial", "width"];

    /// <summary>Words that say how a parameter begins, and of what widths are made.</summary>
    public static readonly string[] Starts = ["uniform", "normal", "orthogonal", "identity", "units"];

    /// <summary>Functions of one operand. The first word of a function is the one that is written.</summary>
    public static readonly (string Word, CellFunction Function)[] Functions =
    [
        ("σ", CellFunction.Sigmoid), ("sigma", CellFunction.Sigmoid), ("sigmoid", CellFunction.Sigmoid), ("tanh", CellFunction.Tanh),
        ("relu", CellFunction.Relu), ("exp", CellFunction.Exp), ("log", CellFunction.Log), ("softplus", CellFunction.Softplus),
        ("hardsigmoid", CellFunction.HardSigmoid), ("sqrt", CellFunction.SquareRoot),
    ];

    /// <summary>Functions with numbers, or of two operands.</summary>
    public static readonly string[] Others = ["clip", "max", "min", "norm"];

    /// <summary>What can stand behind the comma of a line that says what a quantity is.</summary>
    public static readonly (string Word, GateRole Role)[] Roles =
    [
        ("keeps", GateRole.Keeps), ("forgets", GateRole.Forgets), ("admits", GateRole.Admits), ("shows", GateRole.Shows),
        ("candidate", GateRole.Candidate), ("resets", GateRole.Resets), ("shown", GateRole.Shown), ("state", GateRole.State),
    ];

    /// <summary>Every function's word.</summary>
    public static IEnumerable<string> FunctionWords => Functions.Select(one => one.Word).Concat(Others);

    /// <summary>Every function, as it is written.</summary>
    public static IEnumerable<string> WrittenFunctions => Functions.DistinctBy(one => one.Function).Select(one => one.Word).Concat(Others);

    /// <summary>The function of that word; null if there is none.</summary>
    public static CellFunction? FunctionOf(string word)
    {
        foreach ((string known, CellFunction function) in Functions)
            if (known == word) return function;
        return null;
    }

    /// <summary>Every word of the language.</summary>
    public static IEnumerable<string> All => [Input, .. Keywords, .. Starts, .. FunctionWords];

    /// <summary>Whether it is a word of the language, so that nothing else can have it as its name.</summary>
    public static bool IsReserved(string name) => All.Contains(name);

    /// <summary><see cref="NearestName.Question(string, IEnumerable{string}, string)"/>, but of single letters none is near another.</summary>
    public static string Question(string typed, IEnumerable<string> names, string rest) =>
        NearestName.Question(typed, names.Where(name => typed.TrimEnd(Before).Length > 1 || name.TrimEnd(Before).Length > 1), rest);

    /// <summary>Whether it is the word of a function.</summary>
    public static bool IsFunction(string name) => FunctionOf(name) is not null || Others.Contains(name);

    /// <summary>Whether a name is a matrix: it begins with a capital letter.</summary>
    public static bool IsMatrix(string name) => name.Length > 0 && Rune.IsUpper(First(name));

    /// <summary>Whether a name is a vector without being declared: <c>b</c>, <c>b_…</c>, <c>p_…</c>.</summary>
    public static bool IsVector(string name) =>
        name == "b" || name.Length > 2 && (name.StartsWith("b_", StringComparison.Ordinal) || name.StartsWith("p_", StringComparison.Ordinal));

    /// <summary>Whether it can be a name: a letter, then letters, digits, marks, sub- and superscripts; not the value of a step before.</summary>
    public static bool IsName(string name)
    {
        if (name.Length is 0 or > LongestName || !Rune.IsLetter(First(name)) || name[0] == Transposed) return false;
        foreach (Rune rune in name.EnumerateRunes())
            if (!IsWithinName(rune)) return false;
        return !name.Contains('\'') && !name.EndsWith(BeforeInAscii, StringComparison.Ordinal) && Nfc.Of(name) == name;
    }

    /// <summary>Whether it can stand within a name.</summary>
    public static bool IsWithinName(Rune rune) => rune.Value != Transposed && !IsInvisible(rune)
        && (Rune.IsLetterOrDigit(rune) || rune.Value is '_' or '′' or '\''
        || IsMark(rune) || rune.Value is 0xB2 or 0xB3 or 0xB9 or (>= 0x2070 and <= 0x2079) or (>= 0x2080 and <= 0x2089));

    /// <summary>Whether it stands above or below the letter before it, and takes no column of its own.</summary>
    public static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.NonSpacingMark;

    /// <summary>Whether it is a letter or mark that is not drawn: a variation selector, a filler.</summary>
    public static bool IsInvisible(Rune rune) => rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) or 0x034F or 0x115F or 0x1160
        or 0x3164 or 0xFFA0 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F);

    private static Rune First(string name) => Rune.TryGetRuneAt(name, 0, out Rune rune) ? rune : Rune.ReplacementChar;
}
