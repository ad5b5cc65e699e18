using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Textbook;

//  forward    every quantity in order                                          q = its value
//  backward   every quantity in the opposite order                             δq = Σ of its terms
//             what is derived of the states before, x, vectors and numbers     δh₋ = Σ …      δb += Σ …
//             every product W s in an argument a                               δW += δa sᵀ

/// <summary>A cell's equations from its definition: what is derived from it, evaluated in double, every quantity and term by its name.</summary>
public sealed class DefinedEquations : ICellEquations
{
    private readonly CellDerivation _derivation;
    private readonly DefinedPaths _paths;
    private readonly Dictionary<string, CellState> _states;
    private readonly CellWidths _widths;
    private readonly IReadOnlySet<string> _constants;

    /// <summary>Derives.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="layout">Where its parameters lie; null: as <see cref="DefinedLayout.Of"/> says.</param>
    /// <param name="gates">The gates whose weights that layout stacks, one letter each.</param>
    public DefinedEquations(CellDefinition definition, DefinedLayout? layout = null, string gates = "")
    {
        _derivation = CellDerivation.Of(definition);
        (_paths, Layout, Gates) = (new DefinedPaths(_derivation), layout ?? DefinedLayout.Of(_derivation), gates);
        _widths = new CellWidths(definition);
        _constants = ConstantQuantities.Of(_derivation);
        _states = definition.States.ToDictionary(state => state.Name);
        States = [.. definition.States.Select(state => state.Name)];
    }

    /// <inheritdoc/>
    public string Gates { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> States { get; }

    /// <inheritdoc/>
    public string Output => Definition.Output;

    /// <inheritdoc/>
    public DefinedLayout Layout { get; }

    /// <summary>The definition.</summary>
    public CellDefinition Definition => _derivation.Definition;

    /// <inheritdoc/>
    public int WidthOf(string name, int units) => _widths.Value(name).Of(units, units);

    /// <inheritdoc/>
    public double InitialOf(string state) => _states[state].Initial;

    /// <inheritdoc/>
    public CellStep Forward(CellWeights w, Vector x, IReadOnlyDictionary<string, CarriedState> before, Carry carry)
    {
        DefinedStep step = new(w, x, before, _derivation);
        NamedVectors values = [];
        foreach (CellQuantity quantity in _derivation.Quantities)
        {
            Vector value = step.Of(quantity, _paths);
            if (before.TryGetValue(quantity.Name, out CarriedState? previous)) value = DefinedStep.OfLength(value, previous.Value.Count);
            step.Quantities[quantity.Name] = carry(quantity.Name, value);
            values.Add(quantity.Name, value);
        }
        Dictionary<string, CarriedState> after = States.Append(Output).Distinct().ToDictionary(name => name, name => step.Quantities[name]);
        return new CellStep(x, before, after, values) { KinkDistance = step.KinkDistance };
    }

    /// <inheritdoc/>
    public CellStepGradient Backward(CellWeights w, CellStep s, IReadOnlyDictionary<string, NamedVectors> arriving, CellWeights d)
    {
        DefinedStep step = new(w, s.X, s.Before, _derivation);
        foreach ((string name, Vector value) in s.Values) step.Quantities[name] = new CarriedState(value, null);

        //  δq = Σ terms, from what arrives and within the step
        OrderedDictionary<string, NamedVectors> terms = [];
        NamedVectors deltas = [];
        foreach (DerivedGradient gradient in _derivation.Gradients)
        {
            string name = gradient.Of.LeafName!;
            NamedVectors own = arriving.GetValueOrDefault(name) ?? [];
            int length = s[name].Count;
            AddTerms(own, step, gradient, length);
            step.Deltas[name] = own.Sum(length);
            deltas.Add(name, step.Deltas[name]);
            if (gradient.Arrives || gradient.Terms.Count > 1 && !_constants.Contains(name)) terms[name] = own;
        }

        //  δW += δa sᵀ      of Wᵀ: s δaᵀ      of W − Wᵀ: both, the second subtracted
        foreach (MatrixGradient matrix in _derivation.Matrices)
            foreach (MatrixTerm term in matrix.Terms) AddProduct(d.Matrix(matrix.Name), term, step);

        foreach (DerivedGradient vector in _derivation.Vectors)
        {
            string name = vector.Of.LeafName!;
            foreach (GradientTerm term in vector.Terms) d.AddTo(name, DefinedStep.OfLength(step.Of(term.Value), w.Vector(name).Count));
        }

        Vector dx = Vector.Zeros(s.X.Count);
        foreach (GradientTerm term in _derivation.Input.Terms) dx.Add(step.Of(term.Value));

        OrderedDictionary<string, NamedVectors> before = [];
        foreach (DerivedGradient gradient in _derivation.Before)
        {
            string state = gradient.Of.LeafName!;
            AddTerms(before[state] = [], step, gradient, s.Before[state].Value.Count);
        }
        return new CellStepGradient(terms, deltas, dx, before);
    }

    private void AddTerms(NamedVectors to, DefinedStep step, DerivedGradient gradient, int length)
    {
        foreach ((GradientTerm term, string path) in gradient.Terms.Zip(_paths.Of(gradient)))
        {
            Vector value = DefinedStep.OfLength(step.Of(term.Value), length);
            if (to.Find(path) is { } same) same.Add(value);                  // the same product written twice
            else to.Add(path, value);
        }
    }

    private static void AddProduct(Matrix d, MatrixTerm term, DefinedStep step)
    {
        Vector delta = step.Deltas[term.Argument];
        Vector source = DefinedStep.OfLength(step.Of(term.Source), term.Form == MatrixForm.Transposed ? d.Rows : d.Columns);
        if (term.Form != MatrixForm.Transposed) d.AddOuter(delta, source);
        if (term.Form != MatrixForm.Plain) d.AddOuter(source, term.Form == MatrixForm.Transposed ? delta : -delta);
    }
}
