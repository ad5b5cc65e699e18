using System.Collections.Immutable;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>What a value of the graph is, as far as it is understood.</summary>
internal abstract record LiftValue;

/// <summary>A constant.</summary>
/// <param name="Tensor">The numbers.</param>
/// <param name="Name">The initializer's name; empty: it was computed.</param>
internal sealed record KnownValue(OnnxTensor Tensor, string Name = "") : LiftValue;

/// <summary>Whole numbers that follow from sizes.</summary>
/// <param name="Items">Each; one where it is a single number.</param>
/// <param name="IsVector">Whether they lie along an axis.</param>
internal sealed record SizesValue(ImmutableArray<Extent> Items, bool IsVector) : LiftValue;

/// <summary>Truth values about sizes.</summary>
internal sealed record TruthsValue(ImmutableArray<bool> Items, bool IsVector) : LiftValue;

/// <summary>A tensor of a shape that does not matter, all of whose elements are one number.</summary>
internal sealed record UniformValue(OnnxTensor Element) : LiftValue
{
    /// <summary>The shape of the constant that was repeated, slowest size first; null: it had none.</summary>
    public int[]? Shape { get; init; }

    /// <summary>Whether the number is 0.</summary>
    public bool IsZero => !Element.Bytes.ContainsAnyExcept((byte)0);
}

/// <summary>A constant repeated along some of its axes.</summary>
internal sealed record SpreadValue(OnnxTensor Tensor) : LiftValue;

/// <summary>One size as every element of a vector whose length does not matter.</summary>
internal sealed record RepeatedValue(Extent Size) : LiftValue;

/// <summary>0, 1, 2, …</summary>
internal sealed record CountingValue : LiftValue;

/// <summary>What nobody understands here, and why.</summary>
internal sealed record UnknownValue(string Why) : LiftValue;

/// <summary>Where each sequence goes when they are sorted by length, longest first.</summary>
/// <param name="By">The lengths.</param>
internal sealed record OrderValue(InputValue By) : LiftValue;

/// <summary>Where each sequence comes from when such an order is undone.</summary>
internal sealed record UndoValue(OrderValue Order) : LiftValue;

/// <summary>A value whose axes are known.</summary>
internal abstract record AxisValue(AxisList Axes) : LiftValue;

/// <summary>An input of the graph, or a part of it, whose meaning is not known yet.</summary>
/// <param name="Port">The input.</param>
/// <param name="Declared">Its axes as declared.</param>
/// <param name="Axes">Its axes now.</param>
internal sealed record InputValue(OnnxPort Port, AxisList Declared, AxisList Axes) : AxisValue(Axes)
{
    /// <summary>Whether its numbers were cut to whole ones.</summary>
    public bool IsCut { get; init; }

    /// <summary>What was added to each of its whole numbers.</summary>
    public long Plus { get; init; }

    /// <summary>Whether its numbers were sorted, largest first.</summary>
    public bool IsSorted { get; init; }

    /// <summary>The atoms that are no longer there because one index of each was taken, and which.</summary>
    public ImmutableDictionary<Atom, int> Fixed { get; init; } = ImmutableDictionary<Atom, int>.Empty;

    /// <summary>Whether all of the input is there, as it was given.</summary>
    public bool IsWhole => Plus == 0 && !IsSorted && Fixed.IsEmpty && !Axes.Atoms.Any(atom => atom.Repeats || atom.Whole is not null);
}

/// <summary>Which steps of a layer's output are there.</summary>
internal enum StepPick
{
    /// <summary>All.</summary>
    All,

    /// <summary>The last of the batch: past a shorter sequence's end.</summary>
    LastOfBatch,

    /// <summary>The last of each sequence.</summary>
    Last,

    /// <summary>The first.</summary>
    First,

    /// <summary>What each direction ends with: the last of one, the first of the other.</summary>
    Ends,
}

/// <summary>What the numbers of an output mean, where the graph says so at its end.</summary>
public enum OutputMeaning
{
    /// <summary>The numbers themselves: scores, predictions.</summary>
    Plain,

    /// <summary>Probabilities of classes: softmax.</summary>
    Probabilities,

    /// <summary>Logarithms of probabilities: log-softmax.</summary>
    LogProbabilities,

    /// <summary>A probability for each number: the logistic function.</summary>
    Logistic,

    /// <summary>Numbers within ±1: tanh.</summary>
    HyperbolicTangent,
}

/// <summary>Rows of a layer.</summary>
/// <param name="Of">The layer.</param>
/// <param name="Axes">Its steps, sequences and features as axes.</param>
internal sealed record RowsValue(Rows Of, AxisList Axes) : AxisValue(Axes)
{
    /// <summary>Which steps.</summary>
    public StepPick Steps { get; init; }

    /// <summary>Of two directions the one that is there; null: all there are.</summary>
    public int? Direction { get; init; }

    /// <summary>What was done to the rows at the end.</summary>
    public OutputMeaning Meaning { get; init; }

    /// <summary>The node that did it.</summary>
    public string MeaningOf { get; init; } = "";
}

/// <summary>One direction of a recurrent layer.</summary>
internal readonly record struct StateSlot(RecurrentRows Layer, int Direction);

/// <summary>The states after each sequence's last step.</summary>
/// <param name="IsCell">Whether they are c and not h.</param>
/// <param name="Slots">Of which layers and directions, in the order of the slots' atoms.</param>
/// <param name="Counting">The atoms that count the slots, slowest first; none where there is one slot.</param>
/// <param name="Axes">The axes.</param>
/// <param name="Units">The atom that counts the units.</param>
internal sealed record StatesValue(bool IsCell, ImmutableArray<StateSlot> Slots, ImmutableArray<Atom> Counting, Atom Units, AxisList Axes)
    : AxisValue(Axes);

/// <summary>How far layer normalization has come.</summary>
internal enum NormStage
{
    /// <summary>The mean of each row.</summary>
    Mean,

    /// <summary>x − mean.</summary>
    Centered,

    /// <summary>(x − mean)².</summary>
    Squared,

    /// <summary>Their mean.</summary>
    Variance,

    /// <summary>With ε.</summary>
    Padded,

    /// <summary>The root.</summary>
    Deviation,
}

/// <summary>A step of layer normalization written in single operators.</summary>
internal sealed record NormingValue(RowsValue X, NormStage Stage) : LiftValue;
