using Unroll.Cells.Definitions;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Cells.Definitions;

/// <summary>
/// Cells written as C#: the files beside this one are what <see cref="CellCode"/> writes, so that they are compiled; the laws hold them against the
/// defined cells.
/// </summary>
public sealed class CellCodeTests
{
    private const string Namespace = "Unroll.Tests.Cells.Definitions.Written";

    public static TheoryData<string> Written => ["mgu", "light-gru", "slstm", "mut1", "nas", "antisymmetric-rnn"];

    // After an intended change: UNROLL_ACCEPT_CODE=1.
    [Theory, MemberData(nameof(Written))]
    public void What_is_written_is_what_is_compiled_here(string cell)
    {
        CellDefinition definition = CellText.Read(CellZoo.Text(cell), cell);
        string path = SourceTree.At($"tests/Unroll.Tests/Cells/Definitions/Written/{CellCode.ClassName(definition)}.cs");
        string text = CellCode.CSharp(definition).Replace("using Unroll.Numerics;\n", $"using Unroll.Numerics;\n\nnamespace {Namespace};\n");
        if (Environment.GetEnvironmentVariable("UNROLL_ACCEPT_CODE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        Assert.Equal(File.ReadAllText(path), text);
    }

    [Theory]
    [InlineData("a-", "ACell")]
    [InlineData("-a", "ACell")]
    [InlineData("a--b", "ABCell")]
    [InlineData("9-", "_9Cell")]
    public void Hyphens_anywhere_in_a_name_leave_the_name_of_a_class(string cell, string name)
    {
        CellDefinition definition = CellText.Read($"cell {cell}\nh = tanh(W x + U h₋)\n", cell);
        Assert.Equal(name, CellCode.ClassName(definition));
        Assert.Contains($"public sealed class {name} : ", CellCode.CSharp(definition));
    }

    [Fact]
    public void Every_published_cell_can_be_written()
    {
        foreach (string cell in CellZoo.Names)
        {
            CellDefinition definition = CellText.Read(CellZoo.Text(cell), cell);
            string text = CellCode.CSharp(definition);
            Assert.Contains($"public sealed class {CellCode.ClassName(definition)} : IPlannedCell", text);
            Assert.Equal(text.Count(c => c == '{'), text.Count(c => c == '}'));
        }
    }
}
