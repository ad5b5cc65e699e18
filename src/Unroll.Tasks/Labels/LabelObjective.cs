using System.Text;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Labels;

/// <summary>Labeling as the training loop sees it: a batch is the numbers of some sequences.</summary>
internal sealed class LabelObjective : ITrainingTask<int[]>
{
    private const int FewLabels = 500;                                   // of so many errors one standard deviation is a point and more

    private readonly LabelModel _model;
    // A base has four numbers, sixteen times its letter: a genome is encoded batch by batch, all else once.
    private readonly IReadOnlyList<LabeledSequence> _training;
    private readonly float[]?[] _inputs, _otherStrand;
    private readonly int[] _lengths;
    private readonly int[]?[] _labels;
    private readonly IReadOnlyList<LabeledSequence> _validation;
    private readonly ILoss _loss;
    private readonly float[] _weights;
    private readonly RareWords? _rare;
    private (SequenceBatch X, Cache Cache, SequenceBatch DOutputs)? _last;

    public LabelObjective(LabelModel model, Partition<LabeledSequence> data)
    {
        LabelEncoding encoding = model.Encoding;
        _model = model;
        (_training, _lengths, _labels) = (data.Train, new int[data.Train.Count], new int[]?[data.Train.Count]);
        (_inputs, _otherStrand) = (new float[]?[data.Train.Count], new float[]?[data.Train.Count]);
        bool keep = encoding.Unit != LabelUnit.Base;
        for (int i = 0; i < _training.Count; i++)
        {
            float[] x = encoding.Encode(_training[i]);
            int[] labels = model.Labels(_training[i], x.Length / encoding.Features);
            _lengths[i] = x.Length;
            if (keep) (_inputs[i], _labels[i]) = (x, labels);
            if (keep && model.Options.BothStrands) _otherStrand[i] = encoding.Encode(LabelUnits.OtherStrand(_training[i]));
        }
        (_validation, _weights, _loss) = (data.Valid, WeightsOf(), model.NewLoss());
        if (encoding.Characters is not null) _rare = new RareWords(encoding, _inputs.OfType<float[]>());
        Data = Hashes(data);
    }

    public int Examples => _training.Count;

    public ParameterStore Parameters => _model.Network.Parameters;

    public string Model => $"{_model.Network.Spec.ToJson()}\n{Notes}";

    public IReadOnlyList<DataPart> Data { get; }

    public string Notes => _model.ToJson();

    public string? GatesOf(Parameter parameter) => _model.Network.GatesOf(parameter);

    public IReadOnlyList<int[]> Batches(int epoch, Rng random) =>
        new Batcher([.. _lengths], _model.Options.Batch, random).Epoch(epoch);

    public IReadOnlyList<int> LengthsOf(int[] batch) => Array.ConvertAll(batch, i => _lengths[i]);

    public bool SumsByShard(int[] batch) => true;

    public int[] Part(int[] batch, IReadOnlyList<int> sequences) => [.. sequences.Select(s => batch[s])];

    public LossSum Accumulate(int[] batch, in Pass pass)
    {
        Pass own = pass with { SequenceIds = Array.ConvertAll(batch, i => (long)i) };
        SequenceBatch x = SequenceBatch.FromSequences(_model.Encoding.Features, [.. batch.Select(i => Input(i, own.Random))]);
        Cache cache = _model.Network.Forward(x, null, own);
        SequenceBatch y = cache.Output, dy = own.Workspace.Rent(y.Layout, y.Features);
        Targets targets = Targets.OfSequences(y.Layout, [.. batch.Select(Labels)]);
        LossSum loss = _loss.Compute(y, _weights.Length == 0 ? targets : targets with { RowWeights = RowWeights(targets.Labels.Span) }, dy, own);
        _model.Network.Backward(dy, cache, own);
        _last = (x, cache, dy);
        return loss;
    }

    public string? LocateNonFinite(int[] batch, in Pass pass) => _last is not var (x, cache, dy)
        ? null
        : NonFinitePlace.Forward(_model.Network, x, cache) ?? NonFinitePlace.Backward(_model.Network, dy, null, cache, pass);

    public Validation? Validate(in Pass pass) => Validate(pass, new SingleRank());

    //  score = share of wrong labels, of stretches 1 − F1, and a thousandth of the mean loss, which decides between equal shares; or the loss
    public Validation? Validate(in Pass pass, ICollective ranks)
    {
        if (_validation.Count == 0) return null;
        LabelScores scores = LabelScores.Of(_model, _validation, LabelDecoding.Shared(_model, _validation, pass.Threads, ranks));
        double? f1 = scores.Entities is { All: { Actual: > 0 } all } ? all.F1 : null;
        bool byLoss = _model.Options.EpochBy == EpochBy.Loss || (_model.Options.EpochBy == EpochBy.Auto && scores.Actual.Count < FewLabels);
        return new Validation(byLoss ? scores.Loss : 1 - (f1 ?? scores.Accuracy) + 1e-3 * scores.Loss,
        [
            new("validation_accuracy", scores.Accuracy), new("validation_loss", scores.Loss),
            .. f1 is { } value ? [new("validation_entity_f1", value)] : (ReadOnlySpan<KeyValuePair<string, double>>)[],
        ]);
    }

    public void Save(string path) => _model.Save(path);

    //  wₖ = n ÷ (labels · nₖ)
    private float[] WeightsOf()
    {
        if (_model.Options.ClassWeights == ClassWeights.None) return [];
        double[] counts = new double[_model.Classes.Count];
        for (int i = 0; i < _training.Count; i++)
            foreach (int label in Labels(i))
                if (label >= 0) counts[label]++;
        double all = counts.Sum(), labels = counts.Count(n => n > 0);
        return [.. counts.Select(n => n > 0 ? (float)(all / (labels * n)) : 1)];
    }

    private float[] RowWeights(ReadOnlySpan<int> labels)
    {
        float[] weights = new float[labels.Length];
        for (int row = 0; row < weights.Length; row++) weights[row] = labels[row] < 0 ? 0 : _weights[labels[row]];
        return weights;
    }

    private int[] Labels(int i) => _labels[i] ?? _model.Labels(_training[i], _lengths[i] / _model.Encoding.Features);

    private float[] Input(int i, Rng random)
    {
        LabelOptions options = _model.Options;
        Rng own = random.For("input").At((ulong)i);
        bool other = options.BothStrands && own.For("strand").Uniform(0) < 0.5f;
        float[] x = LabelNoise.ChangesLetters(options) ? Changed(i, other, own)
            : other ? _otherStrand[i] ?? _model.Encoding.Encode(LabelUnits.OtherStrand(_training[i]))
            : _inputs[i] ?? _model.Encoding.Encode(_training[i]);
        double hidden = LabelNoise.HiddenOf(options, _model.Encoding);
        if (_rare is not null) return _rare.Hide(x, hidden, own);
        return hidden == 0 ? x : LabelNoise.Hide(x, hidden, _model.Encoding, own);
    }

    private float[] Changed(int i, bool otherStrand, Rng random)
    {
        LabeledSequence one = LabelNoise.Letters(_training[i], _model.Options, random);
        return _model.Encoding.Encode(otherStrand ? LabelUnits.OtherStrand(one) : one);
    }

    internal static IReadOnlyList<DataPart> Hashes(Partition<LabeledSequence> data) => PartHashes.Of(data, Add);

    private static void Add(Sha256 hash, LabeledSequence one)
    {
        string tokens = string.Join('\u001f', one.Tokens), labels = string.Join('\u001f', one.StepLabels);
        hash.AppendText($"{one.Text}\t{tokens}\t{one.Label}\t{labels}\t{one.Numbers.Length}");
        hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(one.Numbers));
    }
}
