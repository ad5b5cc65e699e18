using System.Globalization;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Importing;

/// <summary>
/// Makes a network of a file of weights: modules are found by their tensors, put in order by their shapes, and copied. Every tensor is used or named.
/// </summary>
public static class ModuleImport
{
    /// <summary>Makes the network.</summary>
    /// <param name="file">The weights.</param>
    /// <param name="options">What the file does not say; null: nothing more is known.</param>
    /// <exception cref="UserErrorException">
    /// There is no recurrent module, one is not whole, or the order is not clear; the message lists the modules and says what to name.
    /// </exception>
    public static ImportedNetwork Read(WeightsFile file, ImportOptions? options = null)
    {
        options ??= new ImportOptions();
        if (options.GruReset is not null) throw new UserErrorException($"gru-reset: '{file.Name}' is no ONNX graph; leave it out.");
        List<string> notes = [];
        (List<FoundModule> modules, List<string> unused) = ModuleFinder.Find(file, options, notes);
        IReadOnlyList<ModuleChain.Place> chain = ModuleChain.Of(file, modules, options);
        foreach (FoundModule left in modules.Where(module => chain.All(place => place.Module != module)))
            unused.AddRange(left.Tensors.Values.Select(tensor => tensor.Name));
        unused.AddRange(file.Others);
        List<(LayerSpec Layer, FoundModule? Module)> layers = Layers(file, chain, options, notes);
        bool embeds = chain[0].Embeds;
        NetworkSpec spec = new(embeds ? 1 : chain[0].Module.Inputs, [.. layers.Select(one => one.Layer)]);
        Network network = Network.Build(spec);
        Dictionary<string, Tensor> sources = [];
        foreach ((LayerSpec layer, FoundModule? module) in layers)
            if (module is not null) Copy(file, network, layer, module, sources);
        if (file.OfOptimizers > 0) notes.Add($"{file.OfOptimizers} tensors are the state of an optimizer and were left out.");
        notes.AddRange(WithoutWeights(file, options));
        notes.AddRange(Unsaid(file, options, chain.Count));
        return new ImportedNetwork(network, file.Format, sources, unused, notes);
    }

    private static List<(LayerSpec, FoundModule?)> Layers(
        WeightsFile file, IReadOnlyList<ModuleChain.Place> chain, ImportOptions options, List<string> notes)
    {
        List<(LayerSpec, FoundModule?)> layers = [];
        HashSet<string> names = [];
        int last = chain.Count - 1 - chain.Reverse().TakeWhile(place => place.Module.Kind != ModuleKind.Recurrent).Count();
        for (int i = 0; i < chain.Count; i++)
        {
            FoundModule module = chain[i].Module;
            string name = module.Name.Length > 0 ? module.Name : module.Kind == ModuleKind.Recurrent ? "recurrent" : "linear";
            names.Add(name);
            layers.Add((module.Kind switch
            {
                ModuleKind.Recurrent => module.Weights!.Spec with { Name = name },
                ModuleKind.Norm => Norm(file, module, name, notes),
                _ when chain[i].Embeds => new EmbeddingSpec { Name = name, Vocabulary = module.Outputs, Size = module.Inputs },
                _ when i == chain.Count - 1 => Last(module, name, chain[0]),
                _ => Inner(file, module, name, options),
            }, module));
            if (i == last && Pool(file, module, options, names) is { } pool) layers.Add((pool, null));
        }
        bool scores = chain[0].Embeds && chain[^1].Module.Outputs == chain[0].Module.Outputs;      // of the next symbol, at every step
        if (options.Pooling is null && last < chain.Count - 1 && !scores)
            notes.Add("the file does not say whether the outputs of all steps are read or those of the last one; each step has a row (the option " +
                "pooling).");
        return layers;
    }

    // Numbers that are the embedding's own are tied to it, so that they stay so when the network is trained on.
    private static LayerSpec Last(FoundModule module, string name, ModuleChain.Place first) =>
        first.Embeds && module.Tensors["weight"] is var own && first.Module.Tensors["weight"] is var table
        && own.Type == table.Type && own.Shape.SequenceEqual(table.Shape) && own.Bytes.SequenceEqual(table.Bytes)
            ? new TiedSpec { Name = name, Embedding = first.Module.Name } : new DenseSpec { Name = name, Outputs = module.Outputs };

    private static LayerSpec Inner(WeightsFile file, FoundModule module, string name, ImportOptions options) => options.Between switch
    {
        "none" => new DenseSpec { Name = name, Outputs = module.Outputs },
        "relu" => new ConvolutionSpec { Name = name, Filters = module.Outputs, Width = 1 },         // max(0, W x + b)
        null => throw new UserErrorException($"'{file.Name}': another module follows the linear module '{module.Called}', and weights do not say " +
            $"what lies " +
            "between them; say so by the option between: relu, or none."),
        var other => throw new UserErrorException($"between: expected none or relu, got '{other}'."),
    };

    private static LayerSpec? Pool(WeightsFile file, FoundModule module, ImportOptions options, HashSet<string> names)
    {
        string name = "pooling";
        while (!names.Add(name)) name += "-";
        bool both = module.Weights!.Spec.Direction == Direction.Bidirectional;
        return options.Pooling switch
        {
            null or "none" => null,
            "last" => new LastStepSpec { Name = name },
            "states" when both => new LastStatesSpec { Name = name },
            "states" => new LastStepSpec { Name = name },
            "mean" => new MeanPoolSpec { Name = name },
            "max" => new MaxPoolSpec { Name = name },
            var other => throw new UserErrorException($"pooling: expected none, last, states, mean or max, got '{other}'."),
        };
    }

    private static void Copy(WeightsFile file, Network network, LayerSpec layer, FoundModule module, Dictionary<string, Tensor> sources)
    {
        if (layer is RecurrentSpec)
        {
            module.Weights!.CopyInto(network.Parameters, layer.Name);
            foreach ((string own, Tensor tensor) in module.Tensors)
                sources.Add($"{layer.Name}.{own}{(own.Contains("_l", StringComparison.Ordinal) ? "" : "_l0")}", tensor);
            return;
        }
        using Edit edit = network.Parameters.Edit();
        foreach ((string own, Tensor tensor) in module.Tensors)
        {
            if (layer is TiedSpec && own == "weight") continue;          // the embedding's
            Parameter parameter = network.Parameters.Find($"{layer.Name}.{own}")!;
            Span<float> into = edit.Of(parameter);
            if (tensor.Type == TensorType.F32) tensor.Float32.CopyTo(into);
            else for (int i = 0; i < into.Length; i++) into[i] = (float)tensor.Float64[i];
            for (int i = 0; i < into.Length; i++)
                if (!float.IsFinite(into[i]))
                    throw new UserErrorException($"'{file.Name}': tensor '{tensor.Name}' {tensor.ShapeText}, element {i} is {into[i]} as a float; " +
                        $"expected " +
                        "finite numbers: what wrote it had diverged; use an earlier file.");
            sources.Add(parameter.Name, tensor);
        }
    }

    private static LayerNormSpec Norm(WeightsFile file, FoundModule module, string name, List<string> notes)
    {
        if (file.Modules.TryGetValue(module.Name, out var said) && double.TryParse(said.Mode, CultureInfo.InvariantCulture, out double epsilon))
            return new LayerNormSpec { Name = name, Epsilon = epsilon };
        notes.Add($"'{name}' is read as layer normalization with ε = 1e-5; weights say neither ε nor that it is not a group or an instance norm.");
        return new LayerNormSpec { Name = name };
    }

    // What has no weights is in no state_dict, and what a class of the file's own computes is in code that is not in the file.
    private static IEnumerable<string> Unsaid(WeightsFile file, ImportOptions options, int modules)
    {
        string[] own = [.. file.Modules.Where(module => module.Key.StartsWith(options.Prefix ?? "", StringComparison.Ordinal)
            && !module.Value.Class.StartsWith("torch.", StringComparison.Ordinal)).Select(module => module.Value.Class).Distinct()];
        if (own.Length > 0)
            yield return $"what {string.Join(", ", own)} compute{(own.Length == 1 ? "s" : "")} is code that is not in the file: the network is made "
                + "of the modules that its tensors look like; compare its outputs with your program's.";
        else if (file.Modules.Count == 0 && modules > 1)
            yield return "weights do not say what has none: activations, sums and scales between modules are not in the network; compare its outputs "
                + "with your program's.";
    }

    // Only a whole module says what it has beside weights; what does nothing when a network runs is not worth a word.
    private static IEnumerable<string> WithoutWeights(WeightsFile file, ImportOptions options)
    {
        string[] others = [.. file.Modules.Where(module => module.Value.Class.StartsWith("torch.nn.modules.", StringComparison.Ordinal)
            && !(options.Between == "relu" && module.Value.Class.EndsWith(".ReLU", StringComparison.Ordinal))
            && module.Value.Class.Split('.')[3] is not ("linear" or "rnn" or "sparse" or "container" or "dropout" or "loss" or "module")
            && !file.Tensors.Any(tensor => tensor.Name.StartsWith($"{module.Key}.", StringComparison.Ordinal))
            && module.Key.StartsWith(options.Prefix ?? "", StringComparison.Ordinal)).Select(module =>
                $"{module.Key} ({module.Value.Class.Split('.')[^1]})")];
        if (others.Length > 0)
            yield return $"modules without weights were not carried over, see the options between and pooling: {string.Join(", ", others)}.";
    }
}
