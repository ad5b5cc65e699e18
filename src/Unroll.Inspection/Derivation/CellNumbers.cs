using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Inspection.Worked;

namespace Unroll.Inspection.Derivation;

//  L = Σ ℓ      ℓ = ½ y²      ∂ℓ/∂y = y

/// <summary>
/// A definition in numbers: a layer of a few units over a few steps from its first states, with half the sum of the squares of its output as the
/// loss, and every value and every term of every gradient by its name in the printed derivation.
/// </summary>
public sealed class CellNumbers
{
    private const string Suffix = "l0";
    private readonly IReadOnlyList<double[]> _x;
    private readonly DefinedEquations _cell;

    /// <summary>Computes them.</summary>
    /// <param name="derivation">What was derived from the definition.</param>
    /// <param name="units">The units.</param>
    /// <param name="x">The input of each step.</param>
    /// <param name="parameters">Every parameter of the definition, in its order, in its shape: see <see cref="ShapeOf"/>.</param>
    public CellNumbers(CellDerivation derivation, int units, IReadOnlyList<double[]> x, IReadOnlyList<NumbersParameter> parameters)
    {
        (Derivation, Units, _x, Parameters) = (derivation, units, x, parameters);
        _cell = new DefinedEquations(derivation.Definition, Alone(derivation));
        RecurrentRun run = Run(parameters, x);
        Loss = LossOf(run);
        Forward =
        [
            Row("x", "", t => x[t]), .. _cell.States.Select(state => Row(state + "₋", "", t => [.. run.Steps[t].Before[state].Value])),
            .. derivation.Quantities.Select(one => Row(one.Name, "", t => [.. run.Steps[t][one.Name]])),
        ];
        Dictionary<string, double[]> sums = parameters.ToDictionary(one => Stored(one.Name), one => new double[one.Values.Count]);
        IReadOnlyList<CellStepGradient> back = run.Backward(run.Outputs, Weights(sums)).Steps;
        Backward = [.. PrintedDerivation.Of(derivation).Deltas.SelectMany(one => Rows(one, back)), Row("δx", "", t => [.. back[t].X])];
        Gradients = [.. parameters.Select(one => one with { Values = sums[Stored(one.Name)] })];
        NotFinite = FirstNotFinite();
    }

    /// <summary>With numbers of one's own choice as far as they are given, the others drawn: the same at every call.</summary>
    /// <param name="derivation">What was derived from the definition.</param>
    /// <param name="given">The numbers; as many units as its weights have rows, else 2.</param>
    /// <exception cref="UserErrorException">A number is of no parameter, or a shape does not fit; names the line.</exception>
    public static CellNumbers Of(CellDerivation derivation, GivenNumbers given) => ChosenNumbers.Of(derivation, given);

    /// <summary>Of which cell.</summary>
    public CellDerivation Derivation { get; }

    /// <summary>The units.</summary>
    public int Units { get; }

    /// <summary>The input of each step.</summary>
    public IReadOnlyList<IReadOnlyList<double>> X => _x;

    /// <summary>The parameters whose numbers were not drawn.</summary>
    public IReadOnlyList<string> Given { get; init; } = [];

    /// <summary>Every parameter, in the order of the definition.</summary>
    public IReadOnlyList<NumbersParameter> Parameters { get; }

    /// <summary>x, the states of the step before and every quantity, in the order of computation.</summary>
    public IReadOnlyList<NumbersRow> Forward { get; }

    /// <summary>The terms of δ of every quantity, in the order of computation, and δx last; below several terms their sum.</summary>
    public IReadOnlyList<NumbersRow> Backward { get; }

    /// <summary>The gradients of the parameters over all steps, in their order.</summary>
    public IReadOnlyList<NumbersParameter> Gradients { get; }

    /// <summary>What is no finite number first, in the order of computation; null: all are.</summary>
    public NotFiniteNumber? NotFinite { get; }

    /// <summary>L.</summary>
    public double Loss { get; }

    /// <summary>Rows and columns of a parameter in a layer; a vector and a number have one column.</summary>
    /// <param name="derivation">What was derived from the definition.</param>
    /// <param name="parameter">Its name.</param>
    /// <param name="inputs">Features of x.</param>
    /// <param name="units">The units.</param>
    public static (int Rows, int Columns) ShapeOf(CellDerivation derivation, string parameter, int inputs, int units)
    {
        DefinedLayout layout = DefinedLayout.Of(derivation);
        StoredParameter stored = layout.Stored[layout[parameter].Parameter];
        int[] shape = stored.Shape(inputs, units);
        return (shape[0] / stored.Blocks.Count, shape.Length > 1 ? shape[1] : 1);
    }

    /// <summary>As a worked example has it: the weights, every step forward, the loss, every step back, the gradients of the weights.</summary>
    public IReadOnlyList<WorkedValue> Values()
    {
        int[] steps = [.. Enumerable.Range(0, _x.Count)];
        return
        [
            .. Parameters.Select(one => new WorkedValue("weights", one.Name, Given.Contains(one.Name) ? "" : "drawn", one.Values, Columns(one))),
            .. steps.SelectMany(t => Forward.Select(row => Step($"step {t + 1}, forward", row, t))),
            new WorkedValue("loss, L = Σ ½ y²", "L", "", [Loss], 1),
            .. steps.Reverse().SelectMany(t => Backward.Select(row => Step($"step {t + 1}, backward", row, t))),
            .. Gradients.Select(one => new WorkedValue("gradients of the weights", "δ" + one.Name, "", one.Values, Columns(one))),
        ];

        static WorkedValue Step(string section, NumbersRow row, int t) => new(section, row.Name, row.Path, row.Steps[t], row.Steps[t].Count);

        // a vector is written in a line
        static int Columns(NumbersParameter one) => one.Columns == 1 && !char.IsUpper(one.Name[0]) ? one.Values.Count : one.Columns;
    }

    /// <summary>
    /// The largest difference of any gradient, of a parameter or an input, from its central difference, as |a − n| ÷ max(1, |a|, |n|). It is large
    /// where a kink of relu, max, min or clip lies within the difference.
    /// </summary>
    public double LargestError() => Largest(Differences().Select(one =>
        Math.Abs(one.Analytic - one.Numeric) / Math.Max(1, Math.Max(Math.Abs(one.Analytic), Math.Abs(one.Numeric)))));

    /// <summary>The largest such difference as a share of the largest gradient: |a − n| ÷ max |a|; 0 where there is neither.</summary>
    public double LargestShare()
    {
        (double Analytic, double Numeric)[] all = [.. Differences()];
        double difference = Largest(all.Select(one => Math.Abs(one.Analytic - one.Numeric)));
        return difference == 0 ? 0 : difference / Largest(all.Select(one => Math.Abs(one.Analytic)));
    }

    private List<(double Analytic, double Numeric)> Differences()
    {
        const double h = 1e-5;
        List<(double, double)> all = [];
        for (int k = 0; k < Parameters.Count; k++)
            for (int i = 0; i < Parameters[k].Values.Count; i++)
                Compare(Gradients[k].Values[i], nudge => LossWith([.. Parameters.Select((one, at) => at != k ? one : Nudged(one, i, nudge))], _x));
        for (int t = 0; t < _x.Count; t++)
            for (int i = 0; i < _x[t].Length; i++)
                Compare(Backward[^1].Steps[t][i], nudge => LossWith(Parameters, [.. _x.Select((one, at) => at != t ? one : Nudged(one, i, nudge))]));
        return all;

        void Compare(double analytic, Func<double, double> loss) => all.Add((analytic, (loss(h) - loss(-h)) / (2 * h)));
    }

    private static double Largest(IEnumerable<double> values) => values.Aggregate(0.0, Math.Max);

    private NotFiniteNumber? FirstNotFinite()
    {
        int[] steps = [.. Enumerable.Range(0, _x.Count)];
        IEnumerable<(string Name, string Where, IReadOnlyList<double> Values)> all =
        [
            .. steps.SelectMany(t => Forward.Where(row => !row.Name.EndsWith('₋'))
                .Select(row => (row.Name, $" at step {t + 1}, forward", row.Steps[t]))),
            ("L", "", [Loss]),
            .. steps.Reverse().SelectMany(t => Backward.Select(row => (row.Name, $" at step {t + 1}, backward", row.Steps[t]))),
            .. Gradients.Select(one => ("δ" + one.Name, "", one.Values)),
        ];
        foreach ((string name, string where, IReadOnlyList<double> values) in all)
            foreach (double value in values)
                if (!double.IsFinite(value)) return new(name, where, value);
        return null;
    }

    private double LossWith(IReadOnlyList<NumbersParameter> parameters, IReadOnlyList<double[]> x) => LossOf(Run(parameters, x));

    private static double LossOf(RecurrentRun run) => run.Outputs.Sum(output => output.Sum(y => y * y / 2));

    private RecurrentRun Run(IReadOnlyList<NumbersParameter> parameters, IReadOnlyList<double[]> x) => RecurrentRun.Forward(
        _cell, Weights(parameters.ToDictionary(one => Stored(one.Name), one => one.Values.ToArray())), [.. x.Select(step => new Vector(step))],
        _cell.States.ToDictionary(state => state, state => Vector.Zeros(_cell.WidthOf(state, Units)).Map(_ => _cell.InitialOf(state))));

    private CellWeights Weights(Dictionary<string, double[]> values) => new(values, "", Suffix, _cell, _x[0].Length, Units);

    // Each parameter by its own name, none stacked on another.
    private static DefinedLayout Alone(CellDerivation derivation)
    {
        DefinedLayout layout = DefinedLayout.Of(derivation);
        return new([.. derivation.Definition.Parameters.Select(one =>
            layout.Stored[layout[one.Name].Parameter] with { Name = one.Name, Blocks = [one.Name] })]);
    }

    private static string Stored(string parameter) => $"{parameter}_{Suffix}";

    private static NumbersParameter Nudged(NumbersParameter one, int at, double by) => one with { Values = Nudged([.. one.Values], at, by) };

    private static double[] Nudged(double[] values, int at, double by)
    {
        double[] copy = [.. values];
        copy[at] += by;
        return copy;
    }

    private NumbersRow Row(string name, string path, Func<int, double[]> step) =>
        new(name, path, [.. Enumerable.Range(0, _x.Count).Select(t => (IReadOnlyList<double>)step(t))]);

    private IEnumerable<NumbersRow> Rows(PrintedEquation equation, IReadOnlyList<CellStepGradient> back)
    {
        string of = ((DeltaExpression)equation.Left).Quantity, name = $"δ{of}";
        bool several = equation.Terms.Count > 1;
        foreach (PrintedTerm term in several ? equation.Terms : [])
            yield return Row(name, term.Path, t =>
                term.Value is NextStepExpression && t == back.Count - 1 ? new double[back[t].Deltas[of].Count] : [.. back[t].Terms[of][term.Path]]);
        yield return Row(name, several ? NumbersRow.Sum : "", t => [.. back[t].Deltas[of]]);
    }
}
