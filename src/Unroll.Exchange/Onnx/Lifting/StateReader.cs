using System.Collections.Immutable;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

//  [D, B, H], or with layout 1 [B, D, H]

/// <summary>Where a recurrent node begins: at zeros, at learned numbers, or at a part of an input.</summary>
internal sealed class StateReader(LiftCall call, int layout, int directions, int hidden)
{
    /// <summary>For each direction where it begins; null: it is not understood.</summary>
    /// <param name="index">The input of the node.</param>
    public IReadOnlyList<FirstState>? Read(int index) => call.Value(index) switch
    {
        null => Each(_ => new FirstState.Zero()),
        UniformValue { IsZero: true } zero => Zero(zero.Shape),
        KnownValue { Tensor: { Type: OnnxType.Float } tensor } => Constant(tensor),
        UniformValue { Element: { Type: OnnxType.Float } element } => Constant(element),
        SpreadValue { Tensor: { Type: OnnxType.Float } tensor } => Constant(tensor),
        // Beside sequences that the graph has put in the order of their lengths, the states of an input would go to others than their own.
        InputValue { Plus: 0, IsSorted: false, IsCut: false, Port.Type: OnnxType.Float, Axes.Rank: 3 } input when call.Context.Sorted is null =>
            Given(input),
        _ => null,
    };

    private FirstState[] Zero(int[]? shape)
    {
        if (shape is { Length: 3 } && shape[1 - layout] > 1) call.Context.FixedSequences = shape[1 - layout];
        return Each(_ => new FirstState.Zero());
    }

    private FirstState[] Each(Func<int, FirstState> state) => [.. Enumerable.Range(0, directions).Select(state)];

    // The same for every sequence, whatever their number is in the file.
    private FirstState[]? Constant(OnnxTensor tensor)
    {
        int[] shape = [.. Enumerable.Repeat(1, Math.Max(0, 3 - tensor.Rank)), .. tensor.Shape];
        if (shape.Length != 3) return null;
        (int d, int b, int h) = layout == 0 ? (shape[0], shape[1], shape[2]) : (shape[1], shape[0], shape[2]);
        if ((d != 1 && d != directions) || (h != 1 && h != hidden) || b < 1) return null;
        if (b > 1) call.Context.FixedSequences = b;
        float[] values = tensor.Values<float>().ToArray();
        float At(int direction, int sequence, int unit) =>
            values[((layout == 0 ? direction % d * b + sequence : sequence * d + direction % d) * h) + unit % h];
        float[][] rows = [.. Enumerable.Range(0, directions).Select(direction =>
            Enumerable.Range(0, hidden).Select(unit => At(direction, 0, unit)).ToArray())];
        for (int direction = 0; direction < directions; direction++)
            for (int sequence = 1; sequence < b; sequence++)
                for (int unit = 0; unit < hidden; unit++)
                    if (!At(direction, sequence, unit).Equals(rows[direction][unit])) return null;
        return Each(direction => rows[direction].AsSpan().ContainsAnyExcept(0f) ? new FirstState.Learned(rows[direction]) : new FirstState.Zero());
    }

    private FirstState[]? Given(InputValue input)
    {
        ImmutableArray<Atom> slots = input.Axes[layout], sequences = input.Axes[1 - layout], units = input.Axes[2];
        if (!input.Axes.Size(layout).Is(directions) || !input.Axes.Size(2).Is(hidden) || slots.Length > 1 || sequences.Length > 1 || units.Length > 1
            || sequences.Concat(units).Any(atom => atom.Repeats || atom.Whole is not null) || slots.Any(atom => atom.Repeats)) return null;
        return Each(direction =>
        {
            Dictionary<Atom, int> where = input.Fixed.ToDictionary();
            if (slots is [var slot]) where[slot.Whole ?? slot] = slot.First + direction;
            return new FirstState.Given(input.Port, input.Declared, sequences.FirstOrDefault(), units.FirstOrDefault(), where);
        });
    }
}
