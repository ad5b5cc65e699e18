using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>The inputs of a recurrent node, their shapes compared with each other and with what the node says.</summary>
internal sealed class RecurrentInputs
{
    private static readonly string[] s_missing = ["X", "W", "R"];

    private RecurrentInputs(RecurrentConvention convention, OnnxTensor x, OnnxTensor w, OnnxTensor r)
    {
        (Convention, X, W, R) = (convention, x, w, r);
        int time = convention.Layout;
        (Steps, Sequences, InputSize, Hidden) = (x.Shape[time], x.Shape[1 - time], x.Shape[2], r.Shape[2]);
    }

    /// <summary>What the node says.</summary>
    public RecurrentConvention Convention { get; }

    /// <summary>T.</summary>
    public int Steps { get; }

    /// <summary>B.</summary>
    public int Sequences { get; }

    /// <summary>I.</summary>
    public int InputSize { get; }

    /// <summary>H.</summary>
    public int Hidden { get; }

    /// <summary>[T, B, I], or [B, T, I] in layout 1.</summary>
    public OnnxTensor X { get; }

    /// <summary>[D, gates·H, I].</summary>
    public OnnxTensor W { get; }

    /// <summary>[D, gates·H, H].</summary>
    public OnnxTensor R { get; }

    /// <summary>[D, 2·gates·H], or null.</summary>
    public OnnxTensor? B { get; private init; }

    /// <summary>[D, B, H], or [B, D, H] in layout 1, or null.</summary>
    public OnnxTensor? InitialH { get; private init; }

    /// <summary>As <see cref="InitialH"/>.</summary>
    public OnnxTensor? InitialC { get; private init; }

    /// <summary>[D, 3·H], or null.</summary>
    public OnnxTensor? P { get; private init; }

    /// <summary>The length of each sequence, 0 to T.</summary>
    public required int[] Lengths { get; init; }

    /// <summary>Y: [T, D, B, H], or [B, T, D, H] in layout 1.</summary>
    public int[] OutputShape => Convention.Layout == 0 ? [Steps, Convention.Directions, Sequences, Hidden]
        : [Sequences, Steps, Convention.Directions, Hidden];

    /// <summary>Y_h and Y_c: [D, B, H], or [B, D, H] in layout 1.</summary>
    public int[] StateShape => Convention.Layout == 0 ? [Convention.Directions, Sequences, Hidden] : [Sequences, Convention.Directions, Hidden];

    /// <summary>Where a step of a sequence begins in X.</summary>
    public int InputRow(int t, int sequence) => (Convention.Layout == 0 ? t * Sequences + sequence : sequence * Steps + t) * InputSize;

    /// <summary>Where a step of a sequence begins in Y.</summary>
    public int OutputRow(int t, int direction, int sequence) => Hidden * (Convention.Layout == 0
        ? (t * Convention.Directions + direction) * Sequences + sequence
        : (sequence * Steps + t) * Convention.Directions + direction);

    /// <summary>Where a sequence begins in a state.</summary>
    public int StateRow(int direction, int sequence) => Hidden * (Convention.Layout == 0
        ? direction * Sequences + sequence
        : sequence * Convention.Directions + direction);

    /// <summary>Compares the inputs.</summary>
    /// <param name="convention">What the node says.</param>
    /// <param name="node">The node, for errors.</param>
    /// <param name="tensors">Its inputs in order; null where one is missing.</param>
    /// <exception cref="Core.UserErrorException">One is missing or has another type or shape; or a length is none.</exception>
    public static RecurrentInputs Read(RecurrentConvention convention, OperatorNode node, ReadOnlySpan<OnnxTensor?> tensors)
    {
        OnnxTensor?[] all = new OnnxTensor?[8];
        tensors.CopyTo(all);
        for (int i = 0; i < 3; i++)
            if (all[i] is null) throw node.Refusal($"the input {s_missing[i]} is missing");
        InputCheck check = new(convention, node, all);
        check.Ranks();
        RecurrentInputs inputs = new(convention, all[0]!, all[1]!, all[2]!)
        {
            B = all[3], InitialH = all[5], InitialC = all[6], P = all[7], Lengths = check.Lengths(),
        };
        check.Shapes(inputs);
        return inputs;
    }
}
