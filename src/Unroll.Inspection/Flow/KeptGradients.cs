using Unroll.Core;

namespace Unroll.Inspection.Flow;

/// <summary>The gradients of a store as they are, put back at the end: looking on adds nothing to what a training step has added up.</summary>
internal readonly struct KeptGradients(ParameterStore store) : IDisposable
{
    private readonly float[] _kept = store.Gradients.ToArray();

    /// <summary>Puts them back.</summary>
    public void Dispose() => _kept.CopyTo(store.Gradients);
}
