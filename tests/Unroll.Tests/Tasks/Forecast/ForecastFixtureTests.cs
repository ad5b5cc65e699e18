using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>Models of version 0.1 with inputs and the answers they gave then.</summary>
public sealed partial class ForecastFixtureTests
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
        string expected = File.ReadAllText(Path.Combine(s_folder, name + ".expected.json")).TrimEnd('\n'), found = answer.ToJson();
        Assert.Equal(Number().Replace(expected, "#"), Number().Replace(found, "#"));
        foreach ((double before, double now) in Numbers(expected).Zip(Numbers(found)))
            Assert.Equal(before, now, 2e-6 * Math.Abs(before));             // version 0.1 kept data in float32
        ForecastOptions.Table.Check(((ForecastModel)model).Options);
    }

    private static IEnumerable<double> Numbers(string json) =>
        Number().Matches(json).Select(number => double.Parse(number.Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"(?<=:)-?\d+\.\d+(E-?\d+)?")]
    private static partial Regex Number();
}
