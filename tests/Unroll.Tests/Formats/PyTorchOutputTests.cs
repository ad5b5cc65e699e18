using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Formats;

/// <summary>PyTorch's modules, loaded as weights and run by the textbook and by the engine, answer as they did in PyTorch.</summary>
public sealed class PyTorchOutputTests
{
    // PyTorch computed in float32: a few hundred roundings of 6e-8 on outputs around 1. A wrong gate order is off by more than 0.01.
    private const double Tolerance = 1e-5;

    public static TheoryData<string, string?> Modules => new()
    {
        { "rnn", null }, { "relu", "relu" }, { "gru", null }, { "gru-both", null },
        { "lstm", null }, { "lstm-both", null }, { "lstm-bare", null }, { "lstm-projected", null },
    };

    [Theory, MemberData(nameof(Modules))]
    public void Loaded_weights_give_PyTorchs_outputs(string module, string? activation)
    {
        PyTorchWeights weights = Load(module, activation);
        NetworkSpec network = new(weights.Inputs, [weights.Spec]);
        ParameterStore store = new();
        foreach ((string name, int[] shape) in TextbookParameters.Shapes(network)) store.Add(name, shape);
        weights.CopyInto(store);
        TextbookNetwork textbook = new(network, new(store.All.ToDictionary(p => p.Name, p => Doubles(p.Values))));

        (float[][] x, float[][] expected) = Sequences(module);
        foreach ((float[] sequence, float[] outputs) in x.Zip(expected))
        {
            IReadOnlyList<Vector> y = textbook.Forward([.. sequence.Chunk(weights.Inputs).Select(row => new Vector(Doubles(row)))]).Outputs;
            Close(outputs, y.SelectMany(row => row));
        }
    }

    [Theory, MemberData(nameof(Modules))]
    public void Loaded_weights_give_PyTorchs_outputs_by_the_engine_and_step_by_step(string module, string? activation)
    {
        PyTorchWeights weights = Load(module, activation);
        Network network = Network.Build(new(weights.Inputs, [weights.Spec]));
        using (Edit edit = network.Parameters.Edit()) edit.Values.Fill(float.NaN);              // whatever is not loaded shows
        weights.CopyInto(network.Parameters);

        (float[][] x, float[][] expected) = Sequences(module);
        SequenceBatch batch = SequenceBatch.FromSequences(weights.Inputs, x), y = network.Forward(batch, null, LayerCases.NewPass()).Output;
        State state = network.NewState(x.Length);
        float[] stepped = new float[x.Length * network.OutputSize];
        for (int t = 0; t < batch.Layout.Steps; t++)
        {
            if (network.Causal) network.Step(batch.Step(t), state, stepped);
            for (int s = 0; s < x.Length; s++)
            {
                ReadOnlySpan<float> outputs = expected[s].AsSpan(t * network.OutputSize, network.OutputSize);
                Close(outputs, Doubles(y.Row(t, s)));
                if (network.Causal) Close(outputs, Doubles(stepped.AsSpan(s * network.OutputSize, network.OutputSize)));
            }
        }
    }

    private static TensorFile File { get; } = TensorFile.Read(PathOfFile);

    private static string PathOfFile => Path.Combine(AppContext.BaseDirectory, "Formats", "Fixtures", "pytorch-modules.safetensors");

    private static PyTorchWeights Load(string module, string? activation) =>
        PyTorchWeights.From(File, PathOfFile, module + ".", activation is null ? null : new() { Kind = "rnn", Activation = activation });

    // [T, B, features] in the file; here sequence by sequence.
    private static (float[][] X, float[][] Y) Sequences(string module)
    {
        return (Of(File.Find($"input.{module}")!), Of(File.Find($"output.{module}")!));

        static float[][] Of(Tensor tensor)
        {
            float[][] rows = [.. tensor.Float32.ToArray().Chunk(tensor.Shape[2])];
            (int steps, int sequences) = (tensor.Shape[0], tensor.Shape[1]);
            return [.. Enumerable.Range(0, sequences).Select(s => Enumerable.Range(0, steps).SelectMany(t => rows[t * sequences + s]).ToArray())];
        }
    }

    private static void Close(ReadOnlySpan<float> expected, IEnumerable<double> actual) =>
        Assert.Equal(Doubles(expected), actual, (e, a) => Math.Abs(e - a) <= Tolerance);

    private static double[] Doubles(ReadOnlySpan<float> values) => [.. values.ToArray().Select(value => (double)value)];
}
