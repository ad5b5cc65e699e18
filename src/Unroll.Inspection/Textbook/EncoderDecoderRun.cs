namespace Unroll.Inspection.Textbook;

/// <summary>An encoder–decoder through one pair of sequences.</summary>
public sealed class EncoderDecoderRun
{
    internal EncoderDecoderRun(NetworkRun encoder, Vector ends, Vector first, IReadOnlyList<DecoderStep> steps) =>
        (Encoder, Ends, First, Steps) = (encoder, ends, first, steps);

    /// <summary>The encoder; its outputs are the memory s⟨1⟩ … s⟨T⟩.</summary>
    public NetworkRun Encoder { get; }

    /// <summary>e: what the encoder ends with; zero for a source without symbols.</summary>
    public Vector Ends { get; }

    /// <summary>tanh(W e + b): of each layer of the decoder h⟨0⟩, then the cell's other states.</summary>
    public Vector First { get; }

    /// <summary>The steps of the decoder.</summary>
    public IReadOnlyList<DecoderStep> Steps { get; }

    /// <summary>z⟨t⟩: the scores of symbols at every step.</summary>
    public IReadOnlyList<Vector> Logits => [.. Steps.Select(step => step.Logits)];
}

/// <summary>One step of the decoder.</summary>
/// <param name="Symbol">The symbol that it was given.</param>
/// <param name="Cells">The step of each layer, from the lowest.</param>
/// <param name="Top">h of the top layer: the query.</param>
/// <param name="Weights">α⟨1⟩ … α⟨T⟩.</param>
/// <param name="Context">c; zero where there was nothing to attend to.</param>
/// <param name="Attended">h̃.</param>
/// <param name="Logits">z.</param>
public sealed record DecoderStep(
    int Symbol, IReadOnlyList<CellStep> Cells, Vector Top, Vector Weights, Vector Context, Vector Attended, Vector Logits);

/// <summary>The gradients of one pair.</summary>
/// <param name="Steps">Those of the decoder's steps.</param>
/// <param name="Memory">
/// The terms of δs⟨j⟩: <c>attention</c>, summed over all queries, and <c>bridge</c>, where the decoder's initial states begin.
/// </param>
/// <param name="First">δ of the initial states, before tanh.</param>
public sealed record EncoderDecoderGradient(IReadOnlyList<DecoderStepGradient> Steps, IReadOnlyList<NamedVectors> Memory, Vector First);

/// <summary>The gradients of one step of the decoder.</summary>
/// <param name="Attended">The terms of δh̃: <c>output</c>, and <c>fed</c>, what the next step's cells send back.</param>
/// <param name="Context">δc.</param>
/// <param name="Cells">
/// Of each layer; the terms of its δh begin with <c>combine</c> and <c>query</c> for the top one, <c>layer above</c> for others.
/// </param>
public sealed record DecoderStepGradient(NamedVectors Attended, Vector Context, IReadOnlyList<CellStepGradient> Cells);
