using System.Globalization;
using System.Text.Json;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Inspection.Derivation;

namespace Unroll.Cli;

/// <summary>What <c>unroll textbook</c> says of a cell that is given by its equations.</summary>
/// <param name="Derivation">What was derived from them.</param>
/// <param name="Numbers">The same in numbers; null: none were asked for.</param>
internal sealed record DerivationView(CellDerivation Derivation, CellNumbers? Numbers)
{
    internal IEnumerable<string> Lines(bool latex)
    {
        foreach (string line in latex ? DerivationText.Latex(Derivation) : DerivationText.Lines(Derivation)) yield return line;
        if (Numbers is null)
        {
            if (latex) yield break;
            yield return "";
            yield return "with numbers: --input \"1; -1; 0.5\" (features apart by commas), --weights FILE; "
                + "as a page on which they can be moved: --html FILE";
            yield break;
        }
        string mark = latex ? "% " : "";
        foreach (string line in WorkedLines.Of(Numbers.Values())) yield return mark + line;
        yield return mark;
        if (Numbers.NotFinite is { } none)
        {
            yield return $"{mark}note: {none.Sentence}";
            yield break;
        }
        yield return $"{mark}largest difference of a gradient from its central difference: {Short(Numbers.LargestError())}; "
            + $"as a share of the largest gradient: {Short(Numbers.LargestShare())}";

        static string Short(double value) => value.ToString("0.0e-0", CultureInfo.InvariantCulture);
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("cell", Derivation.Definition.Name);
        DerivationText.WriteJson(json, Derivation);
        if (Numbers is null) return;
        WorkedLines.Write(json, Numbers.Values());
        json.AnyNumber("largest_difference", Numbers.LargestError());
        json.AnyNumber("largest_difference_share", Numbers.LargestShare());
        if (Numbers.NotFinite is { } none) json.WriteString("not_finite", none.Sentence);
        else json.WriteNull("not_finite");
    }
}
