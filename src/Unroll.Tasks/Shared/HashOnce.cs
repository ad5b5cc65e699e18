using Unroll.Core;
using Unroll.Formats;

namespace Unroll.Tasks.Shared;

/// <summary>
/// The hash of a model's weights, computed again only when they have changed: a session asks for it, and a server begins thousands.
/// </summary>
internal sealed class HashOnce
{
    private readonly Lock _gate = new();
    private (ParameterStore Weights, long Version)[] _hashed = [];
    private string _hash = "";

    /// <summary>The hash of the weights of all members, as <see cref="Ensemble.WeightsSha256"/> computes it.</summary>
    /// <param name="model">The model that this belongs to.</param>
    public string Of(ITaskModel model)
    {
        IReadOnlyList<ITaskModel> members = model.Members;
        lock (_gate)
        {
            bool same = _hashed.Length == members.Count;
            for (int k = 0; same && k < members.Count; k++) same = _hashed[k] == (members[k].Parameters, members[k].Parameters.Version);
            if (same) return _hash;
            _hashed = [.. members.Select(member => (member.Parameters, member.Parameters.Version))];   // before it: a change meanwhile is new
            return _hash = Ensemble.WeightsSha256(model);
        }
    }
}
