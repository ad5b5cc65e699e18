using System.Globalization;
using Unroll.Core;

namespace Unroll.Exchange.PyTorch;

/// <summary>
/// Finds the tensors in what a checkpoint holds: dictionaries by their keys, whole modules by their parameters, buffers and submodules, everything
/// else by its attributes. The state of an optimizer has the weights' shapes and is left out.
/// </summary>
/// <param name="name">What errors call the file.</param>
internal sealed class ModuleWalk(string name)
{
    private const int MostPlaces = 200_000, Deepest = 200;
    private readonly HashSet<object> _above = new(ReferenceEqualityComparer.Instance);
    private int _places;

    /// <summary>Every tensor with its name, keys joined by dots.</summary>
    internal List<(string Name, PyTensor View)> Tensors { get; } = [];

    /// <summary>Tensors that are not read, each with its kind.</summary>
    internal List<(string Name, string Kind)> Unread { get; } = [];

    /// <summary>How many tensors belong to the state of an optimizer.</summary>
    internal int OfOptimizers { get; private set; }

    /// <summary>
    /// Classes of modules by the name of the module, of whole modules alone; and what kind of nonlinearity an <c>nn.RNN</c> or which ε a norm has.
    /// </summary>
    internal Dictionary<string, (string Class, string? Mode)> Modules { get; } = [];

    internal void Visit(object? value, string path) => Visit(value, path, optimizer: false);

    private void Visit(object? value, string path, bool optimizer)
    {
        if (value is null or bool or long or double or string or byte[] or PyGlobal or PyStorage or PySet or PyInteger) return;
        if (++_places > MostPlaces)
            throw new UserErrorException($"'{name}': what it holds unfolds to more than {MostPlaces:N0} places; save the state_dict alone.");
        switch (value)
        {
            case PyTensor or PyUnread when optimizer: OfOptimizers++; return;
            case PyTensor tensor: Tensors.Add((path, tensor)); return;
            case PyUnread other: Unread.Add((path, other.Kind)); return;
        }
        if (_above.Count >= Deepest) throw new UserErrorException($"'{name}': what it holds is nested deeper than {Deepest}; save the state_dict " +
            $"alone.");
        if (!_above.Add(value)) return;                      // it holds itself, such as a module that knows its trainer
        switch (value)
        {
            case PyDict dictionary: Entries(dictionary, path, optimizer || (dictionary.Has("state") && dictionary.Has("param_groups"))); break;
            case PyList list: Items(list.Items, path, optimizer); break;
            case PyTuple tuple: Items(tuple.Items, path, optimizer); break;
            case PyBox { State: PyDict state } box when state["_parameters"] is PyDict && state["_modules"] is PyDict: Module(box.Of, state, path,
                optimizer); break;
            case PyBox box: Box(box, path, optimizer || box.Of.Module.StartsWith("torch.optim", StringComparison.Ordinal)); break;
        }
        _above.Remove(value);
    }

    private void Entries(PyDict dictionary, string path, bool optimizer)
    {
        foreach ((object? key, object? value) in dictionary.Pairs)
        {
            string own = key switch { string text => text, long number => $"{number}", _ => "?" };
            Visit(value, Joined(path, own), optimizer || own.StartsWith("optim", StringComparison.OrdinalIgnoreCase));
        }
    }

    private void Items(IReadOnlyList<object?> items, string path, bool optimizer)
    {
        for (int i = 0; i < items.Count; i++) Visit(items[i], Joined(path, $"{i}"), optimizer);
    }

    private void Module(PyGlobal of, PyDict state, string path, bool optimizer)
    {
        Modules[path] = (of.Full, (state["mode"] ?? state["nonlinearity"]) as string
            ?? (state["eps"] is double epsilon ? epsilon.ToString("R", CultureInfo.InvariantCulture) : null));
        Visit(state["_parameters"], path, optimizer);
        Visit(state["_buffers"], path, optimizer);
        Visit(state["_modules"], path, optimizer);
        foreach ((object? key, object? value) in state.Pairs)      // tensors that are no parameters: PyTorch's state_dict has none of them either
            if (value is PyTensor or PyUnread) Visit(value, Joined(path, $"{key} (attribute)"), optimizer);
    }

    private void Box(PyBox box, string path, bool optimizer)
    {
        if (box.State is not null) Visit(box.State, path, optimizer);
        if (box.Entries is not null) Visit(box.Entries, path, optimizer);
        if (box.Items is not null) Visit(box.Items, path, optimizer);
        if (box.Arguments is PyTuple given) Items(given.Items, path, optimizer);
    }

    private static string Joined(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
