using System.Security.Cryptography;
using System.Text;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Music;

/// <summary>Music as the training loop sees it: a batch is some pieces, each whole.</summary>
internal sealed class MusicObjective : ITrainingTask<int[]>
{
    private readonly MusicModel _model;
    private readonly Partition<MusicPiece> _parts;
    private readonly int[] _lengths;
    private (SequenceBatch X, Cache Cache, SequenceBatch DOutputs)? _last;

    public MusicObjective(MusicModel model, Partition<MusicPiece> parts)
    {
        (_model, _parts) = (model, parts);
        _lengths = [.. parts.Train.Select(piece => model.Encode(piece).X.Length)];
        Data = PartHashes.Of(parts, piece => piece.Content);
    }

    public ParameterStore Parameters => _model.Network.Parameters;

    public string Model => $"{_model.Network.Spec.ToJson()}\n{Notes}";

    public IReadOnlyList<DataPart> Data { get; }

    public string Notes => _model.ToJson();

    public string? GatesOf(Parameter parameter) => _model.Network.GatesOf(parameter);

    public IReadOnlyList<int[]> Batches(int epoch, Rng random) => new Batcher(_lengths, _model.Options.Batch, random).Epoch(epoch);

    public LossSum Accumulate(int[] batch, in Pass pass)
    {
        Pass own = pass with { SequenceIds = Array.ConvertAll(batch, i => (long)i) };
        Rng moves = own.Random.For("transpose");
        (float[] X, float[] Rolls, int[] Symbols)[] pieces = [.. batch.Select(i => _model.Encode(_parts.Train[i], Move(moves, i)))];
        SequenceBatch x = SequenceBatch.FromSequences(_model.Network.InputSize, [.. pieces.Select(piece => piece.X)]);
        Cache cache = _model.Network.Forward(x, null, own);
        SequenceBatch y = cache.Output, dy = own.Workspace.Rent(y.Layout, y.Features);
        LossSum loss = _model.Loss.Compute(y, _model.Pack(y.Layout, pieces), dy, own);
        _model.Network.Backward(dy, cache, own);
        _last = (x, cache, dy);
        return loss;
    }

    public string? LocateNonFinite(int[] batch, in Pass pass) => _last is not var (x, cache, dy)
        ? null
        : NonFinitePlace.Forward(_model.Network, x, cache) ?? NonFinitePlace.Backward(_model.Network, dy, null, cache, pass);

    //  score = nats a step
    public Validation? Validate(in Pass pass)
    {
        if (_parts.Valid.Count == 0) return null;
        double nats = _model.NatsPerStep(_parts.Valid, pass.Threads);
        return new Validation(nats, _model.IsRoll ? [new("validation_nll", nats)] : [new("validation_perplexity", Math.Exp(nats))]);
    }

    public void Save(string path) => _model.Save(path);

    private int Move(Rng moves, int i)
    {
        int most = _model.IsRoll ? _model.Options.Transpose : 0;
        return most == 0 ? 0 : moves.At((ulong)i).Below(2 * most + 1, 0) - most;
    }
}
