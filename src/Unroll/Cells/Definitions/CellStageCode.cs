using System.Globalization;
using Unroll.Numerics;

namespace Unroll.Cells.Definitions;

/// <summary>Writes the loops of one stage: row by row; statements of whole rows stand between the loops.</summary>
internal sealed class CellStageCode(CellCodeWriter writer, StatementList list, IReadOnlyList<Operand> views)
{
    private readonly string[] _names = NamesOf(writer, views);
    private readonly HashSet<int> _rowsOfScratch = RowsOfScratch(list, views.Count + list.Constants.Count);

    /// <summary>Writes them.</summary>
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
        writer.Uses(step.Whole);
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
        return row < list.Constants.Count ? CellCodeWriter.Number(list.Constants[row]) : $"t{row - list.Constants.Count}";
    }

    private string Value(int row) => row < views.Count || _rowsOfScratch.Contains(row) ? $"{Name(row)}[u]" : Name(row);

    // C# rounds every operation of floats to a float, and multiplies and adds from the left: parentheses are where the pattern needs them.
    private string Code(Pattern p, IReadOnlyList<int> operands, int binding)
    {
        string Of(int k, int needed = 0) => Code(p.Of[k], operands, needed);
        string Within(int own, string text) => own < binding ? $"({text})" : text;
        writer.Uses(p.Operation);
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
            Operation.Above => $"({Of(0, 1)} > {Of(1, 1)} ? 1f : {Of(0, 1)} < {Of(1, 1)} ? 0f : {Of(0, 1)} - {Of(1, 1)})",
            Operation.NotBelow => $"({Of(0, 1)} < {Of(1, 1)} ? 0f : {Of(0, 1)} > {Of(1, 1)} ? 1f : {Of(0, 1)} - {Of(1, 1)} + 1f)",
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

    private static string[] NamesOf(CellCodeWriter writer, IReadOnlyList<Operand> views)
    {
        CellProgram program = writer.Program;
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
        bool isTemporary = legal.Length > 1 && (legal[0] is 't' or 'x') && legal[1..].All(char.IsAsciiDigit);
        if (isTemporary || Keywords.Contains(legal)) legal += "_";
        string free = char.IsLetter(legal[0]) ? legal : "_" + legal;
        while (!taken.Add(free)) free += "_";
        return free;
    }

    private static HashSet<string> Keywords { get; } =
    [
        .. ("abstract as base bool break byte case catch char checked class const continue decimal default delegate do double "
            + "else enum event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is "
            + "lock long namespace new null object operator out override params private protected public readonly ref return sbyte "
            + "sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe "
            + "ushort using var virtual void volatile while Max Min Clip Norm NormBack Activations MathF").Split(' '),
    ];
}
