using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Inspection;

/// <summary>The second column: the float engine on the very numbers of the textbook, as a packed ragged batch.</summary>
internal sealed class GradientCheckEngine : IDisposable
{
    private readonly GradientCheckCase _subject;
    private readonly GradientCheckData _data;
    private readonly IReadOnlyList<TextbookGradient> _textbook;
    private readonly SequenceLayout _layout;
    private readonly ThreadTeam _threads = new(1);
    private readonly Pass _pass;

    private GradientCheckEngine(GradientCheckCase subject, GradientCheckData data, IReadOnlyList<TextbookGradient> textbook)
    {
        (_subject, _data, _textbook) = (subject, data, textbook);
        _layout = SequenceLayout.FromLengths([.. subject.Lengths]);
        _pass = new Pass(new Workspace(), _threads, GradientCheckData.Draws, Training: true);
    }

    /// <summary>The errors by what they are of: the outputs, the inputs and every parameter; for a loss its value and its gradient.</summary>
    public static IReadOnlyDictionary<string, double> Errors(
        GradientCheckCase subject, GradientCheckData data, IReadOnlyList<TextbookGradient> textbook)
    {
        using GradientCheckEngine engine = new(subject, data, textbook);
        return subject.Kind == "loss" ? engine.Loss() : engine.Network();
    }

    /// <inheritdoc/>
    public void Dispose() => _threads.Dispose();

    /// <summary>max |engine − textbook| ÷ max |textbook|; where the textbook has only zeros, max |engine|.</summary>
    internal static double Share(IEnumerable<float> engine, IEnumerable<double> textbook)
    {
        double difference = 0, largest = 0;
        foreach ((float e, double t) in engine.Zip(textbook))
            (difference, largest) = (GradientCheck.Largest(difference, Math.Abs(e - t)), GradientCheck.Largest(largest, Math.Abs(t)));
        return largest == 0 ? difference : difference / largest;
    }

    private Dictionary<string, double> Network()
    {
        Network network = Networks.Network.Build(_subject.Spec, _subject.Cells);
        using (Edit edit = network.Parameters.Edit())
            foreach (Parameter parameter in network.Parameters.All)
                if (_data.Parameters.Values.TryGetValue(parameter.Name, out double[]? values)) Fill(edit.Of(parameter), values, parameter.Name);

        Cache cache = network.Forward(Batch(_layout, example => example.X, network.InputSize), null, _pass);
        SequenceBatch dy = SequenceBatch.Zeros(cache.Output.Layout, network.OutputSize);
        _subject.Loss.Compute(cache.Output, Targets(dy.Layout), dy, _pass);
        State dFirst = network.NewState(_layout.Sequences);
        SequenceBatch dx = network.Backward(dy, LastState(network), cache, dFirst, _pass);

        Dictionary<string, double> errors = new()
        {
            ["outputs"] = Share(Numbers(cache.Output), _textbook.SelectMany(one => one.Run.Outputs).SelectMany(v => v)),
            ["x"] = Share(Numbers(dx), _textbook.SelectMany(one => one.Dx).SelectMany(v => v)),
        };
        foreach (Parameter parameter in network.Parameters.All)
            errors[parameter.Name] = Share(parameter.Gradients.ToArray(),
                _data.Parameters.Gradients.GetValueOrDefault(parameter.Name) ?? new double[parameter.Length]);
        AddFirstStates(errors, dFirst);
        return errors;
    }

    private static void Fill(Span<float> parameter, double[] values, string name)
    {
        if (parameter.Length != values.Length)
            ShapeException.Throw(parameter.Length, values.Length, $"parameter '{name}'", "the textbook's has as many");
        parameter.Fill(values);
    }

    private Dictionary<string, double> Loss()
    {
        int features = _subject.Spec.Inputs;
        SequenceBatch outputs = Batch(_layout, example => example.X, features), dOutputs = SequenceBatch.Zeros(_layout, features);
        LossSum truth = _textbook.Aggregate(new LossSum(0, 0), (sum, one) => sum + one.Loss);
        LossSum loss = _subject.Loss.Compute(outputs, Targets(_layout), dOutputs, _pass);
        double[] gradient = [.. _textbook.SelectMany(one => one.Dx).SelectMany(v => v)];
        Dictionary<string, double> errors = new()
        {
            ["value"] = loss.Count == truth.Count ? Share([(float)loss.Sum], [truth.Sum]) : double.NaN,
            ["outputs, sum"] = Share(Numbers(dOutputs), gradient),
        };
        _subject.Loss.ComputeMean(outputs, Targets(_layout), dOutputs, _pass);
        errors["outputs, mean"] = Share(Numbers(dOutputs), gradient.Select(d => d / truth.Count));
        return errors;
    }

    private Targets Targets(SequenceLayout layout)
    {
        if (_subject.Loss is not SoftmaxCrossEntropy)
            return Layers.Losses.Targets.Of(Batch(layout, example => [.. example.Targets.Select(target => target!)], _subject.Targets));
        int[][] labels = [.. _data.Examples.Select(example => example.Targets.Select(label => (int)label![0]).ToArray())];
        return Layers.Losses.Targets.OfSequences(layout, labels);
    }

    private void AddFirstStates(Dictionary<string, double> errors, State dFirst)
    {
        OrderedDictionary<string, (List<float> Engine, List<double> Textbook)> all = [];
        for (int s = 0; s < _layout.Sequences; s++)
            foreach ((State leaf, DirectionRun direction) in Leaves(dFirst).Zip(_textbook[s].Run.Directions))
                for (int k = 0; k < direction.Carried.Count; k++)
                {
                    if (!direction.Gradient!.First.TryGetValue(direction.Carried[k], out NamedVectors? terms)) continue;
                    int width = direction.Run.First[direction.Carried[k]].Value.Count;
                    all.TryAdd(direction.Carried[k], ([], []));
                    all[direction.Carried[k]].Engine.AddRange(Row(leaf, direction, k, s)[..width]);
                    all[direction.Carried[k]].Textbook.AddRange(terms.Sum(width));
                }
        foreach ((string state, (List<float> engine, List<double> textbook)) in all) errors[$"first {state}"] = Share(engine, textbook);
    }

    //  the leaves of the state lie in the order of the textbook's directions
    private State LastState(Network network)
    {
        State state = network.NewState(_layout.Sequences);
        for (int s = 0; s < _layout.Sequences; s++)
            foreach ((State leaf, DirectionRun direction) in Leaves(state).Zip(_textbook[s].Run.Directions))
                for (int k = 0; k < direction.Carried.Count; k++)
                    if (_data.Examples[s].Given.LastStateWeights.TryGetValue(direction.Name(direction.Carried[k]), out Vector? weights))
                        Row(leaf, direction, k, s)[..weights.Count].Fill(weights);
        return state;
    }

    // h, or one of the further states, which lie side by side
    private static Span<float> Row(State leaf, DirectionRun direction, int k, int sequence)
    {
        if (k == 0) return leaf.H.Slice(sequence * leaf.HiddenSize, leaf.HiddenSize);
        int width = leaf.CellSize / (direction.Carried.Count - 1);
        return leaf.C.Slice(sequence * leaf.CellSize + (k - 1) * width, width);
    }

    private static IEnumerable<State> Leaves(State state) => state.HiddenSize > 0 ? [state] : state.Children.SelectMany(Leaves);

    private SequenceBatch Batch(SequenceLayout layout, Func<TextbookExample, IReadOnlyList<Vector>> rows, int features)
    {
        SequenceBatch batch = SequenceBatch.Zeros(layout, features);
        for (int s = 0; s < layout.Sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++) batch.Row(t, s).Fill(rows(_data.Examples[s])[t]);
        return batch;
    }

    //  in the order of the examples, whatever the packing
    private static List<float> Numbers(SequenceBatch batch)
    {
        List<float> numbers = [];
        for (int s = 0; s < batch.Layout.Sequences; s++)
            for (int t = 0; t < batch.Layout.Lengths[s]; t++) numbers.AddRange(batch.Row(t, s));
        return numbers;
    }
}

/// <summary>Doubles that are floats, written as floats.</summary>
internal static class FloatRows
{
    /// <summary>Overwrites a row.</summary>
    public static void Fill(this Span<float> row, IReadOnlyList<double> values)
    {
        for (int k = 0; k < row.Length; k++) row[k] = (float)values[k];
    }
}
