using Unroll.Cells;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// An encoder–decoder in double, forward and back, for one pair and without dropout: what its engine's gradients are held against. Derivation:
/// docs/gradients/encoder-decoder.md.
/// </summary>
public sealed class EncoderDecoderEquations
{
    private readonly EncoderDecoderSpec _spec;
    private readonly TextbookNetwork _encoder;
    private readonly AttentionEquations _attention;
    private readonly CellWeights[] _cells, _dCells;
    private readonly ICellEquations _cell;
    private readonly int _memory, _size, _each;
    private readonly Matrix _table, _dTable, _combine, _dCombine, _output, _dOutput, _bridge, _dBridge;
    private readonly Vector _bias, _dBias, _bridgeBias, _dBridgeBias;

    /// <summary>Finds the parameters.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="parameters">Values by the names in <see cref="EncoderDecoder.Parameters"/>; they are used, not copied.</param>
    /// <param name="cells">The cells that the description may name; null: the built-in ones.</param>
    public EncoderDecoderEquations(EncoderDecoderSpec spec, TextbookParameters parameters, CellCatalog? cells = null)
    {
        (_spec, _cell) = (spec, CellEquations.Of(spec.Cell, cells));
        _size = _cell.WidthOf(_cell.Output, spec.Hidden);
        _encoder = new TextbookNetwork(spec.Encoder, parameters, cells);
        _memory = _encoder.Layers[^1].Outputs;
        _attention = new AttentionEquations("decoder.attention", parameters, spec.Score, _size, _memory, spec.Hidden);
        _each = _cell.States.Sum(state => _cell.WidthOf(state, spec.Hidden));
        (_cells, _dCells) = (Layers(parameters.Values), Layers(parameters.Gradients));
        (_table, _dTable) = parameters.Matrix(
            spec.SharedTable ? "source.weight" : "decoder.embedding.weight", spec.TargetVocabulary, spec.Embedding);
        (_combine, _dCombine) = parameters.Matrix("decoder.combine.weight", _size, _memory + _size);
        (_output, _dOutput) = parameters.Matrix("decoder.output.weight", spec.TargetVocabulary, _size);
        (_bias, _dBias) = parameters.Vector("decoder.output.bias", spec.TargetVocabulary);
        (_bridge, _dBridge) = parameters.Matrix("bridge.weight", _each * spec.DecoderLayers, _memory);
        (_bridgeBias, _dBridgeBias) = parameters.Vector("bridge.bias", _each * spec.DecoderLayers);

        CellWeights[] Layers(IReadOnlyDictionary<string, double[]> from) => [.. Enumerable.Range(0, spec.DecoderLayers).Select(k => new CellWeights(
            from, "decoder.", $"l{k}", _cell, k > 0 ? _size : spec.Embedding + (spec.InputFeeding ? _size : 0), spec.Hidden))];
    }

    /// <summary>All steps.</summary>
    /// <param name="source">Source symbols; may be empty.</param>
    /// <param name="symbols">What the decoder is given: the beginning, then the target.</param>
    public EncoderDecoderRun Forward(IReadOnlyList<int> source, IReadOnlyList<int> symbols)
    {
        //  S = encoder(source)
        NetworkRun encoder = _encoder.Forward([.. source.Select(symbol => new Vector(symbol))]);
        IReadOnlyList<Vector> memory = encoder.Outputs;

        //  e = [h→⟨T⟩; h←⟨1⟩]      initial states = tanh(W e + b)
        int half = _memory / 2;
        Vector ends = memory.Count == 0 ? Vector.Zeros(_memory) : _spec.Bidirectional ? memory[^1].Part(0, half).Above(memory[0].Part(half, half))
            : memory[^1];
        Vector first = Functions.Tanh(_bridge * ends + _bridgeBias), attended = Vector.Zeros(_size);
        IReadOnlyDictionary<string, CarriedState>[] states = [.. _cells.Select((_, k) => FirstOf(first.Part(k * _each, _each)))];
        List<DecoderStep> steps = [];
        foreach (int symbol in symbols)
        {
            steps.Add(Step(symbol, attended, memory, states));
            attended = steps[^1].Attended;
        }
        return new EncoderDecoderRun(encoder, ends, first, steps);
    }

    /// <summary>Cross-entropy summed over the target's symbols and its end.</summary>
    /// <param name="source">Source symbols.</param>
    /// <param name="target">Target symbols, without those that begin and end it.</param>
    public double Loss(IReadOnlyList<int> source, IReadOnlyList<int> target) => Loss(Forward(source, [_spec.Begin, .. target]), target);

    /// <summary>Adds the gradients of <see cref="Loss(IReadOnlyList{int}, IReadOnlyList{int})"/>.</summary>
    /// <param name="source">Source symbols.</param>
    /// <param name="target">Target symbols, without those that begin and end it.</param>
    /// <param name="given">What the decoder is given at each step; null: the beginning, then the target.</param>
    /// <returns>The pair's steps, and every term of their gradients.</returns>
    public (EncoderDecoderRun Run, EncoderDecoderGradient Gradient) AddGradients(
        IReadOnlyList<int> source, IReadOnlyList<int> target, IReadOnlyList<int>? given = null)
    {
        SoftmaxCrossEntropyEquations loss = new();
        EncoderDecoderRun run = Forward(source, given ?? [_spec.Begin, .. target]);
        return (run, Backward(run, [.. run.Logits.Zip([.. target, _spec.End], (z, label) => loss.Gradient(z, new Vector(label)))]));
    }

    /// <summary>From the last step to the first; adds to the gradients of the parameters.</summary>
    /// <param name="run">What <see cref="Forward"/> gave.</param>
    /// <param name="dLogits">δz of every step.</param>
    public EncoderDecoderGradient Backward(EncoderDecoderRun run, IReadOnlyList<Vector> dLogits)
    {
        IReadOnlyList<Vector> memory = run.Encoder.Outputs;
        Vector[] attention = [.. memory.Select(_ => Vector.Zeros(_memory))];
        IReadOnlyDictionary<string, NamedVectors>[] sent =
            [.. _cells.Select(_ => _cell.States.ToDictionary(state => state, _ => new NamedVectors()))];
        DecoderStepGradient[] steps = new DecoderStepGradient[run.Steps.Count];
        Vector? fed = null;
        for (int t = steps.Length - 1; t >= 0; t--) (steps[t], fed) = StepBack(run.Steps[t], dLogits[t], fed, memory, attention, sent);

        //  δ(initial states) = what step 1 sent back, through tanh      δW += δ eᵀ      δb += δ      δe = Wᵀ δ
        Vector back = new([.. sent.SelectMany(one => _cell.States.SelectMany(state => one[state].Sum(_cell.WidthOf(state, _spec.Hidden))))]);
        Vector dFirst = back * Functions.TanhSlope(run.First), dEnds = _bridge.T * dFirst;
        _dBridge.AddOuter(dFirst, run.Ends);
        _dBridgeBias.Add(dFirst);

        //  δs⟨j⟩ = [attention: of every query] + [bridge: at the steps where e was read]
        NamedVectors[] dMemory = [.. attention.Select(term => new NamedVectors { { "attention", term } })];
        int half = _memory / 2;
        for (int j = 0; j < dMemory.Length; j++)
        {
            Vector bridge = Vector.Zeros(_memory);
            for (int i = 0; i < _memory; i++)
                if (j == (_spec.Bidirectional && i >= half ? 0 : dMemory.Length - 1)) bridge[i] = dEnds[i];
            dMemory[j].Add("bridge", bridge);
        }
        run.Encoder.Backward([.. dMemory.Select(terms => terms.Sum(_memory))]);
        return new EncoderDecoderGradient(steps, dMemory, dFirst);
    }

    //  h⟨0⟩, then c⟨0⟩
    private OrderedDictionary<string, CarriedState> FirstOf(Vector joined)
    {
        OrderedDictionary<string, CarriedState> states = [];
        int at = 0;
        foreach (string state in _cell.States)
        {
            int width = _cell.WidthOf(state, _spec.Hidden);
            states[state] = new CarriedState(joined.Part(at, width), null);
            at += width;
        }
        return states;
    }

    private double Loss(EncoderDecoderRun run, IReadOnlyList<int> target)
    {
        SoftmaxCrossEntropyEquations loss = new();
        return run.Logits.Zip([.. target, _spec.End], (z, label) => loss.Value(z, new Vector(label))).Sum();
    }

    private DecoderStep Step(int symbol, Vector attendedBefore, IReadOnlyList<Vector> memory, IReadOnlyDictionary<string, CarriedState>[] states)
    {
        //  x = [E y₋; h̃₋]      h = cells(x, h₋)
        Vector x = new([.. Enumerable.Range(0, _spec.Embedding).Select(j => _table[symbol, j])]);
        if (_spec.InputFeeding) x = x.Above(attendedBefore);
        List<CellStep> cells = [];
        for (int k = 0; k < _cells.Length; k++)
        {
            cells.Add(_cell.Forward(_cells[k], x, states[k], (_, value) => new CarriedState(value, null)));
            states[k] = cells[^1].After;
            x = states[k][_cell.Output].Value;
        }

        //  c = attention(h, S)      h̃ = tanh(W [c; h])      z = W_o h̃ + b
        AttentionRun found = _attention.Forward(x, memory);
        Vector context = found.Context ?? Vector.Zeros(_memory), attended = Functions.Tanh(_combine * context.Above(x));
        return new DecoderStep(symbol, cells, x, found.Weights, context, attended, _output * attended + _bias);
    }

    private (DecoderStepGradient Gradient, Vector? Fed) StepBack(
        DecoderStep step, Vector dz, Vector? fed, IReadOnlyList<Vector> memory, Vector[] toMemory,
        IReadOnlyDictionary<string, NamedVectors>[] sent)
    {
        //  δh̃ = [output: W_oᵀ δz] + [fed: the lower part of δx⟨t+1⟩]      δW_o += δz h̃ᵀ      δb += δz
        NamedVectors dAttended = new() { { "output", _output.T * dz } };
        if (fed is not null) dAttended.Add("fed", fed);
        _dOutput.AddOuter(dz, step.Attended);
        _dBias.Add(dz);

        //  δa = δh̃ ⊙ (1 − h̃²)      [δc; δh] = Wᵀ δa      δW += δa [c; h]ᵀ
        Vector da = dAttended.Sum(_size) * Functions.TanhSlope(step.Attended), both = _combine.T * da, dContext = both.Part(0, _memory);
        _dCombine.AddOuter(da, step.Context.Above(step.Top));

        //  δq and δs⟨j⟩ from the attention
        (Vector dq, IReadOnlyList<Vector> ds) = _attention.Backward(step.Top, memory, step.Weights, dContext);
        for (int j = 0; j < toMemory.Length; j++) toMemory[j].Add(ds[j]);

        //  δh of the top layer = [combine] + [query] + [what step t + 1 sends back];  of a lower one [layer above: δx] + [the same]
        NamedVectors above = new() { { "combine", both.Part(_memory, _size) }, { "query", dq } };
        CellStepGradient[] cells = new CellStepGradient[_cells.Length];
        for (int k = _cells.Length - 1; k >= 0; k--)
        {
            OrderedDictionary<string, NamedVectors> arriving = new() { [_cell.Output] = above };
            foreach ((string state, NamedVectors terms) in sent[k])
            {
                arriving.TryAdd(state, []);
                foreach ((string path, Vector term) in terms) arriving[state].Add(path, term);
            }
            cells[k] = _cell.Backward(_cells[k], step.Cells[k], arriving, _dCells[k]);
            sent[k] = cells[k].Before;
            above = new() { { "layer above", cells[k].X } };
        }

        //  δx: the upper part is that of the symbol's row of E, the lower one goes to h̃ of the step before
        Vector dx = cells[0].X;
        for (int j = 0; j < _spec.Embedding; j++) _dTable[step.Symbol, j] += dx[j];
        return (new DecoderStepGradient(dAttended, dContext, cells), _spec.InputFeeding ? dx.Part(_spec.Embedding, _size) : null);
    }
}
