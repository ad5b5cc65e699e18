using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Samples.WhyItForgets;

/// <summary>
/// A sign is heard once, then faint noise, and sixty steps later it is asked for. Before each network learns (or fails to), the textbook shows, term
/// by term, how much of a loss at the last step comes back to each step before it: where nothing arrives, nothing can be learned.
/// </summary>
internal static class Program
{
    private const int Hidden = 8, Steps = 60, Sequences = 32, Updates = 200;

    private static void Main() => Run(Console.Out);

    internal static void Run(TextWriter output)
    {
        Try("a plain RNN", "rnn", new InitializationOptions(), output);
        Try("an LSTM whose forget gates begin half open", "lstm", new InitializationOptions(), output);
        Try("an LSTM whose forget gates begin open for up to 60 steps", "lstm", new InitializationOptions { Chrono = Steps }, output);
    }

    private static void Try(string title, string kind, InitializationOptions first, TextWriter output)
    {
        NetworkSpec spec = new(Inputs: 1,
            [new RecurrentSpec { Name = "net", Cell = new CellOptions { Kind = kind }, Hidden = Hidden }, new LastStepSpec { Name = "last" },
                new DenseSpec { Name = "head", Outputs = 1 }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, first, new Rng(Seed: 1));
        output.WriteLine(title);
        if (kind == "rnn") ShowRnn(network, output);
        else ShowLstm(network, output);
        Learn(network, output);
        output.WriteLine();
    }

    // δa has one term here, from the step after: each step multiplies it by W_aa and by 1 − a².
    private static void ShowRnn(Network network, TextWriter output)
    {
        IReadOnlyList<DirectionRun> runs = Backward(network);
        double[] waa = [.. network.Parameters.Find("net.weight_hh_l0")!.Values.ToArray().Select(w => (double)w)];
        output.WriteLine($"  spectral radius of W_aa {Spectrum.Radius(new Matrix(waa, 0, Hidden, Hidden)):F2}");
        output.WriteLine("  step    δa next step     mean 1 − a²");
        foreach (int t in new[] { 59, 45, 30, 15, 1 })
            output.WriteLine($"  {t,4}{runs.Average(run => Size(run.Gradient!.Steps[t - 1].Terms["h"]["next step"])),16:0.0e+00}"
                + $"{runs.Average(run => run.Run.Steps[t - 1]["h"].Average(a => 1 - a * a)),16:F2}");
    }

    // δc has two: the direct path, which each step multiplies by f alone, and the way through h, which is that of an RNN.
    private static void ShowLstm(Network network, TextWriter output)
    {
        IReadOnlyList<DirectionRun> runs = Backward(network);
        output.WriteLine("  step       δc direct    δc through h          mean f");
        foreach (int t in new[] { 59, 45, 30, 15, 1 })
            output.WriteLine($"  {t,4}{runs.Average(run => Size(run.Gradient!.Steps[t - 1].Terms["c"]["direct"])),16:0.0e+00}"
                + $"{runs.Average(run => Size(run.Gradient!.Steps[t - 1].Terms["c"]["through h"])),16:0.0e+00}"
                + $"{runs.Average(run => run.Run.Steps[t - 1]["f"].Average()),16:F2}");
    }

    // The network's weights in the textbook, and some sequences through it and back.
    private static IReadOnlyList<DirectionRun> Backward(Network network)
    {
        TextbookParameters parameters = new(network.Parameters.All.ToDictionary(
            p => p.Name, p => p.Values.ToArray().Select(value => (double)value).ToArray()));
        TextbookObjective objective = new(new TextbookNetwork(network.Spec, parameters), LossEquations.Of(new SquaredError()));
        return [.. from sequence in Enumerable.Range(0, 8)
                   let heard = Heard(sequence)
                   let example = new TextbookExample([.. heard.Select(x => new Vector(x))], [new Vector(heard[0])], Given.Nothing)
                   select objective.AddGradient(example).Run.Directions.Single()];
    }

    private static void Learn(Network network, TextWriter output)
    {
        using ThreadTeam threads = new(1);
        Workspace workspace = new();
        Optimizer adam = new AdamOptions().Create(network.Parameters.Length);
        for (int update = 0; update <= Updates; update++)
        {
            float[][] heard = [.. Enumerable.Range(update * Sequences, Sequences).Select(Heard)];       // never the same twice
            SequenceBatch x = SequenceBatch.FromSequences(1, heard), sign = SequenceBatch.FromSequences(1, [.. heard.Select(h => h[..1])]);
            workspace.Reset();
            network.Parameters.ClearGradients();
            Pass pass = new(workspace, threads, new Rng(Seed: 1).At((ulong)update), Training: true);
            Cache cache = network.Forward(x, first: null, pass);
            SequenceBatch dy = workspace.Rent(cache.Output.Layout, network.OutputSize);
            double loss = new SquaredError().ComputeMean(cache.Output, Targets.Of(sign), dy, pass);
            network.Backward(dy, cache, pass);
            if (update % 100 == 0) output.WriteLine($"  update {update,3}   loss {loss:F3}");
            adam.Step(network.Parameters, learningRate: 0.01f, threads);
        }
    }

    private static double Size(Vector v) => Math.Sqrt((v * v).Sum());

    private static float[] Heard(int sequence)
    {
        Rng rng = new Rng(Seed: 2).At((ulong)sequence);
        return [.. Enumerable.Range(0, Steps).Select(t => t == 0 ? (sequence % 2 == 0 ? 1f : -1f) : 0.1f * (float)rng.Normal((ulong)t))];
    }
}
