using Unroll.Cells.Definitions;
using Unroll.Inspection.Textbook;
using static Unroll.Cells.Definitions.BinaryOperator;

namespace Unroll.Inspection.Derivation;

/// <summary>A derivation as equations, whatever they are written in.</summary>
internal sealed class PrintedDerivation
{
    private readonly DefinedPaths _paths;
    private readonly HashSet<string> _numbers = [];                          // the quantities that are made of numbers alone: σ(α)
    private readonly HashSet<string> _fixed;                                 // those of numbers and parameters alone, the same at every step

    private PrintedDerivation(CellDerivation derivation)
    {
        CellDefinition definition = derivation.Definition;
        _paths = new DefinedPaths(derivation);
        foreach (CellQuantity one in derivation.Quantities)
            if (!derivation.Arrives(one.Name) && one.Value.All().All(IsOfNumbers)) _numbers.Add(one.Name);
        HashSet<string> fixedNames = [];
        foreach (CellQuantity one in derivation.Quantities)
            if (!derivation.Arrives(one.Name) && one.Value.All().All(part =>
                part is not (InputExpression or PreviousExpression) && (part is not QuantityExpression read || fixedNames.Contains(read.Name))))
                fixedNames.Add(one.Name);
        _fixed = fixedNames;
        Equations = [.. definition.Assignments.Select(one => Fixed(Value(one.Name, one.Value)) with { Note = CalledOf(definition, one.Name) })];
        Quantities = [.. derivation.Quantities.Select(one => Fixed(Value(one.Name, one.Value)))];
        IReadOnlySet<string> constants = ConstantQuantities.Of(derivation);
        Deltas =
        [
            .. derivation.Gradients.Where(one => !constants.Contains(((QuantityExpression)one.Of).Name))
                .Select(one => Fixed(State(derivation, one) ?? Within(derivation, one))),
        ];
        Input = Fixed(Within(derivation, derivation.Input));
        Sums =
        [
            .. definition.Parameters.Select(one => Fixed(one.Kind == ParameterKind.Matrix
                ? Matrix(derivation, derivation.Matrices.Single(gradient => gradient.Name == one.Name))
                : Vector(derivation, derivation.Vectors.Single(gradient => gradient.Of.LeafName == one.Name)))),
        ];
        Sections =
        [
            new("equations", "", Equations),
            new("the same, a name for everything between", Norms(derivation), Quantities),
            new("gradients, from the last equation back to the first",
                "δv is ∂L/∂v, and L = Σ ℓ the sum of the steps' own losses; ₊ marks the step after, which is zero at the last step", Deltas),
            new("what a step adds to the gradients of x and of the parameters", "", [Input, .. Sums]),
        ];
    }

    /// <summary>Of a derivation.</summary>
    public static PrintedDerivation Of(CellDerivation derivation) => new(derivation);

    /// <summary>The equations of the definition.</summary>
    public IReadOnlyList<PrintedEquation> Equations { get; }

    /// <summary>The quantities, in the order of computation.</summary>
    public IReadOnlyList<PrintedEquation> Quantities { get; }

    /// <summary>δ of every quantity that is no written number, in the order of the computation backward.</summary>
    public IReadOnlyList<PrintedEquation> Deltas { get; }

    /// <summary>δx.</summary>
    public PrintedEquation Input { get; }

    /// <summary>What a step adds to the gradient of every parameter, in the order of the definition.</summary>
    public IReadOnlyList<PrintedEquation> Sums { get; }

    /// <summary>All of it, from top to bottom.</summary>
    public IReadOnlyList<PrintedSection> Sections { get; }

    // dt = 0.1 is dt at every step.
    private PrintedEquation Fixed(PrintedEquation equation) => equation with
    {
        Left = Fixed(equation.Left), Terms = [.. equation.Terms.Select(term => term with { Value = Fixed(term.Value) })],
    };

    private CellExpression Fixed(CellExpression value) => value switch
    {
        QuantityExpression quantity when _fixed.Contains(quantity.Name) => new FixedExpression(quantity.Name),
        BinaryExpression binary => binary with { Left = Fixed(binary.Left), Right = Fixed(binary.Right) },
        FunctionExpression function => function with { Of = Fixed(function.Of) },
        ProductExpression product => product with { Of = Fixed(product.Of) },
        ClipExpression clip => clip with { Of = Fixed(clip.Of) },
        NormExpression norm => norm with { Of = Fixed(norm.Of) },
        AboveExpression above => above with { Left = Fixed(above.Left), Right = Fixed(above.Right) },
        NormGradientExpression gradient => gradient with { Delta = Fixed(gradient.Delta) },
        NextStepExpression next => next with { Of = Fixed(next.Of) },
        OuterExpression outer => outer with { Left = Fixed(outer.Left), Right = Fixed(outer.Right) },
        UnitSumExpression sum => sum with { Of = Fixed(sum.Of) },
        _ => value,
    };

    private static PrintedEquation Value(string name, CellExpression value) => new(new QuantityExpression(name), new PrintedTerm(value, ""));

    private static string Norms(CellDerivation derivation)
    {
        if (derivation.Quantities.FirstOrDefault(one => one.Kind == QuantityKind.Norm) is not { Value: NormExpression norm } first) return "";
        return $"{first.Name} = norm(a) is {FormulaWriter.DeviationOf(first.Name)} (a − mean(a)) "
            + $"with {FormulaWriter.DeviationOf(first.Name)} = 1 / sqrt(mean((a − mean(a))²) + {UnicodeNotation.NumberText(norm.Epsilon)})";
    }

    private static string CalledOf(CellDefinition definition, string name) =>
        definition.Roles.FirstOrDefault(role => role.Name == name)?.Called ?? "";

    // A state: from the layer's output, by the paths of the step after, and by those of this step.
    private PrintedEquation? State(CellDerivation derivation, DerivedGradient gradient)
    {
        string name = gradient.Of.LeafName!;
        if (!derivation.Arrives(name)) return null;
        List<PrintedTerm> terms = [];
        if (name == derivation.Definition.Output) terms.Add(new(new OwnLossExpression(gradient.Of), Paths.Output));
        foreach (DerivedGradient before in derivation.Before)
            if (before.Of is PreviousExpression previous && previous.State == name)
                terms.AddRange(Terms(derivation, before, named: true).Select(term => term with { Value = new NextStepExpression(term.Value) }));
        terms.AddRange(Terms(derivation, gradient, named: true));
        return new(Delta(gradient.Of), terms);
    }

    private PrintedEquation Within(CellDerivation derivation, DerivedGradient gradient) =>
        new(Delta(gradient.Of), [.. Terms(derivation, gradient, named: gradient.Terms.Count > 1)]);

    private PrintedEquation Vector(CellDerivation derivation, DerivedGradient gradient) => Within(derivation, gradient) with { Adds = true };

    private static PrintedEquation Matrix(CellDerivation derivation, MatrixGradient gradient)
    {
        List<PrintedTerm> terms = [];
        Queue<string> paths = new(Apart([.. gradient.Terms.SelectMany(term => Labels(term).Select(label =>
            new[] { Through(derivation, term.Argument), label }))]));
        foreach (MatrixTerm term in gradient.Terms)
        {
            CellExpression delta = new DeltaExpression(term.Argument), source = Source(derivation, term.Source);
            terms.Add(new(term.Form == MatrixForm.Transposed ? new OuterExpression(source, delta) : new OuterExpression(delta, source), Path()));
            if (term.Form == MatrixForm.Antisymmetric) terms.Add(new(new OuterExpression(source, delta), Path(), IsNegative: true));
        }
        return new(new GradientExpression(new MatrixExpression(gradient.Name)), terms) { Adds = true };

        string Path() => paths.Dequeue() is var path && gradient.Terms.Count > 1 ? path : "";

        string[] Labels(MatrixTerm term) => term.Form == MatrixForm.Antisymmetric ? [gradient.Name, gradient.Name + "ᵀ"] : [term.Argument];
    }

    private static CellExpression Delta(CellExpression of) =>
        of is QuantityExpression quantity ? new DeltaExpression(quantity.Name) : new GradientExpression(of);

    private IEnumerable<PrintedTerm> Terms(CellDerivation derivation, DerivedGradient gradient, bool named)
    {
        bool ofQuantity = gradient.Of is QuantityExpression;
        bool isInner = gradient.Of is QuantityExpression quantity && !derivation.Arrives(quantity.Name);
        IReadOnlyList<string> paths = ofQuantity || gradient.Of is PreviousExpression ? _paths.Of(gradient)
            : Apart([.. gradient.Terms.Select(term => new[] { Through(derivation, term.Through), LabelOf(term), term.Through })]);
        return gradient.Terms.Index().GroupBy(one => (one.Item, paths[one.Index])).Select(alike =>
        {
            (int k, GradientTerm term) = alike.First();
            int count = alike.Count();                                       // the same product written twice
            CellExpression value = isInner ? term.Value : Substituted(derivation, term);
            PrintedTerm printed = Arranged(count > 1 ? Multiplied(new ConstantExpression(count), value) : value, named ? paths[k] : "");
            bool sums = IsNumber(gradient.Of) && !_numbers.Contains(term.Through);
            return sums ? printed with { Value = new UnitSumExpression(printed.Value) } : printed;
        });
    }

    // What all units read receives the sum over the units.
    private bool IsNumber(CellExpression of) => of is ScalarExpression || of is QuantityExpression quantity && _numbers.Contains(quantity.Name);

    private bool IsOfNumbers(CellExpression part) =>
        part is ScalarExpression or ConstantExpression or BinaryExpression or FunctionExpression or ClipExpression
        || part is QuantityExpression quantity && _numbers.Contains(quantity.Name);

    private static string Through(CellDerivation derivation, string reader) => $"through {derivation[reader].Owner}";

    // Two terms through the same quantity are told apart by the first label that differs, their matrix or what reads it there; else by their number.
    private static IReadOnlyList<string> Apart(IReadOnlyList<string[]> terms)
    {
        string[] names = [.. terms.Select(term => term[0])];
        for (int label = 1; label < (terms.Count > 0 ? terms[0].Length : 0); label++)
            names = [.. names.Select((name, k) => names.Count(one => one == name) == 1 ? name : $"{terms[k][0]} ({terms[k][label]})")];
        return [.. names.Select((name, k) => names.Count(one => one == name) is var count && count == 1 ? name
            : $"{name} {names.Take(k + 1).Count(one => one == name)} of {count}")];
    }

    private static string LabelOf(GradientTerm term) => term.Value switch
    {
        ProductExpression product => MatrixOf(product),
        FunctionExpression { Of: ProductExpression product } => MatrixOf(product),
        _ => term.Through,
    };

    // The matrix as the equation has it: the gradient has its transpose.
    private static string MatrixOf(ProductExpression product) => product.Form switch
    {
        MatrixForm.Transposed => product.Matrix,
        MatrixForm.Antisymmetric => $"{product.Matrix} − {product.Matrix}ᵀ",
        _ => $"{product.Matrix}ᵀ",
    };

    // What a matrix multiplies and no equation names is written out: r ⊙ h₋ instead of rh.
    private static CellExpression Source(CellDerivation derivation, CellExpression source) =>
        source is QuantityExpression quantity && derivation[quantity.Name] is { IsNamed: false, Kind: QuantityKind.Plain } made ? made.Value : source;

    //  δrh ⊙ r  with  δrh = U_nᵀ δa_n  is  r ⊙ U_nᵀ δa_n
    private static CellExpression Substituted(CellDerivation derivation, GradientTerm term)
    {
        if (derivation[term.Through] is not { IsNamed: false, Kind: QuantityKind.Plain } made) return term.Value;
        DerivedGradient delta = derivation.Gradients.Single(one => one.Of == new QuantityExpression(made.Name));
        if (delta is not { Arrives: false, Terms: [{ IsProduct: true } only] }) return term.Value;
        return Replace(term.Value, new DeltaExpression(made.Name), only.Value);
    }

    private static CellExpression Replace(CellExpression value, CellExpression what, CellExpression by) => value switch
    {
        _ when value == what => by,
        BinaryExpression binary => binary with { Left = Replace(binary.Left, what, by), Right = Replace(binary.Right, what, by) },
        FunctionExpression function => function with { Of = Replace(function.Of, what, by) },
        _ => value,
    };

    // Factors in the order in which they are read best: a number, vectors of parameters, δ and the others, last the product with a matrix.
    private static PrintedTerm Arranged(CellExpression value, string path)
    {
        List<CellExpression> factors = [];
        double number = 1;
        Collect(value);
        CellExpression product = factors.Where(one => one is not ScalarExpression).OrderBy(Rank).Aggregate(Multiplied);
        product = factors.OfType<ScalarExpression>().Reverse().Aggregate(product, (all, one) => Multiplied(one, all));
        if (Math.Abs(number) != 1) product = Multiplied(new ConstantExpression(Math.Abs(number)), product);
        return new(product, path, IsNegative: number < 0);

        void Collect(CellExpression one)
        {
            switch (one)
            {
                case BinaryExpression { Operator: Multiply } pair:
                    Collect(pair.Left);
                    Collect(pair.Right);
                    break;
                case FunctionExpression { Function: CellFunction.Negate } negative:
                    number = -number;
                    Collect(negative.Of);
                    break;
                case ConstantExpression constant:
                    number *= constant.Value;
                    break;
                default:
                    factors.Add(one);
                    break;
            }
        }
    }

    private static CellExpression Multiplied(CellExpression left, CellExpression right) => new BinaryExpression(Multiply, left, right);

    private static int Rank(CellExpression factor) => factor switch
    {
        VectorExpression => 0,
        ProductExpression => 2,
        _ => 1,
    };
}
