using System.Globalization;
using System.Text;
using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>Cuts a line into tokens.</summary>
internal sealed class CellLexer
{
    private const string Signs = "+−⊙/^(),=:ᵀ";

    private readonly CellSource _source;
    private readonly string _line;
    private readonly int _number;
    private int _at, _column = 1;

    /// <param name="source">For messages.</param>
    /// <param name="line">The line, without its comment.</param>
    /// <param name="number">Its number, from 1.</param>
    public CellLexer(CellSource source, string line, int number) => (_source, _line, _number) = (source, line, number);

    /// <summary>Where the next token begins, at the earliest.</summary>
    public SourcePlace Place => new(_number, _column);

    /// <summary>What has not been read yet.</summary>
    public string Rest => _line[_at..];

    /// <summary>The next token; at the end of the line <see cref="CellTokenKind.End"/>, as often as one asks.</summary>
    public CellToken Next()
    {
        bool joined = !SkipBlanks();
        SourcePlace place = Place;
        if (_at >= _line.Length) return new CellToken(CellTokenKind.End, "", place, joined);
        Rune rune = Peek();
        if (Rune.IsLetter(rune) && CellWords.IsWithinName(rune)) return Name(place, joined);
        if (char.IsAsciiDigit(_line[_at])) return Number(place, joined);
        char sign = _line[_at] switch { '-' => '−', '*' => '⊙', _ => _line[_at] };
        if (!Signs.Contains(sign)) throw Strange(place, rune);
        Step();
        return new CellToken(CellTokenKind.Sign, sign.ToString(), place, joined);
    }

    /// <summary>Passes over blanks.</summary>
    /// <returns>Whether there was one.</returns>
    public bool SkipBlanks()
    {
        int begin = _at;
        while (_at < _line.Length && char.IsWhiteSpace(_line[_at])) Step();
        return _at > begin;
    }

    private CellToken Name(SourcePlace place, bool joined)
    {
        int begin = _at;
        while (_at < _line.Length && CellWords.IsWithinName(Peek())) Step();
        if (CellIndices.ErrorAt(_source, _line, begin, place) is { } indexed) throw indexed;
        if (_line[begin.._at] is [.., '\'' or 'ᵗ'] primed && CellWords.IsMatrix(primed)) CheckPrime(primed, place);
        if (At(0) == '{' && _line[_at - 1] == '_')
            throw _source.Slip(Place, "'{' is no sign of the language; expected a name like W_xh without braces", "leave them out");
        string name = _line[begin.._at].Replace('\'', '′');
        bool before = _at < _line.Length && _line[_at] == CellWords.Before;
        if (before) Step();
        else if (name.Length > CellWords.BeforeInAscii.Length && name.EndsWith(CellWords.BeforeInAscii, StringComparison.Ordinal))
            (name, before) = (name[..^CellWords.BeforeInAscii.Length], true);
        if (name.Length > CellWords.LongestName)
            throw _source.Error(place, $"a name of {name.Length} characters; expected at most {CellWords.LongestName}; choose a shorter one.");
        if (name.EndsWith(CellWords.BeforeInAscii, StringComparison.Ordinal))
            throw _source.Error(place, $"'{name}' is a value of two steps before; expected a state of one step before; keep the older one in a "
                + "state of its own.");
        return new CellToken(before ? CellTokenKind.Before : CellTokenKind.Name, name, place, joined);
    }

    // U' h₋ is the transpose in MATLAB, and here another matrix.
    private void CheckPrime(string primed, SourcePlace place)
    {
        string plain = primed.TrimEnd('\'', 'ᵗ');
        if (_source.Names.Count(plain) > 0)
            throw _source.Error(place, $"'{primed}' is another matrix than '{plain}', and not its transpose; expected {plain}ᵀ for that, or a name "
                + $"that tells them apart; write {plain}ᵀ, or {_source.Names.Free(plain + "_2", plain + "_3")} for another matrix.");
    }

    // 12   0.5   1e-5
    private CellToken Number(SourcePlace place, bool joined)
    {
        int begin = _at;
        Digits();
        if (At(0) == '.' && char.IsAsciiDigit(At(1)))
        {
            Step();
            Digits();
        }
        if (At(0) is 'e' or 'E' && (char.IsAsciiDigit(At(1)) || At(1) is '-' or '−' or '+' && char.IsAsciiDigit(At(2))))
        {
            Step();
            Step();
            Digits();
        }
        string text = _line[begin.._at];
        if (_at < _line.Length && (CellWords.IsWithinName(Peek()) || At(0) == '.'))
            throw _source.Slip(place, $"the number {text} runs into what follows; expected a number like 0.5 or 1e-5, then a sign",
                "for a product write 2 ⊙ h");
        double value = double.Parse(text.Replace('−', '-'), NumberStyles.Float, CultureInfo.InvariantCulture);
        if (Math.Abs(value) > float.MaxValue)
            throw _source.Error(place, $"the number {text} is too large; expected at most 3.4e38 in size; choose a smaller one.");
        if (!CellLimits.IsFloat(value))
            throw _source.Error(place, $"the number {text} is too small for a float, which would hold 0; expected 0 or at least 1e-45 in size; "
                + "choose a larger one.");
        return new CellToken(CellTokenKind.Number, text, place, joined) { Value = value };
    }

    private void Digits()
    {
        while (char.IsAsciiDigit(At(0))) Step();
    }

    private char At(int ahead) => _at + ahead < _line.Length ? _line[_at + ahead] : '\0';

    private Rune Peek() => Rune.TryGetRuneAt(_line, _at, out Rune rune) ? rune : Rune.ReplacementChar;

    private void Step()
    {
        Rune rune = Peek();
        _at += rune.Utf16SequenceLength;
        if (!CellWords.IsMark(rune)) _column++;
    }

    private UserErrorException Strange(SourcePlace place, Rune rune)
    {
        const string Signs = "expected names, numbers and the signs + − ⊙ / ^ ( ) , = ᵀ", Product = "expected ⊙ or * for a product of each unit, "
            + "and a blank between a matrix and what it multiplies";
        string found = $"'{rune}' is no sign of the language";
        return rune.Value switch
        {
            '·' or '×' or '∗' or '•' or '⋅' or '∙' => _source.Slip(place, $"{found}; {Product}", "write one of these"),
            '∘' or '◦' or '○' or '⊗' => _source.Slip(place, $"{found}; expected ⊙ or * for a product of each unit",
                "write ⊙ between values whose names begin with a small letter, as p_c ⊙ c₋"),
            '@' => _source.Slip(place, $"{found}; {Product}", "replace it"),
            '∆' => _source.Slip(place, $"{found}, and no letter; expected a name like dt, a small letter first, for a number", "write dt"),
            '–' or '—' => _source.Error(place, $"'{rune}' is a dash; expected − or - for a difference; write one of these."),
            '⊤' or '⊺' => _source.Slip(place, $"{found}; expected ᵀ or ^T behind a matrix that is transposed", "write Uᵀ"),
            '.' when At(1) is '*' or '/' or '^' => _source.Slip(place, $"'.{At(1)}' is no sign of the language; expected ⊙ or *, / and ^, which are "
                + "of each unit", "leave the point out"),
            '.' when At(1) == 'T' && !CellWords.IsWithinName(new Rune(At(2) == 0 ? ' ' : At(2))) =>
                _source.Slip(place, "'.T' is no sign of the language; expected ᵀ or ^T behind a matrix that is transposed", "write Uᵀ"),
            '.' when Rune.TryGetRuneAt(_line, Math.Min(_at + 1, _line.Length - 1), out Rune next) && (Rune.IsLetter(next) || next.Value == '(') =>
                _source.Slip(place, $"{found}; {Product}", "write one of these"),
            '.' => _source.Error(place, "a point that is in no number; expected one like 0.5; write the 0, or delete the point."),
            '[' when CellSlips.Joins(_line, _at) => _source.Slip(place, $"{found}, which does not join vectors; expected a matrix for each of them",
                "write W x + U h₋"),
            '[' or '{' => _source.Error(place, $"{found}; expected ( and ) around what belongs together; write these."),
            '⁻' or '₊' => _source.Error(place, $"{found}; expected h₋ or h_prev for the step before; there is no step after."),
            '<' or '>' or '!' or '?' or '&' or '|' =>
                _source.Error(place, $"{found}; expected + − ⊙ / ^ or a function; a choice is written with max, min or clip."),
            _ when Rune.IsControl(rune) || rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format
                || CellWords.IsInvisible(rune) => _source.Error(place, $"an invisible character U+{rune.Value:X4}; {Signs}; delete it."),
            _ => _source.Error(place, $"{found}; {Signs}; replace it."),
        };
    }
}
