using System.Collections.Immutable;
using Unroll.Cells;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Recurrent;
using Unroll.Exchange.Onnx.Values;
using Unroll.Layers.Recurrent;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>What a layer gives: a row of features for every step of every sequence; and the layers below it.</summary>
/// <param name="Below">The layer that its rows come from; null at the network's input.</param>
/// <param name="Features">The atoms of a row, slowest first.</param>
/// <param name="Title">The node that it was made from, for messages.</param>
internal abstract record Rows(Rows? Below, ImmutableArray<Atom> Features, string Title)
{
    /// <summary>Numbers in a row.</summary>
    public int Width => (int)Features.Aggregate(Extent.One, (size, atom) => size.Times(atom.Size)!).Number!.Value;

    /// <summary>Whether there is one row a sequence.</summary>
    public bool Pooled => this is PooledRows || (Below?.Pooled ?? false);

    /// <summary>Whether a recurrent layer is among the layers.</summary>
    public bool Recurs => this is RecurrentRows || (Below?.Recurs ?? false);

    /// <summary>This and all below, from the input on.</summary>
    public IEnumerable<Rows> All => (Below?.All ?? []).Append(this);

    /// <summary>What the layer is called where a name can be had from the graph's own names; empty: nothing.</summary>
    public string Hint { get; init; } = "";

    // Two layers are the same only if they are one object.
    /// <inheritdoc/>
    public virtual bool Equals(Rows? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>The network's input.</summary>
internal sealed record InputRows(OnnxPort Port, AxisList Axes, ImmutableArray<Atom> Features, string Title) : Rows(null, Features, Title);

/// <summary>Rows of a table [vocabulary, size], one for each index of the input.</summary>
internal sealed record EmbeddingRows(Rows Below, OnnxTensor Table, ImmutableArray<Atom> Features, string Title) : Rows(Below, Features, Title);

/// <summary>y = x Wᵀ + b, perhaps max(0, y).</summary>
/// <param name="Below">x.</param>
/// <param name="Weight">[outputs, inputs], or with <paramref name="Turned"/> [inputs, outputs].</param>
/// <param name="Turned">Whether the weight is transposed.</param>
/// <param name="Bias">[outputs]; null: none yet.</param>
/// <param name="Relu">Whether negative outputs become 0.</param>
/// <param name="Features">The outputs.</param>
/// <param name="Title">The node.</param>
internal sealed record DenseRows(
    Rows Below, OnnxTensor Weight, bool Turned, OnnxTensor? Bias, bool Relu, ImmutableArray<Atom> Features, string Title)
    : Rows(Below, Features, Title);

/// <summary>Layer normalization; without gain or bias as long as none has come.</summary>
internal sealed record NormRows(Rows Below, OnnxTensor? Gain, OnnxTensor? Bias, string Title) : Rows(Below, Below.Features, Title);

/// <summary>How one row is made of a sequence.</summary>
internal enum PoolKind
{
    /// <summary>The last step.</summary>
    Last,

    /// <summary>What each direction ends with.</summary>
    Ends,

    /// <summary>The mean.</summary>
    Mean,

    /// <summary>Of each feature the largest.</summary>
    Max,
}

/// <summary>One row a sequence.</summary>
internal sealed record PooledRows(Rows Below, PoolKind Kind, string Title) : Rows(Below, Below.Features, Title);

/// <summary>One recurrent layer, in one direction or both.</summary>
internal sealed record RecurrentRows(Rows Below, ImmutableArray<Atom> Features, string Title) : Rows(Below, Features, Title)
{
    /// <summary>The cell.</summary>
    public required CellOptions Cell { get; init; }

    /// <summary>Units of a direction.</summary>
    public required int Hidden { get; init; }

    /// <summary>The direction.</summary>
    public required Direction Direction { get; init; }

    /// <summary>How two directions become one output.</summary>
    public Merge Merge { get; init; } = Merge.Concatenate;

    /// <summary>The weights of each direction.</summary>
    public required IReadOnlyList<LayerTensors> Tensors { get; init; }

    /// <summary>Where h begins, for each direction.</summary>
    public required IReadOnlyList<FirstState> FirstH { get; init; }

    /// <summary>Where c begins, for each direction; empty where there is none.</summary>
    public required IReadOnlyList<FirstState> FirstC { get; init; }

    /// <summary>Whether the lengths of the sequences are given.</summary>
    public required bool HasLengths { get; init; }

    /// <summary>How many directions.</summary>
    public int Directions => Direction == Direction.Bidirectional ? 2 : 1;
}

/// <summary>Where one direction of a recurrent layer begins.</summary>
internal abstract record FirstState
{
    /// <summary>At zero.</summary>
    internal sealed record Zero : FirstState;

    /// <summary>At numbers that are the same for every sequence: [units].</summary>
    internal sealed record Learned(float[] Values) : FirstState;

    /// <summary>At a part of one of the graph's inputs.</summary>
    /// <param name="Port">The input.</param>
    /// <param name="Axes">Its axes as declared.</param>
    /// <param name="Sequences">The atom that counts the sequences; null: there is one.</param>
    /// <param name="Units">The atom that counts the units; null: there is one.</param>
    /// <param name="Fixed">Where the part lies: an index for each other atom.</param>
    internal sealed record Given(OnnxPort Port, AxisList Axes, Atom? Sequences, Atom? Units, IReadOnlyDictionary<Atom, int> Fixed) : FirstState;
}
