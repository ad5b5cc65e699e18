using Unroll.Core;
using Unroll.Exchange.Onnx.Recurrent;
using Unroll.Exchange.Onnx.Values;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Makes the network of a stack of layers: its description, and its weights, copied bit for bit.</summary>
internal sealed class NetworkAssembly
{
    private readonly List<LayerSpec> _layers = [];
    private readonly List<(string Parameter, float[] Values)> _weights = [];
    private readonly HashSet<string> _names = [];
    private (string Name, OnnxTensor Tensor)? _table;

    /// <summary>The network.</summary>
    /// <exception cref="UserErrorException">A network here cannot be that large.</exception>
    public static Network Build(LiftedParts parts)
    {
        NetworkAssembly assembly = new();
        for (int i = 1; i < parts.Layers.Count;) i += assembly.Add(parts.Layers, i);
        Network network = Network.Build(new NetworkSpec(parts.Layers[1] is EmbeddingRows ? 1 : parts.Input.Width, assembly._layers));
        using Edit edit = network.Parameters.Edit();
        foreach ((string parameter, float[] values) in assembly._weights) values.CopyTo(edit.Of(network.Parameters.Find(parameter)!));
        return network;
    }

    /// <summary>Adds one layer; of recurrent layers all that lie on each other and are alike.</summary>
    /// <returns>How many were added.</returns>
    private int Add(IReadOnlyList<Rows> layers, int at)
    {
        switch (layers[at])
        {
            case EmbeddingRows embedding: Embedding(embedding); return 1;
            case DenseRows dense: Dense(dense); return 1;
            case NormRows norm: Norm(norm); return 1;
            case PooledRows { Kind: var kind }: Pool(kind); return 1;
            case RecurrentRows first:
                RecurrentRows[] stack = [.. layers.Skip(at).TakeWhile(layer => layer is RecurrentRows own
                    && Alike(own, first)).Cast<RecurrentRows>()];
                Recurrent(stack);
                return stack.Length;
            default: throw new NotSupportedException($"There is no layer for {layers[at].GetType().Name}.");
        }
    }

    private static bool Alike(RecurrentRows a, RecurrentRows b) =>
        (a.Cell, a.Hidden, a.Direction, a.Merge) == (b.Cell, b.Hidden, b.Direction, b.Merge) && IsLearned(a) == IsLearned(b);

    private static bool IsLearned(RecurrentRows layer) => layer.FirstH.Concat(layer.FirstC).Any(state => state is FirstState.Learned);

    private void Embedding(EmbeddingRows rows)
    {
        string name = NameOf(rows, "embedding");
        _layers.Add(new EmbeddingSpec { Name = name, Vocabulary = rows.Table.Shape[0], Size = rows.Table.Shape[1] });
        _weights.Add(($"{name}.weight", rows.Table.Values<float>().ToArray()));
        _table = (name, rows.Table);
    }

    //  W is [outputs, inputs] here
    private void Dense(DenseRows rows)
    {
        string name = NameOf(rows, rows.Relu ? "hidden" : "head");
        float[] weight = rows.Turned ? Turned(rows.Weight) : rows.Weight.Values<float>().ToArray();
        bool tied = !rows.Relu && _table is { } table && table.Tensor.Shape.SequenceEqual([rows.Width, rows.Below!.Width])
            && rows.Weight.Count == table.Tensor.Count && Same(weight, table.Tensor.Values<float>());
        _layers.Add(tied ? new TiedSpec { Name = name, Embedding = _table!.Value.Name }
            : rows.Relu ? new ConvolutionSpec { Name = name, Filters = rows.Width, Width = 1 }
            : new DenseSpec { Name = name, Outputs = rows.Width });
        if (!tied) _weights.Add(($"{name}.weight", weight));
        if (rows.Bias is { } bias) _weights.Add(($"{name}.bias", bias.Values<float>().ToArray()));
    }

    private void Norm(NormRows rows)
    {
        string name = NameOf(rows, "norm");
        _layers.Add(new LayerNormSpec { Name = name });
        float[] ones = new float[rows.Width];
        ones.AsSpan().Fill(1);
        _weights.Add(($"{name}.weight", rows.Gain?.Values<float>().ToArray() ?? ones));
        if (rows.Bias is { } bias) _weights.Add(($"{name}.bias", bias.Values<float>().ToArray()));
    }

    private void Pool(PoolKind kind)
    {
        string name = Free("pool");
        _layers.Add(kind switch
        {
            PoolKind.Last => new LastStepSpec { Name = name },
            PoolKind.Ends => new LastStatesSpec { Name = name },
            PoolKind.Mean => new MeanPoolSpec { Name = name },
            _ => new MaxPoolSpec { Name = name },
        });
    }

    private void Recurrent(RecurrentRows[] stack)
    {
        RecurrentRows first = stack[0];
        string name = NameOf(first, "rnn");
        _layers.Add(new RecurrentSpec
        {
            Name = name, Cell = first.Cell, Hidden = first.Hidden, Layers = stack.Length, Direction = first.Direction, Merge = first.Merge,
            InitialState = IsLearned(first) ? InitialState.Learned : InitialState.Zero,
        });
        for (int k = 0; k < stack.Length; k++)
            for (int d = 0; d < stack[k].Directions; d++)
                Weights($"{name}.", $"_l{k}{(first.Direction == Direction.Reverse || d == 1 ? "_reverse" : "")}", stack[k], d);
    }

    private void Weights(string prefix, string suffix, RecurrentRows layer, int direction)
    {
        LayerTensors tensors = layer.Tensors[direction];
        _weights.Add(($"{prefix}weight_ih{suffix}", tensors.InputToHidden));
        _weights.Add(($"{prefix}weight_hh{suffix}", tensors.HiddenToHidden));
        _weights.Add(($"{prefix}bias_ih{suffix}", tensors.InputBias));
        _weights.Add(($"{prefix}bias_hh{suffix}", tensors.HiddenBias));
        if (tensors.Peepholes is { } peepholes) _weights.Add(($"{prefix}peephole{suffix}", peepholes));
        if (layer.FirstH[direction] is FirstState.Learned h) _weights.Add(($"{prefix}h0{suffix}", h.Values));
        if (layer.FirstC.Count > 0 && layer.FirstC[direction] is FirstState.Learned c) _weights.Add(($"{prefix}c0{suffix}", c.Values));
    }

    private string NameOf(Rows rows, string otherwise) => Free(rows.Hint.Length > 0 ? rows.Hint : otherwise);

    private string Free(string name)
    {
        string own = name;
        for (int i = 2; !_names.Add(own); i++) own = $"{name}{i}";
        return own;
    }

    private static float[] Turned(OnnxTensor matrix)
    {
        (int rows, int columns) = (matrix.Shape[0], matrix.Shape[1]);
        ReadOnlySpan<float> from = matrix.Values<float>();
        float[] to = new float[from.Length];
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++) to[column * rows + row] = from[row * columns + column];
        return to;
    }

    private static bool Same(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(a).SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(b));
}
