using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;

namespace Unroll.Tests.Docs;

/// <summary>Code of docs/forecasting.md, run: row by row.</summary>
public sealed class ForecastSessionCode
{
    [Fact]
    public void A_model_is_fed_row_by_row()
    {
        (DateTime Time, double Load)[] meter =
            [.. Enumerable.Range(0, 200).Select(h => (new DateTime(2024, 1, 1).AddHours(h), 50 + 20 * Math.Sin(h * 0.2618) + h % 5))];
        Series series = Series.From(meter, row => row.Time, row => row.Load, "load");
        ForecastModel model = ForecastModel.Train(series, new ForecastOptions { Hidden = 8, Epochs = 2 });
        IReadOnlyList<ForecastPoint> last = [];
        // README: session
        ForecastSession session = model.NewSession();
        foreach ((DateTime time, double load) in meter)
        {
            ForecastAnswer answer = session.Step(load, time);            // no forecast yet: answer.RowsNeeded says how many rows are missing
            last = answer.Points;
        }
        byte[] snapshot = session.State.Snapshot();                      // goes into a file or a database; model.NewSession() restores it
        // end
        Assert.Equal(model.Forecast(series), last);
        ForecastSession again = model.NewSession();
        again.State.Restore(snapshot);
        Assert.Equal(200, again.State.Position);
    }
}
