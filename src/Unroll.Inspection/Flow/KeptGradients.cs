using Unroll.Core;

namespace Unroll.Inspection.Flow;

/// <summary>
/// The gradients of a store as they are, put back when it is disposed of: looking inside adds nothing to what a training step has added up.
/// </summary>
/// <param name="store">The store.</param>
public readonly struct KeptGradients(ParameterStore store) : IDisposable
{
    private readonly float[] _kept = store.Gradients.ToArray();

    /// <summary>Puts them back.</summary>
    public void Dispose() => _kept.CopyTo(store.Gradients);
}
