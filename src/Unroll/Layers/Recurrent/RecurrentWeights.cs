using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Layers.Recurrent;

/// <summary>The parameters of one recurrent layer in one direction, under PyTorch's names, and how its cell's plan uses them.</summary>
internal sealed class RecurrentWeights
{
    private static readonly string[] s_common = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"];
    private readonly List<Parameter> _all = [];
    private readonly string _prefix, _suffix;
    private readonly ScalarGradients?[] _scalars;
    private readonly FormedMatrix?[] _formed;

    public RecurrentWeights(ParameterStore store, ICell cell, StepPlan plan, string prefix, string suffix, int inputSize, int hidden,
        bool learnedFirst)
    {
        (Cell, Plan, InputSize, Hidden, Place) = (cell, plan, inputSize, hidden, prefix + suffix[1..]);
        (_prefix, _suffix) = (prefix, suffix);
        Schedule = new StepSchedule(plan, cell.Stages, inputSize, hidden);
        StateSize = Schedule.StateWidth(0);
        (Padded, PaddedState) = (RoundUp(hidden), RoundUp(StateSize));
        (Matrices, Vectors) = (new Parameter[plan.Matrices.Count], new Parameter[plan.Vectors.Count]);
        for (int v = 0; v <= Vectors.Length; v++)
        {
            for (int m = 0; m < Matrices.Length; m++)
                if (plan.Matrices[m] is var matrix && matrix.StoredAfter == v)
                    Matrices[m] = Add(matrix.Name, matrix.Blocks * Schedule.BlockRows(m), Schedule.Width(matrix.Of));
            if (v == Vectors.Length) break;
            PlannedVector vector = plan.Vectors[v];
            Vectors[v] = vector.IsScalar ? Add(vector.Name, 1)
                : vector.IsTable ? Add(vector.Name, vector.Rows, hidden) : Add(vector.Name, vector.Rows * hidden);
        }
        Own = [.. _all.Where(parameter => !s_common.Any(name => parameter.Name == $"{prefix}{name}{suffix}"))];
        if (learnedFirst) First = [.. plan.States.Select((state, k) => Add($"{state.Name}0", Schedule.StateWidth(k)))];
        ExtraAt = [.. plan.Vectors.SelectMany((vector, v) => Enumerable.Range(0, vector.IsExtra ? vector.Rows : 0).Select(row => (v, row)))];
        _scalars = [.. plan.Vectors.Select((vector, v) => vector.IsScalar ? new ScalarGradients(Vectors[v], hidden) : null)];
        _formed = [.. Schedule.Products.Select(product =>
            product.Form == MatrixForm.Plain ? null : new FormedMatrix(product.Form, product.Depth))];
        (Work, RecurrentWork) = Schedule.Work;
        Panels = new RecurrentPanels(this, WeightPrecision.Float32);

        Parameter Add(string name, params ReadOnlySpan<int> shape)
        {
            Parameter parameter = store.Add($"{prefix}{name}{suffix}", shape);
            _all.Add(parameter);
            return parameter;
        }
    }

    public ICell Cell { get; }
    public StepPlan Plan { get; }
    /// <summary>Which product runs when.</summary>
    public StepSchedule Schedule { get; }
    /// <summary>PyTorch's name of the layer and direction: <c>"encoder.l0_reverse"</c>.</summary>
    public string Place { get; }
    public int InputSize { get; }
    /// <summary>H: units of each gate.</summary>
    public int Hidden { get; }
    /// <summary>Width of h: H, or the rows of the projection.</summary>
    public int StateSize { get; }
    /// <summary>H rounded up to a multiple of 16.</summary>
    public int Padded { get; }
    /// <summary>The state's width rounded up to a multiple of 16.</summary>
    public int PaddedState { get; }
    /// <summary>How many states there are beside the first: side by side, each with the units' width.</summary>
    public int Further => Plan.States.Count - 1;
    /// <summary>How many slots a row keeps: what the cell saves, and x where it reads it.</summary>
    public int Slots => Cell.Saved.Count + (Plan.ReadsInput ? 1 : 0);
    /// <summary>Where x lies among them; −1: it does not.</summary>
    public int InputSlot => Plan.ReadsInput ? Cell.Saved.Count : -1;
    /// <summary>Whether the cell may leave anything in the δ of units that are not there.</summary>
    public bool ClearsBeyond => Cell is IPlannedCell && Padded > Hidden;
    /// <summary>Rows of what the cell sees of its own: peepholes; biases, gains.</summary>
    public int ExtraRows => ExtraAt.Length;
    /// <summary>Which vector and row each of them is.</summary>
    public (int Vector, int Row)[] ExtraAt { get; }
    /// <summary>Multiply-adds of a row and step.</summary>
    public long Work { get; }
    /// <summary>Those of them that are not of x.</summary>
    public long RecurrentWork { get; }

    /// <summary>Grows whenever weights may have changed.</summary>
    public long Version => _all[0].Version;

    /// <summary>Every parameter, in the order in which they are stored.</summary>
    public IReadOnlyList<Parameter> All => _all;
    /// <summary>Those of them that PyTorch has no name for, first states apart.</summary>
    public IReadOnlyList<Parameter> Own { get; }
    /// <summary>The plan's matrices.</summary>
    public Parameter[] Matrices { get; }
    /// <summary>The plan's vectors.</summary>
    public Parameter[] Vectors { get; }
    /// <summary>The learned first states; empty where they are not learned.</summary>
    public Parameter[] First { get; } = [];

    /// <summary>The weights as the products read them.</summary>
    public RecurrentPanels Panels { get; private set; }

    /// <summary>What drops weights of <c>weight_hh</c> in training; null: nothing.</summary>
    public WeightDrop? Drop { get; set; }

    /// <summary>The parameter of that name, without prefix and suffix; null: there is none.</summary>
    public Parameter? Find(string name) => _all.Find(parameter => parameter.Name == $"{_prefix}{name}{_suffix}");

    /// <summary>The numbers of a row of a vector: of a scalar [1].</summary>
    public ReadOnlySpan<float> Row(int vector, int row) =>
        _scalars[vector] is not null ? Vectors[vector].Values : Vectors[vector].Values.Slice(row * Hidden, Hidden);

    /// <summary>A shard's gradients of them, [units].</summary>
    public Span<float> RowGradients(int vector, int row, in RowSums sums, int shard) =>
        _scalars[vector] is { } scalar ? scalar.Row(shard) : sums.Gradients(Vectors[vector], shard).Slice(row * Hidden, Hidden);

    /// <summary>The weights of a product's matrix, as it multiplies by them.</summary>
    public ReadOnlySpan<float> Values(StepProduct product, ulong drop) =>
        _formed[product.Index] is { } formed ? formed.Values : Stored(product, drop);

    /// <summary>Where a shard's gradients of a product's matrix are added.</summary>
    public Span<float> Gradients(StepProduct product, ulong drop, in RowSums sums, int shard) =>
        _formed[product.Index] is { } formed ? formed.Gradients(shard) : StoredGradients(product, drop, sums, shard);

    /// <summary>Makes what products read that is not stored so; before panels are packed.</summary>
    public void Form(ulong drop)
    {
        if (drop != 0) Drop!.Draw(drop);
        foreach (StepProduct product in Schedule.Products) _formed[product.Index]?.Make(Stored(product, drop));
    }

    /// <summary>Makes ready for the gradients of some shards to be added.</summary>
    public void BeginGradients(ulong drop, int shards)
    {
        if (drop != 0) Drop!.Begin(shards);
        foreach (FormedMatrix? formed in _formed) formed?.Begin(shards);
        foreach (ScalarGradients? scalar in _scalars) scalar?.Begin(shards);
    }

    /// <summary>Adds what was not added where it is stored.</summary>
    public void FinishGradients(ulong drop, in RowSums sums)
    {
        for (int shard = 0; shard < sums.Shards; shard++)
            foreach (StepProduct product in Schedule.Products)
                _formed[product.Index]?.AddGradients(shard, StoredGradients(product, drop, sums, shard));
        if (drop != 0) Drop!.AddGradients(drop, sums);
        foreach (ScalarGradients? scalar in _scalars) scalar?.Add(sums);
    }

    /// <summary>
    /// Whether some gradient is a sum of two that take turns from chunk to chunk of a backward pass: a matrix or bias that is used twice. The order
    /// of such a sum depends on where chunks end.
    /// </summary>
    public bool TakesTurns
    {
        get
        {
            List<(int, int)> blocks = [.. Schedule.Products.Where(product => product.Form == MatrixForm.Plain)
                .SelectMany(product => Enumerable.Range(product.Block, product.Count).Select(block => (product.Matrix, block)))];
            List<(int, int)> biases = [.. Plan.Arguments.SelectMany(argument => argument.Biases), .. ExtraAt];
            return blocks.Distinct().Count() < blocks.Count
                || biases.Select(bias => Plan.Vectors[bias.Item1].IsScalar ? (bias.Item1, 0) : bias).Distinct().Count() < biases.Count;
        }
    }

    /// <summary>From now on products are those of weights in fewer bits, and there are none of a backward pass.</summary>
    public void Quantize(WeightPrecision precision) => Panels = new RecurrentPanels(this, precision);

    /// <summary>What a slot of δ belongs to.</summary>
    public IReadOnlyList<string> DeltaNames => Plan.DeltaNames.Count > 0 ? Plan.DeltaNames
        : [.. Enumerable.Range(0, Plan.Deltas).Select(delta =>
            Plan.Arguments.FirstOrDefault(argument => argument.Delta == delta) is { } argument ? Cell.Saved[argument.Slot] : $"δ{delta}")];

    private bool Drops(StepProduct product, ulong drop) => drop != 0 && Drop!.IsOf(Matrices[product.Matrix]);

    private ReadOnlySpan<float> Stored(StepProduct product, ulong drop) =>
        Drops(product, drop) ? Drop!.Values : Matrices[product.Matrix].Values;

    private Span<float> StoredGradients(StepProduct product, ulong drop, in RowSums sums, int shard) =>
        Drops(product, drop) ? Drop!.Gradients(shard) : sums.Gradients(Matrices[product.Matrix], shard);

    private static int RoundUp(int units) => (units + 15) / 16 * 16;
}
