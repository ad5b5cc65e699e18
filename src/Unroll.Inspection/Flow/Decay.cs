using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

/// <summary>How large the Jacobian between two steps is, by how far they are apart.</summary>
/// <param name="Steps">d: how many steps the gradient has gone back.</param>
/// <param name="LogNorm">ln ‖∂s⟨to⟩/∂s⟨to − d⟩‖, the largest singular value; −∞ for zero.</param>
/// <param name="LogUnsaturated">The same with every activation's slope at its largest; null for a custom cell.</param>
/// <param name="LogDirect">
/// ln of the largest product over the steps of the direct path's factor of one unit (f, z, 1); −∞ where there is none.
/// </param>
public readonly record struct DecayPoint(int Steps, double LogNorm, double? LogUnsaturated, double LogDirect);

/// <summary>A gate's recurrent matrix W_hg; of a cell that its equations define every matrix that multiplies a state of the step before.</summary>
/// <param name="Gate">The gate's letter; the matrix's name.</param>
/// <param name="Norm">Its largest singular value.</param>
/// <param name="SpectralRadius">The largest modulus of an eigenvalue; null with a projection, where it is not square.</param>
public readonly record struct RecurrentMatrix(string Gate, double Norm, double? SpectralRadius);

/// <summary>
/// Why a gradient vanishes or explodes between two steps of one layer (study notes, S08, S09, S19, S30, trap 5): the product of the steps' Jacobians
/// J = ∂s⟨to⟩/∂s⟨from⟩, with s the state h, or h and c together, and what its size is due to.
/// </summary>
/// <remarks>
/// Three products over the same steps are compared. The <b>whole</b>: as it is. The <b>unsaturated</b>: every activation's slope replaced by its
/// largest value (tanh′ = 1, σ′ = ¼, relu′ = 1, clips open) while gates and states keep their values; for the vanilla tanh network this is the power
/// of W_hh alone. The <b>direct</b> path: what goes from state to state without a weight (∏ f of the LSTM's c, ∏ z of the GRU, 1 of the residual
/// recurrence), of the unit that keeps most. Whole ÷ unsaturated is the activations' part. Rates per step are d-th roots of norms.
/// </remarks>
public sealed class Decay
{
    internal Decay(string place, string cell, int from, int to, IReadOnlyList<DecayPoint> curve, double logRadius,
        IReadOnlyList<RecurrentMatrix> matrices) =>
        (Place, Cell, From, To, Curve, LogSpectralRadius, Matrices) = (place, cell, from, to, curve, logRadius, matrices);

    /// <summary>The layer and direction by PyTorch's name: <c>"encoder.l0_reverse"</c>.</summary>
    public string Place { get; }

    /// <summary>The cell's kind.</summary>
    public string Cell { get; }

    /// <summary>The step that the gradient arrives at, in the order of time.</summary>
    public int From { get; }

    /// <summary>The step that it comes from: later than <see cref="From"/>, in a reverse layer earlier.</summary>
    public int To { get; }

    /// <summary>By distance, at most 24 points; the last is the whole way.</summary>
    public IReadOnlyList<DecayPoint> Curve { get; }

    /// <summary>How many steps: |to − from|.</summary>
    public int Steps => Curve[^1].Steps;

    /// <summary>ln ‖J‖, the largest singular value over the whole way.</summary>
    public double LogNorm => Curve[^1].LogNorm;

    /// <summary>‖J‖; 0 where it is below the range of a double.</summary>
    public double Norm => Math.Exp(LogNorm);

    /// <summary>ln of the largest modulus of an eigenvalue of J.</summary>
    public double LogSpectralRadius { get; }

    /// <summary>The gradient's growth a step: ‖J‖^(1/d).</summary>
    public double Growth => PerStep(LogNorm);

    /// <summary>The growth a step without saturation: the recurrent matrices' part (with the gates' values); null for a custom cell.</summary>
    public double? UnsaturatedGrowth => Curve[^1].LogUnsaturated is double log ? PerStep(log) : null;

    /// <summary>The activations' part a step: growth ÷ unsaturated growth; 1 where nothing is saturated; null for a custom cell.</summary>
    public double? SaturationFactor => Curve[^1].LogUnsaturated is double log ? PerStep(LogNorm - log) : null;

    /// <summary>The direct path's growth a step, of the unit that keeps most; 0 where there is none.</summary>
    public double DirectGrowth => PerStep(Curve[^1].LogDirect);

    /// <summary>W_hg of every gate.</summary>
    public IReadOnlyList<RecurrentMatrix> Matrices { get; }

    /// <summary>One sentence, from the numbers: whether the gradient vanishes, explodes or keeps its size, and what does it.</summary>
    public string Verdict => DecayText.Verdict(this);

    /// <summary>Of every recurrent layer and direction, from the last step of a sequence back.</summary>
    /// <param name="subject">The network and the sequence.</param>
    /// <param name="threads">The threads; their number changes no bit.</param>
    /// <param name="maxSteps">How far back at most; less where a layer is so large that the product would take seconds.</param>
    /// <returns>One for each layer and direction; none for a sequence of one step.</returns>
    /// <exception cref="UserErrorException">The network has quantized weights.</exception>
    public static IReadOnlyList<Decay> Of(InspectionSubject subject, ThreadTeam threads, int maxSteps = int.MaxValue)
    {
        subject.Check();
        int last = subject.Input.Layout.Steps - 1;
        if (last == 0) return [];
        Cache cache = subject.Network.Layers.Forward(subject.Input, new Pass(new Workspace(), threads, default, Training: false));
        return [.. RecurrentParts.Of(subject.Network.Layers, cache).Select(part =>
        {
            int steps = Math.Min(Math.Min(last, maxSteps), DecayRun.Affordable(part.Layer)), to = part.Layer.Reverse ? 0 : last;
            return Of(part.Layer, part.Cache, part.Layer.Reverse ? steps : last - steps, to, threads);
        })];
    }

    /// <summary>Between two steps of one layer, of any cell.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="cache">What its forward pass over one sequence left; its weights are as they were then.</param>
    /// <param name="from">The step that the gradient arrives at.</param>
    /// <param name="to">The step that it comes from: later, or earlier in a reverse layer.</param>
    /// <param name="threads">The threads; their number changes no bit.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such steps, or they are not in this order.</exception>
    /// <exception cref="ShapeException">The pass was over more than one sequence.</exception>
    /// <exception cref="UserErrorException">The layer has quantized weights.</exception>
    public static Decay Of(RecurrentLayer layer, RecurrentCache cache, int from, int to, ThreadTeam threads)
    {
        if (cache.Layout.Sequences != 1) ShapeException.Throw(cache.Layout.Sequences, 1, "sequences to inspect", "only one can be inspected at a "
            + "time");
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)from, (uint)cache.Layout.Steps, nameof(from));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)to, (uint)cache.Layout.Steps, nameof(to));
        ArgumentOutOfRangeException.ThrowIfLessThan(layer.Reverse ? from - to : to - from, 1, nameof(to));
        return new DecayRun(layer, cache, threads).Run(from, to);
    }

    private double PerStep(double log) => Math.Exp(log / Steps);
}
