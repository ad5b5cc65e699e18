namespace Unroll.Cells.Definitions;

// The statements of each stage, over the slots that the other part has given.
internal sealed partial class CellProgram
{
    //  of an argument: slot += what is added unit by unit; of others: target = value
    private List<CellStatement> ForwardStage(int stage)
    {
        List<CellStatement> statements = [];
        foreach (CellQuantity one in _derivation.Quantities)
        {
            if (one.Stage != stage || _folded.Contains(one.Name) || IsProjection(one)) continue;
            Operand target = _values[one.Name];
            if (one.Kind == QuantityKind.Argument)
            {
                if (!_activations.ContainsKey(one.Name) && (one.Rest is not null || target != _slots[one.Name]))
                    statements.Add(new(target, Whole(one)));
            }
            else if (one.Value is FunctionExpression { Of: QuantityExpression { Name: var argument } } function && _activations.ContainsKey(argument))
                statements.Add(new(target, function with { Of = Whole(_derivation[argument]) }));
            else if (one.Value is NormExpression norm)
                statements.Add(new(target, Bound(norm.Of), StatementKind.Norm) { Scale = _scales[one.Name], Epsilon = norm.Epsilon });
            else statements.Add(new(target, Bound(one.Value)));
        }
        return statements;
    }

    // What products have summed into an argument's slot, and what is added unit by unit.
    private CellExpression Whole(CellQuantity argument)
    {
        OperandExpression sum = new(_slots[argument.Name]);
        return argument.Rest is null ? sum : Derivative.Plus(sum, Bound(argument.Rest));
    }

    private List<CellStatement> BackwardStage(int stage)
    {
        List<CellStatement> statements = [];
        bool last = stage == LastStage;
        if (last)
            for (int k = 1; k < _states.Count; k++)
                if (_arrivals[k] >= 0)
                    statements.Add(new(new(OperandKind.Delta, _arrivals[k]), new OperandExpression(new(OperandKind.DeltaState, k))));
        foreach (DerivedGradient gradient in _derivation.Gradients)
        {
            string name = gradient.Of.LeafName!;
            if (_derivation[name].BackStage != stage || _foldedDeltas.Contains(name) || _deltas[name].Kind == OperandKind.DeltaState) continue;
            AddNorms(gradient.Terms, statements);
            statements.Add(new(_deltas[name], Sum(gradient)));
        }
        foreach (DerivedGradient gradient in (IEnumerable<DerivedGradient>)[.. _derivation.Vectors, _derivation.Input])
        {
            string name = gradient.Of.LeafName!;
            if (!_deltas.TryGetValue(name, out Operand target) || gradient.Of is not InputExpression && !_extras.Contains(name)
                || StageOf(gradient) != stage) continue;
            AddNorms(gradient.Terms, statements);
            statements.Add(new(target, Sum(gradient)));
        }
        foreach (DerivedGradient gradient in _derivation.Before)
        {
            int k = _states.IndexOf(gradient.Of.LeafName!);
            Operand target = k == 0 ? new(OperandKind.DeltaBefore, 0) : new(OperandKind.DeltaState, k);
            List<GradientTerm> terms = [.. gradient.Terms.Where(term => !term.IsProduct && _derivation[term.Through].BackStage == stage)];
            AddNorms(terms, statements);
            if (terms.Count > 0) statements.Add(new(target, Sum(terms)) { Adds = !last });
            else if (last && !(k == 0 && _definition.States[0].Width is not null)) statements.Add(new(target, new ConstantExpression(0)));
        }
        // An output that is no state has none before it.
        if (last && !_definition.States.Any(state => state.Name == _states[0]))
            statements.Add(new(new(OperandKind.DeltaBefore, 0), new ConstantExpression(0)));
        return statements;
    }

    // δp through each normalization that reads it, in a row of its own.
    private void AddNorms(IReadOnlyList<GradientTerm> terms, List<CellStatement> statements)
    {
        foreach (GradientTerm term in terms)
            if (term.Value is NormGradientExpression norm)
                statements.Add(new(NormScratch(norm.Normalized), Bound(norm.Delta), StatementKind.NormGradient)
                {
                    Scale = _scales[norm.Normalized], Normalized = _values[norm.Normalized],
                });
    }

    private Operand NormScratch(string normalized)
    {
        string key = $"norm′ {normalized}";                                    // no name has a blank
        if (!_deltas.TryGetValue(key, out Operand found)) _deltas[key] = found = new(OperandKind.Scratch, _scratch++);
        return found;
    }

    // Arrival, then what the layer computed by products, then the terms in their order.
    private CellExpression Sum(DerivedGradient gradient)
    {
        CellExpression sum = new ConstantExpression(0);
        if (gradient.Arrives && gradient.Of is QuantityExpression state)
        {
            int k = _states.IndexOf(state.Name);
            if (k >= 0)
                sum = new OperandExpression(_arrivals[k] >= 0 ? new(OperandKind.Delta, _arrivals[k]) : new(OperandKind.DeltaState, k));
        }
        if (_sources.TryGetValue(gradient.Of, out int source))
            sum = Derivative.Plus(sum, new OperandExpression(new(OperandKind.Source, source)));
        CellExpression terms = Sum([.. gradient.Terms.Where(term => !term.IsProduct)]);
        return Derivative.Plus(sum, terms);
    }

    private CellExpression Sum(IReadOnlyList<GradientTerm> terms)
    {
        CellExpression sum = new ConstantExpression(0);
        foreach (GradientTerm term in terms)
            sum = Derivative.Plus(sum, term.Value is NormGradientExpression norm ? new OperandExpression(NormScratch(norm.Normalized))
                : Bound(term.Value));
        return sum;
    }

    // The expression with every leaf bound to where it lies, and what is folded put in its place.
    private CellExpression Bound(CellExpression value) => value switch
    {
        InputExpression => new OperandExpression(new(OperandKind.Input, 0)),
        PreviousExpression previous => new OperandExpression(new(OperandKind.Before, _states.IndexOf(previous.State))),
        QuantityExpression quantity when _folded.Contains(quantity.Name) => Bound(_derivation[quantity.Name].Value),
        QuantityExpression quantity => new OperandExpression(_values[quantity.Name]),
        VectorExpression vector => new OperandExpression(_values[vector.Name]),
        ScalarExpression scalar => new OperandExpression(_values[scalar.Name]),
        DeltaExpression delta when _foldedDeltas.Contains(delta.Quantity) =>
            Sum(_derivation.Gradients.First(gradient => gradient.Of.LeafName == delta.Quantity)),
        DeltaExpression delta => new OperandExpression(_deltas[delta.Quantity]),
        BinaryExpression binary => binary with { Left = Bound(binary.Left), Right = Bound(binary.Right) },
        FunctionExpression function => function with { Of = Bound(function.Of) },
        ClipExpression clip => clip with { Of = Bound(clip.Of) },
        AboveExpression above => above with { Left = Bound(above.Left), Right = Bound(above.Right) },
        _ => value,
    };

    // Every quantity whose value a gradient reads.
    private IEnumerable<string> ValuesReadBackward() =>
        from gradient in (IEnumerable<DerivedGradient>)[.. _derivation.Gradients, .. _derivation.Before, .. _derivation.Vectors, _derivation.Input]
        from term in gradient.Terms
        where !term.IsProduct
        from part in term.Value.All().OfType<QuantityExpression>()
        select part.Name;
}
