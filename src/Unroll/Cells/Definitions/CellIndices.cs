using System.Text.RegularExpressions;
using Unroll.Core;

namespace Unroll.Cells.Definitions;

//  h_{t-1}   h_t-1   h[t-1]   h(t-1)   hₜ₋₁     is  h₋         h_t   h_{t}   h[t]   h(t)   hₜ     is  h
//  W_t   Wₜ   b_t   b_h_t                       are names of parameters: what is learned is the same in every step
//  V(t)   A(t - 1)                              are products, where an equation sets t
//  f_t, where f is set too                      is a name

/// <summary>Names with the step as an index, as papers write them: found, and written as the language has them.</summary>
internal static partial class CellIndices
{
    private const string Part = @"[\p{L}\p{M}\p{N}_′']", Step = @"(?<sign>\s*[-−–+]\s*)(?<count>[0-9]{1,6})", Within = @"\s*t(?:" + Step + @")?\s*";
    private const string Indexed = @"(?<name>\p{L}" + Part + "{0,40}?)" + @"(?:_?\{" + Within + @"\}|\[" + Within + @"\]|(?<round>_?\(" + Within
        + @"\))|\^(?:\{?\(" + Within + @"\)\}?|\{" + Within + @"\})|⟨" + Within + @"⟩|(?<plain>_t)(?<sign>[-−–])(?<count>[0-9]{1,6})(?![\p{N}.])|"
        + "(?<plain>_t)(?!" + Part + ")|(?<plain>ₜ)(?<sign>[₋₊])(?<count>[₀-₉]{1,6})|(?<plain>ₜ)(?!" + Part + "))";

    private enum Kind { None, Present, Earlier, Older, InputBefore, Later, Learned, Both, Difference }

    /// <summary>The error about a name with the step as an index; null: there is none.</summary>
    /// <param name="source">The text.</param>
    /// <param name="line">The line.</param>
    /// <param name="at">Where the name begins.</param>
    /// <param name="place">The same, for the message.</param>
    public static UserErrorException? ErrorAt(CellSource source, string line, int at, SourcePlace place)
    {
        if (Here().Match(line, at) is not { Success: true } found) return null;
        CellWrittenNames names = source.Names;
        string name = found.Groups["name"].Value, begin = $"'{found.Value}' has the step as an index", free = names.Free("p", "q", "k", "m", "l");
        return KindOf(found, names, place.Line) switch
        {
            Kind.Present or Kind.Earlier => source.Slip(place, begin + "; expected h₋ or h_prev for the step before, and h alone for this one",
                "leave the index out"),
            Kind.Older => Error($"'{found.Value}' is a value of more than one step before; expected a state of one step before; keep the older one "
                + $"in a state of its own: {free} = {name}₋, and then {free}₋ is that of two."),
            Kind.InputBefore => Error($"'{found.Value}' is the input of an earlier step; expected a state that keeps it; set {free} = {Product()}x "
                + $"and write {free}₋ for {Product()}x of the step before."),
            Kind.Later => Error($"'{found.Value}' is a value of a later step; expected h₋ for the step before, and h alone for this one; there is no "
                + "step after."),
            Kind.Learned => Error($"{begin} and '{name}' is {(CellWords.IsMatrix(name) ? "a matrix" : "learned")}, the same in every step; expected "
                + (CellWords.IsMatrix(name) ? "a small letter first for a state; choose such a name, as in h₋."
                    : $"it without an index; write {name}.")),
            Kind.Both => Error($"{begin}, and '{name}' and '{name}_t' are two quantities; expected one of them; write {name}₋ or {name}_t₋ for the "
                + $"step before, or {name}_t − 1 with blanks for a difference."),
            Kind.Difference => Error($"'{found.Value}' can be '{name}' of the step before or a difference; expected one of them; write {name}₋, or "
                + $"{name} − {found.Groups["count"].Value} with blanks."),
            _ => null,
        };

        string Product() => MatrixBefore().Match(line[..at]).Value;

        UserErrorException Error(string message) => source.Error(place, message);
    }

    /// <summary>A line without indices of the step; null: one of them cannot be left out.</summary>
    /// <param name="line">The line.</param>
    /// <param name="names">The names of its text.</param>
    /// <param name="number">Its number.</param>
    public static string? Without(string line, CellWrittenNames names, int number)
    {
        bool isClear = true;
        string meant = Anywhere().Replace(line, found =>
        {
            Kind kind = KindOf(found, names, number);
            if (kind is not (Kind.None or Kind.Present or Kind.Earlier)) isClear = false;
            return kind == Kind.None ? found.Value : found.Groups["name"].Value + (kind == Kind.Earlier ? CellWords.Before : "");
        });
        return isClear ? meant : null;
    }

    /// <summary>The name whose value of this step it is, written with an index; null: it is no such name.</summary>
    public static string? StemOfPresent(string name) => Here().Match(name) is { Success: true } found && found.Length == name.Length
        && !found.Groups["sign"].Success && !IsParameter(found.Groups["name"].Value, plain: true) && !IsWord(found.Groups["name"].Value)
        ? found.Groups["name"].Value : null;

    private static bool IsWord(string name) => name != CellWords.Input && CellWords.IsReserved(name);

    private static bool IsParameter(string name, bool plain) => CellWords.IsMatrix(name) || CellWords.IsVector(name) || plain && name == "p";

    private static Kind KindOf(Match found, CellWrittenNames names, int line)
    {
        string name = found.Groups["name"].Value, sign = found.Groups["sign"].Value.Trim();
        bool isPlain = found.Groups["plain"].Success, hasStep = sign.Length > 0;
        string index = found.Groups["plain"].Value;
        if (IsWord(name) || found.Groups["round"].Success && (names.IsSet("t") || names.IsDeclared("t"))) return Kind.None;
        if (isPlain && names.IsDeclared(name + index)) return Kind.None;
        if (IsParameter(name, isPlain) || names.IsDeclared(name))
            return hasStep && index != "_t" || found.Groups["round"].Success && !CellWords.IsMatrix(name) ? Kind.Learned : Kind.None;
        int count = hasStep ? found.Groups["count"].Value.Aggregate(0, (sum, digit) => 10 * sum + (digit >= '₀' ? digit - '₀' : digit - '0')) : 0;
        if (names.IsBoth(name)) return count > 0 ? Kind.Both : Kind.None;
        if (count == 0) return Kind.Present;
        if (index == "_t" && names.IsSetAbove(name, line)) return Kind.Difference;
        if (sign is "+" or "₊") return Kind.Later;
        return name == CellWords.Input ? Kind.InputBefore : count > 1 ? Kind.Older : Kind.Earlier;
    }

    [GeneratedRegex(@"\p{Lu}" + Part + @"*\s+$", RegexOptions.RightToLeft)]
    private static partial Regex MatrixBefore();

    [GeneratedRegex(@"\G" + Indexed)]
    private static partial Regex Here();

    [GeneratedRegex(@"(?<![\p{L}\p{M}\p{N}_′'.])" + Indexed)]
    private static partial Regex Anywhere();
}
