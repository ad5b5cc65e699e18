namespace Unroll.Cells.Definitions;

/// <summary>A built-in cell as its equations say it.</summary>
public sealed class BuiltInDefinition
{
    private readonly Lazy<CellDefinition> _definition;

    internal BuiltInDefinition(string name, CellOptions options)
    {
        (Name, Options) = (name, options);
        _definition = new Lazy<CellDefinition>(() => CellText.Read(Text(), FileName));
    }

    /// <summary>The name of the definition: <c>lstm-peephole</c>.</summary>
    public string Name { get; }

    /// <summary>The options that make the built-in cell.</summary>
    public CellOptions Options { get; }

    /// <summary>The definition, read at first use.</summary>
    public CellDefinition Definition => _definition.Value;

    private string FileName => $"{Name}.cell";

    private string Text()
    {
        using Stream stream = typeof(BuiltInDefinition).Assembly.GetManifestResourceStream($"Unroll.Cells.{FileName}")
            ?? throw new InvalidOperationException($"the assembly was built without its resource '{FileName}'");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>
/// The built-in cells that the language can say. Those with layer normalization are not among them: they normalize several gates together, and norm
/// is of one vector.
/// </summary>
public static class BuiltInDefinitions
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<BuiltInDefinition> All { get; } =
    [
        new("lstm", new CellOptions { Kind = "lstm" }),
        new("lstm-peephole", new CellOptions { Kind = "lstm", Peepholes = true }),
        new("lstm-coupled", new CellOptions { Kind = "lstm", Coupled = true }),
        new("gru", new CellOptions { Kind = "gru" }),
        new("gru-after", new CellOptions { Kind = "gru-after" }),
        new("rnn", new CellOptions { Kind = "rnn" }),
        new("rnn-relu", new CellOptions { Kind = "rnn", Activation = "relu" }),
        new("residual", new CellOptions { Kind = "residual" }),
        new("residual-logistic", new CellOptions { Kind = "residual", Activation = "logistic" }),
    ];

    /// <summary>The one of that name; null if there is none.</summary>
    /// <param name="name">As in <see cref="BuiltInDefinition.Name"/>.</param>
    public static BuiltInDefinition? Find(string name) => All.FirstOrDefault(one => one.Name == name);
}
