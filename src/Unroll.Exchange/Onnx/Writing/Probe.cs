using Unroll.Core;
using Unroll.Exchange.Onnx.Values;
using Unroll.Layers;
using Unroll.Layers.Pooling;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>Runs a graph: all outputs by name for inputs by name.</summary>
internal delegate IReadOnlyDictionary<string, OnnxValue> RunGraph(IReadOnlyDictionary<string, OnnxValue> inputs);

/// <summary>Compares what a written graph gives with what its network gives, output by output, on random sequences.</summary>
/// <param name="networks">The network, or an ensemble's.</param>
/// <param name="mean">How several become one.</param>
/// <param name="threads">The threads of the networks.</param>
internal sealed class Probe(IReadOnlyList<Network> networks, MemberMean mean, ThreadTeam threads)
{
    private readonly Difference _difference = new();

    /// <summary>What has been found so far.</summary>
    public ProbeResult Result => _difference.Result;

    private NetworkSpec Spec => networks[0].Spec;

    /// <summary>Whole sequences of a graph.</summary>
    /// <param name="run">Runs it.</param>
    /// <param name="lengths">A length each.</param>
    /// <param name="steps">Steps of the padded input.</param>
    /// <param name="draws">What numbers are drawn from.</param>
    /// <param name="states">Whether first states are given, rather than left to the graph.</param>
    public void Sequences(RunGraph run, int[] lengths, int steps, Rng draws, bool states)
    {
        ProbeBatch batch = new(Spec, lengths, draws);
        Dictionary<string, OnnxValue> inputs = batch.Inputs(steps);
        State[] first = [.. networks.Select(network => network.NewState(lengths.Length))];
        for (int k = 0; k < first.Length && states; k++) Give(first[k], Prefix(k), draws.For($"states {k}"), inputs);
        IReadOnlyDictionary<string, OnnxValue> outputs = run(inputs);
        SequenceBatch[] y = new SequenceBatch[networks.Count];
        for (int k = 0; k < y.Length; k++)
        {
            Cache cache = networks[k].Forward(batch.Packed, states ? first[k] : null, NewPass());
            y[k] = cache.Output;
            State last = networks[k].NewState(lengths.Length);
            networks[k].Last(cache, last);
            Compare(last, Prefix(k), outputs);
        }
        Compare(y, steps, (OnnxTensor)outputs["y"], outputs.GetValueOrDefault("y_lengths") as OnnxTensor);
        if (Spec.Layers is [.., CrfSpec crf] && networks.Count == 1) Paths(crf.Name, outputs);
    }

    /// <summary>A graph of one step, driven over time from the network's own first state.</summary>
    public void Steps(RunGraph run, int sequences, int steps, Rng draws)
    {
        ProbeBatch batch = new(Spec, [.. Enumerable.Repeat(steps, sequences)], draws);
        State[] states = [.. networks.Select(network => network.NewState(sequences))];
        int features = networks[0].OutputSize;
        Dictionary<string, OnnxValue> inputs = [];
        for (int t = 0; t < steps; t++)
        {
            inputs["x"] = batch.StepTensor(t);
            IReadOnlyDictionary<string, OnnxValue> outputs = run(inputs);
            float[][] y = [.. networks.Select(_ => new float[sequences * features])];
            for (int k = 0; k < y.Length; k++)
            {
                networks[k].Step(batch.Step(t), states[k], y[k]);
                Compare(states[k], Prefix(k), outputs);
            }
            _difference.Add(ProbeMeans.Of(mean, y, features), (OnnxTensor)outputs["y"], "y", [sequences, features]);
            foreach ((string name, OnnxValue value) in outputs)
                if (name.EndsWith("_out", StringComparison.Ordinal)) inputs[$"{name[..^4]}_in"] = value;
        }
    }

    // Rows by sequence and step, 0 past the end; a sequence without steps that is pooled is a row of 0.
    private void Compare(SequenceBatch[] y, int steps, OnnxTensor got, OnnxTensor? gotLengths)
    {
        SequenceLayout layout = y[0].Layout;
        int features = y[0].Features, sequences = layout.Sequences;
        bool pooled = networks[0].All.Any(layer => layer is IPooling);
        float[] rows = ProbeMeans.Of(mean, [.. y.Select(one => one.All.ToArray())], features);
        int wide = pooled ? 1 : gotLengths is null ? steps : got.Shape[1];
        float[] padded = new float[sequences * wide * features];
        for (int s = 0; s < sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
                rows.AsSpan(layout.Row(t, s) * features, features).CopyTo(padded.AsSpan((s * wide + t) * features));
        _difference.Add(padded, got, "y", pooled ? [sequences, features] : [sequences, wide, features]);
        if (gotLengths is not null) _difference.Equal(layout.Lengths, gotLengths.Values<int>(), "y_lengths");
    }

    private void Paths(string layer, IReadOnlyDictionary<string, OnnxValue> outputs)
    {
        foreach (string name in (string[])["transitions", "start", "end"])
        {
            Parameter own = networks[0].Parameters.Find($"{layer}.{name}")!;
            _difference.Add(own.Values, (OnnxTensor)outputs[name], name, own.Shape.ToArray());
        }
    }

    private void Give(State state, string prefix, Rng draws, Dictionary<string, OnnxValue> inputs)
    {
        foreach (StateLeaf leaf in StateLeaf.Of(Spec, state, prefix))
        {
            Span<float> values = leaf.Values.Span;
            for (int i = 0; i < values.Length; i++) values[i] = (float)(0.5 * draws.For(leaf.Name).Normal((ulong)i));
            inputs[$"{leaf.Name}_in"] = OnnxTensor.Of<float>([state.Sequences, leaf.Size], values);
        }
    }

    private void Compare(State last, string prefix, IReadOnlyDictionary<string, OnnxValue> outputs)
    {
        foreach (StateLeaf leaf in StateLeaf.Of(Spec, last, prefix))
            _difference.Add(leaf.Values.Span, (OnnxTensor)outputs[$"{leaf.Name}_out"], $"{leaf.Name}_out", [last.Sequences, leaf.Size]);
    }

    private Pass NewPass() => new(new Workspace(), threads, new Rng(0), Training: false) { InferenceOnly = true };

    private string Prefix(int member) => networks.Count == 1 ? "" : $"member.{member + 1}.";
}

/// <summary>One array of a network's state under its name in a graph.</summary>
/// <param name="Name"><c>encoder.l0_reverse.h</c></param>
/// <param name="Values">[sequences, size].</param>
/// <param name="Size">Of a sequence.</param>
internal readonly record struct StateLeaf(string Name, Memory<float> Values, int Size)
{
    /// <summary>All of a network's.</summary>
    public static IEnumerable<StateLeaf> Of(NetworkSpec spec, State state, string prefix)
    {
        int part = 0;
        foreach (RecurrentSpec layer in spec.Layers.OfType<RecurrentSpec>())
            for (int k = 0; k < layer.Layers; k++)
            {
                State own = state.Children[part++];
                bool reverse = layer.Direction == Layers.Recurrent.Direction.Reverse;
                State[] each = own.Children.Count == 2 ? [.. own.Children] : [own];
                foreach ((int d, State leaf) in each.Index())
                {
                    string name = $"{prefix}{layer.Name}.l{k}{(reverse || d == 1 ? "_reverse" : "")}";
                    yield return new($"{name}.h", leaf.HMemory[..(leaf.Sequences * leaf.HiddenSize)], leaf.HiddenSize);
                    if (leaf.CellSize > 0) yield return new($"{name}.c", leaf.CMemory[..(leaf.Sequences * leaf.CellSize)], leaf.CellSize);
                }
            }
    }
}
