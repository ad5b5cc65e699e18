using System.Globalization;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Synthetic;
using Unroll.Training;

namespace Unroll.Cli.Lab.Compare;

/// <summary>One of the made-up problems.</summary>
/// <param name="problem">Which, and how long.</param>
/// <param name="options">Batch, rate, clipping, epochs, patience.</param>
/// <param name="examples">Sequences to learn from, over and over; null: new ones for every update.</param>
internal sealed class ProblemComparison(ISequenceProblem problem, ForecastOptions options, int? examples) : IComparison
{
    private const int TestSequences = 1000, UpdatesOfFresh = 25;
    private readonly int _epochs = options.Epochs ?? 40;

    public string Title => string.Create(CultureInfo.InvariantCulture, $"{problem.Name}, length {problem.Length}");

    public string Measure => problem.AnswersAreClasses ? "nats per answer" : "squared error";

    public IReadOnlyList<(string Name, double Value)> Baselines => [("not looking at the sequence", problem.BaselineLoss)];

    public string Training => string.Create(CultureInfo.InvariantCulture,
        $"{(examples is int n ? $"{n} sequences, over and over" : "new sequences for every update")}, {Updates} updates per epoch, each of "
            + $"{options.Batch} sequences, Adam at ")
        + string.Create(CultureInfo.InvariantCulture, $"{options.LearningRate}, {_epochs} epochs at most; the weights are those of the "
        + $"epoch that was best on validation sequences");

    private int Updates => examples is int n ? Math.Max(1, n / options.Batch) : UpdatesOfFresh;

    public Network Network(LabNamedCell cell, int hidden) =>
        Networks.Network.Build(ProblemTask.NetworkFor(problem, cell.Options, hidden), cell.Cells);

    public IReadOnlyList<IReadOnlyList<CompareOutcome>> Train(IReadOnlyList<(LabNamedCell Cell, int Hidden)> cells, int seeds, LabRun run) =>
        CompareTraining.Train(this, cells, seeds, run);

    public ComparedTraining Begin(LabNamedCell cell, int hidden, ulong seed, ThreadTeam alone)
    {
        ProblemData data = new() { Seed = seed, Batch = options.Batch, Updates = Updates, Fresh = examples is null };
        ProblemTraining training = ProblemTraining.Begin(problem, cell, hidden, data, OptionsOf(seed), alone);
        return new ComparedTraining(training.Loop.Run(), () => training.Loop.State, () => training.Test(TestSequences, alone).Loss);
    }

    private TrainingOptions OptionsOf(ulong seed) => new()
    {
        Epochs = _epochs,
        Seed = seed,
        Step = new TrainerOptions
        {
            Schedule = new ConstantSchedule { Rate = (float)options.LearningRate },
            Clipping = options.Clip > 0 ? new Clipping { Limit = (float)options.Clip } : Clipping.None,
        },
        EarlyStopping = new EarlyStopping { Patience = options.Patience ?? Math.Max(10, _epochs / 3) },
    };
}
