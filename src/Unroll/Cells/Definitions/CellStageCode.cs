using System.Globalization;
using Unroll.Numerics;

namespace Unroll.Cells.Definitions;

/// <summary>
/// Writes the loops of one stage over the lanes of a row, row by row: each number is loaded when a loop first needs it and stored when it is made.
/// Statements of whole rows stand between the loops.
/// </summary>
internal sealed class CellStageCode(CellCodeWriter writer, StatementList list, IReadOnlyList<Operand> views)
{
    // Short loops leave the processor several vectors in flight, where one chain from the arguments to h would fill its window.
    private const int FunctionsOfLoop = 3;
    private readonly string[] _names = NamesOf(writer, views);
    private readonly HashSet<int> _rowsOfScratch = RowsOfScratch(list, views.Count + list.Constants.Count);
    private readonly HashSet<int> _known = [];

    /// <summary>Writes them.</summary>
    public void Write()
    {
        writer.Line("            int columns = s.Saved(0).Columns, units = s.Valid;");
        foreach (int scratch in _rowsOfScratch.Order())
            writer.Line($"            Span<float> {Name(scratch)}Row = columns <= 512 ? stackalloc float[512] : new float[columns];");
        foreach (int scratch in _rowsOfScratch.Order()) writer.Line($"            ref float {Name(scratch)}At = ref {Name(scratch)}Row[0];");
        for (int v = 0; v < views.Count; v++) writer.Line($"            MatrixView {_names[v]}Rows = {Place(views[v])};");
        writer.Line("            for (int row = 0; row < s.Rows; row++)");
        writer.Line("            {");
        for (int v = 0; v < views.Count; v++)
            writer.Line($"                ref float {_names[v]}At = ref {_names[v]}Rows.RowStart("
                + (views[v].Kind == OperandKind.Extra ? "0" : "row") + ");");
        foreach (IReadOnlyList<StatementStep> loop in Loops())
        {
            if (loop[0].Shape is null) WholeRow(loop[0]);
            else Loop(loop);
        }
        int[] written = [.. list.Steps.SelectMany(step => step.Whole == Operation.Norm ? [step.To, step.Operands[1]] : (int[])[step.To])
            .Where(to => to < views.Count).Distinct()];
        if (written.Length > 0) writer.Line("                if (units == columns) continue;");
        foreach (int v in written) writer.Line($"                {_names[v]}Rows.Row(row)[units..].Clear();");
        writer.Line("            }");
    }

    // A new loop after some functions, unless a number would have to cross that no row holds.
    private List<List<StatementStep>> Loops()
    {
        List<List<StatementStep>> loops = [];
        bool isOpen = false;
        for (int i = 0, functions = 0; i < list.Steps.Count; i++)
        {
            StatementStep step = list.Steps[i];
            int own = step.Shape is null ? 0 : Functions(step.Shape.Pattern);
            if (step.Shape is null || !isOpen || functions + own > FunctionsOfLoop && own > 0 && !NeedsLocals(loops[^1], i))
            {
                loops.Add([]);
                functions = 0;
            }
            loops[^1].Add(step);
            functions += own;
            isOpen = step.Shape is not null;
        }
        return loops;
    }

    // Whether what stands from a statement on reads a local number of the loop before it.
    private bool NeedsLocals(List<StatementStep> before, int from)
    {
        HashSet<int> open = [.. before.Select(step => step.To).Where(IsLocal)];
        foreach (StatementStep step in list.Steps.Skip(from))
        {
            if (step.Operands.Any(open.Contains)) return true;
            open.Remove(step.To);
        }
        return false;
    }

    private bool IsLocal(int row) => row >= views.Count + list.Constants.Count && !_rowsOfScratch.Contains(row);

    private static int Functions(Pattern p) => p.Of.Sum(Functions)
        + (p.Operation is Operation.Sigmoid or Operation.Tanh or Operation.Exp or Operation.Log or Operation.Softplus ? 1 : 0);

    private void Loop(IReadOnlyList<StatementStep> steps)
    {
        _known.Clear();
        writer.Line("                for (int u = 0; u < columns; u += V.Count)");
        writer.Line("                {");
        foreach (StatementStep step in steps)
        {
            foreach (int row in step.Operands.Where(row => row < views.Count || _rowsOfScratch.Contains(row)))
                if (_known.Add(row)) writer.Line($"                    V {Name(row)} = V.Load(ref {Name(row)}At, u);");
            string to = Name(step.To), value = Code(step.Shape!.Pattern, step.Operands, 0);
            writer.Line($"                    {(_known.Add(step.To) ? "V " : "")}{to} = {value};");
            if (!IsLocal(step.To)) writer.Line($"                    {to}.Store(ref {to}At, u);");
        }
        writer.Line("                }");
    }

    private void WholeRow(StatementStep step)
    {
        writer.Uses(step.Whole);
        string Part(int row) => $"{RowOf(row)}[..units]";
        string epsilon = step.Epsilon.ToString("R", CultureInfo.InvariantCulture);
        writer.Line(step.Whole == Operation.Norm
            ? $"                Norm({Part(step.Operands[0])}, {Part(step.To)}, {Part(step.Operands[1])}, {epsilon});"
            : $"                NormBack({Part(step.Operands[0])}, {Part(step.Operands[1])}, {Part(step.To)}, {RowOf(step.Operands[2])}[0]);");
    }

    private string RowOf(int row) => row < views.Count ? $"{Name(row)}Rows.Row(row)" : $"{Name(row)}Row";

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
        return row < list.Constants.Count ? $"V.Of({CellCodeWriter.Number(list.Constants[row])})" : $"t{row - list.Constants.Count}";
    }

    // Every operation is rounded, and C# multiplies and adds from the left: parentheses are where the pattern needs them.
    private string Code(Pattern p, IReadOnlyList<int> operands, int binding)
    {
        string Of(int k, int needed = 0) => Code(p.Of[k], operands, needed);
        string Within(int own, string text) => own < binding ? $"({text})" : text;
        writer.Uses(p.Operation);
        return p.Operation switch
        {
            Operation.Operand => Name(operands[p.Operand]),
            Operation.One => "V.Of(1f)",
            Operation.Copy => Of(0, binding),
            Operation.Add => Within(1, $"{Of(0, 1)} + {Of(1, 2)}"),
            Operation.Subtract => Within(1, $"{Of(0, 1)} - {Of(1, 2)}"),
            Operation.Multiply => Within(2, $"{Of(0, 2)} * {Of(1, 3)}"),
            Operation.Divide => Within(2, $"{Of(0, 2)} / {Of(1, 3)}"),
            Operation.MultiplyAdd => $"V.Fma({Of(0)}, {Of(1)}, {Of(2)})",
            Operation.Negate => Within(1, $"V.Of(-0f) - {Of(0, 2)}"),
            Operation.Max or Operation.Min or Operation.Above or Operation.NotBelow => $"{p.Operation}({Of(0)}, {Of(1)})",
            Operation.Clip => $"Clip({Of(0)}, {Of(1)}, {Of(2)})",
            Operation.SquareRoot => $"V.Sqrt({Of(0)})",
            _ => $"Activations.{p.Operation}({Of(0)})",
        };
    }

    private static string Place(Operand at) => at.Kind switch
    {
        OperandKind.Saved => $"s.Saved({at.Index})",
        OperandKind.Before => $"s.StatePrev({at.Index})",
        OperandKind.After => $"s.State({at.Index})",
        OperandKind.Input => "s.Input",
        OperandKind.Extra => $"s.Extras.Part({at.Index}, 1, 0, columns)",
        OperandKind.Delta => $"s.DA({at.Index})",
        OperandKind.DeltaState => $"s.DState({at.Index})",
        OperandKind.DeltaBefore => "s.DHPrev",
        OperandKind.Source => $"s.DSource({at.Index})",
        _ => throw new ArgumentOutOfRangeException(nameof(at), at, null),
    };

    private static string[] NamesOf(CellCodeWriter writer, IReadOnlyList<Operand> views)
    {
        CellProgram program = writer.Program;
        string State(int k) => program.Plan.States[k].Name;
        HashSet<string> taken = ["s", "u", "units", "columns", "row", "stage", "V"];
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
        bool isTemporary = legal.Length > 1 && legal[0] == 't' && char.IsAsciiDigit(legal[1]);
        if (isTemporary || Keywords.Contains(legal)) legal += "_";
        string free = char.IsLetter(legal[0]) ? legal : "_" + legal;
        while (taken.Contains(free) || taken.Contains($"{free}At") || taken.Contains($"{free}Rows")) free += "_";
        taken.UnionWith([free, $"{free}At", $"{free}Rows"]);
        return free;
    }

    private static HashSet<string> Keywords { get; } =
    [
        .. ("abstract as base bool break byte case catch char checked class const continue decimal default delegate do double "
            + "else enum event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is "
            + "lock long namespace new null object operator out override params private protected public readonly ref return sbyte "
            + "sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe "
            + "ushort using var virtual void volatile while Max Min Clip Above NotBelow Norm NormBack Activations Kernel Math").Split(' '),
    ];
}
