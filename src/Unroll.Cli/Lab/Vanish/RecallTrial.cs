using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli.Lab.Vanish;

/// <summary>A cell and its initialization.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Options">The cell.</param>
/// <param name="Start">Its initial weights, given the gap.</param>
internal sealed record RecallCell(string Name, CellOptions Options, Func<int, InitializationOptions> Start)
{
    internal static IReadOnlyList<RecallCell> All { get; } =
    [
        new("rnn", new() { Kind = "rnn" }, _ => new()),
        new("lstm, forget bias 0", new() { Kind = "lstm" }, _ => new() { ForgetBias = 0 }),
        new("lstm, forget bias 1", new() { Kind = "lstm" }, _ => new() { ForgetBias = 1 }),
        new("lstm, chrono", new() { Kind = "lstm" }, gap => new() { Chrono = gap + 2 }),
        new("gru", new() { Kind = "gru" }, _ => new()),
        new("gru, chrono", new() { Kind = "gru" }, gap => new() { Chrono = gap + 2 }),
    ];
}

/// <summary>How much is trained.</summary>
internal sealed record RecallSizes
{
    /// <summary>Steps of noise.</summary>
    public IReadOnlyList<int> Gaps { get; init; } = [5, 10, 20, 50, 100];

    /// <summary>Updates at most; a network that is right at <see cref="Solved"/> stops earlier.</summary>
    public int Updates { get; init; } = 1000;

    /// <summary>Updates between looks at the accuracy.</summary>
    public int Every { get; init; } = 50;

    /// <summary>Units.</summary>
    public int Hidden { get; init; } = 32;

    /// <summary>Sequences of a batch.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>η of Adam.</summary>
    public float Rate { get; init; } = 3e-3f;

    /// <summary>The accuracy above which a gap counts as learned.</summary>
    public double Solved { get; init; } = 0.99;
}

/// <summary>One cell trained on one gap.</summary>
/// <param name="Accuracy">On 256 sequences that were not trained on, at the end.</param>
/// <param name="Updates">Until it was solved, or all there were.</param>
/// <param name="FirstToLast">Before training: ‖∂L/∂x⟨1⟩‖ ÷ ‖∂L/∂x⟨T⟩‖ over a batch.</param>
internal sealed record RecallResult(double Accuracy, int Updates, double FirstToLast)
{
    private const int TestSequences = 256, TestBatch = 1 << 20;              // numbers that training never reaches

    internal static RecallResult Of(RecallCell cell, int gap, RecallSizes sizes, Rng random, ThreadTeam threads, LabRun run)
    {
        Network network = Net(cell, gap, sizes.Hidden, random);
        RecallTask task = new(network, gap, sizes.Batch, random.For("train")), test = new(network, gap, TestSequences, random.For("test"));
        double firstToLast = Ratio(task, gap, threads);
        Trainer<int> trainer = new(task, new AdamOptions().Create(network.Parameters.Length),
            new TrainerOptions { Schedule = new ConstantSchedule { Rate = sizes.Rate }, Clipping = new Clipping { Limit = 1 } }, threads);
        Pass looks = new(new Workspace(), threads, random, Training: false);
        double accuracy = 0;
        int[] batches = [.. Enumerable.Range(0, sizes.Updates)];
        foreach (TrainingStep step in trainer.Run(batches, default, default, random.For("steps")))
        {
            int done = (int)step.Index + 1;
            if (done % sizes.Every != 0 && done != sizes.Updates) continue;
            looks.Workspace.Reset();
            accuracy = test.Accuracy(TestBatch, looks);
            if (accuracy >= sizes.Solved) return new RecallResult(accuracy, done, firstToLast);
        }
        return new RecallResult(accuracy, sizes.Updates, firstToLast);
    }

    internal static Network Net(RecallCell cell, int gap, int hidden, Rng random)
    {
        NetworkSpec spec = new(RecallTask.Features,
            [new RecurrentSpec { Name = "memory", Cell = cell.Options, Hidden = hidden }, new LastStepSpec { Name = "end" },
                new DenseSpec { Name = "head", Outputs = RecallTask.Symbols }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, cell.Start(gap), random.For("weights"));
        return network;
    }

    private static double Ratio(RecallTask task, int gap, ThreadTeam threads)
    {
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: true);
        task.Parameters.ClearGradients();
        task.Accumulate(0, pass, out SequenceBatch dx);
        return Clipping.Norm(dx.Step(0)) / Clipping.Norm(dx.Step(gap + 1));
    }
}
