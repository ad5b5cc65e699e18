using Unroll.Cells;
using Unroll.Cells.Definitions;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>One step of a cell that is defined by its equations: every quantity of the derivation becomes its operators.</summary>
internal sealed class ScanDefined : ScanCell
{
    private const int MostFactors = 16;                                      // of a power that is a product
    private readonly CellDerivation _derivation;
    private readonly DefinedLayout _layout;
    private readonly string[] _states;                                       // the output first, as a State has them
    private readonly List<(string Matrix, MatrixForm Form)> _ofInput;
    private readonly HashSet<string> _alike = [];                            // quantities that are the same in every sequence
    private readonly bool _readsInput;
    private readonly int _features;
    private readonly Dictionary<(string Matrix, MatrixForm Form), string> _matrices = [];

    public ScanDefined(CellOptions options, RecurrentPlace place, GraphWeights weights) : base(options, place, weights)
    {
        DefinedCell cell = options.Definition!.Cell;
        (_derivation, _layout) = (cell.Derivation, cell.Layout);
        _states = [.. cell.Plan.States.Select(state => state.Name)];
        _ofInput =
        [
            .. (from quantity in _derivation.Quantities
                from product in quantity.Products
                where product.Of is InputExpression
                select (product.Matrix, product.Form)).Distinct(),
        ];
        _readsInput = cell.Plan.ReadsInput;
        foreach (CellQuantity quantity in _derivation.Quantities)
            if (quantity.Value.All().All(part => part is not (InputExpression or PreviousExpression)
                && (part is not QuantityExpression read || _alike.Contains(read.Name)))) _alike.Add(quantity.Name);
        _features = _readsInput ? place.Hidden : 0;
    }

    /// <summary>Not gates alone: what the input brings.</summary>
    protected override int Gates => throw new InvalidOperationException("a defined cell has no stack of gates");

    /// <inheritdoc/>
    public override int Width => _ofInput.Sum(RowsOf) + _features;

    //  [W x of every matrix of x; x itself where it is used unit by unit]
    /// <inheritdoc/>
    public override string Arguments(GraphWriter g, string x) =>
        g.Concat(-1, [.. _ofInput.Select(one => g.MatMul(x, Matrix(g, one))), .. _readsInput ? [x] : (string[])[]]);

    /// <inheritdoc/>
    public override void Prepare(GraphWriter g)
    {
        foreach (CellQuantity quantity in _derivation.Quantities)
            foreach (ProductExpression product in quantity.Products) Matrix(g, (product.Matrix, product.Form));
    }

    /// <inheritdoc/>
    public override (string H, string? C) Next(GraphWriter g, string a, string h, string? c)
    {
        long[] sizes = [.. _ofInput.Select(one => (long)RowsOf(one)), .. _readsInput ? [(long)_features] : (long[])[]];
        string[] brought = g.Split(a, -1, sizes);
        string[] before = [h, .. c is null ? [] : g.Split(c, -1, [.. Enumerable.Repeat((long)Hidden, _states.Length - 1)])];
        Step step = new(this, g, brought, before);
        foreach (CellQuantity quantity in _derivation.Quantities) step.Compute(quantity);
        string[] next = [.. _states.Select((name, k) => _alike.Contains(name) ? Everywhere(g, step.Values[name], before[k]) : step.Values[name])];
        return (next[0], c is null ? null : g.Concat(-1, next[1..]));
    }

    // A state of parameters alone is one row, or one number: [batch, hidden] needs it once for each sequence and unit.
    private static string Everywhere(GraphWriter g, string value, string like) => g.Node("Expand", [value, g.Node("Shape", [like])]);

    private int RowsOf((string Matrix, MatrixForm Form) one) => _layout.Stored[_layout[one.Matrix].Parameter].RowsOf(Hidden);

    // [inputs, outputs], as a product needs it; blocks of a stack are cut out of it once.
    private string Matrix(GraphWriter g, (string Matrix, MatrixForm Form) one)
    {
        if (_matrices.TryGetValue(one, out string? known)) return known;
        ParameterPlace place = _layout[one.Matrix];
        StoredParameter stored = _layout.Stored[place.Parameter];
        int blocks = stored.Blocks.Count, rows = stored.RowsOf(Hidden);
        string turned = Turned(stored.Name);
        if (blocks > 1)
            foreach ((int block, string part) in g.Split(turned, 1, [.. Enumerable.Repeat((long)rows, blocks)]).Index())
                _matrices[(stored.Blocks[block], MatrixForm.Plain)] = part;
        else
            _matrices[one] = one.Form switch
            {
                MatrixForm.Plain => turned,
                MatrixForm.Transposed => Whole(stored.Name),
                _ => g.Sub(turned, Whole(stored.Name)),                      // (A − Aᵀ)ᵀ = Aᵀ − A
            };
        return _matrices[one];
    }

    /// <summary>The values of one step.</summary>
    private sealed class Step(ScanDefined cell, GraphWriter g, string[] brought, string[] before)
    {
        public Dictionary<string, string> Values { get; } = [];

        public void Compute(CellQuantity quantity)
        {
            if (quantity.Kind != QuantityKind.Argument)
            {
                Values[quantity.Name] = Of(quantity.Value);
                return;
            }
            string? sum = null;
            foreach (ProductExpression product in quantity.Products) sum = Plus(sum, Product(product));
            foreach (string bias in quantity.Biases) sum = Plus(sum, cell.Whole(bias));
            if (quantity.Rest is not null) sum = Plus(sum, Of(quantity.Rest));
            Values[quantity.Name] = sum!;
        }

        private string Plus(string? sum, string term) => sum is null ? term : g.Add(sum, term);

        private string Product(ProductExpression product) => product.Of is InputExpression
            ? brought[cell._ofInput.IndexOf((product.Matrix, product.Form))]
            : g.MatMul(Of(product.Of), cell.Matrix(g, (product.Matrix, product.Form)));

        private string Of(CellExpression value) => value switch
        {
            InputExpression => brought[^1],
            PreviousExpression previous => before[Array.IndexOf(cell._states, previous.State)],
            QuantityExpression quantity => Values[quantity.Name],
            VectorExpression vector => cell.Whole(vector.Name),
            ScalarExpression scalar => cell.Whole(scalar.Name),
            ConstantExpression constant => g.Float((float)constant.Value),
            BinaryExpression { Operator: BinaryOperator.Power, Right: ConstantExpression { Value: var k } } power when Math.Abs(k) > MostFactors =>
                Power(Of(power.Left), k),
            BinaryExpression binary => g.Node(TypeOf(binary.Operator), [Of(binary.Left), Of(binary.Right)]),
            FunctionExpression { Function: CellFunction.HardSigmoid } hard =>
                g.Node("HardSigmoid", [Of(hard.Of)], Attributes.Of("alpha", 1f / 6), Attributes.Of("beta", 0.5f)),
            FunctionExpression function => g.Node(TypeOf(function.Function), [Of(function.Of)]),
            ClipExpression clip => g.Node("Min", [g.Node("Max", [Of(clip.Of), g.Float((float)clip.Low)]), g.Float((float)clip.High)]),
            NormExpression norm => Norm(Of(norm.Of), (float)norm.Epsilon),
            _ => throw new InvalidOperationException($"there is no operator for {CellText.Format(value)}"),
        };

        //  e^(k ln p), of a negative k 1 ÷ e^(−k ln p): as the engine has it where k is large
        //  Of a negative p it is no number there, which Pow of ONNX would make one of.
        private string Power(string p, double k)
        {
            string power = g.Node("Exp", [g.Mul(g.Float((float)Math.Abs(k)), g.Node("Log", [p]))]);
            return k < 0 ? g.Div(g.Float(1), power) : power;
        }

        //  (p − mean p) / √(mean (p − mean p)² + ε)
        private string Norm(string p, float epsilon)
        {
            string centered = g.Sub(p, g.Reduce("ReduceMean", p, -1, keep: true));
            string variance = g.Reduce("ReduceMean", g.Mul(centered, centered), -1, keep: true);
            return g.Div(centered, g.Node("Sqrt", [g.Add(variance, g.Float(epsilon))]));
        }

        private static string TypeOf(BinaryOperator binary) => binary switch
        {
            BinaryOperator.Add => "Add",
            BinaryOperator.Subtract => "Sub",
            BinaryOperator.Multiply => "Mul",
            BinaryOperator.Divide => "Div",
            BinaryOperator.Power => "Pow",
            BinaryOperator.Max => "Max",
            _ => "Min",
        };

        private static string TypeOf(CellFunction function) => function switch
        {
            CellFunction.Negate => "Neg",
            CellFunction.SquareRoot => "Sqrt",
            _ => function.ToString(),                                        // Sigmoid, Tanh, Relu, Exp, Log, Softplus: the same names
        };
    }
}
