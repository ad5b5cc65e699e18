namespace Unroll.Layers.Attention;

/// <summary>How well a step of the memory answers a query.</summary>
public enum AttentionScore
{
    /// <summary>q · s: query and memory have the same size (Luong, Pham, Manning 2015).</summary>
    Dot,

    /// <summary>q · W s (Luong, Pham, Manning 2015).</summary>
    General,

    /// <summary>v · tanh(W q + U s + b) (Bahdanau, Cho, Bengio 2015).</summary>
    Additive,
}
