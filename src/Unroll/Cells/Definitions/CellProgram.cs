namespace Unroll.Cells.Definitions;

/// <summary>
/// A cell as the engine runs it: which quantities are kept in which slots, the plan of its products, and for each stage, forward and backward, the
/// statements over rows of numbers. All of it follows from the derivation; nothing is chosen by hand.
/// </summary>
internal sealed partial class CellProgram
{
    private CellDerivation _derivation;                                  // the real one, until the statements of the other are made
    private readonly CellDefinition _definition;
    private readonly List<string> _saved = [], _extras = [];
    private readonly Dictionary<string, Operand> _values = [], _slots = [], _deltas = [], _scales = [];
    private readonly Dictionary<CellExpression, int> _sources = [];
    private readonly List<CellQuantity> _arguments;
    private readonly List<string> _states;
    private readonly HashSet<string> _folded = [], _foldedDeltas = [];
    private readonly Dictionary<string, string> _activations = [];
    private readonly int[] _arrivals;
    private int _deltaSlots, _scratch;

    private CellProgram(CellDerivation derivation)
    {
        (_derivation, _definition, Layout) = (derivation, derivation.Definition, DefinedLayout.Of(derivation));
        _states = [_definition.Output, .. _definition.States.Select(state => state.Name).Where(name => name != _definition.Output)];
        _arrivals = new int[_states.Count];
        _arguments = [.. derivation.Quantities.Where(one => one.Kind == QuantityKind.Argument && !IsProjection(one))];
        Array.Fill(_arrivals, -1);
        FindSources();
        GiveSlots();
        GiveDeltas();
        Plan = MakePlan();
        Extras = [.. _extras.Select(name => (name, _deltas[name].Index))];
        Forward = [.. Enumerable.Range(0, derivation.Stages).Select(ForwardStage)];
        Backward = [.. Enumerable.Range(0, derivation.Stages).Select(BackwardStage)];
        _derivation = CellDerivation.Of(_definition, unsaturated: true);
        BackwardUnsaturated = [.. Enumerable.Range(0, derivation.Stages).Select(BackwardStage)];
    }

    /// <summary>Compiles.</summary>
    /// <param name="derivation">The derivation.</param>
    public static CellProgram Of(CellDerivation derivation) => new(derivation);

    /// <summary>Where the parameters lie.</summary>
    public DefinedLayout Layout { get; }

    /// <summary>The names of what is kept, in the order of the slots.</summary>
    public IReadOnlyList<string> Saved => _saved;

    /// <summary>The plan of the products.</summary>
    public StepPlan Plan { get; }

    /// <summary>The statements of each stage, in order.</summary>
    public IReadOnlyList<IReadOnlyList<CellStatement>> Forward { get; }

    /// <summary>The statements of each stage backward.</summary>
    public IReadOnlyList<IReadOnlyList<CellStatement>> Backward { get; }

    /// <summary>The same with every slope of an activation at its largest.</summary>
    public IReadOnlyList<IReadOnlyList<CellStatement>> BackwardUnsaturated { get; }

    /// <summary>The vectors and numbers that the cell sees as rows of its own, and the slot of δ of each, in order.</summary>
    public IReadOnlyList<(string Name, int Delta)> Extras { get; }

    // What is a state only by a product, narrower than the units: W_hr (o ⊙ m).
    private bool IsProjection(CellQuantity one) => one.Kind == QuantityKind.Argument && one.Name == _definition.Output
        && _definition.States.FirstOrDefault(state => state.Name == one.Name)?.Width is not null;

    private int LastStage => _derivation.Stages - 1;

    // What products multiply that gets its δ from the layer: quantities of the step, whether they are states or not.
    private void FindSources()
    {
        foreach (CellQuantity argument in _derivation.Quantities)
            foreach (ProductExpression product in argument.Products)
                if (product.Of is QuantityExpression) _sources.TryAdd(product.Of, _sources.Count);
    }

    // Arguments first, so that products find them side by side; the activation of an argument that nothing else reads takes its slot.
    private void GiveSlots()
    {
        HashSet<string> wanted = [.. ValuesReadBackward(), .. _sources.Keys.Cast<QuantityExpression>().Select(one => one.Name)];
        Dictionary<string, int> readers = [];
        foreach (CellQuantity one in _derivation.Quantities)
            foreach (string read in one.ReadByUnit) readers[read] = readers.GetValueOrDefault(read) + 1;
        foreach (CellQuantity one in _derivation.Quantities)
            if (one is { Kind: QuantityKind.Plain, Value: FunctionExpression { Of: QuantityExpression argument } }
                && _derivation[argument.Name].Kind == QuantityKind.Argument && readers[argument.Name] == 1 && !wanted.Contains(argument.Name)
                && !_states.Contains(one.Name) && !_states.Contains(argument.Name))
                _activations[argument.Name] = one.Name;
        foreach (CellQuantity argument in _arguments)
        {
            string name = _activations.GetValueOrDefault(argument.Name, argument.Name);
            _slots[argument.Name] = _values[argument.Name] = _values[name] = Save(_states.Contains(name) ? Free($"a_{name}") : name);
        }
        for (int k = 0; k < _states.Count; k++) _values[_states[k]] = new(OperandKind.After, k);
        foreach (CellQuantity one in _derivation.Quantities)
        {
            if (one.Kind == QuantityKind.Norm)
            {
                if (!_values.ContainsKey(one.Name)) _values[one.Name] = Save(one.Name);
                _scales[one.Name] = Save(Free($"ρ_{one.Name}"));
            }
            if (_values.ContainsKey(one.Name)) continue;
            bool crosses = _derivation.Quantities.Any(reader => reader.Stage > one.Stage && reader.ReadByUnit.Contains(one.Name));
            if (wanted.Contains(one.Name) || crosses || one.IsNamed) _values[one.Name] = Save(one.Name);
            else if (readers.GetValueOrDefault(one.Name) == 1) _folded.Add(one.Name);
            else _values[one.Name] = new(OperandKind.Scratch, _scratch++);
        }
        foreach (DefinedParameter parameter in _definition.Parameters)
            if (parameter.Kind == ParameterKind.Scalar || parameter.Kind == ParameterKind.Vector && !IsBias(parameter.Name))
            {
                _values[parameter.Name] = new(OperandKind.Extra, _extras.Count);
                _extras.Add(parameter.Name);
            }
    }

    private Operand Save(string name)
    {
        _saved.Add(name);
        return new(OperandKind.Saved, _saved.Count - 1);
    }

    // A name for a slot that no quantity has, so that those who look inside find each by its own.
    private string Free(string name)
    {
        string free = name;
        for (int k = 2; _derivation.Find(free) is not null || _saved.Contains(free); k++) free = $"{name}{k}";
        return free;
    }

    private bool IsBias(string vector) => _derivation.Quantities.Any(one => one.Biases.Contains(vector));

    // Slots of δ: the arguments' in their order, the vectors', what a later stage backward still reads; the rest is scratch or folded into its
    // reader.
    private void GiveDeltas()
    {
        foreach (CellQuantity argument in _arguments) _deltas[argument.Name] = new(OperandKind.Delta, _deltaSlots++);
        foreach (string extra in _extras) _deltas[extra] = new(OperandKind.Delta, _deltaSlots++);
        if (_definition.ReadsInputByUnit) _deltas[CellWords.Input] = new(OperandKind.Delta, _deltaSlots++);
        for (int k = 1; k < _states.Count; k++)
            if (_derivation[_states[k]].BackStage < LastStage) _arrivals[k] = _deltaSlots++;
        int scratch = 0;
        foreach (DerivedGradient gradient in _derivation.Gradients)
        {
            string name = gradient.Of.LeafName!;
            if (_deltas.ContainsKey(name)) continue;
            if (name == _states[0] && !gradient.Terms.Any() || IsProjection(_derivation[name]))
            {
                _deltas[name] = new(OperandKind.DeltaState, 0);
                continue;
            }
            List<(int Stage, bool Whole)> reads = [.. ReadsOfDelta(name)];
            if (reads.Any(read => read.Stage < _derivation[name].BackStage)) _deltas[name] = new(OperandKind.Delta, _deltaSlots++);
            else if (reads.Count == 1 && !reads[0].Whole && !HasNormGradient(gradient) && _states.IndexOf(name) < 1) _foldedDeltas.Add(name);
            else _deltas[name] = new(OperandKind.Scratch, scratch++);
        }
        _scratch = Math.Max(_scratch, scratch);
    }

    private static bool HasNormGradient(DerivedGradient gradient) => gradient.Terms.Any(term => term.Value is NormGradientExpression);

    // Where δ of a quantity is read backward: the stage, and whether as a whole row.
    private IEnumerable<(int Stage, bool Whole)> ReadsOfDelta(string name)
    {
        DeltaExpression delta = new(name);
        foreach (DerivedGradient gradient in _derivation.Gradients)
            foreach ((int, bool) read in Reads(gradient, _derivation[gradient.Of.LeafName!].BackStage)) yield return read;
        foreach (DerivedGradient gradient in _derivation.Before)
            foreach (GradientTerm term in gradient.Terms)
                foreach ((int, bool) read in Read(term, _derivation[term.Through].BackStage)) yield return read;
        foreach (DerivedGradient gradient in (IEnumerable<DerivedGradient>)[.. _derivation.Vectors, _derivation.Input])
            if (gradient.Of is InputExpression || _extras.Contains(gradient.Of.LeafName!))
                foreach ((int, bool) read in Reads(gradient, StageOf(gradient))) yield return read;

        IEnumerable<(int, bool)> Reads(DerivedGradient gradient, int stage) => gradient.Terms.SelectMany(term => Read(term, stage));

        IEnumerable<(int, bool)> Read(GradientTerm term, int stage)
        {
            if (term.IsProduct) yield break;
            foreach (CellExpression part in term.Value.All())
                if (part == delta) yield return (stage, term.Value is NormGradientExpression);
        }
    }

    // The stage backward in which a vector's gradient can be computed: when the last of its readers has its δ.
    private int StageOf(DerivedGradient gradient) =>
        gradient.Terms.Where(term => !term.IsProduct).Select(term => _derivation[term.Through].BackStage).DefaultIfEmpty(0).Min();

    private StepPlan MakePlan()
    {
        List<PlannedMatrix> matrices = [];
        List<PlannedVector> vectors = [];
        Dictionary<int, int> index = [];
        for (int k = 0; k < Layout.Stored.Count; k++)
        {
            StoredParameter stored = Layout.Stored[k];
            bool matrix = stored.Kind == ParameterKind.Matrix;
            index[k] = matrix ? matrices.Count : vectors.Count;
            if (matrix) matrices.Add(new(stored.Name, stored.Blocks.Count, SourceOf(stored.Of!)));
            else
                vectors.Add(new(stored.Name, 1) { IsScalar = stored.Kind == ParameterKind.Scalar, IsExtra = _extras.Contains(stored.Blocks[0]) });
        }
        return new()
        {
            States = [.. _states.Select(name => _definition.States.FirstOrDefault(state => state.Name == name))
                .Select((state, k) => new PlannedState(_states[k], state?.Width is { } width ? width.Of : null, state?.Initial ?? 0))],
            Matrices = matrices,
            Vectors = vectors,
            Arguments = [.. AllArguments().Select(one => new PlannedArgument(IsProjection(one) ? -1 : _slots[one.Name].Index,
                IsProjection(one) ? -1 : _deltas[one.Name].Index, [.. one.Biases.Select(bias => (index[Layout[bias].Parameter], 0))]))],
            Products = [.. Runs(index)],
            Sources = [.. _sources.OrderBy(pair => pair.Value).Select(pair => SourceOf(pair.Key))],
            Deltas = _deltaSlots,
            DeltaNames = DeltaNames(),
            NeedsWholeRows = _derivation.Quantities.Any(one => one.Kind == QuantityKind.Norm),
            ReadsInput = _definition.ReadsInputByUnit,
            InputDelta = _deltas.TryGetValue(CellWords.Input, out Operand input) ? input.Index : -1,
        };
    }

    private string[] DeltaNames()
    {
        string[] names = new string[_deltaSlots];
        foreach ((string name, Operand slot) in _deltas)
            if (slot.Kind == OperandKind.Delta) names[slot.Index] = name;
        for (int k = 0; k < _states.Count; k++)
            if (_arrivals[k] >= 0) names[_arrivals[k]] = $"{_states[k]} of the next step";
        return names;
    }

    private List<CellQuantity> AllArguments() => [.. _arguments, .. _derivation.Quantities.Where(IsProjection)];

    // Neighboring blocks times the same source into neighboring arguments are one product, of at most four.
    private IEnumerable<PlannedProduct> Runs(Dictionary<int, int> index)
    {
        const int most = 4;
        List<CellQuantity> arguments = AllArguments();
        List<PlannedProduct> runs = [];
        for (int a = 0; a < arguments.Count; a++)
            foreach (ProductExpression product in arguments[a].Products)
            {
                ParameterPlace place = Layout[product.Matrix];
                ProductSource of = SourceOf(product.Of);
                int stage = product.Of is QuantityExpression source ? _derivation[source.Name].Stage + 1 : 0;
                PlannedProduct next = new(index[place.Parameter], place.Block, a, 1, of, stage) { Form = product.Form };
                int open = runs.FindIndex(run => run.Matrix == next.Matrix && run.Of == of && run.Stage == stage && run.Form == next.Form
                    && next.Form == MatrixForm.Plain && run.Count < most && run.Block + run.Count == next.Block
                    && run.Argument + run.Count == next.Argument);
                if (open >= 0) runs[open] = runs[open] with { Count = runs[open].Count + 1 };
                else runs.Add(next);
            }
        return runs.OrderBy(run => run.Of.Kind == SourceKind.Input ? 0 : 1).ThenBy(run => run.Stage);
    }

    private ProductSource SourceOf(CellExpression of) => of switch
    {
        InputExpression => new(SourceKind.Input),
        PreviousExpression previous => new(SourceKind.Before, _states.IndexOf(previous.State)),
        QuantityExpression quantity when _values[quantity.Name] is { Kind: OperandKind.After } state => new(SourceKind.After, state.Index),
        QuantityExpression quantity => new(SourceKind.Saved, _values[quantity.Name].Index),
        _ => throw new ArgumentOutOfRangeException(nameof(of), of, null),
    };
}
