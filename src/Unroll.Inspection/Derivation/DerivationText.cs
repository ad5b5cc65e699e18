using System.Text;
using System.Text.Json;
using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Inspection.Derivation;

//  δh   = ∂ℓ/∂h                  output
//       + δh₊ ⊙ z₊               direct
//       + U_zᵀ δa_z₊             through z

/// <summary>A derivation as lines of text and as LaTeX.</summary>
public static class DerivationText
{
    private const int NameColumn = 48, MostIndent = 18;
    private static readonly string[] s_words = ["output", "direct", "through", "next", "step", "of", "the"];

    /// <summary>The derivation in Unicode, a term a line where a gradient has several.</summary>
    /// <param name="derivation">Of which cell.</param>
    public static IReadOnlyList<string> Lines(CellDerivation derivation)
    {
        List<string> lines = [.. Heading(derivation.Definition, "")];
        foreach (PrintedSection section in PrintedDerivation.Of(derivation).Sections)
        {
            lines.Add("");
            lines.Add(section.Heading);
            if (section.Explanation.Length > 0) lines.Add($"({section.Explanation})");
            int width = Math.Min(MostIndent, section.Equations.Max(one => TextColumns.Cells(FormulaWriter.Unicode.Write(one.Left))));
            string equal = section.Equations.Any(one => one.Adds) ? "= " : "=";
            foreach (PrintedEquation equation in section.Equations) lines.AddRange(Lines(equation, width, equal));
        }
        return lines;
    }

    /// <summary>The derivation as LaTeX: an <c>align*</c> a section, with the steps as subscripts; needs the package amsmath.</summary>
    /// <param name="derivation">Of which cell.</param>
    public static IReadOnlyList<string> Latex(CellDerivation derivation)
    {
        List<string> lines = [.. Heading(derivation.Definition, "% ")];
        foreach (PrintedSection section in PrintedDerivation.Of(derivation).Sections)
        {
            lines.Add("");
            lines.Add($"% {section.Heading}");
            lines.Add(@"\begin{align*}");
            foreach (PrintedEquation equation in section.Equations) lines.AddRange(LatexLines(equation));
            lines[^1] = lines[^1][..^3];                                     // no new line after the last
            lines.Add(@"\end{align*}");
        }
        return lines;
    }

    /// <summary>Writes the member <c>sections</c>: the equations with every term and its path, in Unicode and in LaTeX.</summary>
    /// <param name="json">Inside an object.</param>
    /// <param name="derivation">Of which cell.</param>
    public static void WriteJson(Utf8JsonWriter json, CellDerivation derivation)
    {
        json.WriteStartArray("sections");
        foreach (PrintedSection section in PrintedDerivation.Of(derivation).Sections)
        {
            json.WriteStartObject();
            json.WriteString("heading", section.Heading);
            json.WriteStartArray("equations");
            foreach (PrintedEquation equation in section.Equations)
            {
                json.WriteStartObject();
                Both("left", "left_latex", equation.Left);
                json.WriteBoolean("adds", equation.Adds);
                json.WriteStartArray("terms");
                foreach (PrintedTerm term in equation.Terms)
                {
                    json.WriteStartObject();
                    json.WriteString("path", term.Path);
                    json.WriteBoolean("negative", term.IsNegative);
                    Both("value", "latex", term.Value);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();

        void Both(string unicode, string latex, CellExpression value)
        {
            json.WriteString(unicode, FormulaWriter.Unicode.Write(value));
            json.WriteString(latex, FormulaWriter.Latex.Write(value));
        }
    }

    private static IEnumerable<string> Heading(CellDefinition definition, string mark)
    {
        foreach (string comment in definition.Comments) yield return mark.Length > 0 ? mark + comment : $"# {comment}";
        yield return $"{mark}cell {definition.Name}";
    }

    private static IEnumerable<string> Lines(PrintedEquation equation, int width, string equal)
    {
        string left = $"  {TextColumns.Left(FormulaWriter.Unicode.Write(equation.Left), width)} {(equation.Adds ? "+=" : equal)} ";
        string more = new(' ', equal.Length);
        if (equation.Terms.Count == 0) yield return $"{left}0";
        foreach (PrintedTerm term in equation.Terms)
        {
            string value = FormulaWriter.Unicode.Write(term.Value), note = term.Path.Length > 0 ? term.Path : equation.Note;
            string text = ReferenceEquals(term, equation.Terms[0])
                ? $"{left}{(term.IsNegative ? "−" : "")}{value}"
                : $"{new string(' ', width + 3)}{(term.IsNegative ? "−" : "+")}{more}{value}";
            yield return note.Length == 0 ? text : $"{TextColumns.Left(text, NameColumn)}  {note}";
        }
    }

    private static IEnumerable<string> LatexLines(PrintedEquation equation)
    {
        string left = FormulaWriter.Latex.Write(equation.Left), sign = equation.Adds ? @"\mathrel{+}=" : "=";
        if (equation.Terms.Count == 0) yield return $@"{left} &{sign} 0 \\";
        foreach (PrintedTerm term in equation.Terms)
        {
            string value = FormulaWriter.Latex.Write(term.Value), note = term.Path.Length > 0 ? LatexPath(term.Path) : LatexWords(equation.Note);
            string text = ReferenceEquals(term, equation.Terms[0])
                ? $"{left} &{sign} {(term.IsNegative ? "-" : "")}{value}"
                : $"&{(term.IsNegative ? "-" : "+")} {value}";
            yield return note.Length == 0 ? $@"{text} \\" : $@"{text} && {note} \\";
        }
    }

    //  through n (U_n of the next step)      the names in it are no words
    private static string LatexPath(string path) => string.Join(@"\ ", path.Split(' ').Select(word =>
    {
        string name = word.TrimStart('(').TrimEnd(')');
        return word.Replace(name, s_words.Contains(name) ? $@"\text{{{name}}}" : LatexName(name), StringComparison.Ordinal);
    }));

    private static string LatexName(string name) => name == "−" ? "-"
        : name.EndsWith('ᵀ') ? LatexNotation.Instance.Transposed(LatexName(name[..^1])) : LatexNotation.Instance.Name(name, ReadAt.Always);

    private static string LatexWords(string words)
    {
        StringBuilder text = new();
        foreach (char c in words) text.Append(c switch
        {
            '\\' => @"\textbackslash{}",
            '^' or '~' => $@"\{c}{{}}",
            '{' or '}' or '$' or '&' or '#' or '_' or '%' => $@"\{c}",
            _ => c.ToString(),
        });
        return words.Length == 0 ? "" : $@"\text{{{text}}}";
    }
}
