using Unroll.Core;
using Unroll.Tasks;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Models;

/// <summary>
/// The models that are served, by name. One of the same name takes the place of the one before, which keeps its sessions until the last of them ends.
/// </summary>
/// <remarks>Safe for use by several threads, while requests run.</remarks>
public sealed class ModelList
{
    private const int LongestName = 100;
    private readonly ServingParts _parts;
    private readonly Lock _gate = new();
    private readonly List<ServedModel> _all = [];

    internal ModelList(ServingParts parts) => _parts = parts;

    /// <summary>Those that take new sessions, by name.</summary>
    public IReadOnlyList<ServedModel> Current
    {
        get
        {
            lock (_gate) return [.. _all.Where(model => !model.Retired).OrderBy(model => model.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>All, with those that only have sessions to end.</summary>
    public IReadOnlyList<ServedModel> All
    {
        get
        {
            lock (_gate) return [.. _all];
        }
    }

    /// <summary>Opens a model file and serves it; one of the same name is replaced, unless it has the same weights.</summary>
    /// <param name="name">What requests call it: letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">It is no model, or the name is none.</exception>
    public ServedModel Load(string name, string path) => Add(name, TaskList.Open(path));

    /// <summary>Serves a model; one of the same name is replaced, unless it has the same weights.</summary>
    /// <param name="name">As in <see cref="Load"/>.</param>
    /// <param name="model">The model; nobody trains or quantizes it from now on.</param>
    /// <exception cref="UserErrorException">The name is none.</exception>
    public ServedModel Add(string name, ITaskModel model)
    {
        RequireName(name, "a model's name");
        string weights = model.WeightsSha256;
        lock (_gate)
        {
            if (_all.Find(one => one.Name == name && one.Weights == weights) is { } there)
            {
                Retire(name, there);
                there.Retired = false;
                return there;
            }
            ServedModel served = new(name, model, _parts);
            _all.Add(served);
            ServingLog.Loaded(_parts.Log, name, weights);
            Retire(name, served);
            return served;
        }
    }

    /// <summary>Takes no new sessions for a model; those that it has go on until they end.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ServingException">There is none.</exception>
    public void Unload(string name)
    {
        lock (_gate)
        {
            Find(name);
            Retire(name, null);
        }
    }

    /// <summary>The model that takes new sessions under a name.</summary>
    /// <exception cref="ServingException">There is none.</exception>
    public ServedModel Find(string name)
    {
        lock (_gate)
            return _all.Find(model => model.Name == name && !model.Retired) ?? throw new ServingException(Refusal.NotFound,
                $"there is no model '{Shown(name)}'{NearestName.Question(Shown(name), Current.Select(model => model.Name))}.");
    }

    /// <summary>The model that takes new sessions under a name, with one more.</summary>
    /// <exception cref="ServingException">There is none.</exception>
    internal ServedModel Take(string name)
    {
        lock (_gate)
        {
            ServedModel model = Find(name);
            model.Count(1);
            return model;
        }
    }

    /// <summary>The model with some weights, of that name if there is one, with one more session.</summary>
    /// <exception cref="ServingException">None has them.</exception>
    internal ServedModel Take(string name, string weights)
    {
        lock (_gate)
        {
            ServedModel model = _all.Find(one => one.Weights == weights && one.Name == name) ?? _all.Find(one => one.Weights == weights)
                ?? throw new ServingException(Refusal.Conflict,
                    $"the session is of the model '{name}' with the weights {weights[..12]}…, which are not loaded; load that version again.");
            model.Count(1);
            return model;
        }
    }

    /// <summary>Throws unless a name is one: it never leaves its folder, and stands in an address as it is.</summary>
    internal static void RequireName(string name, string what)
    {
        if (name.Length is 0 or > LongestName || name[0] == '.' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            throw new ServingException(Refusal.Invalid,
                $"{what}: expected 1 to {LongestName} letters, digits, '.', '_' or '-', and no '.' first, got '{Shown(name)}'.");
    }

    /// <summary>A session has left memory: a retired model without any is let go.</summary>
    internal void Release(ServedModel model)
    {
        lock (_gate)
            if (model.Count(-1) == 0 && model.Retired) LetGo(model);
    }

    /// <summary>Ends all loops, and waits until what had come is done.</summary>
    internal void Close()
    {
        IReadOnlyList<ServedModel> all = All;
        foreach (ServedModel model in all) model.Loop.Close();
        foreach (ServedModel model in all) model.Loop.Join();
    }

    private void Retire(string name, ServedModel? but)
    {
        foreach (ServedModel old in _all.Where(one => one.Name == name && one != but).ToArray())
        {
            old.Retired = true;
            if (old.Sessions == 0) LetGo(old);
        }
    }

    private void LetGo(ServedModel model)
    {
        _all.Remove(model);
        model.Loop.Close();
    }

    private static string Shown(string name) => name.Length > 40 ? name[..40] + "…" : name;
}
