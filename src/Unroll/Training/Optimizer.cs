using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>Changes weights by their gradients. What it remembers is in <see cref="State"/>, by name, and is saved bit for bit.</summary>
public abstract class Optimizer
{
    // Weights that one worker takes at a time: a block of the norm's sum, so that a worker finds its gradients where its share of the norm left them.
    private const int Block = Reduce.Block;
    private const int WorthSharing = 3 * Block;                          // with fewer weights one worker is as fast
    private const int Cost = 64;                                         // of a weight, in multiply-adds

    /// <summary>As in <see cref="OptimizerOptions.Kinds"/>.</summary>
    public abstract string Name { get; }

    /// <summary>What is remembered from step to step.</summary>
    public abstract OptimizerState State { get; }

    /// <summary>Takes one step: overwrites the weights, and what is remembered.</summary>
    /// <param name="values">As many weights as the optimizer was made for.</param>
    /// <param name="gradients">Their gradients, averaged and clipped; not changed.</param>
    /// <param name="learningRate">η.</param>
    /// <exception cref="ShapeException">The lengths are not the optimizer's.</exception>
    public void Step(Span<float> values, ReadOnlySpan<float> gradients, float learningRate)
    {
        RequireLength(values.Length);
        RequireLength(gradients.Length);
        State.Steps++;
        Update(values, gradients, 0, learningRate, GradientScale.One);
    }

    /// <summary>Takes one step with every weight of a store, shared among threads: the same bits for any number of them.</summary>
    /// <param name="parameters">The weights, overwritten, and their gradients.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="threads">The threads.</param>
    /// <exception cref="ShapeException">The number of weights is not the optimizer's.</exception>
    public void Step(ParameterStore parameters, float learningRate, ThreadTeam threads) =>
        Step(parameters, learningRate, threads, GradientScale.One);

    /// <summary>The same with gradients that are scaled on their way: they are read once, and stay as they are.</summary>
    internal void Step(ParameterStore parameters, float learningRate, ThreadTeam threads, GradientScale scale)
    {
        RequireLength(parameters.Length);
        State.Steps++;
        using Edit weights = parameters.Edit();
        int workers = parameters.Length < WorthSharing ? 1 : threads.WorkersFor((long)Cost * parameters.Length);
        if (workers == 1) Update(weights.Values, parameters.Gradients, 0, learningRate, scale);
        else threads.Run(State.Shares.Of(this, parameters, learningRate, workers, scale), workers);
    }

    /// <summary>Updates some of the weights; which, changes no bit of the result.</summary>
    /// <param name="values">The weights to update.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="start">The place of the first of them among all: their state begins there.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="scale">What the gradients are multiplied by.</param>
    internal abstract void Update(Span<float> values, ReadOnlySpan<float> gradients, int start, float learningRate, GradientScale scale);

    private void RequireLength(int length)
    {
        if (length != State.Length)
            ShapeException.Throw(length, State.Length, $"weights of optimizer '{Name}'", $"it was made for {State.Length} weights");
    }

    /// <summary>One step cut into a run of whole blocks per worker. Made once: handing it out allocates nothing.</summary>
    internal sealed class Split : IWork
    {
        private Optimizer? _optimizer;
        private ParameterStore? _parameters;
        private float _learningRate;
        private GradientScale _scale;
        private int _workers;

        public Split Of(Optimizer optimizer, ParameterStore parameters, float learningRate, int workers, GradientScale scale)
        {
            (_optimizer, _parameters, _learningRate, _workers, _scale) = (optimizer, parameters, learningRate, workers, scale);
            return this;
        }

        public void Run(int worker)
        {
            (int from, int to) = Reduce.Share(_parameters!.Length, worker, _workers);
            _optimizer!.Update(_parameters.Writable[from..to], _parameters.Gradients[from..to], from, _learningRate, _scale);
        }
    }
}

/// <summary>What an optimizer remembers: how many steps it has taken, and named arrays of one float per weight.</summary>
public sealed class OptimizerState
{
    private readonly PinnedBuffer[] _buffers;

    internal OptimizerState(int length, params string[] names)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        (Length, Names) = (length, names);
        _buffers = [.. names.Select(_ => new PinnedBuffer(length))];
    }

    /// <summary>Steps taken so far: t of Adam's bias corrections.</summary>
    public long Steps { get; set; }

    /// <summary>Floats of each array: the number of weights.</summary>
    public int Length { get; }

    /// <summary>The arrays by PyTorch's names: <c>exp_avg</c>, <c>exp_avg_sq</c>, <c>momentum_buffer</c>, <c>square_avg</c>, <c>sum</c>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The array at the same place as its name in <see cref="Names"/>.</summary>
    public Span<float> this[int index] => _buffers[index].Span;

    internal Optimizer.Split Shares { get; } = new();
}
