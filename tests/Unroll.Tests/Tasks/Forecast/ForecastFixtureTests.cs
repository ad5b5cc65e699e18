using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>Models of version 0.1 with inputs and the answers they gave then.</summary>
public sealed class ForecastFixtureTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Tasks", "Fixtures");

    [Theory]
    [InlineData("forecast")]
    [InlineData("forecast-known")]
    [InlineData("forecast-series")]
    [InlineData("forecast-int8")]
    public void A_model_of_before_opens_and_answers_as_it_did(string name)
    {
        ITaskModel model = TaskList.Open(Path.Combine(s_folder, name + ".safetensors"));
        DataFiles files = DataFiles.Disk.With("rows.csv", File.ReadAllBytes(Path.Combine(s_folder, name + ".input.csv")));
        TaskAnswer answer = ForecastTask.Instance.Predict.Ask(model, new ForecastQuestion { Data = "rows.csv" }, new TaskCall(files));
        Assert.Equal(File.ReadAllText(Path.Combine(s_folder, name + ".expected.json")).TrimEnd('\n'), answer.ToJson());
        ForecastOptions.Table.Check(((ForecastModel)model).Options);
    }
}
