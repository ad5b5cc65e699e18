using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>
/// Published cells as definitions, a part of this assembly: the files of the folder <c>cells</c>, each with its paper at its head. The list and
/// what the papers report are in <c>docs/cells.md</c>.
/// </summary>
/// <example><code>string text = CellZoo.Text("mgu");</code></example>
public static class CellZoo
{
    /// <summary>The names of the cells, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "antisymmetric-rnn", "antisymmetric-rnn-gated", "cfn", "fastgrnn", "indrnn", "janet", "lem", "light-gru", "lstm-coupled", "lstm-peephole",
        "mgu", "min-gru", "min-gru-positive", "min-lstm", "minimal-rnn", "mut1", "mut2", "mut3", "nas", "residual", "rhn", "scrn", "slstm", "sru",
        "sru-projected", "star", "ugrnn",
    ];

    /// <summary>The text of a definition, as it stands in its file.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="UserErrorException">There is no such cell.</exception>
    public static string Text(string name)
    {
        if (!Names.Contains(name))
            throw new UserErrorException($"cell '{name}' is not in the zoo: expected one of {string.Join(", ", Names)}; or write its equations in "
                + "a file.");
        using Stream stream = typeof(CellZoo).Assembly.GetManifestResourceStream($"cells/{name}.cell")
            ?? throw new InvalidOperationException($"the assembly was built without its resource 'cells/{name}.cell'");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The definition.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="UserErrorException">There is no such cell.</exception>
    public static CellDefinition Definition(string name) => CellText.Read(Text(name), $"{name}.cell");
}
