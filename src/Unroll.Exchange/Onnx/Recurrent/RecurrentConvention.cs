using Unroll.Layers.Recurrent;

namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>What a recurrent node computes and how its tensors lie: its operator and attributes, read and checked.</summary>
internal sealed record RecurrentConvention
{
    /// <summary>RNN, GRU or LSTM.</summary>
    public required RecurrentOperator Operator { get; init; }

    /// <summary>The version of ONNX's operators that the model asks for.</summary>
    public required int Opset { get; init; }

    /// <summary>Through time: from which end.</summary>
    public Direction Direction { get; init; }

    /// <summary>0: X is [T, B, I], states [D, B, H], Y [T, D, B, H]. 1: X is [B, T, I], states [B, D, H], Y [B, T, D, H].</summary>
    public int Layout { get; init; }

    /// <summary>H as the node says; null where it leaves that to R.</summary>
    public int? HiddenSize { get; init; }

    /// <summary>f, or f and g, or f, g and h; those of the second direction follow those of the first.</summary>
    public required IReadOnlyList<Activation> Activations { get; init; }

    /// <summary>Every gate's argument is kept within ±this; null for none.</summary>
    public float? Clip { get; init; }

    /// <summary>LSTM, <c>input_forget</c>: f = 1 − i, and the rows of f are not looked at.</summary>
    public bool Coupled { get; init; }

    /// <summary>GRU, <c>linear_before_reset</c>: r multiplies the product R h₋ + b and not h₋.</summary>
    public bool LinearBeforeReset { get; init; }

    /// <summary>D: 2 where bidirectional, else 1.</summary>
    public int Directions => Direction == Direction.Bidirectional ? 2 : 1;

    /// <summary>How many gates the weights stack: 1, 3 or 4, whatever <see cref="Coupled"/> says.</summary>
    public int Gates => Operator.Gates().Length;

    /// <summary>Whether the direction of that number goes from the last step to the first.</summary>
    public bool IsReverse(int direction) => Direction == Direction.Reverse || direction == 1;

    /// <summary>The activations of one direction: f, g, h.</summary>
    public ReadOnlySpan<Activation> ActivationsOf(int direction)
    {
        int each = Operator.DefaultActivations().Count;
        return Activations.Skip(direction * each).Take(each).ToArray();
    }

    /// <summary>Whether every direction has the operator's own activations.</summary>
    public bool HasDefaultActivations =>
        Enumerable.Range(0, Directions).All(d => ActivationsOf(d).ToArray().Select(a => a.Kind).SequenceEqual(Operator.DefaultActivations()));

    /// <summary>
    /// The conventions in words, for people: <c>LSTM, gates iofc, bidirectional, time first (layout 0), Sigmoid Tanh Tanh, clipped to ±3</c>.
    /// </summary>
    /// <param name="peepholes">Whether the node has the input P.</param>
    public string Describe(bool peepholes = false)
    {
        List<string> parts =
        [
            Operator.Name(),
            .. Gates > 1 ? [$"gates {Operator.Gates()}"] : (ReadOnlySpan<string>)[],
            Direction switch { Direction.Forward => "forward", Direction.Reverse => "reverse", _ => "bidirectional" },
            Layout == 0 ? "time first (layout 0)" : "batch first (layout 1)",
            string.Join(' ', Activations),
        ];
        if (Operator == RecurrentOperator.Gru) parts.Add(LinearBeforeReset ? "reset after the product" : "reset before the product");
        if (Coupled) parts.Add("f = 1 − i (input_forget)");
        if (peepholes) parts.Add("peepholes");
        if (Clip is { } clip) parts.Add(FormattableString.Invariant($"gates' arguments clipped to ±{clip}"));
        return string.Join(", ", parts);
    }
}
