using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tasks.Labels;

/// <summary>Trains a labeling model, from options and files to a measured model file.</summary>
public sealed class LabelTraining
{
    private const int DefaultSequences = 80_000, MinEpochs = 10, MaxEpochs = 40;
    private readonly LabelData _data;
    private readonly ThreadTeam _threads;

    private LabelTraining(LabelModel model, LabelData data, LabelTask task, ThreadTeam threads, RunDirectory? run, Action<string>? warn)
    {
        (Model, _data, _threads) = (model, data, threads);
        Epochs = model.Options.Learning.Epochs ?? Math.Clamp((DefaultSequences + data.Training.Count - 1) / data.Training.Count, MinEpochs, MaxEpochs);
        Loop = new TrainingLoop<int[]>(task, model.Options.Learning.ForLoop(Epochs), threads, run, warn);
    }

    /// <summary>The model that is trained.</summary>
    public LabelModel Model { get; }

    /// <summary>The loop: where the run stands and how it ended.</summary>
    public TrainingLoop<int[]> Loop { get; }

    /// <summary>The epochs at most: those that go through about 80,000 sequences where the options do not say, 10 to 40 epochs.</summary>
    public int Epochs { get; }

    /// <summary>The sequences that an epoch learns from.</summary>
    public int Examples => _data.Training.Count;

    /// <summary>Sequences to train on, to validate on and to test on.</summary>
    public (int Training, int Validation, int Test) Parts => (_data.Training.Count, _data.Validation.Count, _data.Test.Count);

    /// <summary>Reads the data, learns the encoding, makes the network and initializes it.</summary>
    /// <param name="options">The run.</param>
    /// <param name="standardInput">Read when a file is <c>-</c>.</param>
    /// <param name="threads">Who does the work; their number changes no bit.</param>
    /// <param name="run">Makes the folder for checkpoints and models, once the data have been found good; null: nothing is written.</param>
    /// <param name="warn">Receives lines for the user.</param>
    /// <exception cref="UserErrorException">The data are not as they should be.</exception>
    public static LabelTraining Begin(
        LabelOptions options, TextReader standardInput, ThreadTeam threads, Func<RunDirectory>? run = null, Action<string>? warn = null)
    {
        LabelData data = LabelData.Read(options, standardInput);
        LabelEncoding encoding = LabelEncoding.Learn(data.Training, options);
        if (options.BothStrands && encoding.Unit is not ("base" or "kmer"))
            throw new UserErrorException($"both-strands: expected nucleotides (--unit base or kmer), and the unit is {encoding.Unit}; leave it out.");
        LabelModel model = new(options, encoding);
        Rng random = new Rng(options.Learning.Seed).For("weights");
        Initialization.Apply(model.Network.Parameters, model.Network.Spec, new InitializationOptions(), random);
        if (options.Vectors is { } vectors) WordVectors.Into(model, vectors, warn);
        LabelTask task = new(model, data);
        foreach (Unroll.Tasks.Data.Labeled.LabeledSequence one in data.Validation.Concat(data.Test))
            _ = model.Labels(one, encoding.Encode(one).Length / encoding.Features);
        foreach (string line in data.Repeated()) warn?.Invoke(line);
        return new LabelTraining(model, data, task, threads, run?.Invoke(), warn);
    }

    /// <summary>Trains; see <see cref="TrainingLoop{TBatch}.Run"/>.</summary>
    public IEnumerable<TrainingProgress> Run(CancellationToken stop = default) => Loop.Run(stop);

    /// <summary>Which bases decided, over the test part; see <see cref="LabelLogo"/>.</summary>
    public IReadOnlyList<LabelLogo> Logos() => LabelLogo.Of(Model, _data.Test, _threads);

    /// <summary>Measures the best weights on the test part, beside simple rules learned from the training part; null where there is none.</summary>
    public LabelEvaluation? Finish() => _data.Test.Count == 0 ? null : LabelEvaluation.Of(Model, _data.Training, _data.Test, _threads);
}
