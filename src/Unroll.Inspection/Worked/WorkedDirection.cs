using Unroll.Cells.Definitions;
using Unroll.Inspection.Textbook;
using Unroll.Networks;

namespace Unroll.Inspection.Worked;

/// <summary>One recurrent layer in one direction: its weights, its steps forward and back, and each step's share of the weights' gradients.</summary>
internal sealed class WorkedDirection
{
    internal const string Gradients = "gradients of the weights, each step's share";

    private readonly RecurrentSpec _spec;
    private readonly int _inputs;
    private readonly IReadOnlyDictionary<string, double[]> _values;
    private readonly DirectionRun _run;
    private readonly bool _reverse, _two;
    private readonly DefinedEquations _cell;
    private readonly IReadOnlyDictionary<string, string> _names;

    internal WorkedDirection(
        RecurrentSpec spec, int inputs, IReadOnlyDictionary<string, double[]> values, DirectionRun run, IReadOnlyDictionary<string, string> names)
    {
        (_spec, _inputs, _values, _run, _names, _cell) = (spec, inputs, values, run, names, (DefinedEquations)CellEquations.Of(spec.Cell));
        _reverse = run.Place.EndsWith("_reverse", StringComparison.Ordinal);
        _two = spec.Direction == Unroll.Layers.Recurrent.Direction.Bidirectional;
    }

    private IReadOnlyList<CellStep> Steps => _run.Run.Steps;

    private string Arrow => !_two ? "" : _reverse ? "←" : "→";

    internal IEnumerable<WorkedValue> Weights() => Named("weights", Read(_values), (w, name) => w.Vector(name))
        .Concat(FirstStates("weights", name => _values[_run.Name(name)]));

    internal IEnumerable<WorkedValue> Forward()
    {
        for (int k = 0; k < Steps.Count; k++)
        {
            string section = Section(k, "forward");
            yield return WorkedValue.Of(section, "x", "", Steps[k].X);
            foreach (string state in _cell.States) yield return WorkedValue.Of(section, Said(state) + "₋", "", Steps[k].Before[state].Value);
            foreach ((string name, Vector value) in Steps[k].Values) yield return WorkedValue.Of(section, Said(name), "", value);
        }
    }

    internal IEnumerable<WorkedValue> Backward()
    {
        for (int k = Steps.Count - 1; k >= 0; k--)
        {
            string section = Section(k, "backward");
            CellStepGradient gradient = _run.Gradient!.Steps[k];
            foreach ((string name, Vector delta) in gradient.Deltas)
                foreach (WorkedValue value in Sum(section, "δ" + Said(name), gradient.Terms.GetValueOrDefault(name) ?? [], delta)) yield return value;
            yield return WorkedValue.Of(section, "δx", "", gradient.X);
        }
        if (_spec.InitialState != Unroll.Layers.Recurrent.InitialState.Learned) yield break;
        foreach ((string state, NamedVectors terms) in _run.Gradient!.First)
            foreach (WorkedValue value in Sum("first state, backward", $"δ{Said(state)}₀", terms, terms.Sum(_cell.WidthOf(state, _spec.Hidden))))
                yield return value;
    }

    /// <summary>What each step adds to each weight's gradient, and the sum.</summary>
    internal IEnumerable<WorkedValue> Shares()
    {
        WorkedValue[][] shares = [.. Enumerable.Range(0, Steps.Count).Select(k => Named(Gradients, Share(k), (d, name) => d.Added(name)).ToArray())];
        CellWeights sum = Read(Zeros());
        for (int k = 0; k < Steps.Count; k++) AddShare(k, sum);
        int weight = 0;
        foreach (WorkedValue total in Named(Gradients, sum, (d, name) => d.Added(name)))
        {
            for (int k = Steps.Count - 1; k >= 0; k--) yield return shares[k][weight] with { Name = "d" + total.Name, Term = $"step {Time(k)}" };
            yield return total with { Name = "d" + total.Name, Term = "sum" };
            weight++;
        }
    }

    private static IEnumerable<WorkedValue> Sum(string section, string name, NamedVectors terms, Vector sum)
    {
        foreach ((string term, Vector value) in terms) yield return WorkedValue.Of(section, name, term, value);
        yield return WorkedValue.Of(section, name, terms.Any() ? "sum" : "", sum);
    }

    private CellWeights Share(int k)
    {
        CellWeights share = Read(Zeros());
        AddShare(k, share);
        return share;
    }

    // The step's own backward once more, with what the output and step k + 1 sent back.
    private void AddShare(int k, CellWeights d)
    {
        IReadOnlyList<CellStepGradient> all = _run.Gradient!.Steps;
        NamedVectors output = new() { { Paths.Output, all[k].Terms[_cell.Output][Paths.Output] } };
        OrderedDictionary<string, NamedVectors> arriving = new() { [_cell.Output] = output };
        foreach (string state in _cell.States)
        {
            arriving.TryAdd(state, []);
            if (k + 1 == all.Count) continue;
            foreach ((string path, Vector term) in all[k + 1].Before[state]) arriving[state].Add(path, term);
        }
        _cell.Backward(Read(_values), Steps[k], arriving, d);
    }

    private Dictionary<string, double[]> Zeros() => _values.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);

    private CellWeights Read(IReadOnlyDictionary<string, double[]> values) =>
        new(values, $"{_spec.Name}.", _run.Place[(_spec.Name.Length + 1)..], _cell, _inputs, _spec.Hidden);

    private IEnumerable<WorkedValue> FirstStates(string section, Func<string, double[]> values)
    {
        if (_spec.InitialState != Unroll.Layers.Recurrent.InitialState.Learned) yield break;
        foreach (string state in _cell.States) yield return WorkedValue.Of(section, Said(state) + "₀", "", new Vector(values(state + "0")));
    }

    private IEnumerable<WorkedValue> Named(string section, CellWeights w, Func<CellWeights, string, Vector> vector)
    {
        foreach (DefinedParameter one in _cell.Definition.Parameters)
            yield return one.Kind == ParameterKind.Matrix ? WorkedValue.Of(section, Said(one.Name) + Arrow, "", w.Matrix(one.Name))
                : WorkedValue.Of(section, Said(one.Name) + Arrow, "", vector(w, one.Name));
    }

    // As the page calls it.
    private string Said(string name) => _names.GetValueOrDefault(name, name);

    private int Time(int k) => _reverse ? Steps.Count - k : k + 1;

    private string Section(int k, string way) => $"step {Time(k)}, {way}{(_two ? $", direction {Arrow}" : "")}";
}
