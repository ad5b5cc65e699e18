using Unroll.Core;

namespace Unroll.Layers.Pooling;

/// <summary>
/// Fewer steps: of each feature the largest of every n steps that follow each other, the last group as long as it comes; of equal ones the first; a
/// NaN wins. Of T steps ⌈T ÷ n⌉ come out.
/// </summary>
public sealed class StepPool : ILayer
{
    /// <summary>Makes the layer.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="size">Features of a row.</param>
    /// <param name="steps">n, at least 1.</param>
    /// <exception cref="UserErrorException">n is below 1.</exception>
    public StepPool(string name, int size, int steps)
    {
        if (steps < 1) throw new UserErrorException($"layer '{name}' steps: expected at least 1, got {steps}.");
        (Name, InputSize, Steps) = (name, size, steps);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize => InputSize;

    /// <summary>n: steps that become one.</summary>
    public int Steps { get; }

    //  y⟨u⟩ₖ = max x⟨t⟩ₖ over n u ≤ t < min(n (u + 1), T)
    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Features != InputSize)
            ShapeException.Throw(x.Features, InputSize, $"layer '{Name}' input features", "the layer below has that many");
        StepPoolCache cache = pass.Workspace.Cache<StepPoolCache>();
        cache.Begin(this, x, pass.Workspace);
        for (int s = 0; s < x.Layout.Sequences; s++)
            for (int t = 0; t < x.Layout.Lengths[s]; t++)
            {
                Span<float> y = cache.Output.Row(t / Steps, s);
                ReadOnlySpan<float> row = x.Row(t, s);
                Span<int> chosen = cache.Chosen.AsSpan(cache.Output.Layout.Row(t / Steps, s) * InputSize, InputSize);
                for (int k = 0; k < row.Length; k++)
                    if (t % Steps == 0 || row[k] > y[k] || (float.IsNaN(row[k]) && !float.IsNaN(y[k]))) (y[k], chosen[k]) = (row[k], t);
            }
        return cache;
    }

    //  δx⟨t⟩ₖ = δy⟨⌊t ÷ n⌋⟩ₖ at the step that was chosen, 0 elsewhere
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        StepPoolCache own = cache.Of<StepPoolCache>(this, dy);
        SequenceBatch dx = pass.Workspace.Rent(own.Input, InputSize);
        dx.All.Clear();
        for (int s = 0; s < dy.Layout.Sequences; s++)
            for (int u = 0; u < dy.Layout.Lengths[s]; u++)
            {
                ReadOnlySpan<float> from = dy.Row(u, s);
                ReadOnlySpan<int> chosen = own.Chosen.AsSpan(own.Output.Layout.Row(u, s) * InputSize, InputSize);
                for (int k = 0; k < from.Length; k++) dx.Row(chosen[k], s)[k] = from[k];
            }
        return dx;
    }

    private sealed class StepPoolCache : Cache
    {
        private SequenceLayout? _output;

        public SequenceLayout Input { get; private set; } = SequenceLayout.FromLengths();

        public int[] Chosen { get; private set; } = [];

        public void Begin(StepPool layer, in SequenceBatch x, Workspace workspace)
        {
            if (_output is null || Layer != layer || !ReferenceEquals(x.Layout, Input)) (Input, _output) = (x.Layout, Fewer(x.Layout, layer.Steps));
            (Layer, Output) = (layer, workspace.Rent(_output, layer.OutputSize));
            if (Chosen.Length < Output.All.Length) Chosen = new int[Output.All.Length];
        }

        private static SequenceLayout Fewer(SequenceLayout layout, int steps)
        {
            int[] lengths = layout.Lengths.ToArray();
            foreach (ref int length in lengths.AsSpan()) length = (length + steps - 1) / steps;
            return SequenceLayout.FromLengths(lengths);
        }
    }
}
