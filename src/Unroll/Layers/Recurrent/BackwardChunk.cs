using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>Some visits of a chunk, of whose rows those of one shard are summed.</summary>
/// <param name="Shard">Which.</param>
/// <param name="From">The first visit.</param>
/// <param name="Until">The visit after the last.</param>
/// <param name="Before">Rows of the parts before it in the chunk.</param>
/// <param name="Rows">Its rows.</param>
internal readonly record struct ChunkPart(int Shard, int From, int Until, int Before, int Rows);

/// <summary>
/// δa and δh of some steps, in the order in which the loop visits them: steps from the last to the first (for a reverse layer from the first to
/// the last), rows of a step ascending. Weight gradients add over rows in this order, whatever the size of a chunk.
/// </summary>
internal sealed class BackwardChunk
{
    private const int FewRows = 192, ManyRows = 512, ManyWeights = 1 << 20;
    private SequenceLayout _layout = null!;
    private RecurrentWeights _weights = null!;
    private PinnedBuffer _da = null!, _dh = null!;
    private bool _reverse;
    private int _target, _most;
    private readonly List<ChunkPart> _parts = [];
    private int[] _firstPart = [];

    /// <summary>[rows of a chunk, every slot of δ].</summary>
    public MatrixView DA => _da.MatrixView(0, _most, _weights.Plan.Deltas * _weights.Padded, DaStride);

    /// <summary>[rows of a chunk, state width].</summary>
    public MatrixView DH => _dh.MatrixView(0, _most, _weights.PaddedState, _weights.PaddedState);

    /// <summary>The largest chunk's rows.</summary>
    public int MaxRows => _most;

    /// <summary>Whether the layer goes from the last step to the first.</summary>
    public bool Reverse => _reverse;

    // Rows a power of two apart would share a few lines of the first-level cache; measured: δa W is half as fast again with rows a little further
    // apart.
    private int DaStride => _weights.Plan.Deltas * _weights.Padded + 32;

    public void Prepare(RecurrentWeights weights, SequenceLayout layout, bool reverse, in RowSums sums, Workspace workspace, bool whole = false)
    {
        (_weights, _layout, _reverse) = (weights, layout, reverse);
        bool turns = !whole && sums.AreSeveral && weights.TakesTurns;
        _target = whole || turns ? layout.Rows : sums.AreSeveral ? ManyRows * sums.Shards : Target(weights);
        _most = 0;
        _parts.Clear();
        if (_firstPart.Length <= layout.Steps) _firstPart = new int[layout.Steps + 1];
        for (int done = 0; done < layout.Steps;)
        {
            int end = End(done);
            _most = Math.Max(_most, Rows(done, end));
            _firstPart[done] = _parts.Count;
            AddParts(done, end, sums, turns);
            done = end;
        }
        _da = workspace.Rent(_most, DaStride);
        _dh = workspace.Rent(_most, weights.PaddedState);
    }

    /// <summary>The step that is visited as number <paramref name="s"/>.</summary>
    public int Step(int s) => _reverse ? s : _layout.Steps - 1 - s;

    /// <summary>Where the chunk that begins with visit <paramref name="done"/> ends.</summary>
    public int End(int done) => End(_layout, _reverse, _target, done);

    /// <summary>Rows of the visits from <paramref name="done"/> to before <paramref name="end"/>.</summary>
    public int Rows(int done, int end) => Rows(_layout, _reverse, done, end);

    /// <summary>What is summed apart in the chunk that begins with visit <paramref name="done"/>, one part after the other.</summary>
    public ReadOnlySpan<ChunkPart> Parts(int done)
    {
        int from = _firstPart[done], end = from + 1;
        while (end < _parts.Count && _parts[end].Before > 0) end++;
        return CollectionsMarshal.AsSpan(_parts)[from..end];
    }

    // Where gradients take turns, a shard's visits end where they would if it were a batch of its own; the chunk is then the whole batch.
    private void AddParts(int done, int end, in RowSums sums, bool turns)
    {
        int before = 0;
        for (int shard = 0; shard < sums.Shards; shard++)
            for (int from = done, until; from < end; from = until)
            {
                until = end;
                int rows = RowsOf(sums, shard, from, until);
                if (turns && rows > Target(_weights))
                    for (until = from + 1, rows = RowsOf(sums, shard, from, until); until < end; until++)
                    {
                        int next = RowsOf(sums, shard, until, until + 1);
                        if (rows > 0 && rows + next > Target(_weights)) break;
                        rows += next;
                    }
                if (rows > 0) _parts.Add(new ChunkPart(shard, from, until, before, rows));
                before += rows;
            }
    }

    private int RowsOf(in RowSums sums, int shard, int from, int until)
    {
        int rows = 0, runs = sums.PositionRuns(shard);
        for (int s = from; s < until; s++)
            for (int run = 0, active = _layout.Active(Step(s)); run < runs; run++)
                rows += Math.Clamp(active - sums.Positions(shard, run).First, 0, sums.Positions(shard, run).Count);
        return rows;
    }

    /// <summary>The same for any batch of a layer, before there is a backward pass.</summary>
    public static int End(SequenceLayout layout, bool reverse, int target, int done)
    {
        int end = done + 1;
        while (end < layout.Steps && Rows(layout, reverse, done, end + 1) <= target) end++;
        return end;
    }

    /// <summary>
    /// Rows of a chunk at most, unless a step has more. A large gradient does not stay in the cache from chunk to chunk: it should not be read and
    /// written too often. Of several shards the gradients never stay; measured with eight at H = 256: 512 rows for each instead of 192 save a
    /// twentieth of a step.
    /// </summary>
    public static int Target(RecurrentWeights weights) => weights.Work >= ManyWeights ? ManyRows : FewRows;

    private static int Rows(SequenceLayout layout, bool reverse, int done, int end) =>
        reverse ? layout.Offset(end) - layout.Offset(done) : layout.Offset(layout.Steps - done) - layout.Offset(layout.Steps - end);

    /// <summary>Where visit <paramref name="s"/> begins in the chunk that begins with visit <paramref name="done"/>.</summary>
    public int Row(int done, int s) => Rows(done, s);
}
