using System.Globalization;
using System.Text;
using Unroll.Numerics;

namespace Unroll.Cells.Definitions;

/// <summary>
/// A defined cell as a class in C#, to be read, changed and compiled against this library: the statements of each stage as loops over the units, each
/// operation that the defined cell does, in the same order, so that its results have the same bits.
/// </summary>
public static class CellCode
{
    /// <summary>Writes the class.</summary>
    /// <param name="definition">The definition.</param>
    /// <returns>A file of C#, with lines that end in <c>\n</c>. How parameters begin is not in it: vectors that begin at a number do so.</returns>
    public static string CSharp(CellDefinition definition) => new Writer(definition).Text();

    /// <summary>The class that is written for a definition: <c>MinGruCell</c>.</summary>
    /// <param name="definition">The definition.</param>
    public static string ClassName(CellDefinition definition)
    {
        StringBuilder name = new();
        foreach (string word in definition.Name.Split('-')) name.Append(char.ToUpperInvariant(word[0])).Append(word[1..]);
        return (char.IsLetter(name[0]) ? "" : "_") + name + "Cell";
    }

    private sealed class Writer(CellDefinition definition)
    {
        private readonly CellProgram _program = CellProgram.Of(CellDerivation.Of(definition));
        private readonly StringBuilder _text = new();
        private bool _usesMax, _usesMin, _usesClip, _usesNorm;

        public string Text()
        {
            Line("using Unroll.Cells;");
            if (_program.Plan.Products.Any(product => product.Form != MatrixForm.Plain)) Line("using Unroll.Cells.Definitions;");
            Line("using Unroll.Numerics;");
            Line();
            foreach (string line in CellText.Format(definition).TrimEnd().Split('\n')) Line(("//  " + line.TrimEnd()).TrimEnd());
            Line();
            Line($"public sealed class {ClassName(definition)} : IPlannedCell");
            Line("{");
            Members();
            Line("    public void Forward(int stage, in Tile s)");
            Calls("Forward", _program.Forward.Count);
            Line("    public void Backward(int stage, in TileBack s)");
            Calls("Backward", _program.Backward.Count);
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
            Line($"    public IReadOnlyList<string> Saved {{ get; }} = [{string.Join(", ", _program.Saved.Select(Quoted))}];");
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
                + (vector.IsScalar || vector.IsExtra ? $" {{ {(vector.IsScalar ? "IsScalar = true, " : "")}IsExtra = {(vector.IsExtra ? "true" : "false")} }}" : "")));
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

        private void Calls(string name, int stages)
        {
            Line("    {");
            if (stages == 1) Line($"        {name}0(s);");
            else
                for (int stage = 0; stage < stages; stage++)
                    Line($"        {(stage == 0 ? "if" : "else if")} (stage == {stage}) {name}{stage}(s);");
            Line("    }");
            Line();
        }

        private void ExtraGradients()
        {
            Line("    public void AddExtraGradients(in UnitRange s)");
            Line("    {");
            foreach (((string name, int delta), int row) in _program.Extras.Select((extra, row) => (extra, row)))
            {
                Line($"        for (int row = 0; row < s.DA({delta}).Rows; row++) Elementwise.Add(s.DA({delta}).Row(row), s.DExtra({row}).Row(0));   // δ{name}");
            }
            Line("    }");
            Line();
        }

        private void Stage(string name, string tile, IReadOnlyList<CellStatement> statements)
        {
            (StatementList list, IReadOnlyList<Operand> views) = StatementCompiler.Compile(statements, StatementShapes.All);
            Line($"    private static void {name}(in {tile} s)");
            Line("    {");
            if (list.Steps.Count > 0) new StageCode(this, list, views).Write();
            Line("    }");
            Line();
        }

        private void Helpers()
        {
            void Helper(bool used, string text)
            {
                if (used) Line($"    {text}\n");
            }

            Helper(_usesMax, "private static float Max(float a, float b) => a < b ? b : b < float.PositiveInfinity ? a : a + b;");
            Helper(_usesMin, "private static float Min(float a, float b) => b < a ? b : float.NegativeInfinity < b ? a : a + b;");
            Helper(_usesClip, "private static float Clip(float a, float low, float high) => high < a ? high : a < low ? low : a;");
            Helper(_usesNorm, """
                private static void Norm(ReadOnlySpan<float> a, Span<float> normal, Span<float> scale, double epsilon)
                    {
                        float mean = (float)(Reduce.Sum(a) / a.Length);
                        for (int u = 0; u < a.Length; u++) normal[u] = a[u] - mean;
                        float rho = (float)(1 / Math.Sqrt(Reduce.SumSquares(normal) / a.Length + epsilon));
                        Elementwise.Scale(normal, rho);
                        scale.Fill(rho);
                    }

                    private static void NormBack(ReadOnlySpan<float> delta, ReadOnlySpan<float> normal, Span<float> da, float rho)
                    {
                        float mean = (float)(Reduce.Sum(delta) / delta.Length), share = (float)(Reduce.Dot(delta, normal) / delta.Length);
                        for (int u = 0; u < delta.Length; u++) da[u] = delta[u] - mean;
                        Elementwise.AddScaled(normal, -share, da);
                        Elementwise.Scale(da, rho);
                    }
                """.TrimStart());
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

        private static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture) + "f";

        private void Line(string text = "") => _text.Append(text).Append('\n');

        // The loops of one stage: row by row; statements of whole rows stand between the loops.
        private sealed class StageCode(Writer writer, StatementList list, IReadOnlyList<Operand> views)
        {
            private readonly string[] _names = NamesOf(writer, views);
            private readonly HashSet<int> _rowsOfScratch = RowsOfScratch(list, views.Count + list.Constants.Count);

            public void Write()
            {
                writer.Line("        int units = s.Valid;");
                foreach (int scratch in _rowsOfScratch.Order()) writer.Line($"        float[] {Name(scratch)} = new float[units];");
                writer.Line("        for (int row = 0; row < s.Rows; row++)");
                writer.Line("        {");
                for (int v = 0; v < views.Count; v++) writer.Line($"            Span<float> {_names[v]} = {Place(views[v])};");
                HashSet<int> known = [];
                bool isOpen = false;
                foreach (StatementStep step in list.Steps)
                {
                    if (step.Shape is null == isOpen) OpenOrClose();
                    string to = Name(step.To);
                    if (step.Shape is null) WholeRow(step, to);
                    else
                    {
                        bool isLocal = step.To >= views.Count && !_rowsOfScratch.Contains(step.To);
                        string target = !isLocal ? $"{to}[u]" : known.Add(step.To) ? $"float {to}" : to;
                        writer.Line($"                {target} = {Code(step.Shape.Pattern, step.Operands, 0)};");
                    }
                }
                if (isOpen) OpenOrClose();
                foreach (int v in list.Steps.SelectMany(step => step.Whole == Operation.Norm ? [step.To, step.Operands[1]] : (int[])[step.To])
                    .Where(to => to < views.Count).Distinct())
                    writer.Line($"            {_names[v]}[units..].Clear();");
                writer.Line("        }");

                void OpenOrClose()
                {
                    if (!isOpen) writer.Line("            for (int u = 0; u < units; u++)\n            {");
                    else
                    {
                        writer.Line("            }");
                        known.Clear();
                    }
                    isOpen = !isOpen;
                }
            }

            private void WholeRow(StatementStep step, string to)
            {
                writer._usesNorm = true;
                string Part(int row) => row < views.Count ? $"{Name(row)}[..units]" : Name(row);
                string epsilon = step.Epsilon.ToString("R", CultureInfo.InvariantCulture);
                writer.Line(step.Whole == Operation.Norm
                    ? $"            Norm({Part(step.Operands[0])}, {Part(step.To)}, {Part(step.Operands[1])}, {epsilon});"
                    : $"            NormBack({Part(step.Operands[0])}, {Part(step.Operands[1])}, {Part(step.To)}, {Name(step.Operands[2])}[0]);");
            }

            // Scratch that a statement of a whole row reads or writes, or that is read in another loop than it is written in.
            private static HashSet<int> RowsOfScratch(StatementList list, int first)
            {
                HashSet<int> rows = [], written = [];
                foreach (StatementStep step in list.Steps)
                {
                    IEnumerable<int> all = step.Operands.Append(step.To).Where(row => row >= first);
                    if (step.Shape is null)
                    {
                        rows.UnionWith(all);
                        written.Clear();
                        continue;
                    }
                    rows.UnionWith(step.Operands.Where(row => row >= first && !written.Contains(row)));
                    if (step.To >= first) written.Add(step.To);
                }
                return rows;
            }

            private string Name(int row)
            {
                if (row < views.Count) return _names[row];
                row -= views.Count;
                return row < list.Constants.Count ? Number(list.Constants[row]) : $"t{row - list.Constants.Count}";
            }

            private string Value(int row) => row < views.Count || _rowsOfScratch.Contains(row) ? $"{Name(row)}[u]" : Name(row);

            // C# rounds every operation of floats to a float, and multiplies and adds from the left: parentheses are where the pattern needs them.
            private string Code(Pattern p, IReadOnlyList<int> operands, int binding)
            {
                string Of(int k, int needed = 0) => Code(p.Of[k], operands, needed);
                string Within(int own, string text) => own < binding ? $"({text})" : text;
                writer._usesMax |= p.Operation == Operation.Max;
                writer._usesMin |= p.Operation == Operation.Min;
                writer._usesClip |= p.Operation is Operation.Clip or Operation.HardSigmoid;
                return p.Operation switch
                {
                    Operation.Operand => Value(operands[p.Operand]),
                    Operation.One => "1",
                    Operation.Copy => Of(0, binding),
                    Operation.Add => Within(1, $"{Of(0, 1)} + {Of(1, 2)}"),
                    Operation.Subtract => Within(1, $"{Of(0, 1)} - {Of(1, 2)}"),
                    Operation.Multiply => Within(2, $"{Of(0, 2)} * {Of(1, 3)}"),
                    Operation.Divide => Within(2, $"{Of(0, 2)} / {Of(1, 3)}"),
                    Operation.MultiplyAdd => $"MathF.FusedMultiplyAdd({Of(0)}, {Of(1)}, {Of(2)})",
                    Operation.Negate => Within(3, $"-{Of(0, 4)}"),
                    Operation.Max => $"Max({Of(0)}, {Of(1)})",
                    Operation.Min => $"Min({Of(0)}, {Of(1)})",
                    Operation.Clip => $"Clip({Of(0)}, {Of(1)}, {Of(2)})",
                    Operation.Above => $"({Of(0, 1)} > {Of(1, 1)} ? 1f : 0f)",
                    Operation.NotBelow => $"({Of(0, 1)} < {Of(1, 1)} ? 0f : 1f)",
                    Operation.Relu when p.Of[0].Operation == Operation.Operand => $"({Of(0, 1)} < 0 ? 0 : {Of(0)})",
                    Operation.Relu => $"({Of(0, 1)} is var x{operands[0]} && x{operands[0]} < 0 ? 0 : x{operands[0]})",
                    Operation.HardSigmoid => $"Clip(MathF.FusedMultiplyAdd({Of(0)}, 1f / 6, 0.5f), 0, 1)",
                    Operation.SquareRoot => $"MathF.Sqrt({Of(0)})",
                    _ => $"Activations.{p.Operation}({Of(0)})",
                };
            }

            private static string Place(Operand at) => at.Kind switch
            {
                OperandKind.Saved => $"s.Saved({at.Index}).Row(row)",
                OperandKind.Before => $"s.StatePrev({at.Index}).Row(row)",
                OperandKind.After => $"s.State({at.Index}).Row(row)",
                OperandKind.Input => "s.Input.Row(row)",
                OperandKind.Extra => $"s.Extras.Row({at.Index})",
                OperandKind.Delta => $"s.DA({at.Index}).Row(row)",
                OperandKind.DeltaState => $"s.DState({at.Index}).Row(row)",
                OperandKind.DeltaBefore => "s.DHPrev.Row(row)",
                OperandKind.Source => $"s.DSource({at.Index}).Row(row)",
                _ => throw new ArgumentOutOfRangeException(nameof(at), at, null),
            };

            private static string[] NamesOf(Writer writer, IReadOnlyList<Operand> views)
            {
                CellProgram program = writer._program;
                string State(int k) => program.Plan.States[k].Name;
                HashSet<string> taken = ["s", "u", "units", "row", "stage"];
                return [.. views.Select(at => Free(at.Kind switch
                {
                    OperandKind.Saved => program.Saved[at.Index],
                    OperandKind.Before => $"{State(at.Index)}Before",
                    OperandKind.After => State(at.Index),
                    OperandKind.Input => "x",
                    OperandKind.Extra => program.Extras[at.Index].Name,
                    OperandKind.Delta => $"d_{(program.Plan.DeltaNames.Count > 0 ? program.Plan.DeltaNames[at.Index] : at.Index)}",
                    OperandKind.DeltaState => $"d_{State(at.Index)}",
                    OperandKind.DeltaBefore => $"d_{State(0)}Before",
                    _ => $"d_source{at.Index}",
                }, taken))];
            }

            private static string Free(string name, HashSet<string> taken)
            {
                string legal = string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c == '_' ? c : '_'));
                if (!char.IsLetter(legal[0]) || Keywords.Contains(legal) || (legal[0] is 't' or 'x' && legal[1..].All(char.IsAsciiDigit) && legal.Length > 1))
                    legal += "_";
                string free = char.IsLetter(legal[0]) ? legal : "_" + legal;
                while (!taken.Add(free)) free += "_";
                return free;
            }

            private static HashSet<string> Keywords { get; } =
            [
                "as", "base", "bool", "break", "byte", "case", "catch", "char", "const", "continue", "decimal", "default", "do", "double", "else", "enum",
                "event", "false", "finally", "fixed", "float", "for", "goto", "if", "in", "int", "is", "lock", "long", "new", "null", "object", "out",
                "params", "ref", "return", "short", "string", "struct", "switch", "this", "throw", "true", "try", "uint", "ulong", "using", "void",
                "while", "class", "static", "public", "private", "internal", "protected", "readonly", "operator", "sealed", "abstract", "virtual",
                "override", "namespace", "interface", "implicit", "explicit", "extern", "foreach", "checked", "unchecked", "unsafe", "ushort", "sbyte",
                "sizeof", "stackalloc", "typeof", "volatile", "delegate", "var", "Max", "Min", "Clip", "Norm", "NormBack", "Activations", "MathF",
            ];
        }
    }
}
