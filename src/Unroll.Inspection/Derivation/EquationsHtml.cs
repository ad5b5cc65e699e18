using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Unroll.Inspection.Derivation;

/// <summary>Equations as an HTML table, a term a row.</summary>
internal static class EquationsHtml
{
    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string Write(EquationsBlock block)
    {
        StringBuilder html = new("<div class=\"scroll\"><table class=\"equations\"><tbody>\n");
        foreach (PrintedEquation equation in block.Section.Equations)
        {
            string left = FormulaWriter.Html.Write(equation.Left), equal = equation.Adds ? "+=" : "=";
            if (equation.Terms.Count == 0) Row(left, equal, "0", "");
            foreach (PrintedTerm term in equation.Terms)
            {
                string value = FormulaWriter.Html.Write(term.Value), note = term.Path.Length > 0 ? term.Path : equation.Note;
                if (ReferenceEquals(term, equation.Terms[0])) Row(left, equal, (term.IsNegative ? "−" : "") + value, note);
                else Row("", term.IsNegative ? "−" : "+", value, note);
            }
        }
        return html.Append("</tbody></table></div>\n").ToString();

        void Row(string left, string sign, string right, string note) =>
            html.Append($"<tr><td>{left}</td><td>{sign}</td><td>{right}</td><td class=\"note\">{s_encoder.Encode(note)}</td></tr>\n");
    }
}
