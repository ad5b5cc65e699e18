using System.Text;
using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Translation;

/// <summary>One step's pairs.</summary>
/// <param name="Pairs">Their numbers in the training part.</param>
/// <param name="Sampled">The probability that a step of the decoder is given the network's own choice.</param>
internal sealed record TranslationBatch(int[] Pairs, float Sampled);

/// <summary>Translation as the training loop sees it.</summary>
internal sealed class TranslationObjective : ITrainingTask<TranslationBatch>
{
    private readonly TranslationModel _model;
    private readonly (int[] Source, int[] Target)[] _training, _validation;
    private readonly int[] _lengths;
    private readonly int _epochs;
    private readonly SoftmaxCrossEntropy _loss;

    public TranslationObjective(TranslationModel model, Partition<TranslationPair> parts, int epochs)
    {
        (_model, _epochs) = (model, epochs);
        _loss = new SoftmaxCrossEntropy { Smoothing = (float)model.Options.LabelSmoothing };
        (int[] Source, int[] Target)[] all = [.. parts.Train.Select(Encode)];
        _training = [.. all.Where(pair => Math.Max(pair.Source.Length, pair.Target.Length) <= model.Options.MaxLength)];
        TooLong = all.Length - _training.Length;
        if (_training.Length == 0)
            throw new OptionException("max-length", $"no pair has at most {model.Options.MaxLength} symbols on both sides; raise it.");
        _validation = [.. parts.Valid.Select(Encode)];
        int most = _training.Max(pair => pair.Target.Length) + 1;
        _lengths = [.. _training.Select(pair => pair.Source.Length * most + pair.Target.Length)];             // by source, then by target
        Data = PartHashes.Of(parts, TranslationData.Content);
    }

    /// <summary>Pairs that are left out because a side is too long.</summary>
    public int TooLong { get; }

    public int Examples => _training.Length;

    public ParameterStore Parameters => _model.Parameters;

    public string Model => $"{_model.EncoderDecoder.Spec.ToJson()}\n{Notes}";

    public IReadOnlyList<DataPart> Data { get; }

    public string Notes => _model.ToJson();

    public string? GatesOf(Parameter parameter) => _model.EncoderDecoder.GatesOf(parameter);

    public IReadOnlyList<TranslationBatch> Batches(int epoch, Rng random)
    {
        float sampled = (float)(_model.Options.ScheduledSampling * epoch / Math.Max(1, _epochs - 1));
        return [.. new Batcher(_lengths, _model.Options.Batch, random).Epoch(epoch).Select(pairs => new TranslationBatch(pairs, sampled))];
    }

    public IReadOnlyList<int> LengthsOf(TranslationBatch batch) =>
        Array.ConvertAll(batch.Pairs, i => _training[i].Source.Length + _training[i].Target.Length);

    public bool SumsByShard(TranslationBatch batch) => true;

    public TranslationBatch Part(TranslationBatch batch, IReadOnlyList<int> sequences) =>
        batch with { Pairs = [.. sequences.Select(s => batch.Pairs[s])] };

    public LossSum Accumulate(TranslationBatch batch, in Pass pass)
    {
        Pass own = pass with { SequenceIds = Array.ConvertAll(batch.Pairs, i => (long)i) };
        return _model.EncoderDecoder.Accumulate(Pack([.. batch.Pairs.Select(i => _training[i])]), own, batch.Sampled, _loss);
    }

    public Validation? Validate(in Pass pass) => Validate(pass, new SingleRank());

    //  score = nats a symbol of the targets, their ends included, of the labels as they are
    public Validation? Validate(in Pass pass, ICollective ranks)
    {
        if (_validation.Length == 0) return null;
        (int[], int[])[][] parts = [.. _validation.OrderByDescending(pair => pair.Source.Length).Chunk(64)];
        Pass own = pass;
        LossSum sum = ranks.Shared(parts.Length, (from, to) => Array.ConvertAll(parts[from..to], some =>
        {
            own.Workspace.Reset();
            return _model.EncoderDecoder.Loss(Pack(some), own);
        })).Aggregate(default(LossSum), (all, part) => all + part);
        return new Validation(sum.Mean, [new("validation_loss", sum.Mean), new("validation_perplexity", Math.Exp(sum.Mean))]);
    }

    public void Save(string path) => _model.Save(path);

    private SequencePairs Pack(IReadOnlyList<(int[] Source, int[] Target)> pairs) =>
        new(_model.EncoderDecoder.Spec, [.. pairs.Select(pair => pair.Source)], [.. pairs.Select(pair => pair.Target)]);

    private (int[], int[]) Encode(TranslationPair pair) => (_model.Source.Encode(pair.Source), _model.Target.Encode(pair.Target));
}
