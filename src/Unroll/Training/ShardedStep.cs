using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>One step's gradient and loss where batches are dealt to shards, and shards to ranks.</summary>
/// <typeparam name="TBatch">What one step learns from.</typeparam>
internal sealed class ShardedStep<TBatch>
{
    // Of so many shards the gradients are kept, and one pass is run; a whole subtree.
    private const int MostAtOnce = 8;
    private readonly IObjective<TBatch> _objective;
    private readonly ICollective _ranks;
    private readonly int _shards;
    private readonly ShardSum _sum;
    private readonly LossSum[] _losses;
    private int[][]? _deal;                                              // of the last batch
    private string? _where;

    /// <summary>Prepares steps.</summary>
    /// <param name="objective">The weights and their loss.</param>
    /// <param name="shards">S, a power of two.</param>
    /// <param name="ranks">Who trains together.</param>
    /// <exception cref="UserErrorException">There are more ranks than shards.</exception>
    public ShardedStep(IObjective<TBatch> objective, int shards, ICollective ranks)
    {
        (_objective, _shards, _ranks) = (objective, shards, ranks);
        Agreement = new RankAgreement(ranks, shards);
        _sum = new ShardSum(shards, ranks, objective.Parameters.Length);
        _losses = new LossSum[_sum.End - _sum.First];
    }

    /// <summary>What the ranks tell each other.</summary>
    public RankAgreement Agreement { get; }

    /// <summary>What this rank wants; asked before every exchange.</summary>
    public Func<RankWishes> Wishes { get; set; } = () => RankWishes.None;

    /// <summary>Tells the others this rank's wishes, apart from any step.</summary>
    public void Agree(long step) => Agreement.Exchange(step, Wishes(), []);

    /// <summary>Overwrites the gradients, on every rank, with the sum over all shards of the batch.</summary>
    /// <param name="batch">The whole batch, the same on every rank.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="pass">Its workspace and the gradients are cleared.</param>
    /// <param name="clearing">Clears the gradients between shards.</param>
    /// <returns>The losses of all shards.</returns>
    /// <exception cref="UserErrorException">The batch cannot be dealt, or the ranks differ.</exception>
    public LossSum Accumulate(TBatch batch, long step, in Pass pass, GradientClearing clearing)
    {
        int[][] deal = ShardDeal.Of([.. _objective.LengthsOf(batch) ?? throw new UserErrorException(
            "the batches of this task cannot be dealt to shards: train with one shard and one rank.")], _shards);
        // Sequences that come to another rank bring along what they carry.
        if (_deal is { } before && !Enumerable.Range(0, _shards).All(shard => before[shard].AsSpan().SequenceEqual(deal[shard])))
            Gather(_objective.CarriedState);
        _deal = deal;
        _where = null;
        bool together = _objective.Parameters.Length > ShardDeal.FewWeights && pass.Recomputation is null && _objective.SumsByShard(batch);
        for (int first = _sum.First, end; first < _sum.End; first = end)
        {
            end = together ? Math.Min(_sum.End, (first / MostAtOnce + 1) * MostAtOnce) : first + 1;
            if (first > _sum.First) pass.Workspace.Reset();
            if (end - first > 1) Together(batch, first, end, pass);
            else
            {
                if (first > _sum.First) clearing.Clear(_objective.Parameters, pass.Threads);
                Alone(batch, first, pass);
            }
        }
        LossSum total = Agreement.Exchange(step, Wishes(), _losses);
        _sum.Take(_objective.Parameters.Gradients);
        return total;
    }

    private void Alone(TBatch batch, int shard, in Pass pass)
    {
        LossSum loss = default;
        if (_deal![shard].Length > 0)
        {
            TBatch part = _objective.Part(batch, _deal[shard]);
            loss = _objective.Accumulate(part, pass);
            if (!double.IsFinite(loss.Sum)) _where ??= _objective.LocateNonFinite(part, pass) is { } place ? $"{place} of shard {shard}" : null;
        }
        _losses[shard - _sum.First] = loss;
        _sum.Add(shard, _objective.Parameters.Gradients);
    }

    // One pass for all sequences of some shards, with a gradient and a loss for each shard.
    private void Together(TBatch batch, int first, int end, in Pass pass)
    {
        (int Sequence, int Shard)[] own = [.. Enumerable.Range(first, end - first)
            .SelectMany(shard => _deal![shard].Select(sequence => (sequence, shard - first))).Order()];
        LossSum[] losses = new LossSum[end - first];
        PinnedBuffer[] gradients = [.. losses.Select(_ => _sum.Rent())];
        if (own.Length > 0)
        {
            bool all = own.Length == _deal!.Sum(sequences => sequences.Length);
            TBatch part = all ? batch : _objective.Part(batch, Array.ConvertAll(own, one => one.Sequence));
            LossSum total = _objective.Accumulate(part,
                pass with { Shards = new PassShards(Array.ConvertAll(own, one => one.Shard), gradients, losses) });
            if (total.Count != losses.Sum(loss => loss.Count))
                throw new InvalidOperationException($"{_objective.GetType().Name} says that it sums by shard, but "
                    + $"{losses.Sum(loss => loss.Count)} of {total.Count} losses were summed so");
            if (!double.IsFinite(total.Sum))
                _where ??= _objective.LocateNonFinite(part, pass) is { } place ? all ? place : $"{place} of shards {first} to {end - 1}" : null;
        }
        losses.CopyTo(_losses, first - _sum.First);
        _sum.Add(first, gradients, pass.Threads);
    }

    /// <summary>Where the first loss of the last step stands that is not finite, as far as a rank can say; every rank gets the same answer.</summary>
    public string? WhereNotFinite() => _ranks.TextFromEach(_where ?? "").FirstOrDefault(text => text.Length > 0);

    /// <summary>Every rank gets the rows of all sequences, of which each rank has its own until now.</summary>
    public void Gather(IReadOnlyList<NamedFloats> carried)
    {
        if (_deal is null || _ranks.Size == 1) return;                   // no step: every rank has what it began with
        foreach (NamedFloats one in carried)
            if (one.Sequences > 0) Gather(one.Values.Span, one.Sequences, _deal);
    }

    private void Gather(Span<float> rows, int sequences, int[][] deal)
    {
        int width = rows.Length / sequences, at = 0;
        int[] counts = new int[_ranks.Size], order = new int[sequences];
        for (int rank = 0; rank < counts.Length; rank++)
            for (int shard = ShardDeal.First(rank, _ranks.Size, _shards); shard < ShardDeal.First(rank + 1, _ranks.Size, _shards); shard++)
                foreach (int sequence in deal[shard])
                {
                    order[at++] = sequence;
                    counts[rank] += width * sizeof(float);
                }
        float[] all = new float[rows.Length];
        for (int i = 0; i < order.Length; i++) rows.Slice(order[i] * width, width).CopyTo(all.AsSpan(i * width));
        _ranks.AllGather(MemoryMarshal.AsBytes(all.AsSpan()), counts);
        for (int i = 0; i < order.Length; i++) all.AsSpan(i * width, width).CopyTo(rows.Slice(order[i] * width, width));
    }
}
