using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Language;

/// <summary>Models of version 0.1 with inputs and the answers they gave then.</summary>
public sealed class LanguageFixtureTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Tasks", "Fixtures");

    private static string Expected(string name) => File.ReadAllText(Path.Combine(s_folder, name + ".expected.json")).TrimEnd('\n');

    [Theory, InlineData("lm-char", "the", 40), InlineData("lm-word", "", 12)]
    public void A_model_of_before_opens_scores_and_writes_as_it_did(string name, string prompt, int length)
    {
        ITaskModel model = TaskList.Open(Path.Combine(s_folder, name + ".safetensors"));
        ITask task = TaskList.Find(model.Task);
        TaskCall call = new(DataFiles.Of("text", File.ReadAllText(Path.Combine(s_folder, name + ".input.txt"))));
        Assert.Equal(Expected(name), task.Predict.Ask(model, new LanguageQuestion { Data = "text" }, call).ToJson());
        LanguageSampleOptions asked = new() { Prompt = prompt, Length = length };
        Assert.Equal(Expected(name + ".sample"), task.Sample!.Ask(model, asked, call).ToJson());
        LanguageOptions.Table.Check(((LanguageModel)model).Options);
    }

    [Fact]
    public void Its_options_are_those_of_its_run()
    {
        LanguageOptions options = LanguageModel.Open(Path.Combine(s_folder, "lm-word.safetensors")).Options;
        Assert.Equal((TextUnit.Word, true, OptimizerKind.Sgd, 0.25, (int?)0),
            (options.Unit, options.TieWeights, options.Optimizer, options.LearningRateFactor, options.LearningRatePatience));
        Assert.Equal([35, 35], options.Bptt);
    }
}
