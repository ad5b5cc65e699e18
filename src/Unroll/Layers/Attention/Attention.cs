using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Attention;

//  eⱼ = score(q, sⱼ)      α = softmax(e) over the steps j of the memory's sequence      c = Σⱼ αⱼ sⱼ
//  dot  q · sⱼ        general  q · kⱼ, kⱼ = W sⱼ        additive  v · tanh(p + kⱼ), p = W q, kⱼ = U sⱼ + b

/// <summary>
/// For each query a weighted mean of the rows of its sequence's memory, which may be of another length. Parameters: none for dot; <c>key.weight</c>
/// for general; <c>key.weight</c>, <c>key.bias</c>, <c>query.weight</c> and <c>vector</c> for additive. Where the memory has no rows the context is
/// zero.
/// </summary>
/// <remarks>
/// Sources: Bahdanau, Cho, Bengio 2015, arXiv:1409.0473; Luong, Pham, Manning 2015, arXiv:1508.04025. Derivation: docs/gradients/attention.md.
/// </remarks>
public sealed class Attention
{
    private readonly RowProduct? _key, _query;
    private readonly Parameter? _vector;

    /// <summary>Makes the layer and adds its parameters, all zero, to the store.</summary>
    /// <param name="name">For messages, and the prefix of its parameters' names.</param>
    /// <param name="store">Receives the parameters.</param>
    /// <param name="score">How a query and a row are compared.</param>
    /// <param name="querySize">Features of a query.</param>
    /// <param name="memorySize">Features of the memory.</param>
    /// <param name="size">Additive: the length of v; otherwise not used.</param>
    /// <exception cref="UserErrorException">A size is below 1, or for dot the two are not the same.</exception>
    public Attention(string name, ParameterStore store, AttentionScore score, int querySize, int memorySize, int size)
    {
        (Name, Score, QuerySize, MemorySize) = (name, score, querySize, memorySize);
        switch (score)
        {
            case AttentionScore.Dot:
                if (querySize != memorySize)
                    throw new UserErrorException($"layer '{name}' sizes: expected as many features of the memory as of a query because the score is "
                        + $"their dot product, got {memorySize} and {querySize}; use another score.");
                break;
            case AttentionScore.General:
                _key = new RowProduct($"{name}.key", store, memorySize, querySize, bias: false);
                break;
            case AttentionScore.Additive:
                _key = new RowProduct($"{name}.key", store, memorySize, size, bias: true);
                _query = new RowProduct($"{name}.query", store, querySize, size, bias: false);
                _vector = store.Add($"{name}.vector", size);
                break;
            default:
                throw new UserErrorException($"layer '{name}' score: expected {string.Join(", ", Enum.GetNames<AttentionScore>())}, got {score}.");
        }
    }

    /// <summary>As in its parameters' names.</summary>
    public string Name { get; }

    /// <summary>How a query and a row are compared.</summary>
    public AttentionScore Score { get; }

    /// <summary>Features of a query.</summary>
    public int QuerySize { get; }

    /// <summary>Features of the memory, and of a context.</summary>
    public int MemorySize { get; }

    /// <summary>The contexts of queries that are all there.</summary>
    /// <param name="queries">[rows, query size]; as many sequences as the memory, of their own lengths.</param>
    /// <param name="memory">[rows, memory size]: what an encoder gave.</param>
    /// <param name="pass">Workspace and threads.</param>
    /// <exception cref="ShapeException">Features or numbers of sequences do not fit.</exception>
    public AttentionCache Forward(in SequenceBatch queries, in SequenceBatch memory, in Pass pass)
    {
        AttentionCache cache = Begin(queries, Prepare(memory, pass), pass);
        pass.Workspace.Cache<AttentionWork>().Run(this, cache, back: false, pass);
        return cache;
    }

    /// <summary>Adds to the parameters' gradients; leaves the cache intact.</summary>
    /// <param name="dContexts">[rows of the queries, memory size].</param>
    /// <param name="cache">What <see cref="Forward"/> returned.</param>
    /// <param name="pass">The same pass as forward's.</param>
    /// <returns>∂L/∂queries and ∂L/∂memory.</returns>
    /// <exception cref="ShapeException">The gradient has not the shape of the contexts.</exception>
    public (SequenceBatch DQueries, SequenceBatch DMemory) Backward(in SequenceBatch dContexts, AttentionCache cache, in Pass pass)
    {
        if (dContexts.Features != MemorySize || !dContexts.Layout.IsLike(cache.Output.Layout))
            throw new ShapeException($"layer '{Name}' context gradient: expected the shape of its contexts, [{cache.Output.Layout.Rows}, "
                + $"{MemorySize}], got [{dContexts.Layout.Rows}, {dContexts.Features}].");
        BeginBack(cache, pass);
        dContexts.All.CopyTo(cache.DContexts.All);
        pass.Workspace.Cache<AttentionWork>().Run(this, cache, back: true, pass);
        return (cache.DQueries, FinishBack(cache, pass));
    }

    /// <summary>What queries are compared with.</summary>
    internal AttentionMemory Prepare(in SequenceBatch memory, in Pass pass)
    {
        if (memory.Features != MemorySize)
            ShapeException.Throw(memory.Features, MemorySize, $"layer '{Name}' memory features", "that is what it was made for");
        _query?.Refresh(pass.Threads);
        return new AttentionMemory(memory, _key is null ? memory : _key.Forward(memory, pass));
    }

    /// <summary>Takes memory; the rows of the queries may be written later, before their step is done.</summary>
    internal AttentionCache Begin(in SequenceBatch queries, in AttentionMemory memory, in Pass pass)
    {
        if (queries.Features != QuerySize)
            ShapeException.Throw(queries.Features, QuerySize, $"layer '{Name}' query features", "that is what it was made for");
        AttentionCache cache = pass.Workspace.Cache<AttentionCache>();
        cache.Begin(Name, queries, memory, _query?.Outputs ?? 0, pass.Workspace);
        return cache;
    }

    internal void BeginBack(AttentionCache cache, in Pass pass)
    {
        cache.BeginBack(_vector?.Length ?? 0, _key is not null, pass.Workspace);
        _query?.Refresh(pass.Threads, back: true);
    }

    /// <summary>Floats of scratch for some queries.</summary>
    internal int Scratch(int rows) => 2 * (_vector?.Length ?? 0) + (_query?.Scratch(rows) ?? 0);

    /// <summary>The contexts of packed positions <paramref name="from"/> … <paramref name="to"/> − 1 at one step.</summary>
    internal void ForwardStep(AttentionCache cache, int t, int from, int to, in MatrixView scratch)
    {
        SequenceLayout layout = cache.Queries.Layout;
        int row = layout.Offset(t) + from, rows = to - from;
        if (rows <= 0) return;
        if (_query is not null) Project(RowsOf(cache.Queries, row, rows), RowsOf(cache.Projected, row, rows), scratch);
        for (int r = 0; r < rows; r++)
        {
            int s = layout.Order[from + r];
            Attend(cache.Memory, s, RowsOf(_query is null ? cache.Queries : cache.Projected, row + r, 1), cache.WeightsOf(t, s),
                RowsOf(cache.Output, row + r, 1), scratch);
        }
    }

    /// <summary>W q of some rows; only for additive.</summary>
    internal void Project(ReadOnlySpan<float> queries, Span<float> projected, in MatrixView scratch) =>
        _query?.Forward(queries, projected, Rest(scratch));

    /// <summary>Length of what <see cref="Attend"/> compares: the query, or for additive its projection.</summary>
    internal int ComparedSize => _query?.Outputs ?? QuerySize;

    /// <summary>One query.</summary>
    /// <param name="memory">From <see cref="Prepare"/>.</param>
    /// <param name="s">The memory's sequence, in the caller's order.</param>
    /// <param name="query">The query; for additive W q.</param>
    /// <param name="weights">[memory length], overwritten with α.</param>
    /// <param name="context">[memory size], overwritten.</param>
    /// <param name="scratch">See <see cref="Scratch"/>.</param>
    internal void Attend(in AttentionMemory memory, int s, ReadOnlySpan<float> query, Span<float> weights, Span<float> context, in MatrixView scratch)
    {
        context.Clear();
        if (weights.Length == 0) return;
        for (int j = 0; j < weights.Length; j++)
        {
            ReadOnlySpan<float> key = memory.Keys.Row(j, s);
            weights[j] = (float)(_vector is null ? Reduce.Dot(query, key) : Reduce.Dot(Hidden(query, key, scratch), _vector.Values));
        }
        Softmax.Row(weights, weights);
        for (int j = 0; j < weights.Length; j++) Elementwise.AddScaled(memory.Values.Row(j, s), weights[j], context);
    }

    //  δαⱼ = δc · sⱼ      δsⱼ += αⱼ δc      δeⱼ = αⱼ (δαⱼ − Σₖ αₖ δαₖ)
    //  dot, general: δq = Σⱼ δeⱼ kⱼ, δkⱼ += δeⱼ q        additive: δaⱼ = δeⱼ v ⊙ (1 − tanh²), δp = Σⱼ δaⱼ, δkⱼ += δaⱼ, δv += Σⱼ δeⱼ tanh
    /// <summary>One step back, the later steps done: the rows of δcontexts are there, those of δqueries are afterwards.</summary>
    internal void BackwardStep(AttentionCache cache, int t, int from, int to, in MatrixView scratch)
    {
        SequenceLayout layout = cache.Queries.Layout;
        int row = layout.Offset(t) + from, rows = to - from;
        if (rows <= 0) return;
        for (int r = 0; r < rows; r++) BackwardRow(cache, t, layout.Order[from + r], row + r, scratch);
        _query?.Back(RowsOf(cache.DProjected, row, rows), RowsOf(cache.DQueries, row, rows), Rest(scratch));
    }

    private void BackwardRow(AttentionCache cache, int t, int s, int row, in MatrixView scratch)
    {
        AttentionMemory memory = cache.Memory;
        ReadOnlySpan<float> weights = cache.WeightsOf(t, s), dContext = RowsOf(cache.DContexts, row, 1), query = RowsOf(cache.Queries, row, 1);
        Span<float> dCompared = RowsOf(_query is null ? cache.DQueries : cache.DProjected, row, 1);
        dCompared.Clear();
        if (weights.Length == 0) return;
        Span<float> de = cache.DScores(t, s);
        for (int j = 0; j < weights.Length; j++)
        {
            de[j] = (float)Reduce.Dot(dContext, memory.Values.Row(j, s));
            Elementwise.AddScaled(dContext, weights[j], cache.DValues.Row(j, s));
        }
        Softmax.Backward(weights, de);
        for (int j = 0; j < weights.Length; j++)
        {
            ReadOnlySpan<float> key = memory.Keys.Row(j, s);
            if (_vector is null)
            {
                Elementwise.AddScaled(key, de[j], dCompared);
                Elementwise.AddScaled(query, de[j], cache.DKeys.Row(j, s));
                continue;
            }
            Span<float> hidden = Hidden(RowsOf(cache.Projected, row, 1), key, scratch), da = scratch.Row(0).Slice(_vector.Length, _vector.Length);
            Elementwise.AddScaled(hidden, de[j], cache.DVectors.Span.Slice(s * _vector.Length, _vector.Length));
            _vector.Values.CopyTo(da);
            Elementwise.Scale(da, de[j]);
            Elementwise.TanhBackward(hidden, da);
            Elementwise.Add(da, dCompared);
            Elementwise.Add(da, cache.DKeys.Row(j, s));
        }
    }

    /// <summary>After the last step back: adds the gradients of all parameters and returns ∂L/∂memory.</summary>
    internal SequenceBatch FinishBack(AttentionCache cache, in Pass pass)
    {
        _query?.AddGradients(cache.Queries, cache.DProjected, pass);
        RowSums sums = pass.SumsOf(cache.Queries.Layout);
        for (int s = 0; _vector is not null && s < cache.Queries.Layout.Sequences; s++)
            Elementwise.Add(cache.DVectors.Span.Slice(s * _vector.Length, _vector.Length), sums.GradientsOfSequence(_vector, s));
        if (_key is null) return cache.DValues;
        Elementwise.Add(_key.Backward(cache.Memory.Values, cache.DKeys, pass).All, cache.DValues.All);
        return cache.DValues;
    }

    //  tanh(p + kⱼ)
    private Span<float> Hidden(ReadOnlySpan<float> projected, ReadOnlySpan<float> key, in MatrixView scratch)
    {
        Span<float> hidden = scratch.Row(0)[.._vector!.Length];
        key.CopyTo(hidden);
        Elementwise.Add(projected, hidden);
        Elementwise.Tanh(hidden);
        return hidden;
    }

    private MatrixView Rest(in MatrixView scratch)
    {
        int used = 2 * _vector!.Length;
        return scratch.Part(0, 1, used, scratch.Columns - used);
    }

    private static Span<float> RowsOf(in SequenceBatch batch, int row, int rows) => batch.All.Slice(row * batch.Features, rows * batch.Features);
}

/// <summary>All steps of an attention whose queries are there: every worker has some sequences.</summary>
internal sealed class AttentionWork : IWork
{
    private Attention _layer = null!;
    private AttentionCache _cache = null!;
    private PinnedBuffer _scratch = null!;
    private bool _back;
    private int _workers, _scratchEach;

    public void Run(Attention layer, AttentionCache cache, bool back, in Pass pass)
    {
        SequenceLayout layout = cache.Queries.Layout;
        (_layer, _cache, _back) = (layer, cache, back);
        SequenceBatch memory = cache.Memory.Values;
        _workers = Math.Clamp(pass.Threads.WorkersFor((long)layout.Rows * memory.Layout.Steps * memory.Features), 1, Math.Max(1, layout.Sequences));
        _scratchEach = layer.Scratch(layout.Sequences);
        _scratch = pass.Workspace.Rent(_workers, _scratchEach);
        if (_workers == 1) Run(0);
        else pass.Threads.Run(this, _workers);
    }

    public void Run(int worker)
    {
        SequenceLayout layout = _cache.Queries.Layout;
        MatrixView scratch = _scratch.MatrixView(worker * _scratchEach, 1, _scratchEach, _scratchEach);
        int from = Share.Split(layout.Sequences, worker, _workers), until = Share.Split(layout.Sequences, worker + 1, _workers);
        for (int i = 0; i < layout.Steps; i++)
        {
            int t = _back ? layout.Steps - 1 - i : i, to = Math.Min(until, layout.Active(t));
            if (_back) _layer.BackwardStep(_cache, t, from, to, scratch);
            else _layer.ForwardStep(_cache, t, from, to, scratch);
        }
    }
}
