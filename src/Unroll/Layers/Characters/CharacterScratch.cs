using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Characters;

/// <summary>What a <see cref="CharacterEmbedding"/> needs to take single steps, kept from step to step.</summary>
internal sealed class CharacterScratch
{
    private readonly Workspace _workspace = new();
    private SequenceLayout _layout = SequenceLayout.FromLengths();

    /// <summary>A pass of rows of one step each.</summary>
    public Pass Begin(int rows, int features, out SequenceBatch x)
    {
        _workspace.Reset();
        if (_layout.Sequences != rows) _layout = SequenceLayout.Uniform(rows, 1);
        x = _workspace.Rent(_layout, features);
        return new Pass(_workspace, ThreadTeam.Default, new Rng(0), Training: false) { InferenceOnly = true };
    }
}
