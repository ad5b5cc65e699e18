using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Unroll.Tasks.Data.Tables;

/// <summary>A number as a person writes it, taken apart: <c>-$1,250.30</c>, <c>(12.30)</c>, <c>51.2 %</c>, <c>5 kg</c>, <c>1.20M</c>.</summary>
/// <param name="Core">The digits with their marks: <c>1,250.30</c>; blanks and apostrophes between thousands are taken out.</param>
/// <param name="Negative">Whether a minus, of whatever form, or brackets stand with it.</param>
/// <param name="Unit">What stands before or after the digits: a currency, <c>%</c>, a unit, a letter for thousands; empty: nothing.</param>
/// <param name="Spaced">Whether a blank stands between the digits and the unit.</param>
/// <param name="Before">Whether the unit stands before the digits.</param>
internal readonly partial record struct NumberCell(string Core, bool Negative, string Unit, bool Spaced, bool Before)
{
    private static readonly string[] s_currencies =
    [
        "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "BRL", "MXN", "ZAR", "KRW",
        "US$", "A$", "C$", "R$", "NZ$", "HK$", "S$", "kr", "Rs", "Rs.",
    ];

    /// <summary>Takes a cell apart; null where it is no number with something around it.</summary>
    internal static NumberCell? Of(string text)
    {
        string plain = Plain(text);
        bool negative = false;
        if (plain.Length > 2 && plain[0] == '(' && plain[^1] == ')') (negative, plain) = (true, plain[1..^1].Trim());
        int first = plain.AsSpan().IndexOfAnyInRange('0', '9'), last = plain.AsSpan().LastIndexOfAnyInRange('0', '9');
        if (first < 0) return null;
        if (first > 0 && plain[first - 1] is '.' or ',') first--;
        string before = plain[..first], after = plain[(last + 1)..], core = plain[first..(last + 1)];
        if (core.AsSpan().ContainsAny(' ', '\''))
        {
            if (!GroupedByBlanks().IsMatch(core)) return null;
            core = core.Replace(" ", "").Replace("'", "");
        }
        if (!DecimalMark.Fits(core)) return null;

        (bool minus, string lead) = Sign(before);
        bool trailing = after.Trim() == "-";
        if (trailing) after = "";
        string unit = lead.Length > 0 ? lead : after.Trim();
        if ((lead.Length > 0 && (after.Trim().Length > 0 || !IsCurrency(lead))) || (minus && (negative || trailing))) return null;
        if (unit.Length > 12 || unit.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '-' or ':' or ',' or '(' or ')' or '"')) return null;
        return new(core, negative || minus || trailing, unit, lead.Length == 0 && after.Length > 0 && after[0] == ' ', lead.Length > 0);
    }

    /// <summary>Whether the unit is one of money.</summary>
    internal bool IsMoney => Unit.Length > 0 && IsCurrency(Unit);

    private static bool IsCurrency(string unit) =>
        s_currencies.Contains(unit) || (unit.Length == 1 && char.GetUnicodeCategory(unit[0]) == UnicodeCategory.CurrencySymbol);

    private static (bool Minus, string Unit) Sign(string before)
    {
        string rest = before.Trim();
        bool minus = rest.StartsWith('-') || rest.EndsWith('-');
        return (minus, rest.Length > 0 && (minus || rest[0] == '+') ? rest.Trim('-', '+', ' ') : rest);
    }

    // One kind of blank, apostrophe, minus and digit: typesetting has many.
    private static string Plain(string text)
    {
        StringBuilder plain = new(text.Length);
        foreach (char c in text.Trim())
            plain.Append(c switch
            {
                '\u2212' or '\u2010' or '\u2011' or '\u2012' or '\u2013' or '\uFE63' or '\uFF0D' => '-',
                '\u2019' or '\u02BC' => '\'',
                _ when char.IsWhiteSpace(c) => ' ',
                _ when c > '\u007F' && char.IsDigit(c) => (char)('0' + (int)char.GetNumericValue(c)),
                _ => c,
            });
        return plain.ToString();
    }

    [GeneratedRegex(@"^\d{1,3}(?:( |')\d{3})(?:\1\d{3})*(?:[.,]\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex GroupedByBlanks();
}
