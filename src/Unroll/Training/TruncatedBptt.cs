using System.Globalization;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Pooling;
using Unroll.Networks;

namespace Unroll.Training;

//  update j counts the losses of the steps j k1 … (j+1) k1 − 1; its gradients go back to start(j) = max(0, (j+1) k1 − k2)
//
//  k1 = 2, k2 = 5     step   0 1 2 3 4 5 6 7         L   computed again, its loss counted
//               update 0     L L                     ·   computed again
//               update 1     · · L L                 [   starts with the state that the previous update left for this step,
//               update 2      [· · · L L                 computed with its weights; no gradient goes further back
//               update 3          [· · · L L
//
//  to provide the state for update j+1, update j runs in two pieces, split at start(j+1); the gradient goes through the split

/// <summary>
/// Backpropagation through time in long sequences, truncated: an update every k1 steps, through k2 steps (Williams and Peng 1990, "An efficient
/// gradient-based algorithm for on-line training of recurrent network trajectories"). With k1 = k2 = T it is the full one, bit for bit.
/// </summary>
public sealed class TruncatedBptt : IObjective<TruncatedUpdate>
{
    private readonly Network _network;
    private readonly ILoss _loss;
    private readonly int _k1, _k2;
    private readonly Streams _all;
    private readonly Dictionary<int, Streams> _parts = [];               // by their first sequence
    private readonly float[] _continues;                                 // [B] not 0: the sequence begins with its row of first
    private Piece? _head, _tail;                                         // of the update before, for locating a fault
    private Streams? _of;

    /// <summary>Prepares updates of batches of one number of sequences.</summary>
    /// <param name="network">What is trained: every output depends only on earlier steps, and every step has one.</param>
    /// <param name="loss">The loss of its outputs.</param>
    /// <param name="k1">Steps from one update to the next, at least 1.</param>
    /// <param name="k2">Steps that a gradient goes back, the counted ones included; at least <paramref name="k1"/>.</param>
    /// <param name="sequences">B.</param>
    /// <exception cref="UserErrorException">A layer looks ahead or keeps only the last step (the message names it), or k1 and k2 are
    /// impossible.</exception>
    public TruncatedBptt(Network network, ILoss loss, int k1, int k2, int sequences)
    {
        network.RequireCausal("truncated BPTT with the state carried over");
        foreach (ILayer layer in network.All)
            if (layer is IPooling)
                throw new UserErrorException(
                    $"layer '{layer.Name}' keeps only the last step, so truncated BPTT has no losses to count: remove it.");
        if (k1 < 1 || k2 < k1)
            throw new UserErrorException("truncated BPTT: expected 1 ≤ k1 ≤ k2 because an update goes back through at least the steps it counts, "
                + $"got k1 = {k1} and k2 = {k2}.");
        (_network, _loss, _k1, _k2) = (network, loss, k1, k2);
        (_all, _continues) = (new Streams(network, [.. Enumerable.Range(0, sequences)]), new float[sequences]);
    }

    /// <inheritdoc/>
    public ParameterStore Parameters => _network.Parameters;

    /// <summary>The states that updates leave for later ones.</summary>
    public IReadOnlyList<NamedFloats> CarriedState =>
        [.. _all.First.Leaves("first").Concat(_all.Saved.Leaves("saved")).Append(("continues", _continues.AsMemory()))
            .Select(leaf => new NamedFloats(leaf.Item1, leaf.Item2) { Sequences = _continues.Length })];

    /// <summary>The updates of one long batch, to be taken in order: ⌈T / k1⌉ of them.</summary>
    /// <param name="x">[rows, inputs]; not copied.</param>
    /// <param name="targets">For every row, as <see cref="ILoss"/> wants them; not copied.</param>
    /// <param name="continues">
    /// Whether the sequences go on where those of the batch before ended; else they begin with the network's initial state.
    /// </param>
    /// <exception cref="ShapeException">The targets are packed in another way, or the batch has another number of sequences.</exception>
    public IReadOnlyList<TruncatedUpdate> UpdatesOf(SequenceBatch x, Targets targets, bool continues = false)
    {
        if (x.Layout.Sequences != _continues.Length)
            ShapeException.Throw(x.Layout.Sequences, _continues.Length, "sequences of the batch", "truncated BPTT carries a state for each");
        if (targets.Values.Layout is { } layout && !layout.IsLike(x.Layout))
            throw new ShapeException("targets: expected the sequence lengths of the inputs, got others.");
        return [.. Enumerable.Range(0, (int)((x.Layout.Steps + (long)_k1 - 1) / _k1))
            .Select(update => new TruncatedUpdate(x, targets, update, continues))];
    }

    /// <inheritdoc/>
    public string? GatesOf(Parameter parameter) => _network.GatesOf(parameter);

    /// <inheritdoc/>
    public string? LocateNonFinite(TruncatedUpdate batch, in Pass pass)
    {
        foreach (Piece? piece in (ReadOnlySpan<Piece?>)[_head, _tail])
        {
            if (piece is null) continue;
            State? dLast = piece == _head && _tail is not null ? _of!.DCut : null;
            string? place = NonFinitePlace.Forward(_network, batch.X.Slice(piece.Start, piece.Start + piece.DOutputs.Layout.Steps), piece.Cache)
                ?? NonFinitePlace.Backward(_network, piece.DOutputs, dLast, piece.Cache, pass);
            if (place is not null) return string.Create(CultureInfo.InvariantCulture, $"{place} of those from step {piece.Start} on");
        }
        return null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> LengthsOf(TruncatedUpdate batch) => batch.X.Layout.Lengths.ToArray();

    /// <inheritdoc/>
    /// <remarks>Sequences of unlike lengths end in different updates.</remarks>
    public bool SumsByShard(TruncatedUpdate batch) => batch.X.Layout is var layout && layout.Rows == (long)layout.Sequences * layout.Steps;

    /// <inheritdoc/>
    public TruncatedUpdate Part(TruncatedUpdate batch, IReadOnlyList<int> sequences)
    {
        if (!_parts.TryGetValue(sequences[0], out Streams? part) || !part.Sequences.SequenceEqual(sequences))
            _parts[sequences[0]] = part = new Streams(_network, [.. sequences]);
        return part.Take(batch);
    }

    /// <inheritdoc/>
    public LossSum Accumulate(TruncatedUpdate batch, in Pass pass)
    {
        if (batch.Streams is not { } part) return Accumulate(batch, _all, pass);
        part.First.CopyRows(_all.First, part.Sequences, to: false);
        part.Saved.CopyRows(_all.Saved, part.Sequences, to: false);
        LossSum loss = Accumulate(batch, part, pass with { SequenceIds = part.Ids });
        _all.First.CopyRows(part.First, part.Sequences, to: true);
        _all.Saved.CopyRows(part.Saved, part.Sequences, to: true);
        return loss;
    }

    private LossSum Accumulate(TruncatedUpdate batch, Streams own, in Pass pass)
    {
        int steps = batch.X.Layout.Steps, from = batch.Index * _k1, end = (int)Math.Min((long)from + _k1, steps);
        int start = Start(batch.Index), cut = Math.Min(Start(batch.Index + 1), end);
        if (batch.Index == 0 && !batch.Continues) SetContinues(own, 0);
        if (from >= steps)                                               // a shard whose sequences have all ended, and wait in their last state
        {
            if (steps == 0 && _continues[own.Sequences[0]] == 0)         // they had none: the next batch goes on from the beginning
            {
                _network.Last(_network.Forward(batch.X, null, pass), own.First);
                SetContinues(own, 1);
            }
            (_head, _tail, _of) = (null, null, own);
            return default;
        }
        State? before = start > 0 ? own.Saved : _continues[own.Sequences[0]] != 0 ? own.First : null;

        Piece? head = cut > start ? Forward(batch, start, cut, from, before, pass) : null;
        if (head is not null) _network.Last(head.Cache, own.Cut);
        Pass tailPass = head is null ? pass                              // draws belong to a piece's own steps, but for those of the update
            : pass with { Random = pass.Random.For("tail"), OfUpdate = pass.Random };
        Piece? tail = end > cut ? Forward(batch, cut, end, from, head is null ? before : own.Cut, tailPass) : null;

        if (tail is not null) _network.Backward(tail.DOutputs, null, tail.Cache, head is null ? null : own.DCut, tailPass);
        if (head is not null) _network.Backward(head.DOutputs, tail is null ? null : own.DCut, head.Cache, null, pass);

        (_head, _tail, _of) = (head, tail, own);
        if (head is not null) own.Saved.CopyFrom(own.Cut);
        if (end == steps && (tail ?? head) is { } last)
        {
            _network.Last(last.Cache, own.First);
            SetContinues(own, 1);
        }
        return (head?.Loss ?? default) + (tail?.Loss ?? default);
    }

    private void SetContinues(Streams own, float value)
    {
        foreach (int sequence in own.Sequences) _continues[sequence] = value;
    }

    private int Start(int update) => (int)Math.Max(0, (update + 1L) * _k1 - _k2);

    private sealed record Piece(int Start, Cache Cache, LossSum Loss, SequenceBatch DOutputs);

    // Steps start … end − 1, with the losses of those from `from` on.
    private Piece Forward(in TruncatedUpdate batch, int start, int end, int from, State? first, in Pass pass)
    {
        int steps = end - start, silent = Math.Clamp(from - start, 0, steps);
        Cache cache = _network.Forward(batch.X.Slice(start, end), first, pass);
        SequenceBatch dOutputs = pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
        dOutputs.Slice(0, silent).All.Clear();
        LossSum loss = silent == steps ? default : _loss.Compute(
            cache.Output.Slice(silent, steps), batch.Targets.Slice(batch.X.Layout, start + silent, end), dOutputs.Slice(silent, steps), pass);
        return new Piece(start, cache, loss, dOutputs);
    }
}

/// <summary>Some sequences of a long batch, with the states that their updates carry.</summary>
/// <param name="network">Whose states.</param>
/// <param name="sequences">Their numbers in the batch, ascending.</param>
internal sealed class Streams(Network network, int[] sequences)
{
    private SequenceBatch _whole, _x;
    private Targets _targets;

    /// <summary>Their numbers in the batch.</summary>
    public int[] Sequences => sequences;

    /// <summary>The same, for random draws.</summary>
    public long[] Ids { get; } = Array.ConvertAll(sequences, sequence => (long)sequence);

    /// <summary>At the batch's beginning.</summary>
    public State First { get; } = network.NewState(sequences.Length);

    /// <summary>At start(j).</summary>
    public State Saved { get; } = network.NewState(sequences.Length);

    /// <summary>After the first piece of the update in work.</summary>
    public State Cut { get; } = network.NewState(sequences.Length);

    /// <summary>Its gradient.</summary>
    public State DCut { get; } = network.NewState(sequences.Length);

    /// <summary>The update of these sequences alone; their rows are copied once for all updates of a batch.</summary>
    public TruncatedUpdate Take(in TruncatedUpdate whole)
    {
        if (!_whole.Memory.Equals(whole.X.Memory) || _whole.Layout != whole.X.Layout)
            (_whole, _x, _targets) = (whole.X, whole.X.Of(sequences), whole.Targets.Of(whole.X.Layout, sequences));
        return new TruncatedUpdate(_x, _targets, whole.Index, whole.Continues) { Streams = this };
    }
}

/// <summary>One update of <see cref="TruncatedBptt"/>; made by <see cref="TruncatedBptt.UpdatesOf"/>.</summary>
/// <param name="X">The whole batch.</param>
/// <param name="Targets">Its targets.</param>
/// <param name="Index">j.</param>
/// <param name="Continues">Whether its sequences go on where those of the batch before ended.</param>
public readonly record struct TruncatedUpdate(SequenceBatch X, Targets Targets, int Index, bool Continues)
{
    /// <summary>The sequences of the batch that it is of; null: all.</summary>
    internal Streams? Streams { get; init; }
}
