using Unroll.Core;

namespace Unroll.Exchange.Importing;

/// <summary>Puts modules into the order in which numbers go through them: the one order that their shapes allow, or the one that was named.</summary>
internal static class ModuleChain
{
    private const int MostModules = 12;

    /// <summary>A module's place.</summary>
    /// <param name="Module">The module.</param>
    /// <param name="Embeds">Whether it is the embedding.</param>
    internal readonly record struct Place(FoundModule Module, bool Embeds);

    /// <summary>The order.</summary>
    /// <param name="file">For errors.</param>
    /// <param name="modules">What was found.</param>
    /// <param name="options">What was named.</param>
    /// <exception cref="UserErrorException">There is no order, or more than one; lists the modules and says which options name them.</exception>
    internal static IReadOnlyList<Place> Of(WeightsFile file, IReadOnlyList<FoundModule> modules, ImportOptions options)
    {
        FoundModule[] recurrent = Named(file, modules, "recurrent", options.Recurrent, module => module.Kind == ModuleKind.Recurrent);
        FoundModule[] heads = options.Heads is [ImportOptions.None] ? [] : Named(file, modules, "head", options.Heads, module =>
            module.Kind != ModuleKind.Recurrent);
        FoundModule[] embedding = options.Embedding is null or ImportOptions.None ? []
            : Named(file, modules, "embedding", [options.Embedding], module => module.Kind == ModuleKind.Matrix && !module.HasBias);
        if (modules.All(module => module.Kind != ModuleKind.Recurrent))
            throw new UserErrorException($"'{file.Name}' has no recurrent module: no tensor is called weight_ih_l0 or weight_ih" +
                $"{(options.Prefix is { } p ? $" under the prefix '{p}'" : "")}; it has {List(modules)}.");
        IEnumerable<FoundModule> taken = options.Recurrent.Count > 0 ? recurrent : modules.Where(module => module.Kind == ModuleKind.Recurrent);
        if (options.Heads.Count > 0) taken = taken.Concat(heads);
        else taken = taken.Concat(modules.Where(module => module.Kind != ModuleKind.Recurrent));
        FoundModule[] all = [.. taken.Concat(embedding).Distinct()];
        if (options.Heads.Count > 0 && options.Embedding is null)                     // heads are named, and the embedding may be any of the rest
            all = [.. all.Concat(modules.Where(module => module.Kind == ModuleKind.Matrix && !module.HasBias)).Distinct()];
        if (all.Length > MostModules)
            throw Choose(file, modules, $"'{file.Name}' has {all.Length} modules, too many to try every order");
        Search search = new(all, recurrent, heads, embedding.FirstOrDefault(), options);
        search.From([], null);
        return search.Found.Count switch
        {
            1 => search.Found[0],
            0 => throw Choose(file, modules, $"'{file.Name}' has modules that do not fit on each other in any order"),
            _ => throw Choose(file, modules, $"'{file.Name}' has modules that fit on each other in several orders, {Order(search.Found[0])} or " +
                $"{Order(search.Found[1])}"),
        };
    }

    private static FoundModule[] Named(
        WeightsFile file, IReadOnlyList<FoundModule> modules, string option, IReadOnlyList<string> names, Func<FoundModule, bool> fits) =>
        [.. names.Select(name => modules.FirstOrDefault(module => (module.Name == name || module.Called == name)
            && fits(module)) ?? throw new UserErrorException(
            $"{option}: '{file.Name}' has no such module " +
                $"'{name}'{NearestName.Question(name, modules.Where(fits).Select(module => module.Name), $"it has {List(modules)}.")}"))];

    private static UserErrorException Choose(WeightsFile file, IReadOnlyList<FoundModule> modules, string what) => new(
        $"{what}: {List(modules)}{(file.Modules.Count > 0 ? "" : "; the file does not say how they are connected")}; name those that belong to the " +
            $"network by the options " +
        "embedding, recurrent and head, each from input to output ('none' for no embedding or head), or one part of the file by prefix.");

    private static string List(IReadOnlyList<FoundModule> modules) => modules.Count == 0 ? "none" : string.Join(", ", modules.Select(module =>
        module.Text));

    private static string Order(IReadOnlyList<Place> chain) => string.Join(" → ", chain.Select(place => place.Module.Called));

    // All orders of all modules, at most two: that a second one exists is all that matters.
    private sealed class Search(FoundModule[] all, FoundModule[] recurrent, FoundModule[] heads, FoundModule? embedding, ImportOptions options)
    {
        private readonly bool _open = options.Heads.Count > 0 && options.Embedding is null;

        public List<IReadOnlyList<Place>> Found { get; } = [];

        public void From(List<Place> chain, int? features)
        {
            if (Found.Count > 1) return;
            if (IsWhole(chain))
            {
                Found.Add([.. chain]);
                return;
            }
            foreach (FoundModule module in all)
            {
                if (chain.Any(place => place.Module == module) || !InTurn(module, chain)) continue;
                bool embeds = chain.Count == 0 && Embeds(module);
                if (!embeds && features is { } before && module.Inputs != before) continue;
                if (embedding is not null && chain.Count == 0 && module != embedding) continue;
                if (_open && chain.Count == 0 && embeds && heads.Contains(module)) continue;
                chain.Add(new Place(module, embeds));
                From(chain, embeds ? module.Inputs : module.Outputs);
                chain.RemoveAt(chain.Count - 1);
            }
        }

        // A matrix without biases at the beginning is an embedding: a linear module there is named, by saying that there is no embedding.
        private bool Embeds(FoundModule module) => module.Kind == ModuleKind.Matrix && !module.HasBias && options.Embedding != ImportOptions.None
            && module.IsEmbedding != false && all.Length > 1;

        private bool IsWhole(List<Place> chain) => chain.Count == all.Length
            || (_open && chain.Count > 0 && recurrent.Concat(heads).Concat(all.Where(module => module.Kind == ModuleKind.Recurrent))
                .All(module => chain.Any(place => place.Module == module))
                && all.Where(module => !heads.Contains(module) && module.Kind == ModuleKind.Matrix).All(module => chain[0].Module == module
                    || !Begins(module, chain)));

        // Whether a matrix that is not in the chain could be its embedding.
        private bool Begins(FoundModule module, List<Place> chain) => Embeds(module) && !chain[0].Embeds && module.Inputs == chain[0].Module.Inputs;

        // Those that were named keep their order, and heads come after all recurrent modules.
        private bool InTurn(FoundModule module, List<Place> chain)
        {
            bool Before(FoundModule[] named) => Array.IndexOf(named, module) is var at && (at <= 0 || chain.Any(place =>
                place.Module == named[at - 1]));
            if (module.IsEmbedding == true && chain.Count > 0) return false;
            if (module.Kind == ModuleKind.Recurrent) return Before(recurrent) && !chain.Any(place => heads.Contains(place.Module));
            if (!heads.Contains(module)) return !_open || chain.Count == 0;
            return Before(heads) && all.Where(other => other.Kind == ModuleKind.Recurrent).All(other => chain.Any(place => place.Module == other));
        }
    }
}
