using Unroll.Inspection.Textbook;
using Unroll.Layers.Losses;
using Unroll.Networks;

namespace Unroll.Inspection.Worked;

/// <summary>
/// A network of one or two units through two or three steps with round weights, small enough to be followed with a pocket calculator: every
/// intermediate and every term of every gradient by name, as the pages of <c>docs/gradients</c> derive them.
/// </summary>
public sealed class WorkedExample
{
    private readonly NetworkSpec _spec;
    private readonly TextbookParameters _parameters;
    private readonly TextbookExample _example;
    private readonly ILoss _loss;

    internal WorkedExample(
        string name, IReadOnlyList<string> equations, NetworkSpec spec, ILoss loss, Dictionary<string, double[]> weights, Vector[] x,
        Vector?[] targets)
    {
        (Name, Equations, _spec, _loss) = (name, equations, spec, loss);
        _parameters = new TextbookParameters(weights);
        _example = new TextbookExample(x, targets, Given.Nothing);
        Objective = new TextbookObjective(new TextbookNetwork(spec, _parameters), LossEquations.Of(loss));
    }

    /// <summary>As it is asked for: <c>lstm-peephole</c>.</summary>
    public string Name { get; }

    /// <summary>What it computes, a few lines.</summary>
    public IReadOnlyList<string> Equations { get; }

    internal TextbookObjective Objective { get; }

    /// <summary>What the page calls the quantities and parameters whose names it does not take from the cell's definition.</summary>
    internal IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    /// <summary>What belongs to this example alone, computed from the gradients.</summary>
    internal Func<TextbookGradient, IEnumerable<WorkedValue>> Also { get; init; } = _ => [];

    /// <summary>The weights, every step forward, the loss, every step back, and the gradients of the weights step by step.</summary>
    public IReadOnlyList<WorkedValue> Compute()
    {
        _parameters.ClearGradients();
        TextbookGradient gradient = Objective.AddGradient(_example);
        WorkedDirection[] directions = [.. Directions(gradient)];
        return
        [
            .. directions.SelectMany(direction => direction.Weights()), .. Head("weights", _parameters.Values),
            .. directions.SelectMany(direction => direction.Forward()),
            .. WorkedOutputs.Of(gradient, _example, _loss),
            .. directions.SelectMany(direction => direction.Backward()),
            .. directions.SelectMany(direction => direction.Shares()), .. Shares(gradient),
            .. Also(gradient),
        ];
    }

    /// <summary>
    /// The largest difference of any gradient, of a weight, an input, an initial state or a single term, from its central difference, as
    /// |a − n| ÷ max(1, |a|, |n|).
    /// </summary>
    public double LargestError()
    {
        _parameters.ClearGradients();
        return WorkedCheck.LargestError(Objective, _parameters, _example);
    }

    private IEnumerable<WorkedDirection> Directions(TextbookGradient gradient)
    {
        if (_spec.Layers is not [RecurrentSpec recurrent, ..]) yield break;
        foreach (DirectionRun run in gradient.Run.Directions)
            yield return new WorkedDirection(recurrent, _spec.Inputs, _parameters.Values, run, Names);
    }

    private IEnumerable<WorkedValue> Head(string section, IReadOnlyDictionary<string, double[]> values)
    {
        if (_spec.Layers is not [.., DenseSpec head]) yield break;
        double[] weight = values[$"{head.Name}.weight"];
        yield return new WorkedValue(section, "W_y", "", weight, weight.Length / head.Outputs);
        yield return new WorkedValue(section, "b_y", "", values[$"{head.Name}.bias"], head.Outputs);
    }

    //  dW_y = Σ δy hᵀ      db_y = Σ δy
    private IEnumerable<WorkedValue> Shares(TextbookGradient gradient)
    {
        if (_spec.Layers is not [.., DenseSpec]) yield break;
        IReadOnlyList<Vector> h = gradient.Run.Layers[^2].Outputs;
        for (int t = h.Count - 1; t >= 0; t--)
        {
            Matrix share = new(gradient.Dy[t].Count, h[t].Count);
            share.AddOuter(gradient.Dy[t], h[t]);
            yield return WorkedValue.Of(WorkedDirection.Gradients, "dW_y", $"step {t + 1}", share);
        }
        WorkedValue[] sums = [.. Head(WorkedDirection.Gradients, _parameters.Gradients)];
        yield return sums[0] with { Name = "dW_y", Term = "sum" };
        for (int t = h.Count - 1; t >= 0; t--) yield return WorkedValue.Of(WorkedDirection.Gradients, "db_y", $"step {t + 1}", gradient.Dy[t]);
        yield return sums[1] with { Name = "db_y", Term = "sum" };
    }
}
