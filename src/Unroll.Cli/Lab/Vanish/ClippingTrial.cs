using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli.Lab.Vanish;

// x⟨t⟩ uniform in [0, 1); at the end the network must output the mean of all x⟨t⟩; a = max(0, w x + W_s a₋ + b) with a W_s whose spectral radius is
// above 1

/// <summary>A task whose gradients explode: the mean of a sequence, computed by rectified units.</summary>
/// <param name="network">One input, one output at the last step.</param>
/// <param name="steps">T.</param>
/// <param name="random">Where the numbers come from.</param>
internal sealed class MeanTask(Network network, int steps, Rng random) : IObjective<int>
{
    private const int Sequences = 16;

    private readonly SquaredError _loss = new();
    private readonly SequenceBatch _x = SequenceBatch.Zeros(SequenceLayout.Uniform(Sequences, steps), 1);
    private readonly SequenceBatch _mean = SequenceBatch.Zeros(SequenceLayout.Uniform(Sequences, 1), 1);

    public ParameterStore Parameters => network.Parameters;

    public LossSum Accumulate(int batch, in Pass pass)
    {
        Rng draws = random.At((ulong)batch);
        for (int s = 0; s < Sequences; s++)
        {
            float sum = 0;
            for (int t = 0; t < steps; t++) sum += _x.Row(t, s)[0] = draws.Uniform((ulong)(s * steps + t));
            _mean.Row(0, s)[0] = sum / steps;
        }
        Cache cache = network.Forward(_x, null, pass);
        SequenceBatch dy = pass.Workspace.Rent(cache.Output.Layout, 1);
        LossSum loss = _loss.Compute(cache.Output, Targets.Of(_mean), dy, pass);
        network.Backward(dy, cache, pass);
        return loss;
    }
}

/// <summary>A training run that explodes, or does not.</summary>
/// <param name="Losses">The mean loss before each update; ends where it was not finite any more.</param>
/// <param name="LargestNorm">Of the gradient before clipping, while it was finite.</param>
/// <param name="Clipped">The share of updates whose gradient was scaled.</param>
/// <param name="Fault">The update at which loss or gradient was not finite; null: none.</param>
internal sealed record ClippingTrial(IReadOnlyList<double> Losses, double LargestNorm, double Clipped, int? Fault)
{
    /// <summary>Trains by plain gradient descent.</summary>
    internal static ClippingTrial Of(double radius, int hidden, int steps, int updates, Clipping clipping, Rng random, ThreadTeam threads, LabRun run)
    {
        NetworkSpec spec = new(1, [new RecurrentSpec { Name = "sum", Cell = new() { Kind = "rnn", Activation = "relu" }, Hidden = hidden },
            new LastStepSpec { Name = "end" }, new DenseSpec { Name = "head", Outputs = 1 }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new(), random.For("weights"));
        SetRecurrent(network, Draw.OfRadius(random.For("recurrent"), hidden, radius));
        Trainer<int> trainer = new(new MeanTask(network, steps, random.For("data")), new SgdOptions().Create(network.Parameters.Length),
            new TrainerOptions
        {
            Schedule = new ConstantSchedule { Rate = 0.01f }, Clipping = clipping, NonFinite = NonFinitePolicy.SkipBatch,
        }, threads);
        List<double> losses = [];
        double largest = 0;
        int clipped = 0;
        int[] batches = [.. Enumerable.Range(0, updates)];
        foreach (TrainingStep step in trainer.Run(batches, default, default, random.For("steps")))
        {
            if (step.Fault is not null) return new ClippingTrial(losses, largest, (double)clipped / Math.Max(1, losses.Count), losses.Count);
            losses.Add(step.Loss);
            largest = Math.Max(largest, step.GradientNorm);
            if (step.Clipped) clipped++;
        }
        return new ClippingTrial(losses, largest, (double)clipped / updates, null);
    }

    private static void SetRecurrent(Network network, Matrix w)
    {
        using Edit edit = network.Parameters.Edit();
        Span<float> values = edit.Of(network.Parameters.Find("sum.weight_hh_l0")!);
        for (int i = 0; i < values.Length; i++) values[i] = (float)w[i / w.Columns, i % w.Columns];
    }
}

/// <summary>A gradient that vanishes, before and after clipping by its norm.</summary>
/// <param name="Norm">Of all gradients.</param>
/// <param name="FromFirst">Of the weights that only the first step reads.</param>
/// <param name="FromRest">Of the weights of the inputs that only later steps read.</param>
internal sealed record ClippedGradient(double Norm, double FromFirst, double FromRest)
{
    /// <summary>The first step's part relative to the later ones'.</summary>
    internal double Ratio => FromFirst / FromRest;

    /// <summary>Of a batch of the recall task, before any training.</summary>
    internal static ClippedGradient Of(int gap, RecallSizes sizes, Clipping clipping, Rng random, ThreadTeam threads)
    {
        Network network = RecallResult.Net(RecallCell.All[0], gap, sizes.Hidden, random);
        RecallTask task = new(network, gap, sizes.Batch, random.For("train"));
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: true);
        network.Parameters.ClearGradients();
        LossSum loss = task.Accumulate(0, pass);
        Elementwise.Scale(network.Parameters.Gradients, 1f / loss.Count);
        clipping.Apply(network.Parameters);
        // The columns of weight_ih are read by the inputs that are not zero: the first symbols by the first step alone, noise and cue by the others.
        ReadOnlySpan<float> dw = network.Parameters.Find("memory.weight_ih_l0")!.Gradients;
        double first = 0, rest = 0;
        for (int i = 0; i < dw.Length; i++)
            if (i % RecallTask.Features < RecallTask.Symbols) first += (double)dw[i] * dw[i];
            else rest += (double)dw[i] * dw[i];
        return new ClippedGradient(Clipping.Norm(network.Parameters.Gradients), Math.Sqrt(first), Math.Sqrt(rest));
    }
}
