using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Language;

//  the text s⟨0⟩ s⟨1⟩ … from place o on (o is drawn anew for each epoch, 0 … k1 − 1), in B streams of L = ⌊(n − 1 − o) / B⌋ symbols side by side:
//
//  stream 0    s⟨o⟩       s⟨o+1⟩      …        input at step t of stream b: s⟨o + bL + t⟩
//  stream 1    s⟨o+L⟩     s⟨o+L+1⟩    …        target:                      s⟨o + bL + t + 1⟩

/// <summary>
/// A language model as the training loop sees it: contiguous streams, truncated backpropagation with the state carried on through an epoch.
/// </summary>
internal sealed class LanguageObjective : ITrainingTask<TruncatedUpdate>
{
    private const int MaxStreams = 16, MinOfAStream = 500;             // of the validation: a stream begins without a past
    private readonly LanguageModel _model;
    private readonly int[] _train, _valid;
    private readonly TruncatedBptt _bptt;
    private readonly LanguageScorer _validation;

    internal LanguageObjective(LanguageModel model, LanguageData data, int[] train, int[] valid)
    {
        LanguageOptions options = model.Description.Options;
        (_model, _train, _valid) = (model, train, valid);
        _bptt = new TruncatedBptt(model.Network, new SoftmaxCrossEntropy(), options.Bptt[0], options.Bptt[1], options.Batch);
        _validation = new LanguageScorer(model, Math.Clamp(valid.Length / MinOfAStream, 1, MaxStreams));
        Data = PartHashes.Of<string>([data.Train], [data.Valid], [data.Test], PartHashes.AppendText);
    }

    /// <summary>Symbols that an epoch learns from.</summary>
    internal long Examples => (long)StreamLength(0) * _model.Description.Options.Batch;

    public ParameterStore Parameters => _model.Network.Parameters;

    public string Model => $"{_model.Network.Spec.ToJson()}\n{Notes}";

    public IReadOnlyList<DataPart> Data { get; }

    public string Notes => _model.Description.ToJson();

    public string? GatesOf(Parameter parameter) => _model.Network.GatesOf(parameter);

    public IReadOnlyList<NamedFloats> CarriedState => _bptt.CarriedState;

    public IReadOnlyList<TruncatedUpdate> Batches(int epoch, Rng random)
    {
        int streams = _model.Description.Options.Batch, k1 = _model.Description.Options.Bptt[0];
        int shift = StreamLength(k1) > k1 ? random.Below(k1, 0) : 0, length = StreamLength(shift);
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.Uniform(streams, length), 1);
        int[] next = new int[streams * length];
        Span<float> input = x.All;
        for (int t = 0, row = 0; t < length; t++)
            for (int b = 0; b < streams; b++, row++)
            {
                int at = shift + b * length + t;
                (input[row], next[row]) = (_train[at], _train[at + 1]);
            }
        return _bptt.UpdatesOf(x, Targets.Of(next));
    }

    public IReadOnlyList<int> LengthsOf(TruncatedUpdate batch) => _bptt.LengthsOf(batch);

    public bool SumsByShard(TruncatedUpdate batch) => _bptt.SumsByShard(batch);

    public TruncatedUpdate Part(TruncatedUpdate batch, IReadOnlyList<int> sequences) => _bptt.Part(batch, sequences);

    public LossSum Accumulate(TruncatedUpdate batch, in Pass pass) => _bptt.Accumulate(batch, pass);

    public string? LocateNonFinite(TruncatedUpdate batch, in Pass pass) => _bptt.LocateNonFinite(batch, pass);

    public Validation? Validate(in Pass pass) => Validate(pass, new SingleRank());

    public Validation? Validate(in Pass pass, ICollective ranks)
    {
        if (_valid.Length == 0) return null;
        LanguageScores scores = _validation.Score(_valid, pass.Threads, pass.Workspace, default, ranks);
        return new Validation(scores.Mean, [new("validation_perplexity", scores.Perplexity)]);
    }

    public void Save(string path) => _model.Save(path);

    private int StreamLength(int shift) => (_train.Length - 1 - shift) / _model.Description.Options.Batch;
}
