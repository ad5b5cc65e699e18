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
    private readonly ICellEquations _cell;

    internal WorkedDirection(RecurrentSpec spec, int inputs, IReadOnlyDictionary<string, double[]> values, DirectionRun run)
    {
        (_spec, _inputs, _values, _run, _cell) = (spec, inputs, values, run, CellEquations.Of(spec.Cell));
        _reverse = run.Place.EndsWith("_reverse", StringComparison.Ordinal);
        _two = spec.Direction == Unroll.Layers.Recurrent.Direction.Bidirectional;
    }

    private IReadOnlyList<CellStep> Steps => _run.Run.Steps;

    private string Arrow => !_two ? "" : _reverse ? "←" : "→";

    private string State => _cell.State;

    internal IEnumerable<WorkedValue> Weights() => Named("weights", Read(_values))
        .Concat(FirstStates("weights", name => _values[_run.Name(name)]));

    internal IEnumerable<WorkedValue> Forward()
    {
        for (int k = 0; k < Steps.Count; k++)
        {
            string section = Section(k, "forward");
            yield return WorkedValue.Of(section, "x", "", Steps[k].X);
            yield return WorkedValue.Of(section, State + "₋", "", Steps[k].HPrev.Value);
            if (Steps[k].CPrev is CarriedState cPrev) yield return WorkedValue.Of(section, "c₋", "", cPrev.Value);
            foreach ((string name, Vector value) in Steps[k].Values) yield return WorkedValue.Of(section, name, "", value);
        }
    }

    internal IEnumerable<WorkedValue> Backward()
    {
        for (int k = Steps.Count - 1; k >= 0; k--)
        {
            string section = Section(k, "backward");
            CellStepGradient gradient = _run.Gradient!.Steps[k];
            foreach ((string name, Vector delta) in gradient.Deltas)
            {
                NamedVectors terms = name == State ? gradient.H : name == "c" ? gradient.C : [];
                foreach (WorkedValue value in Sum(section, "δ" + name, terms, delta)) yield return value;
            }
            yield return WorkedValue.Of(section, "δx", "", gradient.X);
        }
        if (_spec.InitialState != Unroll.Layers.Recurrent.InitialState.Learned) yield break;
        RecurrentGradient whole = _run.Gradient!;
        foreach (WorkedValue value in Sum("first state, backward", "δh₀", whole.FirstH, whole.FirstH.Sum(_spec.Hidden))) yield return value;
        if (!_cell.HasCellState) yield break;
        foreach (WorkedValue value in Sum("first state, backward", "δc₀", whole.FirstC, whole.FirstC.Sum(_spec.Hidden))) yield return value;
    }

    /// <summary>What each step adds to each weight's gradient, and the sum.</summary>
    internal IEnumerable<WorkedValue> Shares()
    {
        WorkedValue[][] shares = [.. Enumerable.Range(0, Steps.Count).Select(k => Named(Gradients, Share(k)).ToArray())];
        CellWeights sum = Read(Zeros());
        for (int k = 0; k < Steps.Count; k++) AddShare(k, sum);
        int weight = 0;
        foreach (WorkedValue total in Named(Gradients, sum))
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

    // The step's own backward once more, with what step k + 1 sent back.
    private void AddShare(int k, CellWeights d)
    {
        IReadOnlyList<CellStepGradient> all = _run.Gradient!.Steps;
        NamedVectors dc = [];
        if (k + 1 < all.Count)
            foreach ((string path, Vector term) in all[k + 1].CPrev) dc.Add(path, term);
        _cell.Backward(Read(_values), Steps[k], all[k].H, dc, d);
    }

    private Dictionary<string, double[]> Zeros() => _values.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);

    private CellWeights Read(IReadOnlyDictionary<string, double[]> values) =>
        new(values, $"{_spec.Name}.", _run.Place[(_spec.Name.Length + 1)..], _cell, _inputs, _spec.Hidden);

    private IEnumerable<WorkedValue> FirstStates(string section, Func<string, double[]> values)
    {
        if (_spec.InitialState != Unroll.Layers.Recurrent.InitialState.Learned) yield break;
        yield return WorkedValue.Of(section, "h₀", "", new Vector(values("h0")));
        if (_cell.HasCellState) yield return WorkedValue.Of(section, "c₀", "", new Vector(values("c0")));
    }

    // The names that the textbook's equations use; a second bias only where the example has one.
    private IEnumerable<WorkedValue> Named(string section, CellWeights w)
    {
        bool two = _values.ContainsKey(_run.Name("bias_hh"));
        foreach (char gate in _cell.Gates)
        {
            (string input, string hidden, string bias) = _cell.NamesOf(gate) ?? ($"W_i{gate}", $"W_h{gate}", two ? $"b_i{gate}" : $"b_{gate}");
            yield return WorkedValue.Of(section, input + Arrow, "", w.Wi[gate]);
            yield return WorkedValue.Of(section, hidden + Arrow, "", w.Wh[gate]);
            yield return WorkedValue.Of(section, bias + Arrow, "", w.Bi[gate]);
            if (two) yield return WorkedValue.Of(section, $"b_h{gate}{Arrow}", "", w.Bh[gate]);
            if (w.P.TryGetValue(gate, out Vector? peephole)) yield return WorkedValue.Of(section, $"p_{gate}", "", peephole);
        }
    }

    private int Time(int k) => _reverse ? Steps.Count - k : k + 1;

    private string Section(int k, string way) => $"step {Time(k)}, {way}{(_two ? $", direction {Arrow}" : "")}";
}
