namespace Unroll.Exchange.Onnx.Graphs;

/// <summary>What a model file says beside its graph.</summary>
internal sealed record OnnxDescription
{
    /// <summary>The file's name, for messages.</summary>
    public string File { get; init; } = "";

    /// <summary>The version of the file format.</summary>
    public long IrVersion { get; init; }

    /// <summary>The program that wrote the model: <c>pytorch</c>.</summary>
    public string Producer { get; init; } = "";

    /// <summary>That program's version.</summary>
    public string ProducerVersion { get; init; } = "";

    /// <summary>The version of each domain of operators.</summary>
    public IReadOnlyDictionary<string, int> Opsets { get; init; } = new Dictionary<string, int>();

    /// <summary>Texts that the producer added.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
