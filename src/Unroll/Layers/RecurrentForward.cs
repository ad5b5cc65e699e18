using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>The loop through time, forward: every worker runs it on its share.</summary>
internal sealed class RecurrentForward : IWork
{
    private const int ChunkFloats = 1 << 18;                             // the gates of a chunk of steps stay in the second-level cache
    private ICell _cell = null!;
    private RecurrentWeights _weights = null!;
    private RecurrentCache _cache = null!;
    private ThreadTeam _team = null!;
    private bool _reverse;

    public void Run(ICell cell, RecurrentWeights weights, RecurrentCache cache, bool reverse, ThreadTeam team)
    {
        (_cell, _weights, _cache, _reverse, _team) = (cell, weights, cache, reverse, team);
        team.Run(this);
    }

    public void Run(int worker)
    {
        SequenceLayout layout = _cache.Layout;
        Share share = Share.Of(worker, _team, layout, _weights, _cell.Gates.Length);
        if (share.IsEmpty) return;
        int steps = layout.Steps, rowsOfStep = Math.Max(1, share.ToRow - share.FromRow);
        int chunk = Math.Max(1, ChunkFloats / (rowsOfStep * _cell.Gates.Length * _weights.Padded));
        for (int done = 0; done < steps; done += chunk)
        {
            int end = Math.Min(steps, done + chunk);
            for (int s = done; s < end; s++) Input(_reverse ? steps - 1 - s : s, share);
            for (int s = done; s < end; s++) Step(_reverse ? steps - 1 - s : s, share);
        }
    }

    private void Input(int t, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        int rows = share.RowsOf(t, layout), row = layout.Offset(t) + share.FromRow, features = _weights.InputSize;
        if (rows == 0) return;
        ReadOnlySpan<float> x = _cache.Input.All.Slice(row * features, rows * features);
        CellStep.AddInput(_weights, _cell, x, Rows(_cache.Slots, row, rows), share.FromUnit, share.ToUnit);
    }

    private void Step(int t, in Share share)
    {
        SequenceLayout layout = _cache.Layout;
        int rows = share.RowsOf(t, layout), row = layout.Offset(t) + share.FromRow;
        if (rows > 0)
        {
            StepRows step = new()
            {
                Slots = Rows(_cache.Slots, row, rows), HPrev = Rows(_cache.HPrev, row, rows), CPrev = Rows(_cache.CPrev, row, rows),
                H = Rows(_cache.H, row, rows), C = Rows(_cache.C, row, rows),
            };
            CellStep.Stages(_weights, _cell, step, share, _team);
            Carry(t, share, step.H, _cache.HPrev, _cache.LastH, share.FromState * 16, (share.ToState - share.FromState) * 16);
            if (_cell.HasCellState) Carry(t, share, step.C, _cache.CPrev, _cache.LastC, share.FromUnit * 16, (share.ToUnit - share.FromUnit) * 16);
        }
        if (share.Columns) _team.Barrier();
    }

    // The new state becomes the next step's h₋; the rows of sequences that end here become the last state.
    private void Carry(int t, in Share share, in Block state, in Block previous, in Block last, int column, int columns)
    {
        SequenceLayout layout = _cache.Layout;
        int next = _reverse ? t - 1 : t + 1, rows = state.Rows;
        int going = _reverse ? (t > 0 ? rows : 0) : Math.Min(rows, share.RowsOf(next, layout));
        if (going > 0)
            Blocks.Copy(state.Part(0, going, column, columns), previous.Part(layout.Offset(next) + share.FromRow, going, column, columns));
        if (going < rows)
            Blocks.Copy(state.Part(going, rows - going, column, columns), last.Part(share.FromRow + going, rows - going, column, columns));
    }

    private static Block Rows(in Block all, int row, int rows) => all.Part(row, rows, 0, all.Columns);
}
