using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>A model answers in the units that it was trained on: data in others are refused, data without one noted.</summary>
public sealed class ColumnUnitsTests
{
    private static string Csv(string unit, int rows = 60) => "n,y\n" + string.Concat(Enumerable.Range(0, rows).Select(t =>
        FormattableString.Invariant($"{t % 7},{20 + 5 * Math.Sin(t * 0.8):0.00}{unit}\n")));

    private static ForecastModel Train(string unit)
    {
        ForecastOptions options = new()
        {
            Data = ["a.csv"], Column = ["y"], Input = ["n"], Hidden = 4, Epochs = 1, Window = 6, Season = 1, Anchor = AnchorChoice.Last,
            Transform = TransformChoice.None,
        };
        ForecastRun run = ForecastRun.Begin(options, DataFiles.Of("a.csv", Csv(unit)));
        ((ITaskRun)run).Train();
        run.Finish();
        return run.Model;
    }

    private static List<string> Predict(ForecastModel model, string csv)
    {
        List<string> notes = [];
        ForecastTask.Instance.Predict.Ask(model, new ForecastQuestion { Data = "b.csv" }, new TaskCall(DataFiles.Of("b.csv", csv), Note: notes.Add));
        return notes;
    }

    [Fact]
    public void Another_unit_is_refused_and_a_missing_one_noted()
    {
        ForecastModel model = Train(" kg");
        Assert.Contains("without 'kg'", Assert.Single(Predict(model, Csv(" kg", 30))));
        UserErrorException error = Assert.Throws<UserErrorException>(() => Predict(model, Csv(" lb", 30)));
        Assert.Equal("b.csv, line 2, column 'y': expected numbers in 'kg', as the model was trained on, found '20.00 lb'; convert them to 'kg', or " +
            "train a model on 'lb'.", error.Message);
        Assert.Equal("note: b.csv, line 2, column 'y': '20.00' has no unit and is taken for 20.00 kg, as the model was trained on; where it is " +
            "not, convert the column.", Assert.Single(Predict(model, Csv("", 30))));
    }

    [Fact]
    public void The_sign_and_the_code_of_money_are_one_unit() =>
        Assert.Contains("without 'EUR'", Assert.Single(Predict(Train(" €"), Csv(" EUR", 30))));

    [Fact]
    public void Units_are_kept_in_the_model_file()
    {
        ForecastDescription description = Train("%").Description;
        Assert.Equal(["%", ""], ForecastDescription.FromJson(description.ToJson(), "m").Units);
        Assert.DoesNotContain("units", Train("").Description.ToJson());
    }
}
