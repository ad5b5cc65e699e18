using Unroll.Core;

namespace Unroll.Layers;

/// <summary>A layer of a stack that sees what the stack was given, beside what the layer below gives.</summary>
public interface IFromInput : ILayer
{
    /// <summary>Features of a step of the stack's input.</summary>
    int SourceSize { get; }

    /// <summary>The output.</summary>
    /// <param name="x">[rows, <see cref="ILayer.InputSize"/>], of the layer below.</param>
    /// <param name="source">[rows, <see cref="SourceSize"/>], of the stack; the same sequences.</param>
    /// <param name="pass">Workspace, threads, random draws.</param>
    Cache Forward(in SequenceBatch x, in SequenceBatch source, in Pass pass);

    /// <summary>Adds to the parameters' gradients and returns ∂L/∂x.</summary>
    /// <param name="dy">∂L/∂y.</param>
    /// <param name="cache">What forward returned.</param>
    /// <param name="dSource">∂L/∂(source), of this layer alone.</param>
    /// <param name="pass">The same pass as forward's.</param>
    SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass, out SequenceBatch dSource);
}
