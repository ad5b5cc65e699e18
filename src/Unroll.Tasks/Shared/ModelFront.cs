using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>
/// The layers of a model with which models of other tasks may begin, because they say what a step is and not yet what it is for: the embedding, by
/// symbol, and the recurrent layers.
/// </summary>
/// <param name="Model">The model; one with one network.</param>
/// <param name="Symbols">The symbols of the embedding in the order of its rows, <c>&lt;unk&gt;</c> first; empty: there is none.</param>
/// <param name="Recurrent">The name of the recurrent layers.</param>
/// <param name="Reversed">Whether it reads from the end.</param>
public sealed record ModelFront(ITaskModel Model, IReadOnlyList<string> Symbols, string Recurrent, bool Reversed = false)
{
    /// <summary>What the tasks of this library call their embedding.</summary>
    public const string DefaultEmbedding = "embedding";

    private const int NamedSymbols = 5;
    private const string Backwards = "_reverse";

    /// <summary>The name of the embedding.</summary>
    public string Embedding { get; init; } = DefaultEmbedding;

    /// <summary>
    /// The name of the layer whose outputs are scores of <see cref="Symbols"/>, dense or tied to the embedding; null: there is none, or it is not to
    /// be taken.
    /// </summary>
    public string? Head { get; init; }

    /// <summary>Why no model can begin with these layers, in half a sentence; null: nothing speaks against it.</summary>
    public string? Unfit { get; init; }

    /// <summary>Other layers that come before the recurrent ones, such as a convolution.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    private ParameterStore Weights => Model.Parameters;

    /// <summary>Copies what fits into a new model, and says what was copied and what is new.</summary>
    /// <param name="to">The new model's; its weights are overwritten where they fit.</param>
    /// <param name="reversed">A model that reads from the end, for the weights that do; null: there is none.</param>
    /// <param name="note">Receives a line; null: nobody.</param>
    /// <exception cref="OptionException">Cell or units differ, nothing fits, or a model reads from the other end.</exception>
    internal void CopyTo(ModelFront to, ModelFront? reversed, Action<string>? note)
    {
        foreach ((ModelFront? own, string option) in new[] { (this, "from"), (reversed, "from-reverse") })
            if (own is not null) RequireFitting(own, to, option);
        List<string> copied = [], anew = [];
        using Edit edit = to.Weights.Edit();
        foreach (Parameter parameter in to.Weights.All)
        {
            if (RowsOf(parameter.Name, to) is { } table && table.Shape[1..].SequenceEqual(parameter.Shape[1..]))
            {
                int found = CopyRows(table, edit.Of(parameter), to);
                string left = copied.Count == 0 ? LeftOut(to) : "";
                if (found > 0) copied.Add(FormattableString.Invariant($"{parameter.Name} ({found:N0} of {to.Symbols.Count:N0} symbols{left})"));
                else anew.Add(parameter.Name + (Symbols.Count == 0 ? " (the symbols of its rows are not known: import it with a vocabulary)" : ""));
            }
            else if (Source(parameter.Name, to, reversed) is { } source && source.Shape.SequenceEqual(parameter.Shape))
            {
                source.Values.CopyTo(edit.Of(parameter));
                copied.Add(parameter.Name);
            }
            else anew.Add(parameter.Name);
        }
        if (copied.Count == 0)
            throw new OptionException("from",
                "none of its layers has the shape of one of the new model; give embedding, hidden and cell of that model.");
        string alone = reversed is null && anew.Any(name => name.EndsWith(Backwards, StringComparison.Ordinal))
            ? " (a model trained on reversed text, by the option from-reverse, would give those that read from the end)" : "";
        note?.Invoke($"from: copied {string.Join(", ", copied)}; new: {(anew.Count == 0 ? "nothing" : string.Join(", ", anew))}{alone}.");
    }

    private static void RequireFitting(ModelFront from, ModelFront to, string option)
    {
        if (from.Unfit is { } why) throw new OptionException(option, $"{why}; train a new model, or run the network as it is.");
        (TaskOptions has, TaskOptions asked) = (from.Model.Options, to.Model.Options);
        if (has.Cell != asked.Cell)
            throw new OptionException("cell", $"the model of the option {option} has {CellChoice.Beside(has.Cell, asked.Cell)}, and recurrent " +
                $"layers are copied into the same cell, got {CellChoice.Beside(asked.Cell, has.Cell)}; leave it out.");
        if (has.Hidden != asked.Hidden)
            throw new OptionException("hidden", $"the model of the option {option} has {has.Hidden}, and recurrent layers are copied into as many " +
                $"units, got {asked.Hidden}; leave it out.");
        if (from.Reversed != (option == "from-reverse"))
            throw new OptionException(option, from.Reversed ? "the model reads its text from the end; name it by the option from-reverse."
                : "the model reads its text from the beginning; train it with the option reverse.");
    }

    // A parameter of the new model whose rows stand for its symbols, and what they are copied from; a head that is tied has the embedding's rows.
    private Parameter? RowsOf(string name, ModelFront to)
    {
        if (name == $"{to.Embedding}.weight") return Weights.Find($"{Embedding}.weight");
        if (to.Head is null || Head is null) return null;
        return name == $"{to.Head}.weight" ? Weights.Find($"{Head}.weight") ?? Weights.Find($"{Embedding}.weight")
            : name == $"{to.Head}.bias" ? Weights.Find($"{Head}.bias") : null;
    }

    // Symbols of this model that the new one's data do not have: their rows are gone.
    private string LeftOut(ModelFront to)
    {
        string[] gone = [.. Symbols.Except(to.Symbols)];
        if (gone.Length == 0) return "";
        string named = string.Join("', '", gone.Take(NamedSymbols).Select(symbol => symbol.ReplaceLineEndings("\\n")));
        return FormattableString.Invariant($"; {gone.Length:N0} that the new data do not have were left out, '{named}'")
            + (gone.Length > NamedSymbols ? " …" : "");
    }

    private Parameter? Source(string name, ModelFront to, ModelFront? reversed)
    {
        if (to.Before.FirstOrDefault(layer => name.StartsWith($"{layer}.", StringComparison.Ordinal)) is { } before)
            return Before.Contains(before) ? Weights.Find(name) : null;
        if (!name.StartsWith($"{to.Recurrent}.", StringComparison.Ordinal)) return null;
        string own = name[(to.Recurrent.Length + 1)..];
        return own.EndsWith(Backwards, StringComparison.Ordinal) && reversed is not null
            ? reversed.Weights.Find($"{reversed.Recurrent}.{own[..^Backwards.Length]}")
            : Weights.Find($"{Recurrent}.{own}");
    }

    private int CopyRows(Parameter table, Span<float> into, ModelFront to)
    {
        Dictionary<string, int> places = Symbols.Select((symbol, place) => (symbol, place)).ToDictionary(one => one.symbol, one => one.place);
        int size = table.Length / table.Shape[0], found = 0;
        foreach ((int place, string symbol) in to.Symbols.Index())
        {
            if (!places.TryGetValue(symbol, out int at)) continue;
            table.Values.Slice(at * size, size).CopyTo(into.Slice(place * size, size));
            found++;
        }
        return found;
    }
}
