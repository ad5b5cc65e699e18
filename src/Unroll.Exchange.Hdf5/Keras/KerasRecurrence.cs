using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>
/// One of Keras's recurrent layers as ours. Keras runs a layer that goes backwards over the sequence from its end and leaves the outputs in that
/// order: our reverse layer, whose outputs lie at their steps, and a flip. Its last output is where it ends: at our first step.
/// </summary>
internal sealed class KerasRecurrence(KerasLayer layer, int index, KerasTensors tensors, KerasVersion version, List<LayerSpec> into,
    int features, Action<KerasLayer, string> note)
{
    /// <summary>Adds the layers.</summary>
    /// <param name="masked">Whether steps are masked.</param>
    public void Add(bool masked)
    {
        if (layer.Class == "Bidirectional") AddBoth();
        else AddOne(masked);
    }

    private void AddOne(bool masked)
    {
        bool sequences = layer.Flag("return_sequences", false), backwards = layer.Flag("go_backwards", false);
        ReadRest(layer);
        IReadOnlyList<(KerasCell Cell, string Part)> cells = Cells(layer);
        Direction direction = backwards ? Direction.Reverse : Direction.Forward;
        int reads = features;
        foreach ((int k, (KerasCell cell, string part)) in cells.Index())
        {
            string name = cells.Count == 1 ? layer.Name : $"{layer.Name}.{k}";
            KerasCell sure = tensors.Recurrent(layer, index, part, cell, name, reverse: backwards, reads);
            reads = cell.Units;
            into.Add(new RecurrentSpec { Name = name, Cell = sure.Options, Hidden = cell.Units, Direction = direction });
        }
        if (backwards) into.Add(new FlipSpec { Name = $"{layer.Name}.flip" });
        if (!sequences) into.Add(new LastStepSpec { Name = $"{layer.Name}.last" });
        if (backwards && sequences && masked)
            note(layer, "it leaves its outputs from the last step to the first, and Keras has those of masked steps among "
                + "them; here they are left out");
    }

    //  y = merge(→h, ←h); without return_sequences what each direction ends with
    private void AddBoth()
    {
        KerasLayer forward = layer.Part("layer"), backward = layer.Element("backward_layer") is null ? forward : layer.Part("backward_layer");
        bool given = !ReferenceEquals(forward, backward);
        ReadRest(forward);
        if (given) ReadRest(backward);
        if (forward.Flag("go_backwards", false) || (given && !backward.Flag("go_backwards", false)))
            throw layer.Refused("its forward layer goes backwards, or its backward layer forwards", "build it the other way round");
        bool sequences = forward.Flag("return_sequences", false);
        if (given && backward.Flag("return_sequences", false) != sequences)
            throw layer.Refused("its two layers differ in return_sequences", "save the model again");
        IReadOnlyList<(KerasCell Cell, string Part)> one = Cells(forward), other = Cells(backward);
        if (one.Count > 1 || other.Count > 1)
            throw layer.Refused("each of its directions is a stack of cells, and Unroll joins the directions of every layer",
                "build a Bidirectional layer of each cell, or export it to ONNX and use 'unroll run'");
        (KerasCell first, KerasCell second) = (one[0].Cell, other[0].Cell);
        Merge merge = MergeOf();
        KerasCell sure = tensors.Recurrent(layer, index, $"forward_layer/{one[0].Part}", first, layer.Name, reverse: false, features);
        KerasCell alike = tensors.Recurrent(layer, index, $"backward_layer/{other[0].Part}", second, layer.Name, reverse: true,
            features > 0 ? features : tensors.FirstInputs);
        if (sure.Options != alike.Options || sure.Units != alike.Units)
            throw layer.Refused($"its backward layer has {alike.Units} units of {alike.Options.Kind} and its forward layer {sure.Units} of "
                + $"{sure.Options.Kind}, and Unroll's two directions are alike", "give both the same cell and units, or export it to ONNX");
        into.Add(new RecurrentSpec
        {
            Name = layer.Name, Cell = sure.Options, Hidden = first.Units, Direction = Direction.Bidirectional,
            Merge = sequences ? merge : Merge.Concatenate,
        });
        if (!sequences) into.Add(new LastStatesSpec { Name = $"{layer.Name}.last", Merge = merge });
        Unknown(forward);
        if (given) Unknown(backward);
    }

    private Merge MergeOf() => layer.Has("merge_mode") ? layer.Text("merge_mode") switch
    {
        "concat" => Merge.Concatenate,
        "sum" => Merge.Sum,
        "ave" => Merge.Average,
        "mul" => Merge.Multiply,
        null => throw layer.Refused("its merge_mode is None, so that it has two outputs", "use concat, sum, ave or mul"),
        var other => throw layer.Refused($"its merge_mode is '{other}'", "use concat, sum, ave or mul"),
    } : Merge.Concatenate;

    // The cells of a layer from the bottom up, and where their variables lie below it.
    private List<(KerasCell Cell, string Part)> Cells(KerasLayer of)
    {
        if (KerasCell.Of(of, version) is { } own) return [(own, "cell")];
        if (of.Class != "RNN") throw layer.Refused($"it holds a layer of the class {of.Class}", "use LSTM, GRU, SimpleRNN or RNN");
        KerasLayer cell = of.Part("cell");
        Unknown(cell);
        if (cell.Class != "StackedRNNCells") return [(CellOf(cell), "cell")];
        Dictionary<string, int> counts = [];
        List<(KerasCell, string)> cells = [];
        foreach (KerasLayer one in cell.Parts("cells"))
        {
            string name = CountedWeights.Snake(one.Class);
            int k = counts[name] = counts.GetValueOrDefault(name, -1) + 1;
            cells.Add((CellOf(one), $"cell/cells/{name}{(k == 0 ? "" : FormattableString.Invariant($"_{k}"))}"));
            Unknown(one);
        }
        return cells.Count > 0 ? cells : throw layer.Refused("its stack has no cell", "save the model again");
    }

    private KerasCell CellOf(KerasLayer cell) => KerasCell.Of(cell, version)
        ?? throw layer.Refused($"its cell is of the class {cell.Class}", "use LSTMCell, GRUCell, SimpleRNNCell or StackedRNNCells");

    // Where a layer's states go is what a graph shows; here its own output is what counts.
    private void ReadRest(KerasLayer of)
    {
        of.Flag("return_state", false);
        of.Flag("zero_output_for_mask", false);
        if (of.Flag("time_major", false))
            throw layer.Refused("it reads steps first and then sequences (time_major)", "build it with time_major=False");
        if (of.Flag("stateful", false))
            note(layer, "it is stateful: Keras goes on from the state of the batch before; here a sequence begins at zero");
    }

    private void Unknown(KerasLayer of)
    {
        foreach (string setting in of.Unknown().Where(setting => setting is not ("cells" or "cell")))
            note(layer, $"the setting '{setting}' of its {of.Class} is not known here and was left out of account");
    }
}
