using System.Globalization;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Tasks;
using Unroll.Tasks.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Bench;

/// <summary><c>bench --model FILE</c>: a step of one sequence, and whole sequences, of the network in a model file.</summary>
internal static class ModelBench
{
    private const int Steps = 100;
    private static readonly int[] s_sequences = [1, 32];

    /// <exception cref="UserErrorException">It is no model, or one whose network is not a network of rows by itself.</exception>
    internal static void Run(string path, BenchMachine machine, Timing timing, BenchOutput output)
    {
        if (TaskList.Open(path) is not NetworkModel model)
            throw new UserErrorException($"--model: '{path}' is a model of the task {TaskList.Of(path).Name}; expected a network by itself, as " +
                "'unroll import' writes.");
        output.Head("workload  sequences   steps      median µs         min µs         max µs   µs a step");
        Network network = model.Network;
        if (network.Causal)
        {
            float[] x = NetworkRows.Probe(model, 1, 1).Sequences[0], y = new float[network.OutputSize];
            State state = network.NewState(1);
            Time("stream", 1, 1, () => network.Step(x, state, y));
        }
        foreach (int sequences in s_sequences)
        {
            SequenceBatch x = SequenceBatch.FromSequences(network.InputSize, [.. NetworkRows.Probe(model, sequences, Steps).Sequences]);
            Pass pass = new(new Workspace(), machine.Team, new Rng(7), Training: false) { InferenceOnly = true };
            Time("infer", sequences, Steps, () =>
            {
                pass.Workspace.Reset();
                network.Forward(x, null, pass);
            });
        }

        void Time(string workload, int sequences, int steps, Action work)
        {
            machine.WarmUp($"{workload} {path}", work);
            Times times = machine.Measure(timing, work).Times;
            output.Line(workload, string.Create(CultureInfo.InvariantCulture, $"{workload,-9} {sequences,9} {steps,7} {times.Median * 1e6,14:F1} ") +
                string.Create(CultureInfo.InvariantCulture, $"{times.Min * 1e6,14:F1} {times.Max * 1e6,14:F1} {times.Median * 1e6 / steps,11:F2}"),
                    json =>
                {
                    json.WriteString("model", path);
                    json.WriteNumber("B", sequences);
                    json.WriteNumber("T", steps);
                    json.WriteNumber("median_us", Math.Round(times.Median * 1e6, 3));
                    json.WriteNumber("min_us", Math.Round(times.Min * 1e6, 3));
                    json.WriteNumber("max_us", Math.Round(times.Max * 1e6, 3));
                });
        }
    }
}
