using Unroll.Core;
using Unroll.Exchange.Onnx.Values;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>Random sequences that a network can read, for itself and for its graph.</summary>
internal sealed class ProbeBatch
{
    private const float Nonsense = 1e6f;                                 // past a sequence's end, where nothing may look
    private readonly bool _indices, _single;
    private readonly int _features;
    private readonly float[][] _rows;

    /// <summary>Draws sequences.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="lengths">A length each; 0 is allowed.</param>
    /// <param name="draws">What they are drawn from.</param>
    public ProbeBatch(NetworkSpec spec, int[] lengths, Rng draws)
    {
        LayerSpec? reader = spec.Layers.FirstOrDefault(layer => layer is not DropoutSpec);
        (_single, _features, Lengths) = (reader is EmbeddingSpec, spec.Inputs, lengths);
        _indices = _single || reader is CharacterSpec;
        _rows = [.. lengths.Select((length, s) =>
            Enumerable.Range(0, length).SelectMany(t => Row(reader, draws.At((ulong)s).At((ulong)t))).ToArray())];
    }

    /// <summary>The lengths.</summary>
    public int[] Lengths { get; }

    /// <summary>As the network reads them.</summary>
    public SequenceBatch Packed => SequenceBatch.FromSequences(_features, [.. _rows]);

    /// <summary>One step of all, [sequences, features]; each must have it.</summary>
    public float[] Step(int t) => [.. _rows.SelectMany(row => row[(t * _features)..((t + 1) * _features)])];

    /// <summary>The input <c>x</c> of a graph of one step.</summary>
    public OnnxTensor StepTensor(int t) => Tensor(Step(t), _single ? [Lengths.Length] : [Lengths.Length, _features]);

    /// <summary>The inputs <c>x</c> and <c>lengths</c> of a graph of whole sequences.</summary>
    /// <param name="steps">Steps of <c>x</c>, at least the longest length.</param>
    public Dictionary<string, OnnxValue> Inputs(int steps)
    {
        float[] padded = new float[Lengths.Length * steps * _features];
        padded.AsSpan().Fill(Nonsense);
        for (int s = 0; s < _rows.Length; s++) _rows[s].CopyTo(padded, s * steps * _features);
        return new()
        {
            ["x"] = Tensor(padded, _single ? [Lengths.Length, steps] : [Lengths.Length, steps, _features]),
            ["lengths"] = OnnxTensor.Of<int>([Lengths.Length], Lengths),
        };
    }

    /// <summary>The longest sequence that a network takes; null: any length.</summary>
    public static int? LongestOf(NetworkSpec spec)
    {
        int? longest = null;
        int each = 1;                                                    // steps of the input that one step here stands for
        foreach (LayerSpec layer in spec.Layers)
        {
            if (layer is StepPoolSpec pool) each *= pool.Steps;
            int? own = layer switch { FlattenSpec flatten => flatten.Steps * each, WideSpec wide => wide.Steps, _ => null };
            longest = own < (longest ?? int.MaxValue) ? own : longest;
        }
        return longest;
    }

    private OnnxTensor Tensor(float[] values, int[] shape) => _indices
        ? OnnxTensor.Of<long>(shape, [.. values.Select(value => (long)value)])
        : OnnxTensor.Of<float>(shape, values);

    private IEnumerable<float> Row(LayerSpec? reader, Rng draws) => reader switch
    {
        EmbeddingSpec table => [draws.Below(table.Vocabulary, 0)],
        CharacterSpec words => Word(words, draws),
        _ => Enumerable.Range(0, _features).Select(k => (float)draws.Normal((ulong)k)),
    };

    private static IEnumerable<float> Word(CharacterSpec words, Rng draws)
    {
        int letters = draws.Below(words.Longest + 1, 0);
        yield return draws.Below(words.Vocabulary, 1);
        for (int k = 0; k < words.Longest; k++)
            yield return k < letters && words.Characters > 1 ? 1 + draws.Below(words.Characters - 1, (ulong)k + 2) : 0;
    }
}
