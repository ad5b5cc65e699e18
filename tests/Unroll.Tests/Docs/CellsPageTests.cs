using Unroll.Cells.Definitions;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Docs;

/// <summary>The page of the published cells shows their equations as they are, and counts what they consist of.</summary>
public sealed class CellsPageTests
{
    private static readonly string s_page = File.ReadAllText(SourceTree.At("docs/cells.md"));

    public static TheoryData<string> Cells => [.. CellZoo.Names];

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_page_has_every_cell_as_it_is(string cell)
    {
        string text = CellZoo.Text(cell), first = $"\ncell {cell}\n", heading = $"\n### {cell}\n";
        string body = text[(text.IndexOf(first, StringComparison.Ordinal) + first.Length)..];
        string section = s_page[(s_page.IndexOf(heading, StringComparison.Ordinal) + heading.Length)..];
        Assert.Equal(body, section.Split("```\n")[1]);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_table_counts_states_products_stages_and_parameters(string cell)
    {
        CellDefinition definition = CellText.Read(CellZoo.Text(cell), cell);
        Counts counts = new(definition);
        int vectors = definition.Parameters.Count(p => p.Kind == ParameterKind.Vector);
        int numbers = definition.Parameters.Count(p => p.Kind == ParameterKind.Scalar);
        string[] parts = [Times(counts.OfInput, "I"), Times(counts.Others, "H"), vectors > 0 ? $"{vectors}" : ""];
        string parameters = string.Join(" + ", parts.Where(part => part != "")) + (numbers > 0 ? $", and {numbers} numbers" : "");
        string products = $"{counts.OfInput} | {counts.Others} | {counts.Stages}";
        Assert.Contains($"| [`{cell}`](#{cell}) | {definition.States.Count} | {products} | {parameters} |\n", s_page, StringComparison.Ordinal);

        static string Times(int count, string what) => count switch { 0 => "", 1 => what, _ => $"{count} {what}" };
    }

    /// <summary>Products by what they multiply, and their stages: one of x or of a state of the step before needs none before it.</summary>
    private sealed class Counts
    {
        private readonly Dictionary<string, int> _stages = [];
        private readonly HashSet<string> _ofInput = [], _others = [];

        public Counts(CellDefinition definition)
        {
            foreach (CellAssignment one in definition.Assignments) _stages[one.Name] = StageOf(one.Value);
            Stages = _stages.Values.Max() + 1;
        }

        public int OfInput => _ofInput.Count;
        public int Others => _others.Count;
        public int Stages { get; }

        private int StageOf(CellExpression expression) => expression switch
        {
            QuantityExpression quantity => _stages[quantity.Name],
            ProductExpression product => Product(product),
            BinaryExpression binary => Math.Max(StageOf(binary.Left), StageOf(binary.Right)),
            FunctionExpression function => StageOf(function.Of),
            ClipExpression clip => StageOf(clip.Of),
            NormExpression norm => StageOf(norm.Of),
            _ => 0,
        };

        private int Product(ProductExpression product)
        {
            (product.Of is InputExpression ? _ofInput : _others).Add(product.Matrix);
            return product.Of is InputExpression or PreviousExpression ? 0 : StageOf(product.Of) + 1;
        }
    }
}
