using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Inspection;

/// <summary>
/// One ragged batch of pytorch-batches: a network, what goes in, and the same quantities as the file's by the textbook and by the engine.
/// </summary>
internal sealed class PyTorchBatch
{
    private static readonly GoldenFile File = GoldenFile.Batches;
    private readonly string _name;
    private readonly NetworkSpec _spec;
    private readonly ILoss? _loss;
    private readonly int[] _lengths;
    private readonly string[] _directions;

    private PyTorchBatch(string name, NetworkSpec spec, ILoss? loss)
    {
        (_name, _spec, _loss) = (name, spec, loss);
        _lengths = [.. File.Numbers($"{name}.lengths").Select(length => (int)length)];
        RecurrentSpec core = spec.Layers.OfType<RecurrentSpec>().Single();
        _directions = [.. Enumerable.Range(0, core.Layers).SelectMany(layer => TextbookNetwork.Suffixes(core, layer))];
    }

    /// <summary>All of the file.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Specs().Select(one => one.Name)];

    public static PyTorchBatch Named(string name)
    {
        (_, NetworkSpec spec, ILoss? loss) = Specs().Single(one => one.Name == name);
        return new PyTorchBatch(name, spec, loss);
    }

    /// <summary>What the file expects: every output, last state, loss and gradient by its name.</summary>
    public IEnumerable<(string Name, double[] Values)> Expected() => File.NamesUnder($"{_name}.")
        .Where(key => key is "y" or "hn" or "cn" or "loss" || key.StartsWith("d.", StringComparison.Ordinal)).Select(key => (key, Numbers(key)));

    /// <summary>The same by the textbook, sequence by sequence.</summary>
    public Dictionary<string, double[]> ByTextbook()
    {
        IEnumerable<string> names = TextbookParameters.Shapes(_spec).Select(one => one.Name).Where(Has);
        TextbookParameters parameters = new(names.ToDictionary(name => name, Numbers));
        TextbookNetwork network = new(_spec, parameters);
        Results results = new(_directions.Length * _lengths.Length);
        Vector[][] x = Sequences("x"), above = Sequences(_loss is null ? "wy" : "target");
        for (int s = 0; s < _lengths.Length; s++)
        {
            NetworkRun run = network.Forward(x[s], GivenTo(s));
            if (_loss is not null) results.Loss += run.Outputs.Zip(above[s], LossEquations.Of(_loss).Value).Sum();
            IReadOnlyList<Vector> dx = run.Backward(_loss is null ? above[s] : [.. run.Outputs.Zip(above[s], LossEquations.Of(_loss).Gradient)]);
            results.Y.AddRange(run.Outputs.SelectMany(row => row));
            results.Dx.AddRange(dx.SelectMany(row => row));
            foreach ((DirectionRun direction, int k) in run.Directions.Select((direction, k) => (direction, k)))
            {
                RecurrentGradient d = direction.Gradient!;
                Vector h = direction.Run.Last("h");
                Vector? c = d.First.ContainsKey("c") ? direction.Run.Last("c") : null;
                Vector dc = c is null ? new() : d.First["c"].Sum(c.Count);
                results.SetStates(k * _lengths.Length + s, [.. h], [.. c ?? new()], [.. d.First["h"].Sum(h.Count)], [.. dc]);
            }
        }
        return results.ByName(parameters.Gradients.Select(pair => (pair.Key, pair.Value)));
    }

    /// <summary>The same by the float engine, as one packed batch.</summary>
    public Dictionary<string, double[]> ByEngine()
    {
        Network network = Network.Build(_spec);
        using (Edit edit = network.Parameters.Edit())
            foreach (Parameter parameter in network.Parameters.All.Where(parameter => Has(parameter.Name)))
                Copy(Numbers(parameter.Name), edit.Of(parameter));

        SequenceLayout layout = SequenceLayout.FromLengths(_lengths);
        Pass pass = LayerCases.NewPass(training: true);
        Cache cache = network.Forward(Batch(layout, Sequences("x")), States(network, "0"), pass);
        State last = network.NewState(_lengths.Length), dFirst = network.NewState(_lengths.Length);
        network.Last(cache, last);
        Results results = new(_directions.Length * _lengths.Length);
        SequenceBatch dy = _loss is null ? Batch(layout, Sequences("wy")) : Gradient(cache.Output, results, pass);
        SequenceBatch dx = network.Backward(dy, States(network, ""), cache, dFirst, pass);
        results.Y.AddRange(Numbers(cache.Output));
        results.Dx.AddRange(Numbers(dx));
        foreach (((State at, State d), int k) in LayerCases.Leaves(last).Zip(LayerCases.Leaves(dFirst)).Select((pair, k) => (pair, k)))
            for (int s = 0; s < _lengths.Length; s++)
                results.SetStates(
                    k * _lengths.Length + s, Doubles(at.H.Slice(s * at.HiddenSize, at.HiddenSize)), Doubles(at.C.Slice(s * at.CellSize, at.CellSize)),
                    Doubles(d.H.Slice(s * at.HiddenSize, at.HiddenSize)), Doubles(d.C.Slice(s * at.CellSize, at.CellSize)));
        return results.ByName(network.Parameters.All.Select(parameter => (parameter.Name, Doubles(parameter.Gradients))));
    }

    private static IEnumerable<(string Name, NetworkSpec Spec, ILoss? Loss)> Specs()
    {
        CellOptions rnn = new() { Kind = "rnn" }, gru = new() { Kind = "gru-after" }, lstm = new();
        yield return ("rnn", new(3, [Core(rnn, 17)]), null);
        yield return ("rnn-relu", new(3, [Core(rnn with { Activation = "relu" }, 5, 2, Direction.Bidirectional)]), null);
        yield return ("gru", new(4, [Core(gru, 18)]), null);
        yield return ("gru-both", new(2, [Core(gru, 3, 2, Direction.Bidirectional)]), null);
        yield return ("lstm", new(5, [Core(lstm, 17)]), null);
        yield return ("lstm-both", new(2, [Core(lstm, 3, 2, Direction.Bidirectional)]), null);
        yield return ("lstm-bare", new(2, [Core(lstm, 3, 2)]), null);
        yield return ("lstm-projected", new(3, [Core(lstm with { Projection = 17 }, 18)]), null);
        yield return ("lstm-projected-both", new(3, [Core(lstm with { Projection = 2 }, 4, 2, Direction.Bidirectional)]), null);
        EmbeddingSpec words = new() { Name = "words", Vocabulary = 6, Size = 4 };
        DenseSpec head = new() { Name = "head", Outputs = 3 };
        yield return ("tagger", new(1, [words, Core(lstm, 3, 2, Direction.Bidirectional), head]), new SoftmaxCrossEntropy());
        yield return ("forecaster", new(3, [Core(gru, 5), new LastStepSpec { Name = "last" }, head with { Outputs = 4 }]), new GaussianLikelihood());
    }

    private static RecurrentSpec Core(CellOptions cell, int hidden, int layers = 1, Direction direction = Direction.Forward) =>
        new() { Name = "core", Cell = cell, Hidden = hidden, Layers = layers, Direction = direction };

    private SequenceBatch Gradient(SequenceBatch outputs, Results results, in Pass pass)
    {
        SequenceBatch dy = SequenceBatch.Zeros(outputs.Layout, outputs.Features);
        Vector[][] truth = Sequences("target");
        Targets targets = _loss is SoftmaxCrossEntropy
            ? Targets.OfSequences(outputs.Layout, [.. truth.Select(rows => rows.Select(label => (int)label[0]).ToArray())])
            : Targets.Of(Batch(outputs.Layout, truth));
        results.Loss = _loss!.Compute(outputs, targets, dy, pass).Sum;
        return dy;
    }

    //  "0": the first state; "": what reads the last one; null where the file has none: the layer's own zeros
    private State? States(Network network, string which)
    {
        string Key(string state) => which == "0" ? $"{state}0" : $"w{state}";
        if (!Has(Key("h"))) return null;
        State state = network.NewState(_lengths.Length);
        foreach ((State leaf, int k) in LayerCases.Leaves(state).Select((leaf, k) => (leaf, k)))
        {
            Copy(Numbers(Key("h")).AsSpan(k * leaf.H.Length, leaf.H.Length), leaf.H);
            if (leaf.CellSize > 0) Copy(Numbers(Key("c")).AsSpan(k * leaf.C.Length, leaf.C.Length), leaf.C);
        }
        return state;
    }

    private Given GivenTo(int s)
    {
        Dictionary<string, Vector> first = [], last = [];
        foreach (string state in new[] { "h", "c" }.Where(state => Has($"{state}0")))
            foreach ((string direction, int k) in _directions.Select((direction, k) => (direction, k)))
            {
                first[$"core.{state}0_{direction}"] = File.Rows($"{_name}.{state}0")[k * _lengths.Length + s];
                last[$"core.{state}_{direction}"] = File.Rows($"{_name}.w{state}")[k * _lengths.Length + s];
            }
        return new Given { FirstStates = first, LastStateWeights = last };
    }

    // Rows in the file follow each other sequence by sequence; where there are as many as sequences, each has one.
    private Vector[][] Sequences(string key)
    {
        Queue<Vector> rows = new(File.Rows($"{_name}.{key}"));
        bool one = rows.Count == _lengths.Length;
        return [.. _lengths.Select(length => Enumerable.Range(0, one ? 1 : length).Select(_ => rows.Dequeue()).ToArray())];
    }

    private static SequenceBatch Batch(SequenceLayout layout, Vector[][] sequences)
    {
        SequenceBatch batch = SequenceBatch.Zeros(layout, sequences.SelectMany(rows => rows).First().Count);
        for (int s = 0; s < sequences.Length; s++)
            for (int t = 0; t < sequences[s].Length; t++) Copy([.. sequences[s][t]], batch.Row(t, s));
        return batch;
    }

    private static IEnumerable<double> Numbers(SequenceBatch batch)
    {
        for (int s = 0; s < batch.Layout.Sequences; s++)
            for (int t = 0; t < batch.Layout.Lengths[s]; t++)
                foreach (double value in Doubles(batch.Row(t, s))) yield return value;
    }

    private bool Has(string key) => File.Has($"{_name}.{key}");

    private double[] Numbers(string key) => File.Numbers($"{_name}.{key}");

    private static void Copy(ReadOnlySpan<double> from, Span<float> to)
    {
        for (int i = 0; i < to.Length; i++) to[i] = (float)from[i];
    }

    private static double[] Doubles(ReadOnlySpan<float> values) => [.. values.ToArray().Select(value => (double)value)];

    /// <summary>Everything that comes out, in the file's order: states direction by direction, then sequence by sequence.</summary>
    private sealed class Results(int states)
    {
        private readonly double[][] _h = new double[states][], _c = new double[states][], _dh = new double[states][], _dc = new double[states][];

        public List<double> Y { get; } = [];
        public List<double> Dx { get; } = [];
        public double Loss { get; set; }

        public void SetStates(int at, double[] h, double[] c, double[] dh, double[] dc) => (_h[at], _c[at], _dh[at], _dc[at]) = (h, c, dh, dc);

        public Dictionary<string, double[]> ByName(IEnumerable<(string Name, double[] Values)> gradients)
        {
            Dictionary<string, double[]> all = gradients.ToDictionary(one => $"d.{one.Name}", one => one.Values);
            (all["y"], all["d.x"], all["loss"]) = ([.. Y], [.. Dx], [Loss]);
            foreach ((string name, double[][] rows) in new[] { ("hn", _h), ("cn", _c), ("d.h0", _dh), ("d.c0", _dc) })
                all[name] = [.. rows.SelectMany(v => v)];
            return all;
        }
    }
}
