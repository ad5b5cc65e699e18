using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Labels;

/// <summary>Models of version 0.1 with inputs and the answers they gave then.</summary>
public sealed class LabelFixtureTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Tasks", "Fixtures");

    [Theory]
    [InlineData("classify-text", "classify-text.input.txt", 2)]
    [InlineData("classify-columns", "classify-columns.input.csv", 0)]
    [InlineData("classify-rows", "classify-rows.input.csv", 0)]
    [InlineData("classify-images", "classify-images.input-images-idx3-ubyte", 0)]
    [InlineData("dna", "dna.input.csv", 2)]
    [InlineData("tag", "tag.input.txt", 0)]
    [InlineData("tag-bases", "tag-bases.input.fa", 0)]
    public void A_model_of_before_opens_and_answers_as_it_did(string name, string input, int explain)
    {
        ITaskModel model = TaskList.Open(Path.Combine(s_folder, name + ".safetensors"));
        DataFiles files = DataFiles.Disk;
        foreach (string path in Directory.GetFiles(s_folder, name + ".input*")) files = files.With(Path.GetFileName(path), File.ReadAllBytes(path));
        TaskVerb verb = TaskList.Find(model.Task).Predict;
        TaskAnswer answer = verb.Ask(model, new LabelTask.Question(input, explain), new TaskCall(files));
        Assert.Equal(File.ReadAllText(Path.Combine(s_folder, name + ".expected.json")).TrimEnd('\n'), answer.ToJson());
        LabelOptions.Table.Check(((LabelModel)model).Options);
    }

    [Fact]
    public void Its_options_have_their_names_of_today()
    {
        LabelOptions text = LabelModel.Open(Path.Combine(s_folder, "classify-text.safetensors")).Options;
        Assert.Equal((ReadingDirection.Both, PoolingKind.Mean), (text.Direction, text.Pooling));
        Assert.Equal(PoolingKind.Center, LabelModel.Open(Path.Combine(s_folder, "dna.safetensors")).Options.Pooling);
        Assert.Equal(PoolingKind.None, LabelModel.Open(Path.Combine(s_folder, "tag.safetensors")).Options.Pooling);
    }
}
