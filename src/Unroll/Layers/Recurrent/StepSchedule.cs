using Unroll.Cells;

namespace Unroll.Layers.Recurrent;

/// <summary>A cell's plan in a layer of some size: which product runs when, what its chain begins with, and where its δ goes.</summary>
internal sealed class StepSchedule
{
    private readonly StepPlan _plan;
    private readonly int _inputs, _hidden;
    private readonly int[] _stateWidths;
    private readonly List<StepProduct> _products = [];
    private readonly List<ProductSource> _operands = [];

    public StepSchedule(StepPlan plan, int stages, int inputs, int hidden)
    {
        (_plan, _inputs, _hidden) = (plan, inputs, hidden);
        _stateWidths = [.. plan.States.Select(state => state.Width?.Invoke(hidden) ?? hidden)];
        Narrow = plan.States[0].Width is not null;
        bool[] begun = new bool[plan.Arguments.Count];
        foreach (PlannedProduct product in plan.Products.Where(product => product.Of.Kind == SourceKind.Input)) Add(product, begun);
        Inputs = [.. _products];
        InputBlocks = _products.Sum(product => product.Count);
        Forward = new StepProduct[stages][];
        for (int stage = 0; stage < stages; stage++)
        {
            int first = _products.Count;
            foreach (PlannedProduct product in plan.Products)
                if (product.Of.Kind != SourceKind.Input && product.Stage == stage) Add(product, begun);
            Forward[stage] = [.. _products.Skip(first)];
        }
        (Products, Operands) = ([.. _products], [.. _operands]);
        Unfed = [.. Enumerable.Range(0, begun.Length).Where(argument => !begun[argument])];
        Backward = [.. Forward.Select((products, stage) => stage > 0 ? products.Where(product => !IsFurtherBefore(product)).ToArray()
            : [.. products, .. Forward.Skip(1).SelectMany(later => later).Where(IsFurtherBefore)])];
        HasNarrowSources = plan.Sources.Any(source => Width(source) < hidden);
        MarkBack();
    }

    /// <summary>All products: those of x first, then stage by stage.</summary>
    public StepProduct[] Products { get; }

    /// <summary>The products of x.</summary>
    public StepProduct[] Inputs { get; }

    /// <summary>Blocks of units that they make.</summary>
    public int InputBlocks { get; }

    /// <summary>The others, by stage.</summary>
    public StepProduct[][] Forward { get; }

    /// <summary>
    /// The same on the way back. A further state of the step before has its δ where the cell keeps that of the new one: it is added to when the first
    /// stage is done.
    /// </summary>
    public StepProduct[][] Backward { get; }

    /// <summary>Arguments that are biases alone.</summary>
    public int[] Unfed { get; }

    /// <summary>What products multiply, each once, x first.</summary>
    public ProductSource[] Operands { get; }

    /// <summary>Whether nothing at all writes δh₋, so that the layer clears it.</summary>
    public bool ClearsDHPrev { get; private set; }

    /// <summary>Whether the first state has a width of its own: a product makes it, and the cell has nothing to do with it.</summary>
    public bool Narrow { get; }

    /// <summary>Whether a new state that products multiply has fewer numbers than there are units.</summary>
    public bool HasNarrowSources { get; }

    /// <summary>Numbers of a state.</summary>
    public int StateWidth(int state) => _stateWidths[state];

    /// <summary>Numbers of what a product multiplies.</summary>
    public int Width(ProductSource of) => of.Kind switch
    {
        SourceKind.Input => _inputs,
        SourceKind.Saved => _hidden,
        _ => StateWidth(of.Index),
    };

    /// <summary>Rows of a block of a matrix: the units, or the first state's numbers where it makes that.</summary>
    public int BlockRows(int matrix) =>
        _plan.Products.Any(product => product.Matrix == matrix && _plan.Arguments[product.Argument].Slot < 0) ? StateWidth(0) : _hidden;

    /// <summary>Multiply-adds of a row and step; of them those that are not of x.</summary>
    public (long All, long Recurrent) Work
    {
        get
        {
            long Sum(IEnumerable<StepProduct> products) => products.Sum(product => (long)product.Count * product.Rows * product.Depth);
            return (Sum(Products), Sum(Products.Skip(Inputs.Length)));
        }
    }

    private static bool IsFurtherBefore(StepProduct product) => product.Of is { Kind: SourceKind.Before, Index: > 0 };

    // A product is taken apart where some of its arguments' chains begin with it and others have begun.
    private void Add(PlannedProduct product, bool[] begun)
    {
        for (int done = 0, count; done < product.Count; done += count)
        {
            int argument = product.Argument + done;
            bool begins = !begun[argument];
            for (count = 0; done + count < product.Count && begun[argument + count] != begins; count++) begun[argument + count] = true;
            if (!_operands.Contains(product.Of)) _operands.Add(product.Of);
            _products.Add(new StepProduct
            {
                Index = _products.Count, Matrix = product.Matrix, Form = product.Form, Block = product.Block + done, Count = count,
                Rows = BlockRows(product.Matrix), Depth = Width(product.Of), Argument = argument,
                Slot = _plan.Arguments[argument].Slot, Delta = _plan.Arguments[argument].Delta, Of = product.Of,
                Operand = _operands.IndexOf(product.Of), Source = SourceOf(product.Of), Stage = product.Stage, Begins = begins,
                IsBare = _plan.Arguments.Skip(argument).Take(count).All(one => one.Biases.Count == 0),
            });
        }
    }

    // δ of a new first state that a product makes is the layer's own.
    private int SourceOf(ProductSource of)
    {
        if (of is { Kind: SourceKind.After, Index: 0 } && _plan.Projects) return -1;
        for (int j = 0; j < _plan.Sources.Count; j++)
            if (_plan.Sources[j] == of) return j;
        return -1;
    }

    // Of h₋ the cell has written its part before; not where it has nothing to do with it.
    private void MarkBack()
    {
        HashSet<ProductSource> reached = [];
        ProductSource before = new(SourceKind.Before);
        if (!Narrow) reached.Add(before);
        for (int stage = Backward.Length - 1; stage >= 0; stage--)
            foreach (StepProduct product in Backward[stage])
                product.BeginsBack = (product.Source >= 0 || product.Of == before) && reached.Add(product.Of);
        ClearsDHPrev = !reached.Contains(before);
    }
}
