using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.PyTorch;

//  embedding      nn.Embedding(V, E)                                weight [V, E]
//  recurrent      nn.LSTM, nn.GRU (gru-after), nn.RNN               weight_ih_l0 …, as they are
//  dense, tied    nn.Linear(I, O)                                   weight [O, I], bias [O]
//  convolution    nn.Linear and ReLU where it sees one step,        weight [F, I]
//                 else nn.Conv1d(I, F, W, padding=⌊W/2⌋) and ReLU    weight [F, I, W] of our [F, W · I]
//  layer norm     nn.LayerNorm(n)                                   weight [n], bias [n]

/// <summary>What becomes of one layer.</summary>
/// <param name="Spec">The layer.</param>
/// <param name="Outputs">Its features.</param>
internal sealed record StateDictLayer(LayerSpec Spec, int Outputs)
{
    /// <summary>The module in Python; null: there is none, and nothing to keep.</summary>
    public string? Module { get; private init; }

    /// <summary>What the module alone does not say; null: nothing.</summary>
    public string? Note { get; private init; }

    private string? Table { get; init; }

    /// <summary>From a layer and the features that it is given.</summary>
    /// <exception cref="UserErrorException">PyTorch has no such module.</exception>
    internal static StateDictLayer Of(LayerSpec layer, int inputs, ModelFile model) => layer switch
    {
        EmbeddingSpec e => new(layer, e.Size) { Module = $"nn.Embedding({e.Vocabulary}, {e.Size})" },
        RecurrentSpec r => Recurrent(r, inputs, model),
        DenseSpec d => new(layer, d.Outputs) { Module = $"nn.Linear({inputs}, {d.Outputs})" },
        TiedSpec t => new(layer, model.Spec.EmbeddingOf(t).Vocabulary)
        {
            Module = $"nn.Linear({inputs}, {model.Spec.EmbeddingOf(t).Vocabulary})", Table = t.Embedding,
            Note = $"'{t.Name}' has the weight of '{t.Embedding}', which PyTorch keeps the same only by self.{t.Name}.weight = " +
                $"self.{t.Embedding}.weight.",
        },
        ConvolutionSpec { Width: 1 } c => new(layer, c.Filters) { Module = $"nn.Linear({inputs}, {c.Filters})", Note = $"relu follows '{c.Name}'." },
        ConvolutionSpec c when c.Width % 2 == 1 => new(layer, c.Filters)
        {
            Module = $"nn.Conv1d({inputs}, {c.Filters}, {c.Width}, padding={c.Width / 2})",
                Note = $"relu follows '{c.Name}', which takes [features, steps].",
        },
        LayerNormSpec norm => new(layer, inputs)
        {
            Module = $"nn.LayerNorm({inputs}{(norm.Epsilon == 1e-5 ? "" : FormattableString.Invariant($", eps={norm.Epsilon:R}"))})",
        },
        DropoutSpec => new(layer, inputs),
        LastStepSpec or LastStatesSpec or MeanPoolSpec or MaxPoolSpec or CenterStepSpec or StepPoolSpec => new(layer, inputs) { Note = Said(layer) },
        FlattenSpec f => new(layer, f.Steps * inputs) { Note = $"the {f.Steps} steps of a sequence lie side by side above '{f.Name}', zeros after " +
            $"its end." },
        _ => throw new UserErrorException($"'{model.Name}': PyTorch has no module for its layer '{layer.Name}' ({Kind(layer)}); write it as ONNX."),
    };

    /// <summary>The tensors of the module, each with the parameter that it is.</summary>
    internal IEnumerable<(string Name, Parameter Source)> Tensors(Network network)
    {
        foreach (Parameter parameter in network.Parameters.All)
            if (Owner(network.Spec, parameter.Name) == Spec)
            {
                if (Table is not null) yield return ($"{Spec.Name}.weight", network.Parameters.Find($"{Table}.weight")!);
                yield return (parameter.Name, parameter);
            }
    }

    /// <summary>A tensor in the module's layout.</summary>
    internal Tensor Shaped(string name, Parameter source)
    {
        if (Spec is not ConvolutionSpec { Width: > 1 } c || source.Shape.Length < 2) return Tensor.Of(name, source.Shape, source.Values);
        int inputs = source.Shape[1] / c.Width;
        float[] values = new float[source.Length];
        for (int f = 0; f < c.Filters; f++)
            for (int w = 0; w < c.Width; w++)
                for (int i = 0; i < inputs; i++) values[(f * inputs + i) * c.Width + w] = source.Values[(f * c.Width + w) * inputs + i];
        return Tensor.Of(name, [c.Filters, inputs, c.Width], values);
    }

    // Of layers a and a.b the second has a.b.weight.
    private static LayerSpec? Owner(NetworkSpec spec, string parameter) => spec.Layers
        .Where(layer => parameter.StartsWith($"{layer.Name}.", StringComparison.Ordinal)).MaxBy(layer => layer.Name.Length);

    private static StateDictLayer Recurrent(RecurrentSpec r, int inputs, ModelFile model)
    {
        CellOptions cell = r.Cell;
        string? of = cell.Kind switch { "lstm" => "LSTM", "gru-after" => "GRU", "rnn" => "RNN", _ => null };
        string? why = of is null ? $"its cell {cell.Kind} is none of PyTorch's" + (cell.Kind == "gru" ? ", whose GRU resets after the product" : "")
            : cell.Peepholes ? "it has peepholes" : cell.Coupled ? "its gates are coupled" : cell.CellClip is not null || cell.GateClip is not null
                ? "it clips"
            : r.Direction == Direction.Reverse ? "it reads from the end alone"
            : r.Direction == Direction.Bidirectional && r.Merge != Merge.Concatenate ? "its directions are not concatenated"
            : r.InitialState != InitialState.Zero ? "it begins with a state of its own" : null;
        if (why is not null)
            throw new UserErrorException($"'{model.Name}': PyTorch has no module for its recurrent layers '{r.Name}', because {why}; write it as " +
                $"ONNX.");
        string more = (r.Layers > 1 ? $", num_layers={r.Layers}" : "") + (r.Direction == Direction.Bidirectional ? ", bidirectional=True" : "")
            + (cell.Projection is { } rows ? $", proj_size={rows}" : "") + (cell.Activation == "relu" ? ", nonlinearity='relu'" : "");
        return new(r, (cell.Projection ?? r.Hidden) * (r.Direction == Direction.Bidirectional ? 2 : 1))
        {
            Module = $"nn.{of}({inputs}, {r.Hidden}{more}, batch_first=True)",
        };
    }

    private static string Said(LayerSpec layer) => layer switch
    {
        LastStepSpec => $"above '{layer.Name}' each sequence has its last step alone: y[:, -1].",
        LastStatesSpec => $"above '{layer.Name}' each sequence has the forward direction's last step and the other's first: y[:, -1, :h], y[:, 0, " +
            $"h:].",
        MeanPoolSpec => $"above '{layer.Name}' each sequence has the mean of its steps: y.mean(1).",
        MaxPoolSpec => $"above '{layer.Name}' each sequence has the largest of its steps: y.amax(1).",
        CenterStepSpec => $"above '{layer.Name}' each sequence has its middle step: y[:, y.shape[1] // 2].",
        StepPoolSpec pool => $"above '{layer.Name}' {pool.Steps} steps become one, the largest: nn.MaxPool1d({pool.Steps}, ceil_mode=True).",
        _ => "",
    };

    private static string Kind(LayerSpec layer) => layer switch
    {
        ConvolutionSpec c => $"a convolution of {c.Width} steps, an even number",
        AttentionPoolSpec => "attention over the steps",
        WideSpec => "weights for places",
        CrfSpec => "a conditional random field",
        CharacterSpec => "words with their characters",
        TailProjectionSpec => "a table for the last features",
        _ => layer.GetType().Name.Replace("Spec", "", StringComparison.Ordinal),
    };
}
