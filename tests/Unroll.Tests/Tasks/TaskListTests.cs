using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Tasks.Data;
using Unroll.Tasks;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Tests.Cli;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks;

public sealed class TaskListTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string OfTask(string json)
    {
        Network network = Network.Build(new NetworkSpec(1, [new DenseSpec { Name = "head", Outputs = 1 }]));
        ModelFile.Save(_folder["m.safetensors"], network.Spec, json, network.Parameters);
        return _folder["m.safetensors"];
    }

    private string Forecast(params string[] more)
    {
        CliRun run = CliRun.Of(["train", "forecast", "--data", "airline", "--hidden", "4", "--epochs", "1", "--threads", "1", "--runs", _folder["runs"],
            "--output", _folder["f.safetensors"], .. more]);
        Assert.True(run.Exit == 0, run.Error);
        return _folder["f.safetensors"];
    }

    [Fact]
    public void The_names_are_unique() => Assert.Equal(TaskList.All.Count, TaskList.All.Select(task => task.Name).Distinct().Count());

    [Fact]
    public void A_model_of_a_task_of_another_version_is_refused_by_the_names_of_those_there_are() => Assert.Contains(
        "is a model of the task 'chess', expected one of forecast", Assert.Throws<UserErrorException>(() => TaskList.Open(OfTask("{\"task\":\"chess\"}"))).Message);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"task\":3}")]
    public void A_model_that_does_not_say_its_task_is_refused(string json) =>
        Assert.Contains("do not say which task", Assert.Throws<UserErrorException>(() => TaskList.Open(OfTask(json))).Message);

    [Fact]
    public void The_task_is_read_from_the_metadata_even_where_the_weights_are_cut_off()
    {
        string path = OfTask("{\"task\":\"forecast\"}");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^4]);
        Assert.Equal("forecast", TaskList.Of(path).Name);
        Assert.Contains("cut short", Assert.Throws<UserErrorException>(() => TaskList.Open(path)).Message);
    }

    [Fact]
    public void A_verb_that_the_task_has_not_is_refused() =>
        Assert.Contains("is a forecasting model, for which there is no 'sample'", CliRun.Of("sample", Forecast()).Refused());

    [Fact]
    public void What_inspect_looks_at_is_a_window_with_its_dates_and_its_target()
    {
        ForecastModel model = ForecastModel.Open(Forecast());
        InspectionSubject subject = ((ITaskModel)model).Subject(null, 2, DataFiles.Disk);
        subject.Check();
        Assert.Equal(model.Description.Window, subject.Labels.Count);
        Assert.Equal(("1958-09", "1958-10"), (subject.Labels[^1], Assert.Single(subject.TargetLabels)));
        Assert.Equal(model.Network.InputSize, subject.InputNames.Count);
        Assert.Contains("expected 0 … 28 because the data have 29 windows, got 29",
            Assert.Throws<UserErrorException>(() => model.Subject("airline", 29, DataFiles.Disk)).Message);
    }

    [Fact]
    public void What_inspect_looks_at_in_a_model_through_whole_series_has_a_target_for_each_step()
    {
        InspectionSubject subject = TaskList.Open(Forecast("--bptt", "4,12")).Subject(null, 0, DataFiles.Disk);
        subject.Check();
        Assert.Equal(subject.Labels.Skip(1), subject.TargetLabels.SkipLast(1));
        Assert.Equal(subject.Labels.Count, subject.Targets.Values.Layout.Rows);
    }
}
