// README: using
using Unroll.Cells;
using Unroll.Cells.Definitions;
using static Unroll.Cells.Definitions.CellExpression;
// end
using System.Text.RegularExpressions;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Docs;

/// <summary>The code of docs/cell-language.md, and its cells.</summary>
public sealed partial class CellLanguageCode
{
    [Fact]
    public void A_cell_is_written_in_CSharp_and_equals_the_first_text_of_the_page()
    {
        // README: mgu
        CellBuilder cell = new("mgu");
        CellExpression x = cell.Input, before = cell.Before("h");
        CellMatrix wf = cell.Matrix("W_f"), uf = cell.Matrix("U_f"), wn = cell.Matrix("W_n"), un = cell.Matrix("U_n");

        CellExpression f = cell.Set("f", Sigmoid(wf * x + uf * before + cell.Vector("b_f", new ParameterStart(ParameterRule.Constant, 1))));
        CellExpression n = cell.Set("n", Tanh(wn * x + un * (f * before) + cell.Vector("b_n")));
        cell.Set("h", (1 - f) * before + f * n);
        cell.Describe("f", "forget gate", GateRole.Forgets).Comment("Zhou et al. 2016, arXiv:1603.09420");

        CellDefinition mgu = cell.Build();
        Console.Write(mgu.Text);
        // end
        // README: facts
        CellFacts facts = new(mgu, inputs: 32, units: 64);
        foreach (ParameterFact one in facts.Parameters) Console.WriteLine($"{one.Name} [{string.Join(", ", one.Shape)}] begins: {one.Begins}");
        Console.WriteLine($"{facts.ParameterCount} numbers; a step: {facts.MultiplyAdds} multiply-adds, {facts.OperationsPerUnit} operations a unit");
        Console.WriteLine(CellLikeness.Of(mgu)?.Like.Name ?? "no built-in cell has these equations");
        // end
        Assert.Equal(Cells()[0], mgu.Text);
        Assert.Equal(2 * (64 * 32 + 64 * 64 + 64), facts.ParameterCount);
    }

    [Fact]
    public void Every_cell_of_the_page_is_read()
    {
        Assert.Equal(["mgu", "mgu", "euler", "leaky", "read-out", "projected"], Cells().Select(text => CellText.Read(text, "page").Name));
        Assert.Equal(CellText.Read(Cells()[0], "page").Assignments, CellText.Read(Cells()[1], "page").Assignments);
    }

    [Fact]
    public void Every_row_of_the_roles_is_a_role()
    {
        string[] words = [.. CellWords.Roles.Select(one => one.Word)];
        Assert.All(words, word => Assert.Contains($"| `{word}` |", Page()));
    }

    private static string Page() => File.ReadAllText(SourceTree.At("docs/cell-language.md"));

    private static string[] Cells() => [.. Cell().Matches(Page()).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("^```cell\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Cell();
}
