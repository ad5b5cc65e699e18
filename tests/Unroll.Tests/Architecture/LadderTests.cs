namespace Unroll.Tests.Architecture;

public sealed class LadderTests
{
    [Fact]
    public void No_floor_knows_a_floor_above_it() => Trespass.None(Ladder.Climbs([.. SourceTree.Sources("src/Unroll")]));

    [Fact]
    public void Every_file_lies_on_a_floor_and_speaks_from_its_namespace() => Trespass.None(Ladder.Misplaced(SourceTree.Sources("src/Unroll")));

    [Fact]
    public void The_scan_sees_the_library() =>
        Assert.Contains(SourceTree.Sources("src/Unroll"), source => source is { Floor: "Core", Name: "SequenceLayout.cs" });

    [Theory]
    [InlineData("using Unroll.Training;\nnamespace Unroll.Cells;")]
    [InlineData("using static Unroll.Training.Trainer;")]
    [InlineData("using T = global::Unroll.Training.Trainer;")]
    [InlineData("namespace Unroll.Cells; class B { Training.Trainer _t; }")]
    [InlineData("namespace Unroll.Cells; class B { object O() => new Training.Trainer(); }")]
    [InlineData("namespace Unroll.Cells;\n/// <summary>See <see cref=\"Training.Trainer\"/>.</summary>\nclass B;")]
    [InlineData("class B { string A = $\"{1}\"; Training.Trainer _t; char C = '\"'; }")]
    public void A_planted_climb_is_found(string trespass) =>
        Assert.Equal(["B.cs: Cells must not know Training"], Ladder.Climbs([Trainer, new Source("src/Unroll/Cells/B.cs", trespass)]));

    [Theory]
    [InlineData("using Unroll.Core;\nusing Unroll.Numerics;")]
    [InlineData("// What Training.Trainer does with it is its business.\nclass B;")]
    [InlineData("class B { string s = \"Training.Trainer\"; string r = \"\"\"Unroll.Training \" \"\"\"; string v = @\"\"\"Training.Trainer\"; }")]
    [InlineData("class B(Pass pass) { bool T => pass.Training.Trainer; }")]
    [InlineData("class B { int[] Data; int N => Data.Length; }")]
    [InlineData("/* Training.Trainer */ class B;")]
    public void What_is_no_climb_is_let_pass(string text) =>
        Assert.Empty(Ladder.Climbs([Trainer, new Source("src/Unroll/Cells/B.cs", text)]));

    [Theory]
    [InlineData("src/Unroll/Cells/B.cs", "namespace Unroll.Training;", "expected a namespace Unroll.Cells")]
    [InlineData("src/Unroll/Cells/B.cs", "namespace Unroll.CellsToo;", "expected a namespace Unroll.Cells")]
    [InlineData("src/Unroll/B.cs", "namespace Unroll;", "lies on no floor")]
    [InlineData("src/Unroll/Common/B.cs", "namespace Unroll.Common;", "lies on no floor")]
    [InlineData("src/Unroll/Cells/B.cs", "global using Unroll.Core;\nnamespace Unroll.Cells;", "global using")]
    public void A_planted_misplacement_is_found(string path, string text, string complaint) =>
        Assert.Contains(complaint, Assert.Single(Ladder.Misplaced([new Source(path, text)])));

    private static Source Trainer => new("src/Unroll/Training/Trainer.cs", "namespace Unroll.Training; public sealed class Trainer;");
}
