using Unroll.Cells;
using Unroll.Layers;
using Unroll.Networks;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// An encoder–decoder in double, forward, for one pair and without dropout: what its engine's gradients are held against, by central differences.
/// </summary>
public sealed class EncoderDecoderEquations
{
    private readonly EncoderDecoderSpec _spec;
    private readonly TextbookParameters _parameters;
    private readonly TextbookNetwork _encoder;
    private readonly AttentionEquations _attention;
    private readonly CellWeights[] _cells;
    private readonly ICellEquations _cell;
    private readonly int _memory, _size;

    /// <summary>Finds the parameters.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="parameters">Values by the names in <see cref="EncoderDecoder.Parameters"/>; they are used, not copied.</param>
    public EncoderDecoderEquations(EncoderDecoderSpec spec, TextbookParameters parameters)
    {
        (_spec, _parameters, _size) = (spec, parameters, spec.Cell.Projection ?? spec.Hidden);
        _encoder = new TextbookNetwork(spec.Encoder, parameters);
        _memory = _encoder.Layers[^1].Outputs;
        _attention = new AttentionEquations("decoder.attention", parameters, spec.Score, _size, _memory, spec.Hidden);
        _cell = CellEquations.Of(spec.Cell);
        _cells = [.. Enumerable.Range(0, spec.DecoderLayers).Select(k => new CellWeights(
            parameters.Values, "decoder.", $"l{k}", _cell.Gates, k > 0 ? _size : spec.Embedding + (spec.InputFeeding ? _size : 0), spec.Hidden, spec.Cell))];
    }

    /// <summary>The scores of symbols at every step.</summary>
    /// <param name="source">Source symbols; none is legal.</param>
    /// <param name="symbols">What the decoder is given: the beginning, then the target.</param>
    public IReadOnlyList<Vector> Logits(IReadOnlyList<int> source, IReadOnlyList<int> symbols)
    {
        //  S = encoder(source)
        IReadOnlyList<Vector> memory = _encoder.Forward([.. source.Select(symbol => new Vector(symbol))]).Outputs;

        //  first states = tanh(W [h→⟨T⟩; h←⟨1⟩] + b)
        List<Carried> h = [], c = [];
        FirstStates(memory, h, c);
        Matrix table = Find("decoder.embedding.weight", _spec.TargetVocabulary, _spec.Embedding), combine = Find("decoder.combine.weight", _size, _memory + _size);
        Matrix output = Find("decoder.output.weight", _spec.TargetVocabulary, _size);
        Vector bias = new(_parameters.Values["decoder.output.bias"]), attended = Vector.Zeros(_size);
        List<Vector> logits = [];
        foreach (int symbol in symbols)
        {
            //  x = [E y₋; h̃₋]      h = cells(x, h₋)
            Vector x = new([.. Enumerable.Range(0, _spec.Embedding).Select(j => table[symbol, j])]);
            if (_spec.InputFeeding) x = x.Above(attended);
            for (int k = 0; k < _cells.Length; k++)
            {
                CellStep step = _cell.Forward(_cells[k], x, h[k], _cell.HasCellState ? c[k] : null, (_, value) => new Carried(value, null));
                h[k] = step.H;
                if (_cell.HasCellState) c[k] = step.C!;
                x = step.H.Value;
            }

            //  c = attention(h, S)      h̃ = tanh(W [c; h])      z = W_o h̃ + b
            Vector context = _attention.Forward(x, memory).Context ?? Vector.Zeros(_memory);
            attended = Functions.Tanh(combine * context.Above(x));
            logits.Add(output * attended + bias);
        }
        return logits;
    }

    /// <summary>Cross-entropy summed over the target's symbols and its end.</summary>
    /// <param name="source">Source symbols.</param>
    /// <param name="target">Target symbols, without those that begin and end it.</param>
    public double Loss(IReadOnlyList<int> source, IReadOnlyList<int> target)
    {
        SoftmaxCrossEntropyEquations loss = new();
        return Logits(source, [_spec.Begin, .. target]).Zip([.. target, _spec.End], (z, label) => loss.Value(z, new Vector(label))).Sum();
    }

    private void FirstStates(IReadOnlyList<Vector> memory, List<Carried> h, List<Carried> c)
    {
        int half = _memory / 2, c0 = _cell.HasCellState ? _spec.Hidden : 0, each = _size + c0;
        Vector ends = memory.Count == 0 ? Vector.Zeros(_memory)
            : _spec.Bidirectional ? memory[^1].Part(0, half).Above(memory[0].Part(half, half))
            : memory[^1];
        Vector all = Functions.Tanh(Find("bridge.weight", each * _cells.Length, _memory) * ends + new Vector(_parameters.Values["bridge.bias"]));
        for (int k = 0; k < _cells.Length; k++)
        {
            h.Add(new Carried(all.Part(k * each, _size), null));
            if (c0 > 0) c.Add(new Carried(all.Part(k * each + _size, c0), null));
        }
    }

    private Matrix Find(string name, int rows, int columns) => new(_parameters.Values[name], 0, rows, columns);
}
