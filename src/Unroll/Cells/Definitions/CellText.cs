using System.Text;
using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>
/// Cells as text: <c>f = σ(W_f x + U_f h₋ + b_f)</c>. The language is described in docs/cell-language.md.
/// </summary>
public static class CellText
{
    /// <summary>Reads a definition and checks it.</summary>
    /// <param name="text">The text, at most 64 kB.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="UserErrorException">
    /// The text is no cell: the message begins with the file, the line and the column, and says what was expected and what to do.
    /// </exception>
    public static CellDefinition Read(string text, string file)
    {
        CellDraft draft = CellParser.Parse(text, file);
        CellDefinition definition = CellChecker.Complete(draft);
        // − is longer than - : what is written must be readable too.
        if (Encoding.UTF8.GetByteCount(definition.Text) is var bytes && bytes > CellLimits.Bytes) throw draft.Source.Error(default,
            CellLimits.TooManyBytes(bytes));
        return definition;
    }

    /// <summary>
    /// The canonical text: in Unicode, one blank between words, as few parentheses as say the same. Reading it gives an equal definition.
    /// </summary>
    /// <param name="definition">The definition.</param>
    public static string Format(CellDefinition definition) => CellFormatter.Text(definition);

    /// <summary>An expression as it stands in a text.</summary>
    /// <param name="expression">The expression.</param>
    public static string Format(CellExpression expression) => CellFormatter.Of(expression);

    /// <summary>The word of a function of one operand, as it stands in a text: <c>σ</c>, <c>tanh</c>; of the negative its sign.</summary>
    /// <param name="function">The function.</param>
    public static string Word(CellFunction function) => CellFormatter.Word(function);
}
