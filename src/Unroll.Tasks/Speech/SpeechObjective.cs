using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Numerics;
using Unroll.Tasks.Data.Audio;
using Unroll.Training;

namespace Unroll.Tasks.Speech;

/// <summary>What one step learns from: recordings or strings, with a generator for the random changes of each.</summary>
internal sealed record SpeechBatch(SpeechExample[] Examples, Rng[] Random)
{
    /// <summary>The examples' places in the batch that they are a part of; empty: this is the batch.</summary>
    public long[] Places { get; init; } = [];
}

/// <summary>Learning words from sound, as the training loop sees it.</summary>
internal sealed class SpeechObjective : ITrainingTask<SpeechBatch>
{
    private static readonly CtcLoss s_ctc = new() { Impossible = ImpossibleTargets.LeaveOut };
    private readonly SpeechModel _model;
    private readonly SpeechData _data;
    private readonly SpeechFeatures _features;
    private readonly SpeechExample[] _valid;
    private float[][]? _validRows;
    private (SequenceBatch X, Cache Cache, SequenceBatch DOutputs)? _last;

    internal SpeechObjective(SpeechModel model, SpeechData data)
    {
        (_model, _data) = (model, data);
        AugmentationOptions augmentation = Options.Augmentation;
        _features = new SpeechFeatures(model.Description, augmentation.Any ? augmentation : null);
        Data = data.Hashes();
        _valid = [.. SpeechData.Examples(Options, data.Valid, new Rng(Options.Seed).For("validation"))];
    }

    private SpeechOptions Options => _model.Description.Options;

    public ParameterStore Parameters => _model.Network.Parameters;

    public string Model => $"{_model.Network.Spec.ToJson()}\n{Notes}";

    public IReadOnlyList<DataPart> Data { get; }

    public string Notes => _model.Description.ToJson();

    public string? GatesOf(Parameter parameter) => _model.Network.GatesOf(parameter);

    public IReadOnlyList<SpeechBatch> Batches(int epoch, Rng random)
    {
        IReadOnlyList<SpeechExample> examples = SpeechData.Examples(Options, _data.Train, random);
        Rng changes = random.For("augmentation");
        Batcher batcher = new([.. examples.Select(e => e.Length)], Options.Batch, random);
        return [.. batcher.Epoch(0).Select(batch =>
            new SpeechBatch([.. batch.Select(i => examples[i])], [.. batch.Select(i => changes.At((ulong)i))]))];
    }

    public IReadOnlyList<int> LengthsOf(SpeechBatch batch) => Array.ConvertAll(batch.Examples, example => example.Length);

    public bool SumsByShard(SpeechBatch batch) => true;

    public SpeechBatch Part(SpeechBatch batch, IReadOnlyList<int> sequences) =>
        new([.. sequences.Select(s => batch.Examples[s])], [.. sequences.Select(s => batch.Random[s])])
        {
            Places = [.. sequences.Select(s => (long)s)],
        };

    public LossSum Accumulate(SpeechBatch batch, in Pass all)
    {
        Pass pass = batch.Places.Length == 0 ? all : all with { SequenceIds = batch.Places };
        float[][] rows = _features.Of(batch.Examples, batch.Random, pass.Threads);
        SequenceBatch x = SpeechNetwork.Pack(rows, _model.Network.InputSize, pass.Workspace);
        Cache cache = _model.Network.Forward(x, null, pass);
        SequenceBatch y = cache.Output, dy = pass.Workspace.Rent(y.Layout, y.Features);
        LossSum loss = Loss(y, batch.Examples, dy, pass);
        _model.Network.Backward(dy, cache, pass);
        _last = (x, cache, dy);
        return loss;
    }

    public string? LocateNonFinite(SpeechBatch batch, in Pass pass) => _last is not var (x, cache, dy)
        ? null
        : NonFinitePlace.Forward(_model.Network, x, cache) ?? NonFinitePlace.Backward(_model.Network, dy, null, cache, pass);

    // The share of wrong words, and to tell equal ones apart a ten-thousandth of the loss.
    public Validation? Validate(in Pass pass, ICollective ranks)
    {
        if (_valid.Length == 0) return null;
        _validRows ??= _model.Features(_valid, pass.Threads);
        LossSum loss = default;
        int wrong = 0, words = 0;
        Pass own = pass;
        foreach ((LossSum part, int wrongThere, int wordsThere) in ranks.Shared(SpeechNetwork.Batches(_validRows),
            (from, to) => SpeechNetwork.Run(_model.Network, _validRows, own.Threads, own.Workspace, from, to).Select(Measured).ToArray()))
            (loss, wrong, words) = (loss + part, wrong + wrongThere, words + wordsThere);
        double rate = words == 0 ? 0 : (double)wrong / words;
        return new Validation(rate + 1e-4 * Math.Min(loss.Count == 0 ? 0 : loss.Mean, 1e6),
            new KeyValuePair<string, double>("validation_error", rate), new KeyValuePair<string, double>("validation_loss", loss.Mean));

        (LossSum, int, int) Measured((SequenceBatch Outputs, int From, int Count) part)
        {
            SequenceBatch y = part.Outputs;
            SpeechExample[] examples = _valid[part.From..(part.From + part.Count)];
            LossSum sum = Loss(y, examples, own.Workspace.Rent(y.Layout, y.Features), own);
            (int errors, int labels) = (0, 0);
            for (int s = 0; s < part.Count; s++)
            {
                int[] truth = _model.Description.Labels(examples[s].Text);
                errors += SpeechScore.Of(truth, SpeechScore.Greedy(_model.Description, y, s)).Errors;
                labels += truth.Length;
            }
            return (sum, errors, labels);
        }
    }

    public Validation? Validate(in Pass pass) => Validate(pass, new SingleRank());

    public void Save(string path) => _model.Save(path);

    // A word that the training part does not have, as one of the validation part, has no output: its example is left out of the loss.
    private LossSum Loss(in SequenceBatch y, SpeechExample[] examples, in SequenceBatch dy, in Pass pass)
    {
        int[][] labels = [.. examples.Select(e => _model.Description.Labels(e.Text))];
        if (_model.Description.IsCtc)
            return s_ctc.Compute(y, [.. labels.Select(l => l.Contains(-1) ? [.. l.Where(k => k > 0)] : l)], dy, pass);
        int[] packed = new int[y.Layout.Rows];
        for (int s = 0; s < labels.Length; s++) packed[y.Layout.Row(0, s)] = labels[s][0] < 0 ? Targets.Ignored : labels[s][0];
        return new SoftmaxCrossEntropy().Compute(y, Targets.Of(packed), dy, pass);
    }
}
