using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Cells.Definitions;

/// <summary>The published cells: each can be read, says where it comes from, and computes what its paper says.</summary>
public sealed class CellZooTests
{
    public static TheoryData<string> Cells => [.. CellZoo.Names];

    private static CellDefinition Read(string cell) => CellText.Read(CellZoo.Text(cell), $"{cell}.cell");

    [Fact]
    public void The_list_of_names_is_the_folder()
    {
        IEnumerable<string> files = Directory.EnumerateFiles(SourceTree.At("cells"), "*.cell").Select(path => Path.GetFileNameWithoutExtension(path));
        Assert.Equal(files.Order(StringComparer.Ordinal), CellZoo.Names);
    }

    [Fact]
    public void A_cell_that_is_not_in_the_zoo_is_refused_and_those_that_are_named()
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => CellZoo.Text("gru3"));
        Assert.StartsWith("cell 'gru3' is not in the zoo: expected one of antisymmetric-rnn, ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_definition_stands_in_its_canonical_text_and_has_the_name_of_its_file(string cell)
    {
        CellDefinition definition = Read(cell);
        Assert.Equal(cell, definition.Name);
        Assert.Equal(CellText.Format(definition), CellZoo.Text(cell));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_definition_names_its_paper_at_its_head(string cell)
    {
        string head = string.Join(' ', Read(cell).Comments);
        Assert.Matches(@"arXiv:\d{4}\.\d{4,5}|proceedings\.mlr\.press/|Study notes, S\d\d", head);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_parameters_are_those_of_the_paper(string cell)
    {
        ZooFixture fixture = new(cell);
        Assert.Equal(fixture.Parameters.Keys.Order(StringComparer.Ordinal), Read(cell).Parameters.Select(p => p.Name).Order(StringComparer.Ordinal));
        foreach (DefinedParameter p in Read(cell).Parameters)
        {
            double[][] values = fixture.Parameters[p.Name];
            ParameterKind kind = values.Length > 1 ? ParameterKind.Matrix : values[0].Length > 1 ? ParameterKind.Vector : ParameterKind.Scalar;
            Assert.True(kind == p.Kind, $"{p.Name} is {p.Kind} in the definition and {kind} in the fixture");
        }
    }

    // The fixtures have 10 significant digits and nothing in them is above 10: 1e-9 is a unit of the last digit or more.
    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_step_is_what_the_equations_of_the_paper_give(string cell)
    {
        CellDefinition definition = Read(cell);
        ZooFixture fixture = new(cell);
        PlainInterpreter interpreter = new(definition, fixture.Units, fixture.Parameters);
        Assert.Equal(fixture.Inputs == fixture.Units, definition.ReadsInputByUnit);
        Assert.Equal(fixture.First.Select(s => (s.Key, (float)s.Value)).Order(), definition.States.Select(s => (s.Name, s.Initial)).Order());
        for (int sequence = 0; sequence < fixture.X[0].Length; sequence++)
        {
            Dictionary<string, double[]> now = definition.States.ToDictionary(s => s.Name, s => interpreter.Filled(s.Initial));
            for (int t = 0; t < fixture.X.Length; t++)
            {
                now = interpreter.Step(fixture.X[t][sequence], now);
                Same(fixture.Outputs[t][sequence], now[definition.Output], $"output of step {t}");
            }
            foreach ((string state, double[][] last) in fixture.Last) Same(last[sequence], now[state], $"last {state}");
        }

        static void Same(double[] expected, double[] found, string what)
        {
            Assert.Equal(expected.Length, found.Length);
            for (int u = 0; u < expected.Length; u++)
                Assert.True(Math.Abs(expected[u] - found[u]) <= 1e-9, $"{what}, unit {u}: {found[u]:R}, by the paper {expected[u]:R}");
        }
    }
}
