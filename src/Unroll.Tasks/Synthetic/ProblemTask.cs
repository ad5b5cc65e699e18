using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Synthetic;

/// <summary>What a network learns a problem from.</summary>
public sealed record ProblemData
{
    /// <summary>The seed of every sequence.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Sequences of an update, at least 1.</summary>
    public int Batch { get; init => field = Check.Between(1, 100_000, value, "batch"); } = 32;

    /// <summary>Updates of an epoch, at least 1.</summary>
    public int Updates { get; init => field = Check.Between(1, 1_000_000, value, "updates of an epoch"); } = 50;

    /// <summary>Whether every epoch brings sequences never seen before; else all have the same ones, shuffled.</summary>
    public bool Fresh { get; init; } = true;

    /// <summary>Sequences to validate on, at least 1.</summary>
    public int Validation { get; init => field = Check.Between(1, 1_000_000, value, "sequences to validate on"); } = 256;
}

/// <summary>A problem as the training loop sees it: a batch is the numbers of some sequences.</summary>
public sealed class ProblemTask : ITrainingTask<long[]>
{
    private readonly ISequenceProblem _problem;
    private readonly ProblemData _data;
    private readonly ProblemSet _validation;
    private readonly ILoss _loss;
    private readonly Rng _training;

    /// <summary>Prepares the sequences to validate on.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="network">Initialized; takes the problem's inputs and gives its outputs.</param>
    /// <param name="data">Which sequences.</param>
    /// <exception cref="UserErrorException">The network does not fit the problem.</exception>
    public ProblemTask(ISequenceProblem problem, Network network, ProblemData data)
    {
        if (network.InputSize != problem.Inputs) ShapeException.Throw(network.InputSize, problem.Inputs, "network inputs",
            $"problem '{problem.Name}' has that many");
        if (network.OutputSize != problem.Outputs) ShapeException.Throw(network.OutputSize, problem.Outputs, "network outputs",
            $"problem '{problem.Name}' has that many");
        (_problem, Network, _data, _loss) = (problem, network, data, SequenceProblems.LossOf(problem));
        _training = new Rng(data.Seed).For("training");
        _validation = new ProblemSet(problem, data.Validation, new Rng(data.Seed).For("validation"));
    }

    /// <summary>
    /// The network that a problem needs: a recurrent layer, its last step where there is one answer, and a dense layer. Below a cell that uses x unit
    /// by unit stands a dense layer that brings x to the width of its units.
    /// </summary>
    /// <param name="problem">The problem.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="hidden">Its units.</param>
    public static NetworkSpec NetworkFor(ISequenceProblem problem, CellOptions cell, int hidden)
    {
        RecurrentSpec recurrent = new() { Name = "memory", Cell = cell, Hidden = hidden };
        DenseSpec head = new() { Name = "answer", Outputs = problem.Outputs };
        LayerSpec[] enter = cell.Definition is { ReadsInputByUnit: true } ? [new DenseSpec { Name = "enter", Outputs = hidden }] : [];
        LayerSpec[] last = problem.OneAnswer ? [new LastStepSpec { Name = "last" }] : [];
        return new NetworkSpec(problem.Inputs, [.. enter, recurrent, .. last, head]);
    }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <inheritdoc/>
    public ParameterStore Parameters => Network.Parameters;

    /// <inheritdoc/>
    public string Model => Network.Spec.ToJson();

    /// <inheritdoc/>
    public string Notes => "{}";

    /// <inheritdoc/>
    public string? GatesOf(Parameter parameter) => Network.GatesOf(parameter);

    /// <inheritdoc/>
    public IReadOnlyList<long[]> Batches(int epoch, Rng random)
    {
        int[] order = new int[_data.Batch * _data.Updates];
        random.Permute(order);
        long first = _data.Fresh ? (long)epoch * order.Length : 0;
        return [.. order.Select(number => first + number).Chunk(_data.Batch)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> LengthsOf(long[] batch) => Array.ConvertAll(batch, _ => 1);

    /// <inheritdoc/>
    public bool SumsByShard(long[] batch) => true;

    /// <inheritdoc/>
    public long[] Part(long[] batch, IReadOnlyList<int> sequences) => [.. sequences.Select(s => batch[s])];

    /// <inheritdoc/>
    public LossSum Accumulate(long[] batch, in Pass pass)
    {
        Pass own = pass with { SequenceIds = batch };
        ProblemBatch drawn = ProblemBatch.Draw(_problem, [.. batch.Select(number => _training.At((ulong)number))], ragged: true);
        Cache cache = Network.Forward(drawn.Inputs, null, own);
        SequenceBatch dy = own.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
        LossSum loss = _loss.Compute(cache.Output, drawn.Targets, dy, own);
        Network.Backward(dy, cache, own);
        return loss;
    }

    /// <inheritdoc/>
    public Validation? Validate(in Pass pass)
    {
        ProblemScore score = _validation.Measure(Network, pass);
        return new Validation(score.Loss, [new("share_of_baseline", score.Share), new("accuracy", score.Accuracy ?? double.NaN)]);
    }

    /// <summary>The network's score on sequences that were neither trained nor validated on.</summary>
    /// <param name="sequences">How many.</param>
    /// <param name="pass">Workspace (reset before each part) and threads.</param>
    public ProblemScore Test(int sequences, in Pass pass) =>
        new ProblemSet(_problem, sequences, new Rng(_data.Seed).For("test")).Measure(Network, pass);

    /// <inheritdoc/>
    public void Save(string path) => ModelFile.Save(path, Network.Spec, Notes, Parameters);
}
