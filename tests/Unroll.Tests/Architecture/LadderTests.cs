namespace Unroll.Tests.Architecture;

public sealed class LadderTests
{
    [Theory]
    [InlineData("Unroll")]
    [InlineData("Unroll.Inspection")]
    [InlineData("Unroll.Tasks")]
    [InlineData("Unroll.Exchange")]
    [InlineData("Unroll.Exchange.Hdf5")]
    [InlineData("Unroll.Mpi")]
    [InlineData("Unroll.Serving")]
    public void No_floor_knows_a_floor_above_or_beside_it(string project) => Trespass.None(Ladder.Climbs([.. SourceTree.Sources($"src/{project}")]));

    [Theory]
    [InlineData("Unroll")]
    [InlineData("Unroll.Inspection")]
    [InlineData("Unroll.Tasks")]
    [InlineData("Unroll.Exchange")]
    [InlineData("Unroll.Exchange.Hdf5")]
    [InlineData("Unroll.Mpi")]
    [InlineData("Unroll.Serving")]
    public void Every_file_lies_on_a_floor_and_speaks_from_the_namespace_of_its_folder(string project) =>
        Trespass.None(Ladder.Misplaced(SourceTree.Sources($"src/{project}")));

    [Fact]
    public void The_scan_sees_every_floor() => Assert.Equal(
        Ladder.Floors.SelectMany(floors => floors).Order(StringComparer.Ordinal),
        SourceTree.Sources("src/Unroll", "src/Unroll.Inspection", "src/Unroll.Tasks", "src/Unroll.Exchange", "src/Unroll.Exchange.Hdf5",
            "src/Unroll.Mpi", "src/Unroll.Serving")
            .Select(Ladder.FloorOf).Distinct()
            .Order(StringComparer.Ordinal));

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
    [InlineData("Forecast", "using Unroll.Tasks.Music;", "Tasks.Forecast must not know Tasks.Music")]
    [InlineData("Forecast", "class B { Music.MusicModel _m; }", "Tasks.Forecast must not know Tasks.Music")]
    [InlineData("Forecast", "class B { Tasks.Music.MusicModel _m; }", "Tasks.Forecast must not know Tasks.Music")]
    [InlineData("Forecast", "class B { object O => TaskList.All; }", "Tasks.Forecast must not know Tasks")]
    [InlineData("Forecast", "using Unroll.Tasks;", "Tasks.Forecast must not know Tasks")]
    [InlineData("Shared", "class B { object O => Tasks.TaskList.All; }", "Tasks.Shared must not know Tasks")]
    [InlineData("Shared", "class B { Music.MusicModel _m; }", "Tasks.Shared must not know Tasks.Music")]
    [InlineData("Data/Audio", "using Unroll.Tasks.Shared;", "Tasks.Data must not know Tasks.Shared")]
    public void A_planted_climb_among_the_tasks_is_found(string folder, string trespass, string complaint)
    {
        Source[] tasks = [new("src/Unroll.Tasks/Music/MusicModel.cs", "class MusicModel;"), new("src/Unroll.Tasks/TaskList.cs", "class TaskList;")];
        Assert.Equal([$"B.cs: {complaint}"], Ladder.Climbs([.. tasks, new($"src/Unroll.Tasks/{folder}/B.cs", trespass)]));
        Assert.Empty(Ladder.Climbs([.. tasks, new("src/Unroll.Tasks/B.cs", trespass)]));
    }

    [Theory]
    [InlineData("using Unroll.Core;\nusing Unroll.Numerics;")]
    [InlineData("// What Training.Trainer does with it is its business.\nclass B;")]
    [InlineData("class B { string s = \"Training.Trainer\"; string r = \"\"\"Unroll.Training \" \"\"\"; string v = @\"\"\"Training.Trainer\"; }")]
    [InlineData("class B(Pass pass) { bool T => pass.Training.Trainer; }")]
    [InlineData("class B { int[] Training; int N => Training.Length; }")]
    [InlineData("/* Training.Trainer */ class B;")]
    public void What_is_no_climb_is_let_pass(string text) =>
        Assert.Empty(Ladder.Climbs([Trainer, new Source("src/Unroll/Cells/B.cs", text)]));

    [Theory]
    [InlineData("src/Unroll/Cells/B.cs", "namespace Unroll.Training;", "expected a namespace Unroll.Cells")]
    [InlineData("src/Unroll/Cells/B.cs", "namespace Unroll.CellsToo;", "expected a namespace Unroll.Cells")]
    [InlineData("src/Unroll/Layers/Losses/B.cs", "namespace Unroll.Layers;", "expected a namespace Unroll.Layers.Losses")]
    [InlineData("src/Unroll/B.cs", "namespace Unroll;", "lies on no floor")]
    [InlineData("src/Unroll/Common/B.cs", "namespace Unroll.Common;", "lies on no floor")]
    [InlineData("src/Unroll.Tasks/Chess/B.cs", "namespace Unroll.Tasks.Chess;", "lies on no floor")]
    [InlineData("src/Unroll/Cells/B.cs", "global using Unroll.Core;\nnamespace Unroll.Cells;", "global using")]
    public void A_planted_misplacement_is_found(string path, string text, string complaint) =>
        Assert.Contains(complaint, Assert.Single(Ladder.Misplaced([new Source(path, text)])));

    private static Source Trainer => new("src/Unroll/Training/Trainer.cs", "namespace Unroll.Training; public sealed class Trainer;");
}
