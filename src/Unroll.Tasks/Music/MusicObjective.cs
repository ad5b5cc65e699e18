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
    private const int KeysAtOnce = 2;
    private readonly int[] _lengths;
    private readonly IReadOnlyList<int>[] _moves = [];
    private (SequenceBatch X, Cache Cache, SequenceBatch DOutputs)? _last;

    public MusicObjective(MusicModel model, Partition<MusicPiece> parts)
    {
        (_model, _parts) = (model, parts);
        _lengths = [.. parts.Train.Select(model.Length)];
        int most = model.Options.Transpose ?? MusicOptions.TwelveKeys;
        if (model.Notes is not null) _moves = [.. parts.Train.Select(piece => NoteSpelling.Moves(piece.Roll!, most))];
        Data = PartHashes.Of(parts, piece => model.Notes is { Voices: > 0 } ? piece.Apart : piece.Content);
    }

    public ParameterStore Parameters => _model.Network.Parameters;

    public string Model => $"{_model.Network.Spec.ToJson()}\n{Notes}";

    public IReadOnlyList<DataPart> Data { get; }

    public string Notes => _model.ToJson();

    public string? GatesOf(Parameter parameter) => _model.Network.GatesOf(parameter);

    public IReadOnlyList<int[]> Batches(int epoch, Rng random) => new Batcher(_lengths, _model.Options.Batch, random).Epoch(epoch);

    public IReadOnlyList<int> LengthsOf(int[] batch) => Array.ConvertAll(batch, i => _lengths[i]);

    public bool SumsByShard(int[] batch) => true;

    public int[] Part(int[] batch, IReadOnlyList<int> sequences) => [.. sequences.Select(s => batch[s])];

    public LossSum Accumulate(int[] batch, in Pass pass)
    {
        Pass own = pass with { SequenceIds = Array.ConvertAll(batch, i => (long)i) };
        Rng moves = own.Random.For("transpose");
        if (_model.Notes is not null)
        {
            // Each piece in some of its keys at once: [piece, key]; each has dropout of its own.
            (int Piece, int Move)[] some = [.. batch.SelectMany(i => Moves(moves, i).Select(move => (i, move)))];
            own = own.For([.. batch.SelectMany((i, number) => Moves(moves, i).Select(_ => number))])
                with { SequenceIds = Array.ConvertAll(some, one => one.Piece * 32L + one.Move + 16) };
            return Learn([.. some.Select(one => _model.Encode(_parts.Train[one.Piece], one.Move))], own);
        }
        return Learn([.. batch.Select(i => _model.Encode(_parts.Train[i], Move(moves, i)))], own);
    }

    private LossSum Learn((float[] X, float[] Rolls, int[] Symbols)[] pieces, in Pass own)
    {
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

    public Validation? Validate(in Pass pass) => Validate(pass, new SingleRank());

    //  score = nats a step
    public Validation? Validate(in Pass pass, ICollective ranks)
    {
        if (_parts.Valid.Count == 0) return null;
        double nats = _model.NatsPerStep(_parts.Valid, pass.Threads, default, ranks);
        return new Validation(nats, _model.IsRoll ? [new("validation_nll", nats)] : [new("validation_perplexity", Math.Exp(nats))]);
    }

    public void Save(string path) => _model.Save(path);

    private int Move(Rng moves, int i)
    {
        int most = _model.IsRoll ? _model.Options.Transpose ?? 0 : 0;
        return most == 0 ? 0 : moves.At((ulong)i).Below(2 * most + 1, 0) - most;
    }

    //  KeysAtOnce of the piece's keys, spread evenly from a drawn one on
    private IEnumerable<int> Moves(Rng moves, int i)
    {
        IReadOnlyList<int> all = _moves[i];
        int count = Math.Min(KeysAtOnce, all.Count), first = moves.At((ulong)i).Below(all.Count, 0);
        return Enumerable.Range(0, count).Select(k => all[(first + k * all.Count / count) % all.Count]);
    }
}
