using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// One recurrent layer in one direction, of any cell: it owns time, direction, raggedness, every product, every barrier and all weight gradients.
/// </summary>
public sealed class RecurrentLayer : IRecurrentLayer
{
    private readonly ParameterStore _store;
    private readonly RecurrentWeights _weights;
    private readonly float[][] _first;
    private readonly string _dropDraws;

    /// <summary>Makes the layer and adds its parameters, all zero, to the store.</summary>
    /// <param name="name">For messages: <c>"encoder.0"</c>.</param>
    /// <param name="store">Receives <c>weight_ih</c>, <c>weight_hh</c>, <c>bias_ih</c>, <c>bias_hh</c> and what the cell has besides.</param>
    /// <param name="options">The cell.</param>
    /// <param name="inputSize">I, at least 1.</param>
    /// <param name="hidden">H, at least 1.</param>
    /// <param name="reverse">Last step to first; its parameters' names end in <c>_reverse</c>.</param>
    /// <param name="firstState">Where a sequence begins when no state is given.</param>
    /// <param name="firstStateSeed">The seed of a random initial state.</param>
    /// <param name="prefix">Before the parameters' names: <c>"encoder."</c>.</param>
    /// <param name="index">k in <c>weight_ih_l{k}</c>.</param>
    /// <param name="cells">The cells that <paramref name="options"/> may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">The cell's options or a size are impossible.</exception>
    public RecurrentLayer(
        string name, ParameterStore store, CellOptions options, int inputSize, int hidden, bool reverse = false,
        InitialState firstState = InitialState.Zero, ulong firstStateSeed = 0, string prefix = "", int index = 0, CellCatalog? cells = null)
        : this(name, store, (cells ?? CellCatalog.BuiltIn).Make(options), options.Projection, inputSize, hidden, reverse, firstState, firstStateSeed,
            prefix, index) { }

    /// <summary>The same with a custom cell.</summary>
    /// <exception cref="UserErrorException">
    /// A size is impossible, or the cell breaks a rule of <see cref="ICell"/>: the message says which.
    /// </exception>
    public RecurrentLayer(
        string name, ParameterStore store, ICell cell, int? projection, int inputSize, int hidden, bool reverse = false,
        InitialState firstState = InitialState.Zero, ulong firstStateSeed = 0, string prefix = "", int index = 0)
    {
        if (inputSize < 1) throw new UserErrorException($"layer '{name}' input size: expected at least 1, got {inputSize}.");
        if (hidden is < 1 or > SizeLimits.Hidden)
            throw new UserErrorException($"layer '{name}' hidden size: expected 1 to {SizeLimits.Hidden}, got {hidden}.");
        Plan = CellRules.Check(cell, projection, inputSize, hidden);
        int blocks = Plan.Matrices.Max(matrix => matrix.Blocks) + Plan.Products.Count(product => product.Of.Kind != SourceKind.Input);
        long largest = blocks * (hidden + 15L) * (Math.Max(Math.Max(inputSize, hidden), projection ?? 0) + 15L);
        if (largest > ArraySize.Max)
            throw new UserErrorException($"layer '{name}' sizes: expected at most {ArraySize.Max} weights a matrix "
                + $"because an array holds no more, got {inputSize} inputs and {hidden} units.");
        (Name, Cell, Reverse, _store) = (name, cell, reverse, store);
        string suffix = $"_l{index}{(reverse ? "_reverse" : "")}";
        _weights = new RecurrentWeights(store, cell, Plan, prefix, suffix, inputSize, hidden, firstState == InitialState.Learned);
        _dropDraws = $"{name}.weight_hh";
        Rng draws = new Rng(firstStateSeed).For(name);
        _first = [.. Plan.States.Select((state, k) => First(state, _weights.Schedule.StateWidth(k)))];

        float[] First(PlannedState state, int width)
        {
            float[] values = new float[width];
            if (firstState == InitialState.Random) Random(draws.For($"{state.Name}0"), values);
            else values.AsSpan().Fill(state.Initial);
            return values;
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The cell.</summary>
    public ICell Cell { get; }

    /// <summary>What a step of the cell multiplies, keeps and hands on.</summary>
    public StepPlan Plan { get; }

    /// <summary>Whether it goes from the last step to the first.</summary>
    public bool Reverse { get; }

    /// <summary>
    /// Probability that a weight of <see cref="HiddenToHidden"/> is dropped for a training update, the same weights at all of its steps and in all
    /// of its sequences; in [0, 1). The others are divided by 1 − rate (Merity, Keskar and Socher 2017, arXiv:1708.02182).
    /// </summary>
    /// <exception cref="UserErrorException">The rate is outside, or the cell has no such matrix.</exception>
    public float WeightDrop
    {
        get;
        init
        {
            if (!(value >= 0 && value < 1))
                throw new UserErrorException($"layer '{Name}' weight drop: expected a rate of at least 0 and below 1 "
                    + $"because it is a probability, got {value}.");
            field = value;
            if (value > 0 && _weights.Find("weight_hh") is null)
                throw new UserErrorException(
                    $"layer '{Name}' weight drop: expected a cell with weight_hh, whose weights are dropped, got '{Cell.Name}'.");
            _weights.Drop = value > 0 ? new WeightDrop(HiddenToHidden, value) : null;
        }
    }

    /// <inheritdoc/>
    public int InputSize => _weights.InputSize;

    /// <inheritdoc/>
    public int OutputSize => _weights.StateSize;

    /// <summary>H: units of each gate.</summary>
    public int HiddenSize => _weights.Hidden;

    /// <inheritdoc/>
    public bool Causal => !Reverse;

    /// <summary>How its matrices are multiplied; other than in floats it is for inference only.</summary>
    public WeightPrecision Precision => _weights.Panels.Precision;

    /// <summary>
    /// Rounds the matrices to 8 bits with a scale for each row, or to bfloat16, and multiplies so from now on; cannot be undone.
    /// </summary>
    /// <param name="precision">What to round to; with floats nothing is done.</param>
    /// <exception cref="UserErrorException">
    /// A weight is NaN, infinite or above 1e38, or the layer has been rounded to another precision; nothing has changed then.
    /// </exception>
    public void Quantize(WeightPrecision precision = WeightPrecision.Int8)
    {
        RequireQuantizable(precision);
        if (precision == WeightPrecision.Float32) return;
        using (Edit edit = _store.Edit())
            foreach (Parameter matrix in _weights.Matrices) QuantizedWeights.Round(edit.Of(matrix), matrix.Shape[^1], precision);
        _weights.Quantize(precision);
    }

    /// <summary>Throws unless every weight can be rounded to a precision.</summary>
    internal void RequireQuantizable(WeightPrecision precision)
    {
        if (Precision != WeightPrecision.Float32 && Precision != precision)
            throw new UserErrorException($"layer '{Name}' has {Precision.Words()} already, which cannot become {precision.Words()}; "
                + "quantize the model with floats.");
        if (precision == WeightPrecision.Float32) return;
        foreach (Parameter matrix in _weights.Matrices) QuantizedWeights.RequireFinite(matrix);
    }

    /// <inheritdoc/>
    public State NewState(int sequences) =>
        new(Name, sequences, _weights.StateSize, CellSize) { StateNames = [.. Plan.States.Select(state => state.Name)] };

    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass) => Forward(x, null, pass);

    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, State? first, in Pass pass)
    {
        if (x.Features != InputSize)
            ShapeException.Throw(x.Features, InputSize, $"layer '{Name}' input features",
                _weights.All.FirstOrDefault(one => one.Name.Contains("weight_ih")) is { } weights
                    ? $"weight_ih is [{weights.Shape[0]}, {weights.Shape[1]}]" : "its matrices of x have as many columns");
        if (first is not null) Check(first, x.Layout.Sequences);
        if (pass.Training) RequireTrainable();
        SequenceLayout layout = x.Layout;
        RecurrentForward loop = pass.Workspace.Cache<RecurrentForward>();
        loop.Prepare(_weights, layout, Reverse, pass.Threads);
        RecurrentCache cache = pass.Workspace.Cache<RecurrentCache>();
        cache.Layer = this;
        cache.Prepare(_weights, x, pass, Reverse, loop.ChunkRows);
        cache.OwnFirst = first is null;
        if (pass.Training && WeightDrop > 0) cache.Drop = Math.Max(1, (pass.OfUpdate ?? pass.Random).For(_dropDraws).Seed);
        for (int p = 0; p < layout.Sequences; p++)
            for (int k = 0; k < Plan.States.Count; k++)
                cache.SetFirst(k, p, first is null ? FirstOf(k) : first.Row(k, layout.Order[p], HiddenSize));
        if (layout.Rows == 0) return cache;
        loop.Run(cache);
        if (OutputSize != _weights.PaddedState) MatrixViews.Narrow(cache.H, cache.Output.All, OutputSize);
        return cache;
    }

    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass) => Backward(dy, null, cache, null, pass);

    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, State? dLast, Cache cache, State? dFirst, in Pass pass)
    {
        RecurrentCache own = cache.Of<RecurrentCache>(this, dy);
        RequireTrainable();
        own.RefuseInference();
        SequenceLayout layout = own.Layout;
        if (dLast is not null) Check(dLast, layout.Sequences);
        if (dFirst is not null) Check(dFirst, layout.Sequences);
        RecurrentBackward loop = pass.Workspace.Cache<RecurrentBackward>();
        loop.Prepare(_weights, own, Reverse, dy, pass);
        int states = Plan.States.Count;
        for (int p = 0; p < layout.Sequences; p++)
            for (int k = 0; k < states; k++)
                Begin(dLast is null ? default : dLast.Row(k, layout.Order[p], HiddenSize), loop.Carry(k).Row(p));
        SequenceBatch dx = loop.Run();
        RowSums sums = pass.SumsOf(layout);
        for (int p = 0; p < layout.Sequences; p++)
            for (int k = 0; k < states; k++)
                Finish(loop.Carry(k).Row(p), dFirst is null ? default : dFirst.Row(k, layout.Order[p], HiddenSize),
                    own.OwnFirst && _weights.First.Length > 0 ? sums.GradientsOfSequence(_weights.First[k], layout.Order[p]) : default);
        GC.KeepAlive(loop);                                              // the blocks above are addresses in its buffers
        return dx;
    }

    /// <inheritdoc/>
    public void Last(Cache cache, State into)
    {
        RecurrentCache own = cache.Of<RecurrentCache>(this);
        Check(into, own.Layout.Sequences);
        for (int p = 0; p < own.Layout.Sequences; p++)
            for (int k = 0; k < Plan.States.Count; k++)
            {
                Span<float> to = into.Row(k, own.Layout.Order[p], HiddenSize);
                own.LastOf(k, p, Reverse)[..to.Length].CopyTo(to);
            }
    }

    /// <summary>Sets a state to the layer's own initial state.</summary>
    public void SetFirst(State state)
    {
        Check(state, state.Sequences);
        for (int s = 0; s < state.Sequences; s++)
            for (int k = 0; k < Plan.States.Count; k++) Begin(FirstOf(k), state.Row(k, s, HiddenSize));
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> x, State state, Span<float> y)
    {
        if (!Causal) throw new UserErrorException($"layer '{Name}' goes from the last step to the first: it cannot take steps one by one.");
        Check(state, state.Sequences);
        if (x.Length != state.Sequences * InputSize)
            ShapeException.Throw(x.Length, state.Sequences * InputSize, $"layer '{Name}' step input",
                $"{state.Sequences} sequences have {InputSize} features each");
        if (y.Length != state.Sequences * OutputSize)
            ShapeException.Throw(y.Length, state.Sequences * OutputSize, $"layer '{Name}' step output",
                $"{state.Sequences} sequences have {OutputSize} features each");
        StepScratch scratch = state.Scratch is StepScratch kept && kept.Serves(_weights) ? kept : new StepScratch(_weights, state.Sequences);
        state.Scratch = scratch;
        scratch.Run(x, new ReadOnlySpan<State>(in state), state.Sequences, y);
    }

    /// <summary>What <see cref="Step(ReadOnlySpan{float}, ReadOnlySpan{State}, int, Span{float}, StepScratch)"/> keeps between two calls.</summary>
    internal StepScratch NewScratch(int rows) => new(_weights, rows);

    /// <summary>One step of every sequence of several states, which are of this layer.</summary>
    internal void Step(ReadOnlySpan<float> x, ReadOnlySpan<State> states, int rows, Span<float> y, StepScratch scratch)
    {
        foreach (State state in states) Check(state, state.Sequences);
        scratch.Run(x, states, rows, y);
    }

    /// <summary>Where its parameters are, with those of other layers.</summary>
    public ParameterStore Store => _store;

    /// <summary>PyTorch's name of the layer and direction: <c>"encoder.l0_reverse"</c>.</summary>
    public string Place => _weights.Place;

    /// <summary>All of its parameters, in the order in which they are stored.</summary>
    public IReadOnlyList<Parameter> Parameters => _weights.All;

    /// <summary><c>weight_ih</c> [gates · hidden, input size].</summary>
    /// <exception cref="InvalidOperationException">The cell has none; this is so of every parameter but <see cref="Projection"/>.</exception>
    public Parameter InputToHidden => Required("weight_ih");

    /// <summary><c>weight_hh</c> [gates · hidden, output size].</summary>
    /// <exception cref="InvalidOperationException">The cell has none.</exception>
    public Parameter HiddenToHidden => Required("weight_hh");

    /// <summary><c>bias_ih</c> [gates · hidden].</summary>
    /// <exception cref="InvalidOperationException">The cell has none.</exception>
    public Parameter InputBias => Required("bias_ih");

    /// <summary><c>bias_hh</c> [gates · hidden].</summary>
    /// <exception cref="InvalidOperationException">The cell has none.</exception>
    public Parameter HiddenBias => Required("bias_hh");

    /// <summary><c>weight_hr</c> [output size, hidden]; null without a projection.</summary>
    public Parameter? Projection => _weights.Find("weight_hr");

    /// <summary>What the cell has beside the parameters that have a name here, in its order: <c>peephole</c>; gains. Empty for most.</summary>
    public IReadOnlyList<Parameter> CellParameters => _weights.Own;

    private Parameter Required(string name) => _weights.Find(name)
        ?? throw new InvalidOperationException($"layer '{Name}', cell '{Cell.Name}' has no {name}; it has {string.Join(", ", Parameters)}");

    /// <summary>Its parameters and their panels.</summary>
    internal RecurrentWeights Weights => _weights;

    /// <summary>Throws where the weights are no floats.</summary>
    internal void RequireTrainable()
    {
        if (Precision != WeightPrecision.Float32)
            throw new UserErrorException($"layer '{Name}' has {Precision.Words()}, which serve inference alone and have no gradient; "
                + "train the model with floats and quantize it again.");
    }

    /// <summary>Numbers of all further states of a sequence.</summary>
    internal int CellSize => _weights.Further * HiddenSize;

    /// <summary>Where a state of a sequence begins when none is given; 0 is h.</summary>
    internal ReadOnlySpan<float> FirstOf(int state) => _weights.First.Length > 0 ? _weights.First[state].Values : _first[state];

    private void Check(State state, int sequences)
    {
        if (state.Sequences != sequences)
            ShapeException.Throw(state.Sequences, sequences, $"layer '{Name}' state sequences", "the batch has as many");
        if (state.HiddenSize != OutputSize)
            ShapeException.Throw(state.HiddenSize, OutputSize, $"layer '{Name}' hidden state", "that is its output size");
        if (state.CellSize != CellSize) ShapeException.Throw(state.CellSize, CellSize, $"layer '{Name}' cell state", "that is its hidden size");
    }

    // A state's row, narrower than the padded one or empty for zero.
    private static void Begin(ReadOnlySpan<float> from, Span<float> to)
    {
        from.CopyTo(to);
        to[from.Length..].Clear();
    }

    private static void Finish(ReadOnlySpan<float> carry, Span<float> dFirst, Span<float> gradient)
    {
        carry[..dFirst.Length].CopyTo(dFirst);
        for (int u = 0; u < gradient.Length; u++) gradient[u] += carry[u];
    }

    private static void Random(Rng draws, Span<float> values)
    {
        const double deviation = 0.1;
        for (int i = 0; i < values.Length; i++) values[i] = (float)(deviation * draws.Normal((ulong)i));
    }
}
