namespace Unroll.Exchange.Onnx.Execution;

/// <summary>What a run may use. A graph that would need more is stopped with an error that names the node.</summary>
public sealed record OnnxRunOptions
{
    /// <summary>The defaults.</summary>
    public static OnnxRunOptions Default { get; } = new();

    /// <summary>The most bytes of values that are alive at the same time, weights and inputs not counted. Default: 2 GiB.</summary>
    public long MemoryLimit { get; init; } = 1L << 31;

    /// <summary>The most steps of all loops together. Default: 1,000,000.</summary>
    public long LoopLimit { get; init; } = 1_000_000;
}
