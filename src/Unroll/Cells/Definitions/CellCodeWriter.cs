using System.Globalization;
using System.Text;
using Unroll.Numerics;

namespace Unroll.Cells.Definitions;

/// <summary>Writes the class of a defined cell: its plan, its stages, what they call.</summary>
internal sealed class CellCodeWriter(CellDefinition definition)
{
    private readonly CellProgram _program = definition.Cell.Program;
    private readonly StringBuilder _text = new();
    private readonly HashSet<Operation> _used = [];

    /// <summary>The program whose statements are written.</summary>
    public CellProgram Program => _program;

    /// <summary>Says that an operation is written, which may be a call.</summary>
    public void Uses(Operation operation) => _used.Add(operation);

    /// <summary>Writes a line.</summary>
    public void Line(string text = "") => _text.Append(text).Append('\n');

    /// <summary>A number in C#, with all its digits.</summary>
    public static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture) + "f";

    /// <summary>The file.</summary>
    public string Text()
    {
        Line("using System.Runtime.CompilerServices;");
        Line("using Unroll.Cells;");
        if (_program.Plan.Products.Any(product => product.Form != MatrixForm.Plain)) Line("using Unroll.Cells.Definitions;");
        Line("using Unroll.Numerics;");
        Line();
        foreach (string line in CellText.Format(definition).TrimEnd().Split('\n')) Line(("//  " + line.TrimEnd()).TrimEnd());
        Line();
        Line($"public sealed class {CellCode.ClassName(definition)} : IPlannedCell");
        Line("{");
        Members();
        Calls("Forward", "Tile", _program.Forward);
        Calls("Backward", "TileBack", _program.Backward);
        ExtraGradients();
        for (int stage = 0; stage < _program.Forward.Count; stage++) Stage($"Forward{stage}", "Tile", _program.Forward[stage]);
        for (int stage = _program.Backward.Count - 1; stage >= 0; stage--) Stage($"Backward{stage}", "TileBack", _program.Backward[stage]);
        Helpers();
        _text.Length -= 1;                                           // the empty line behind the last member
        Line("}");
        return _text.ToString();
    }

    private void Members()
    {
        StepPlan plan = _program.Plan;
        Line($"    public string Name => {Quoted(definition.Name)};");
        Line("    public string Gates => \"\";");
        Line($"    public bool HasCellState => {(plan.States.Count > 1 ? "true" : "false")};");
        Line("    public IReadOnlyList<string> Saved { get; } =");
        Line("    [");
        foreach (string[] some in _program.Saved.Select(Quoted).Chunk(8)) Line($"        {string.Join(", ", some)},");
        Line("    ];");
        Line("    public IReadOnlyList<Product> Products => [];");
        Line($"    public int Stages => {_program.Forward.Count};");
        Line($"    public int ExtraRows => {_program.Extras.Count};");
        Line();
        Line("    public StepPlan Plan { get; } = new()");
        Line("    {");
        List("States", plan.States.Select(state => $"new({Quoted(state.Name)}{WidthOf(state.Name)}"
            + (state.Initial == 0 ? ")" : $", Initial: {Number(state.Initial)})")));
        List("Matrices", plan.Matrices.Select(matrix => $"new({Quoted(matrix.Name)}, {matrix.Blocks}, {Source(matrix.Of)})"));
        List("Vectors", plan.Vectors.Select(vector => $"new({Quoted(vector.Name)}, {vector.Rows}{StartOf(vector.Name)})"
            + (vector.IsScalar ? " { IsScalar = true, IsExtra = true }" : vector.IsExtra ? " { IsExtra = true }" : "")));
        List("Arguments", plan.Arguments.Select(argument => $"new({argument.Slot}, {argument.Delta}"
            + string.Concat(argument.Biases.Select(bias => $", ({bias.Vector}, {bias.Row})")) + ")"));
        List("Products", plan.Products.Select(product =>
            $"new({product.Matrix}, {product.Block}, {product.Argument}, {product.Count}, {Source(product.Of)}, {product.Stage})"
            + (product.Form == MatrixForm.Plain ? "" : $" {{ Form = MatrixForm.{product.Form} }}")));
        List("Sources", plan.Sources.Select(Source));
        Line($"        Deltas = {plan.Deltas},");
        if (plan.DeltaNames.Count > 0) List("DeltaNames", plan.DeltaNames.Select(Quoted));
        if (plan.NeedsWholeRows) Line("        NeedsWholeRows = true,");
        if (plan.ReadsInput) Line("        ReadsInput = true,");
        if (plan.InputDelta >= 0) Line($"        InputDelta = {plan.InputDelta},");
        Line("    };");
        Line();
    }

    private void List(string name, IEnumerable<string> items)
    {
        Line($"        {name} =");
        Line("        [");
        foreach (string item in items) Line($"            {item},");
        Line("        ],");
    }

    private void Calls(string name, string tile, IReadOnlyList<IReadOnlyList<CellStatement>> stages)
    {
        Line($"    public void {name}(int stage, in {tile} s)");
        Line("    {");
        for (int stage = 0; stage < stages.Count; stage++)
            if (stages[stage].Count > 0)
                Line($"        {(stages.Count == 1 ? "" : $"if (stage == {stage}) ")}Kernel.Run<{name}{stage}, {tile}>(s);");
        Line("    }");
        Line();
    }

    private void ExtraGradients()
    {
        Line("    public void AddExtraGradients(in UnitRange s)");
        Line("    {");
        foreach (((string name, int delta), int row) in _program.Extras.Select((extra, row) => (extra, row)))
        {
            Line($"        MatrixView d{row} = s.DA({delta});                                         // δ{name}");
            Line($"        for (int row = 0; row < d{row}.Rows; row++) Elementwise.Add(d{row}.Row(row), s.DExtra({row}).Row(0));");
        }
        Line("    }");
        Line();
    }

    private void Stage(string name, string tile, IReadOnlyList<CellStatement> statements)
    {
        if (statements.Count == 0) return;
        (StatementList list, IReadOnlyList<Operand> views) = StatementCompiler.Compile(statements, StatementShapes.All);
        Line($"    private readonly struct {name} : IKernel<{tile}>");
        Line("    {");
        Line("        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]");
        Line($"        public static void Run<V>(in {tile} s) where V : struct, ILane<V>");
        Line("        {");
        if (list.Steps.Count > 0) new CellStageCode(this, list, views).Write();
        Line("        }");
        Line("    }");
        Line();
    }

    private void Helpers()
    {
        Helper(_used.Contains(Operation.Max), "V Max<V>(V a, V b)",
            "V.WhereLess(a, b, b, V.WhereLess(b, V.Of(float.PositiveInfinity), a, a + b))",
            "the larger; a where they are equal, NaN where either is");
        Helper(_used.Contains(Operation.Min), "V Min<V>(V a, V b)",
            "V.WhereLess(b, a, b, V.WhereLess(V.Of(float.NegativeInfinity), b, a, a + b))",
            "the smaller; a where they are equal, NaN where either is");
        Helper(_used.Contains(Operation.Clip), "V Clip<V>(V a, V low, V high)",
            "V.WhereLess(V.WhereLess(high, a, high, a), low, low, V.WhereLess(high, a, high, a))", "a within low … high; a NaN stays one");
        Helper(_used.Contains(Operation.Above), "V Above<V>(V a, V b)",
            "V.WhereLess(b, a, V.Of(1f), V.WhereLess(a, b, V.Of(0f), a - b))", "1 where a > b, else 0; NaN where either is");
        Helper(_used.Contains(Operation.NotBelow), "V NotBelow<V>(V a, V b)",
            "V.WhereLess(a, b, V.Of(0f), V.WhereLess(b, a, V.Of(1f), a - b + V.Of(1f)))", "0 where a < b, else 1; NaN where either is");
        if (_used.Contains(Operation.Norm)) WholeRow("""
            private static void Norm(ReadOnlySpan<float> a, Span<float> normal, Span<float> scale, double epsilon)
            {
                float mean = (float)(Reduce.Sum(a) / a.Length);
                for (int u = 0; u < a.Length; u++) normal[u] = a[u] - mean;
                float rho = (float)(1 / Math.Sqrt(Reduce.SumSquares(normal) / a.Length + epsilon));
                Elementwise.Scale(normal, rho);
                scale.Fill(rho);
            }
            """);
        if (_used.Contains(Operation.NormBack)) WholeRow("""
            private static void NormBack(ReadOnlySpan<float> delta, ReadOnlySpan<float> normal, Span<float> da, float rho)
            {
                float mean = (float)(Reduce.Sum(delta) / delta.Length), share = (float)(Reduce.Dot(delta, normal) / delta.Length);
                for (int u = 0; u < delta.Length; u++) da[u] = delta[u] - mean;
                Elementwise.AddScaled(normal, -share, da);
                Elementwise.Scale(da, rho);
            }
            """);
    }

    private void Helper(bool isUsed, string head, string value, string says)
    {
        if (!isUsed) return;
        Line($"    //  {says}");
        Line("    [MethodImpl(MethodImplOptions.AggressiveInlining)]");
        Line($"    private static {head} where V : struct, ILane<V> =>");
        Line($"        {value};");
        Line();
    }

    private void WholeRow(string text)
    {
        foreach (string line in text.Split('\n')) Line($"    {line.TrimEnd()}".TrimEnd());
        Line();
    }

    private string WidthOf(string state) => definition.States.FirstOrDefault(one => one.Name == state)?.Width switch
    {
        { Fixed: > 0 } width => $", _ => {width.Fixed}",
        { } width => $", units => (units + {width.Divisor - 1}) / {width.Divisor}",
        _ => "",
    };

    private string StartOf(string vector) => definition.Parameters.FirstOrDefault(one => one.Name == vector)?.Start is
        { Rule: ParameterRule.Constant, Value: var value } && value != 0 ? $", {Number((float)value)}" : "";

    private static string Source(ProductSource source) => $"new(SourceKind.{source.Kind}{(source.Index == 0 ? "" : $", {source.Index}")})";

    private static string Quoted(string text) => $"\"{text}\"";
}
