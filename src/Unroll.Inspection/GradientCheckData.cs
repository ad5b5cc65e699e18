using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Pooling;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Inspection;

/// <summary>
/// Seeded parameters, inputs and targets of a case, every number a float, so that the engine gets the very same. Seeds are tried in order until
/// every argument is at least 10⁻³ away from a kink: then central differences with a step of 10⁻⁵ never cross one.
/// </summary>
internal sealed class GradientCheckData
{
    /// <summary>The generator of the engine's dropout masks, which the textbook is given.</summary>
    public static readonly Rng Draws = new(5);

    private const double Away = 1e-3;
    private const ulong Seeds = 500;
    private readonly Rng _rng;
    private ulong _next;

    private GradientCheckData(GradientCheckCase subject, ulong seed)
    {
        _rng = new Rng(seed);
        Dictionary<string, double[]> values = [];
        foreach ((string name, int[] shape) in TextbookParameters.Shapes(subject.Spec, subject.Cells))
            values[name] = Draw(shape.Aggregate(1, (product, extent) => product * extent), scale: 0.5);
        Parameters = new TextbookParameters(values);
        Objective = new TextbookObjective(new TextbookNetwork(subject.Spec, Parameters, subject.Cells), LossEquations.Of(subject.Loss));
        Examples = [.. subject.Lengths.Select((length, sequence) => Example(subject, length, sequence))];
    }

    /// <summary>Values, and gradients to be filled.</summary>
    public TextbookParameters Parameters { get; }

    /// <summary>The network and its loss.</summary>
    public TextbookObjective Objective { get; }

    /// <summary>The sequences.</summary>
    public IReadOnlyList<TextbookExample> Examples { get; }

    /// <summary>The data of the first seed that keeps away from kinks.</summary>
    public static GradientCheckData Of(GradientCheckCase subject)
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            GradientCheckData data = new(subject, seed);
            if (data.Examples.All(example => data.Objective.KinkDistance(example) >= Away)) return data;
        }
        throw new UserErrorException($"{subject.Kind} '{subject.Subject}': expected drawn weights at which it is smooth, found none in {Seeds} draws "
            + "that keep away from kinks (relu, max, min, clip), from zero below a fraction and from where ln and √ end; use smooth functions.");
    }

    private TextbookExample Example(GradientCheckCase subject, int length, int sequence)
    {
        List<Vector> x = [];
        List<Vector?> targets = [];
        for (int t = 0; t < length; t++)
            x.Add(subject.Spec.Layers switch
            {
                [EmbeddingSpec table, ..] => new Vector(Below(table.Vocabulary)),
                [CharacterSpec words, ..] => Word(words),
                _ => new Vector(Draw(subject.Spec.Inputs, scale: 1)),
            });
        for (int t = 0; t < (subject.Spec.Layers.Any(layer => layer is PoolingSpec) ? Math.Min(1, length) : length); t++)
        {
            targets.Add(subject.Loss switch
            {
                SoftmaxCrossEntropy => new Vector(t == 1 ? -1 : Below(subject.Targets)),
                BinaryCrossEntropy => new Vector([.. Enumerable.Range(0, subject.Targets).Select(_ => (double)Below(2))]),
                PoissonLikelihood or NegativeBinomialLikelihood =>
                    new Vector([.. Enumerable.Range(0, subject.Targets).Select(_ => (double)Below(6))]),
                _ => new Vector(Draw(subject.Targets, scale: 1)),
            });
        }
        return new TextbookExample(x, targets, new Given
        {
            LastStateWeights = LastStates(subject.Spec, subject.Cells),
            WeightMasks = WeightMasks(subject),
            DropoutMasks = subject.Spec.Layers.OfType<DropoutSpec>().ToDictionary(
                layer => layer.Name, layer => (IReadOnlyList<Vector>)[.. Enumerable.Range(0, length).Select(t => Mask(subject, layer, t, sequence))]),
        });
    }

    //  y = mask ⊙ 1: the engine's dropout of ones is its mask
    private static Vector Mask(GradientCheckCase subject, DropoutSpec spec, int t, int sequence)
    {
        using ThreadTeam threads = new(1);
        SequenceBatch ones = SequenceBatch.Zeros(SequenceLayout.FromLengths([.. subject.Lengths]), subject.Spec.Inputs);
        ones.All.Fill(1);
        Cache cache = new Dropout(spec.Name, subject.Spec.Inputs, spec.Rate, spec.Locked).Forward(ones,
            new Pass(new Workspace(), threads, Draws, Training: true));
        return new Vector([.. cache.Output.Row(t, sequence).ToArray().Select(m => (double)m)]);
    }

    //  the engine's draws: one for each weight of a recurrent matrix, one for each row of an embedding
    private static Dictionary<string, Vector> WeightMasks(GradientCheckCase subject)
    {
        Dictionary<string, Vector> masks = [];
        Vector Of(string purpose, int count, float rate) => new([.. Enumerable.Range(0, count).Select(k =>
            Draws.For(purpose).Uniform((ulong)k) < rate ? 0.0 : 1 / (1 - rate))]);
        foreach (EmbeddingSpec layer in subject.Spec.Layers.OfType<EmbeddingSpec>().Where(layer => layer.Dropout > 0))
            masks[$"{layer.Name}.weight"] = Of(layer.Name, layer.Vocabulary, layer.Dropout);
        foreach (RecurrentSpec layer in subject.Spec.Layers.OfType<RecurrentSpec>().Where(layer => layer.WeightDrop > 0))
            foreach ((string name, int[] shape) in TextbookParameters.Shapes(subject.Spec, subject.Cells))
                if (name.StartsWith($"{layer.Name}.weight_hh_l", StringComparison.Ordinal))
                    masks[name] = Of($"{layer.Name}.{Place(name)}.weight_hh", shape[0] * shape[1], layer.WeightDrop);
        return masks;

        //  rnn.weight_hh_l1_reverse is of the layer rnn.1.reverse
        static string Place(string name) => name[(name.LastIndexOf("_l", StringComparison.Ordinal) + 2)..].Replace('_', '.');
    }

    //  the final state is read too, so that a sequence of length zero hands its gradient to the initial state
    private Dictionary<string, Vector> LastStates(NetworkSpec spec, CellCatalog cells)
    {
        Dictionary<string, Vector> weights = [];
        foreach (RecurrentSpec layer in spec.Layers.OfType<RecurrentSpec>())
        {
            ICellEquations cell = CellEquations.Of(layer.Cell, cells);
            for (int l = 0; l < layer.Layers; l++)
                foreach (string suffix in TextbookNetwork.Suffixes(layer, l))
                    foreach (string state in cell.States)
                        weights[$"{layer.Name}.{state}_{suffix}"] = new Vector(Draw(cell.WidthOf(state, layer.Hidden), scale: 1));
        }
        return weights;
    }

    private double[] Draw(int length, double scale)
    {
        double[] values = new double[length];
        for (int k = 0; k < length; k++) values[k] = (float)(scale * _rng.Normal(_next++));
        return values;
    }

    //  a word of no to the longest number of characters
    private Vector Word(CharacterSpec spec)
    {
        double[] indices = new double[1 + spec.Longest];
        indices[0] = Below(spec.Vocabulary);
        for (int k = 1, length = Below(spec.Longest + 1); k <= length; k++) indices[k] = 1 + Below(spec.Characters - 1);
        return new Vector(indices);
    }

    private int Below(int bound) => _rng.Below(bound, _next++);
}
